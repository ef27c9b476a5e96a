// Bitstring status lists, made and signed by @digitalbazaar/vc-bitstring-status-list.
import {answer} from './lines.js';
import {loader, purposeOf, signingSuite} from './data_integrity.js';
import {createCredential, createList} from '@digitalbazaar/vc-bitstring-status-list';
import jsigs from 'jsonld-signatures';

// Each line is what a list is to have: id, length, the set indexes and further fields of its credential.
await answer(async settings => {
  const suite = await signingSuite(settings);
  return async ({id, length, set, fields}) => {
    const list = await createList({length});
    set.forEach(index => list.setStatus(index, true));
    const credential = {...await createCredential({id, list, statusPurpose: 'revocation'}), ...fields};
    return {secured: await jsigs.sign(credential, {suite, purpose: purposeOf({}), documentLoader: loader()})};
  };
});
