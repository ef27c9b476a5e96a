// How fast the peers are: does one thing again and again for as long as each line says.
import {answer} from './lines.js';
import {loader, purposeOf, signingSuite, verifyingSuite} from './data_integrity.js';
import * as vc from '@digitalbazaar/vc';

await answer(async settings => {
  const documentLoader = loader();
  const signing = await signingSuite(settings), verifying = verifyingSuite(settings), purpose = purposeOf(settings);
  const {document, text} = settings;
  const {proof, ...unsigned} = JSON.parse(text);
  const data = new Uint8Array(64);
  const parts = {
    sign: () => signing.signer.sign({data}),
    // The suite alone: canonical forms, hashes, signature, multibase.
    prove: () => signing.createProof({document, purpose, documentLoader}),
    check: () => verifying.verifyProof({document: unsigned, proof, documentLoader}),
    // What an application calls, with the library's checks of a credential.
    issue: async () => JSON.stringify(await vc.issue({credential: {...document}, suite: signing, documentLoader})),
    verify: () => vc.verifyCredential({credential: JSON.parse(text), suite: verifying, documentLoader}),
  };
  return async ({part, seconds}) => {
    const once = parts[part], until = performance.now() + seconds * 1000;
    const used = process.cpuUsage(), began = performance.now();
    let times = 0;
    for (; performance.now() < until; times++) {
      const done = await once();
      if (done.verified === false) {
        throw done.error;
      }
    }
    const {user, system} = process.cpuUsage(used);
    return {times, seconds: (performance.now() - began) / 1000, cpu_seconds: (user + system) / 1e6};
  };
});
