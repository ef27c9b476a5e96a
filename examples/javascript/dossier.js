/** The content of a code with a whole conversation: section "A dossier" of docs/compact-format.md. */

import { digestOf } from "./credential.js";
import {
  FLAGS, KINDS, TEMPLATE, checkSame, flagsOf, headOf, readBody, readIssuer, writeBody, writeIssuer,
} from "./envelope.js";
import { Reader, Writer, toHex } from "./packing.js";
import { Refused, malformed } from "./refused.js";

const HEAD = (TEMPLATE << 4) | 6;
const KNOWN_ISSUER = 3;
const SAME_AMOUNT = 1;
const SESSION_BYTES = 16;
const MESSAGES_MIN = 2;

export function isDossier(content) {
  return content[0] === HEAD;
}

/** The messages, each with what it has `answered`; null for the request. Throws Refused. */
export async function readDossier(content) {
  if (!globalThis.crypto?.subtle) {
    throw new Refused("unsupported", "a dossier, which takes WebCrypto to read; open the page by https or from localhost");
  }
  const read = new Reader(content.subarray(1));
  const told = new Told(read.raw(SESSION_BYTES));
  while (read.left) await told.add(readFields(read, told));
  if (told.messages.length < MESSAGES_MIN) throw malformed("it holds no conversation");
  checkSame(writeDossier(told.messages), content);
  return told.messages;
}

/** What the messages so far have told. */
class Told {
  messages = [];
  issuers = [];
  address = "";
  #last = {};

  constructor(sessionId) {
    this.sessionId = sessionId;
  }

  /** What a message of that kind answers here; null for the request, which opens the conversation. */
  answered(kind) {
    const found = this.#last[kind === "acknowledgement" || kind === "rejection" ? "claim" : "request"] ?? null;
    if ((found === null) !== (kind === "request")) throw malformed("its messages are no conversation");
    return found;
  }

  before(answered, sameAmount) {
    const { sessionId, address } = this;
    if (!answered) return { sessionId, address };
    const { message: { id, statement }, digest } = answered;
    return { sessionId, address, answered: { id, digest, amount: sameAmount ? statement.amount : null } };
  }

  async add(message) {
    this.note(message, await digestOf(message));
  }

  note(message, digest = null) {
    if (this.messages.some(({ id }) => toHex(id) === toHex(message.id))) throw malformed("it holds a message twice");
    this.messages.push(message);
    this.#last[message.kind] = { message, digest };
    if (this.placeOf(message.issuer) < 0) this.issuers.push(message.issuer);
    if (message.place) this.address = message.place.address;
  }

  placeOf({ did, fragment, suite }) {
    return this.issuers.findIndex((each) => each.did === did && each.fragment === fragment && each.suite === suite);
  }
}

function readFields(read, told) {
  const [first, second] = read.raw(2);
  const [sameAmount, kind, form] = [first >> 4, KINDS[first & 15], second >> 4];
  if (!kind || sameAmount > SAME_AMOUNT) throw malformed("it holds a message of no kind that there is");
  const issuer = (form & ~FLAGS) === KNOWN_ISSUER ? told.issuers[second & 15] : readIssuer(read, form & ~FLAGS, second & 15);
  if (!issuer) throw malformed("it names an issuer that it does not tell");
  const answered = told.answered(kind);
  return { ...readBody(read, kind, form, issuer, told.before(answered, sameAmount)), answered: answered?.message ?? null };
}

function writeDossier(messages) {
  const [out, told] = [new Writer(), new Told(messages[0].sessionId)];
  out.raw([HEAD, ...told.sessionId]);
  for (const message of messages) {
    const answered = told.answered(message.kind);
    const sameAmount = isSame(message.statement.amount, answered?.message.statement.amount);
    const place = told.placeOf(message.issuer);
    out.raw([((sameAmount ? SAME_AMOUNT : 0) << 4) | KINDS.indexOf(message.kind)]);
    if (place >= 0) out.raw([((flagsOf(message) | KNOWN_ISSUER) << 4) | place]);
    else {
      out.raw([headOf(message)]);
      writeIssuer(out, message.issuer);
    }
    writeBody(out, message, told.before(answered, sameAmount));
    told.note(message);
  }
  return out.bytes;
}

function isSame(amount, other) {
  return Boolean(amount && other) && amount.currency === other.currency && amount.minorUnits === other.minorUnits;
}
