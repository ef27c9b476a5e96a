/**
 * The content of a code: what a message says, who issued it, and the signature. Sections "The content" and
 * "The statement" of docs/compact-format.md.
 */

import { Reader, Writer, timeOf } from "./packing.js";
import { Refused, malformed } from "./refused.js";
import { checkDid, checkFragment, checkSeconds } from "./rules.js";
import { readStatement, writeStatement } from "./statement.js";
import { didOfKey } from "./multibase.js";

const TEMPLATE = 1;
const KINDS = [, "request", "claim", "acknowledgement", "rejection", "cancellation"];
export const SUITES = [
  ,
  { name: "eddsa-jcs-2022", codec: [0xed, 0x01], keyBytes: 32 },
  { name: "ecdsa-jcs-2019", codec: [0x80, 0x24], keyBytes: 33 },
];
const [DID_KEY, OTHER_DID, OWN_TIME] = [1, 2, 8];
const SESSION_BYTES = 16;
const SIGNATURE_BYTES = 64;

/** The message in some bytes. Throws Refused, also for bytes that say it in another way than the one there is. */
export function readContent(content) {
  const message = readFields(new Reader(content));
  const written = writeContent(message);
  if (written.length !== content.length || written.some((byte, at) => byte !== content[at])) {
    throw malformed("it is written in another way than the one there is");
  }
  return message;
}

function readFields(read) {
  const [first, second] = read.raw(2);
  const [template, kind] = [first >> 4, KINDS[first & 15]];
  const [form, suite] = [second >> 4, SUITES[second & 15]];
  if (template > TEMPLATE) throw new Refused("unsupported", "of a newer form than is read here; ask for another format");
  if (template < TEMPLATE || !kind || !suite) throw malformed("it is of no kind that there is");
  const issuer = readIssuer(read, form & ~OWN_TIME, suite);
  const sessionId = read.raw(SESSION_BYTES);
  const id = read.id(sessionId);
  const ownTime = form & OWN_TIME ? read.signed() : 0;
  const issuedAt = checkSeconds(secondOf(id) + ownTime);
  const statement = readStatement(kind, read, { did: issuer.did, sessionId, issuedAt });
  const signature = read.raw(SIGNATURE_BYTES);
  if (read.left) throw malformed("something follows its end");
  return { kind, suite, issuer, sessionId, id, issuedAt, statement, signature };
}

/** The bytes of a message. */
function writeContent({ kind, suite, issuer, sessionId, id, issuedAt, statement, signature }) {
  const out = new Writer();
  const ownTime = issuedAt - secondOf(id);
  const form = (issuer.key ? DID_KEY : OTHER_DID) | (ownTime ? OWN_TIME : 0);
  out.raw([(TEMPLATE << 4) | KINDS.indexOf(kind), (form << 4) | SUITES.indexOf(suite)]);
  if (issuer.key) out.raw(issuer.key);
  else [issuer.did, issuer.fragment].forEach((text) => out.text(text));
  out.raw(sessionId);
  out.id(id, sessionId);
  if (ownTime) out.signed(ownTime);
  writeStatement(kind, out, statement, { did: issuer.did, sessionId, issuedAt });
  out.raw(signature);
  return out.bytes;
}

/** The issuer's DID, what stands after `#` in its verification method, and the key where the DID is one. */
function readIssuer(read, form, suite) {
  if (form === DID_KEY) {
    const key = read.raw(suite.keyBytes);
    const did = didOfKey(suite.codec, key);
    return { did, fragment: did.replace("did:key:", ""), key };
  }
  if (form !== OTHER_DID) throw malformed("its issuer is of no form that there is");
  const [did, fragment] = [checkDid(read.text()), checkFragment(read.text())];
  if (did === `did:key:${fragment}` && fragment.startsWith("z")) throw malformed("its issuer is written as a text");
  return { did, fragment, key: null };
}

function secondOf(id) {
  return Math.floor(timeOf(id) / 1000);
}
