import {answer} from './lines.js';
import {signer} from './data_integrity.js';

await answer(signer);
