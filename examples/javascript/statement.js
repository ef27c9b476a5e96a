/** What each kind of message says, in bytes: section "The statement" of docs/compact-format.md. */

import { malformed } from "./refused.js";
import {
  BYTES_MAX, checkLine, checkMethods, checkMinorUnits, checkParty, checkSeconds, checkTogether,
} from "./rules.js";
import { CURRENCIES } from "./tables.js";

const [IS_ISSUER, IS_TEXT, HAS_EVIDENCE, HAS_METHOD, HAS_CUSTOM_METHOD] = [1, 2, 4, 8, 16];
const DIGEST_BYTES = 32;
const METHODS_MAX = 8;
const DETAILS_MAX = 8;

/**
 * `known` is what was read before: the issuer's `did`, `sessionId`, `issuedAt` and, in a dossier, what it has `answered`:
 * the `id`, the `digest` and, where it states the same, the `amount`. Throws Refused.
 */
export function readStatement(kind, read, known) {
  return READERS[kind](read, known);
}

export function writeStatement(kind, out, statement, known) {
  WRITERS[kind](out, statement, known);
}

const READERS = {
  request(read, known) {
    const [flags] = read.raw(1);
    const payee = readParty(read, flags, known);
    if (payee === null) throw malformed("it does not say who asks");
    const [amount, description] = [readMoney(read), read.text()];
    const methods = listOf(read.count(METHODS_MAX), () => readMethod(read));
    const expiresAt = checkSeconds(known.issuedAt + read.signed());
    checkLine(description, BYTES_MAX.description, { empty: true });
    checkMethods(methods);
    checkTogether([payee, description, ...methods.flatMap(({ method, details }) => [method, ...details.flat()])]);
    return { payee, amount, description, methods, expiresAt };
  },
  claim(read, known) {
    const [flags] = read.raw(1);
    const payer = readParty(read, flags, known);
    const [requestDigest, amount] = [readDigest(read, known), readAmount(read, known)];
    const readLine = (flag, most) => (flags & flag ? checkLine(read.text(), most) : null);
    const evidence = readLine(HAS_EVIDENCE, BYTES_MAX.evidence);
    const method = readLine(HAS_METHOD, BYTES_MAX.method);
    const customMethod = readLine(HAS_CUSTOM_METHOD, BYTES_MAX.method);
    if (method !== null && customMethod !== null) throw malformed("it names two methods");
    return { payer, requestDigest, amount, evidence, method, customMethod };
  },
  acknowledgement(read, known) {
    return { ...readClaim(read, known), amount: readAmount(read, known) };
  },
  rejection(read, known) {
    return { ...readClaim(read, known), reason: readReason(read) };
  },
  cancellation(read, known) {
    return { requestDigest: readDigest(read, known), reason: readReason(read) };
  },
};

const WRITERS = {
  request(out, { payee, amount, description, methods, expiresAt }, known) {
    writeParty(out, payee, 0, known);
    writeMoney(out, amount);
    out.text(description);
    out.number(methods.length);
    for (const { method, details } of methods) {
      out.text(method);
      writeDetails(out, details);
    }
    out.signed(expiresAt - known.issuedAt);
  },
  claim(out, { payer, requestDigest, amount, evidence, method, customMethod }, known) {
    const has = (value, flag) => (value === null ? 0 : flag);
    const flags = has(evidence, HAS_EVIDENCE) | has(method, HAS_METHOD) | has(customMethod, HAS_CUSTOM_METHOD);
    writeParty(out, payer, flags, known);
    writeDigest(out, requestDigest, known);
    writeAmount(out, amount, known);
    for (const text of [evidence, method, customMethod]) if (text !== null) out.text(text);
  },
  acknowledgement(out, { claimId, claimDigest, amount }, known) {
    writeClaim(out, claimId, claimDigest, known);
    writeAmount(out, amount, known);
  },
  rejection(out, { claimId, claimDigest, reason }, known) {
    writeClaim(out, claimId, claimDigest, known);
    out.text(reason);
  },
  cancellation(out, { requestDigest, reason }, known) {
    writeDigest(out, requestDigest, known);
    out.text(reason);
  },
};

/** A DID, a name, or null where there is none. */
function readParty(read, flags, known) {
  if (flags & IS_ISSUER) return known.did;
  return flags & IS_TEXT ? checkParty(read.text()) : null;
}

function writeParty(out, party, flags, known) {
  const own = party === known.did ? IS_ISSUER : IS_TEXT;
  out.raw([flags | (party === null ? 0 : own)]);
  if (party !== null && own === IS_TEXT) out.text(party);
}

function readDigest(read, { answered }) {
  return answered ? answered.digest : read.raw(DIGEST_BYTES);
}

function writeDigest(out, digest, { answered }) {
  if (!answered) out.raw(digest);
}

function readClaim(read, known) {
  const claimId = known.answered ? known.answered.id : read.id(known.sessionId);
  return { claimId, claimDigest: readDigest(read, known) };
}

function writeClaim(out, id, digest, known) {
  if (!known.answered) out.id(id, known.sessionId);
  writeDigest(out, digest, known);
}

function readAmount(read, { answered }) {
  return answered?.amount ?? readMoney(read);
}

function writeAmount(out, amount, { answered }) {
  if (!answered?.amount) writeMoney(out, amount);
}

function readMoney(read) {
  const [currency, minorUnits] = [CURRENCIES[read.number()], checkMinorUnits(read.number())];
  if (!currency) throw malformed("its currency is not known");
  return { currency, minorUnits };
}

function writeMoney(out, { currency, minorUnits }) {
  out.number(CURRENCIES.indexOf(currency));
  out.number(minorUnits);
}

/** Details are pairs of name and value, since an object would take some names for its own. */
function readMethod(read) {
  const method = read.text();
  return { method, details: listOf(read.count(DETAILS_MAX), () => [read.text(), read.text()]) };
}

/** Each name once, in the order of its letters. */
function writeDetails(out, details) {
  const sorted = [...new Map(details)].sort(([one], [other]) => (one < other ? -1 : 1));
  out.number(sorted.length);
  for (const [name, value] of sorted) [name, value].forEach((text) => out.text(text));
}

function readReason(read) {
  return checkLine(read.text(), BYTES_MAX.reason, { empty: true });
}

function listOf(count, next) {
  return Array.from({ length: count }, next);
}
