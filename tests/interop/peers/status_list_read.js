// Bitstring status lists, read by @digitalbazaar/vc-bitstring-status-list: the proof, the issuer, and bits.
import {answer} from './lines.js';
import {reasonOf, loader, verifyingSuite} from './data_integrity.js';
import {checkStatus, decodeList} from '@digitalbazaar/vc-bitstring-status-list';

// `list` is the signed list. Each line is a credential that points into it, or {all: true} to have all set indexes.
await answer(async ({cryptosuite, list}) => {
  const others = loader();
  const documentLoader = async url => (url === list.id ? {documentUrl: url, document: list} : others(url));
  return async credential => {
    if (credential.all) {
      const bits = await decodeList({encodedList: list.credentialSubject.encodedList});
      const set = Array.from({length: bits.length}, (_, index) => index).filter(index => bits.getStatus(index));
      return {length: bits.length, set};
    }
    const {verified, results, error} = await checkStatus(
      {credential, suite: verifyingSuite({cryptosuite}), documentLoader});
    return verified ? {verified, status: results[0].status} : {verified, reason: reasonOf(error)};
  };
});
