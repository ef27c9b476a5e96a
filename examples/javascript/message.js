/** The content of a code with a single message: section "The content" of docs/compact-format.md. */

import {
  FLAGS, KINDS, TEMPLATE, checkSame, headOf, readBody, readIssuer, writeBody, writeIssuer,
} from "./envelope.js";
import { Reader, Writer } from "./packing.js";
import { Refused, malformed } from "./refused.js";

const SESSION_BYTES = 16;

/** The message in some bytes. Throws Refused, also for bytes that say it in another way than the one there is. */
export function readMessage(content) {
  const message = readFields(new Reader(content));
  checkSame(writeMessage(message), content);
  return message;
}

function readFields(read) {
  const [first, second] = read.raw(2);
  const [template, kind] = [first >> 4, KINDS[first & 15]];
  if (template > TEMPLATE) throw new Refused("unsupported", "of a newer form than is read here; ask for another format");
  if (template < TEMPLATE || !kind) throw malformed("it is of no kind that there is");
  const issuer = readIssuer(read, (second >> 4) & ~FLAGS, second & 15);
  const message = readBody(read, kind, second >> 4, issuer, { sessionId: read.raw(SESSION_BYTES), address: "" });
  if (read.left) throw malformed("something follows its end");
  return message;
}

function writeMessage(message) {
  const out = new Writer();
  out.raw([(TEMPLATE << 4) | KINDS.indexOf(message.kind), headOf(message)]);
  writeIssuer(out, message.issuer);
  out.raw(message.sessionId);
  writeBody(out, message, { sessionId: message.sessionId, address: "" });
  return out.bytes;
}
