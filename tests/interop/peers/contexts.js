// The contexts as the peers have them, by their addresses.
import {answer} from './lines.js';
import {contexts as credentials} from '@digitalbazaar/credentials-context';
import {contexts as dataIntegrity} from '@digitalbazaar/data-integrity-context';

const known = new Map([...credentials, ...dataIntegrity]);

await answer(() => url => known.get(url));
