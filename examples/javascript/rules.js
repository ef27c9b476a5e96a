/**
 * What a text, a DID, an amount or a time may be: the section "What a field may hold" of docs/compact-format.md.
 */

import { malformed } from "./refused.js";

export const BYTES_MAX = { handle: 128, description: 512, evidence: 512, reason: 256, method: 64, detail: 256 };
/** The texts of a request together. */
const REQUEST_BYTES_MAX = 1024;
const DID_BYTES_MAX = 256;
const DID = /^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$/;
const DETAIL_KEY = /^[a-z0-9_]{1,32}$/;
const OF_CATEGORIES = "(?![\\u200c\\u200d])[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}]";
const BLANK =
  "[\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u2065\\u2800\\u3164\\ufe00-\\ufe0d\\uffa0\\ufff0-\\ufff8\\u{1d159}\\u{e0000}-\\u{e0fff}]";
/** What shapes the character before it, where there is none to shape: beside ASCII that is all but keycaps. */
const SHAPING = "[\\u180b-\\u180d\\u180f\\u200c\\u200d\\ufe0e\\ufe0f]";
const SHAPING_NOTHING = `(?:^|[\\0-\\x7f])(?!(?<=[0-9#*])\\ufe0f\\u20e3)${SHAPING}`;
/** Control, invisible and directional characters. */
const REFUSED = new RegExp(`${OF_CATEGORIES}|${BLANK}|${SHAPING_NOTHING}`, "u");
const SPACE_AT_AN_END = /^\p{Zs}|\p{Zs}$/u;
const MINOR_UNITS_MAX = 10 ** 15;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds since 1970. */
const [SECONDS_MIN, SECONDS_MAX] = [-62135596800, 253402300799];

export function bytesOf(text) {
  return new TextEncoder().encode(text).length;
}

/** One line of text in Unicode NFC. Empty only where the field may be left out for it. */
export function checkLine(text, bytesMax, { empty = false } = {}) {
  if (!text && !empty) throw malformed("a text in it is empty");
  if (bytesOf(text) > bytesMax) throw malformed(`a text in it is longer than ${bytesMax} bytes`);
  if (REFUSED.test(text)) throw malformed("a text in it holds a control, directional or invisible character");
  if (text.normalize("NFC") !== text) throw malformed("a text in it is not in Unicode form NFC");
  if (SPACE_AT_AN_END.test(text)) throw malformed("a text in it begins or ends with a space");
  return text;
}

export function checkDid(text) {
  if (text.length > DID_BYTES_MAX || !DID.test(text)) throw malformed("a DID in it is none");
  return text;
}

/** What stands after `#` in a verification method. */
export function checkFragment(text) {
  if (!/^[A-Za-z0-9._:%-]{1,128}$/.test(text)) throw malformed("the name of the issuer's key is none");
  return text;
}

/** A party is a DID or a name; a name does not look like a DID. */
export function checkParty(text) {
  if (text.startsWith("did:")) return checkDid(text);
  if (text.toLowerCase().startsWith("did:")) throw malformed("a name in it looks like a DID");
  return checkLine(text, BYTES_MAX.handle);
}

export function checkMethods(methods) {
  for (const { method, details } of methods) {
    checkLine(method, BYTES_MAX.method);
    for (const [key, value] of details) {
      if (!DETAIL_KEY.test(key) || key === "method") throw malformed("a detail in it has a name that is none");
      checkLine(value, BYTES_MAX.detail);
    }
  }
  if (new Set(methods.map((each) => each.method)).size < methods.length) throw malformed("it names a method twice");
}

/** So that every message fits a QR code. */
export function checkTogether(texts) {
  if (texts.reduce((sum, text) => sum + bytesOf(text), 0) > REQUEST_BYTES_MAX) {
    throw malformed(`its texts are longer than ${REQUEST_BYTES_MAX} bytes together`);
  }
}

export function checkMinorUnits(number) {
  if (number < 1 || number > MINOR_UNITS_MAX) throw malformed("its amount is out of bounds");
  return number;
}

export function checkSeconds(seconds) {
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) throw malformed("a time in it is out of bounds");
  return seconds;
}
