// Data Integrity proofs as @digitalbazaar's libraries make and check them, by the interfaces that they document.
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as ecdsaJcs2019 from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as eddsaJcs2022 from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as eddsaRdfc2022} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {contexts} from '@digitalbazaar/credentials-context';
import {readFileSync} from 'node:fs';
import jsigs from 'jsonld-signatures';
import {verifyCredential} from '@digitalbazaar/vc';

const {purposes: {AssertionProofPurpose, AuthenticationProofPurpose}} = jsigs;

const SUITES = {
  'eddsa-jcs-2022': [Ed25519Multikey, eddsaJcs2022.createSignCryptosuite(), eddsaJcs2022.createVerifyCryptosuite()],
  'ecdsa-jcs-2019': [EcdsaMultikey, ecdsaJcs2019.createSignCryptosuite(), ecdsaJcs2019.createVerifyCryptosuite()],
  'eddsa-rdfc-2022': [Ed25519Multikey, eddsaRdfc2022, eddsaRdfc2022],
};

// Only did:key and the contexts at hand; `files` are the addresses of further documents with the files that hold them.
export function loader(files = {}) {
  const read = Object.entries(files).map(([url, file]) => [url, JSON.parse(readFileSync(file, 'utf8'))]);
  const known = new Map([...contexts, ...read]);
  return async url => {
    const document = url.startsWith('did:key:') ? didKey(url) : known.get(url);
    if (!document) {
      throw new Error(`not at hand: ${url}`);
    }
    return {contextUrl: null, documentUrl: url, document};
  };
}

function didKey(url) {
  const [controller, fragment] = url.split('#');
  if (fragment) {
    const context = 'https://w3id.org/security/multikey/v1';
    return {'@context': context, id: url, type: 'Multikey', controller, publicKeyMultibase: fragment};
  }
  const method = `${controller}#${controller.slice('did:key:'.length)}`;
  return {
    '@context': ['https://www.w3.org/ns/did/v1'], id: controller, assertionMethod: [method], authentication: [method]
  };
}

export async function signingSuite({cryptosuite, key, created}) {
  const [Multikey, signing] = SUITES[cryptosuite];
  const signer = (await Multikey.from(key)).signer();
  return new DataIntegrityProof({signer, date: created, cryptosuite: signing});
}

export function verifyingSuite({cryptosuite}) {
  return new DataIntegrityProof({cryptosuite: SUITES[cryptosuite][2]});
}

export function purposeOf({challenge, domain}) {
  return challenge ? new AuthenticationProofPurpose({challenge, domain}) : new AssertionProofPurpose();
}

export async function signer(settings) {
  const suite = await signingSuite(settings);
  const documentLoader = loader(settings.files);
  return async document => {
    try {
      const purpose = purposeOf(settings);
      return {secured: await jsigs.sign(document, {suite, purpose, documentLoader})};
    } catch (error) {
      return {reason: reasonOf(error)};
    }
  };
}

// Looks at the proof alone, or at the credential with it where the settings say `credential`.
export async function verifier(settings) {
  const documentLoader = loader(settings.files);
  return async document => {
    const suite = verifyingSuite(settings);
    const {verified, error} = settings.credential ?
      await verifyCredential({credential: document, suite, documentLoader}) :
      await jsigs.verify(document, {suite, purpose: purposeOf(settings), documentLoader});
    return verified ? {verified} : {verified, reason: reasonOf(error)};
  };
}

export function reasonOf(error) {
  return [error, ...(error.errors ?? []), error.cause].filter(Boolean).map(each => each.message).join(': ');
}
