// Credentials as JWTs (VC-JOSE-COSE), signed by jose.
import {answer} from './lines.js';
import {CompactSign, importJWK} from 'jose';

await answer(async ({jwk, alg, header}) => {
  const key = await importJWK(jwk, alg);
  return async credential => {
    const payload = new TextEncoder().encode(JSON.stringify(credential));
    return {jwt: await new CompactSign(payload).setProtectedHeader({alg, ...header}).sign(key)};
  };
});
