import {answer} from './lines.js';
import {verifier} from './data_integrity.js';

await answer(verifier);
