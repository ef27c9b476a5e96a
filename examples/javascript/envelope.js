/**
 * What stands around a statement: the issuer, the id and time, the place in a status list, the signature. Section "The
 * content" of docs/compact-format.md.
 */

import { didOfKey } from "./multibase.js";
import { timeOf } from "./packing.js";
import { readPlace, writePlace } from "./place.js";
import { malformed } from "./refused.js";
import { checkDid, checkFragment, checkSeconds } from "./rules.js";
import { readStatement, writeStatement } from "./statement.js";

export const TEMPLATE = 1;
export const KINDS = [, "request", "claim", "acknowledgement", "rejection", "cancellation"];
const SUITES = [
  ,
  { name: "eddsa-jcs-2022", codec: [0xed, 0x01], keyBytes: 32 },
  { name: "ecdsa-jcs-2019", codec: [0x80, 0x24], keyBytes: 33 },
];
const [DID_KEY, OTHER_DID, PLACE, OWN_TIME] = [1, 2, 4, 8];
export const FLAGS = PLACE | OWN_TIME;
const SIGNATURE_BYTES = 64;

/** The DID, what stands after `#` in the verification method, the key where the DID is one, and the suite. */
export function readIssuer(read, form, suiteNumber) {
  const suite = SUITES[suiteNumber];
  if (!suite) throw malformed("it is signed in no way that there is");
  if (form === DID_KEY) {
    const key = read.raw(suite.keyBytes);
    const did = didOfKey(suite.codec, key);
    return { did, fragment: did.replace("did:key:", ""), key, suite };
  }
  if (form !== OTHER_DID) throw malformed("its issuer is of no form that there is");
  const [did, fragment] = [checkDid(read.text()), checkFragment(read.text())];
  if (did === `did:key:${fragment}` && fragment.startsWith("z")) throw malformed("its issuer is written as a text");
  return { did, fragment, key: null, suite };
}

export function writeIssuer(out, issuer) {
  if (issuer.key) out.raw(issuer.key);
  else [issuer.did, issuer.fragment].forEach((text) => out.text(text));
}

/** The form and the suite of an issuer that is written whole, with the flags of the message. */
export function headOf(message) {
  return ((message.issuer.key ? DID_KEY : OTHER_DID) | flagsOf(message)) << 4 | SUITES.indexOf(message.issuer.suite);
}

export function flagsOf({ id, issuedAt, place }) {
  return (place ? PLACE : 0) | (issuedAt === secondOf(id) ? 0 : OWN_TIME);
}

/** `before` is what need not be told again: `sessionId`, in a dossier also the `address` and what is `answered`. */
export function readBody(read, kind, flags, issuer, before) {
  const id = read.id(before.sessionId);
  const issuedAt = checkSeconds(secondOf(id) + (flags & OWN_TIME ? read.signed() : 0));
  const place = flags & PLACE ? readPlace(read, before.address) : null;
  const statement = readStatement(kind, read, { ...before, did: issuer.did, issuedAt });
  return { kind, issuer, sessionId: before.sessionId, id, issuedAt, place, statement, signature: read.raw(SIGNATURE_BYTES) };
}

export function writeBody(out, { kind, issuer, id, issuedAt, place, statement, signature }, before) {
  out.id(id, before.sessionId);
  if (issuedAt !== secondOf(id)) out.signed(issuedAt - secondOf(id));
  if (place) writePlace(out, place, before.address);
  writeStatement(kind, out, statement, { ...before, did: issuer.did, issuedAt });
  out.raw(signature);
}

/** There is one way to write. */
export function checkSame(written, content) {
  if (written.length !== content.length || written.some((byte, at) => byte !== content[at])) {
    throw malformed("it is written in another way than the one there is");
  }
}

function secondOf(id) {
  return Math.floor(timeOf(id) / 1000);
}
