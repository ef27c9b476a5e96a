// Credentials as JWTs (VC-JOSE-COSE), verified by jose as an application would: one algorithm, one type, one key.
import {answer} from './lines.js';
import {compactVerify, importJWK} from 'jose';

await answer(async ({jwk, alg, typ}) => {
  const key = await importJWK(jwk, alg);
  return async jwt => {
    try {
      const {payload, protectedHeader} = await compactVerify(jwt, key, {algorithms: [alg]});
      if (protectedHeader.typ !== typ) {
        throw new Error(`typ is ${protectedHeader.typ}`);
      }
      return {verified: true, credential: JSON.parse(new TextDecoder().decode(payload)), header: protectedHeader};
    } catch (error) {
      return {verified: false, reason: error.message};
    }
  };
});
