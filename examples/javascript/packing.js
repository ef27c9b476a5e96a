/**
 * Numbers, texts and ids in few bytes: the pieces of the section "The content" of docs/compact-format.md.
 */

import { malformed } from "./refused.js";
import { WORDS } from "./tables.js";

const UTF8 = 0;
const WORD = 1;
const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** By mode: a text of these letters is the number that they are the digits of. */
const ALPHABETS = {
  2: DIGITS,
  3: `${DIGITS}abcdef`,
  4: DIGITS + UPPER,
  5: DIGITS + LOWER,
  6: ` ${LOWER}${UPPER}${DIGITS}.,:;-/'()&#%+!?@_`,
};
const LETTERS_MAX = 1024;
const NUMBER_BYTES_MAX = 8;
const TIME_BYTES = 6;
const ID_BYTES = 16;

export class Reader {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  get left() {
    return this.#bytes.length - this.#at;
  }

  raw(size) {
    if (size > this.left) throw malformed("its fields end too early");
    this.#at += size;
    return this.#bytes.slice(this.#at - size, this.#at);
  }

  /** Below 2^53: eight bytes at most. */
  number() {
    let value = 0;
    for (let index = 0; index < NUMBER_BYTES_MAX; index += 1) {
      const [byte] = this.raw(1);
      value += (byte & 127) * 128 ** index;
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (byte < 128) return value;
    }
    throw malformed("it holds a number beyond all bounds");
  }

  signed() {
    const value = this.number();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }

  /** A number that says how many of something follow. */
  count(most) {
    const count = this.number();
    if (count > most) throw malformed("it holds more of something than a message may");
    return count;
  }

  text() {
    const head = this.number();
    const [count, mode] = [Math.floor(head / 8), head % 8];
    if (mode === UTF8) return fromUtf8(this.raw(count));
    if (mode === WORD && count < WORDS.length) return WORDS[count];
    if (!(mode in ALPHABETS) || count > LETTERS_MAX) throw malformed("it holds a text that cannot be read");
    return fromDigits(this.raw(sizeOf(ALPHABETS[mode].length, count)), ALPHABETS[mode], count);
  }

  /** 16 bytes; the first six are told as their distance from those of the session. */
  id(sessionId) {
    let milliseconds = timeOf(sessionId) + this.signed();
    if (milliseconds < 0 || milliseconds >= 2 ** 48) throw malformed("it holds an id that is none");
    const id = new Uint8Array(ID_BYTES);
    for (let at = TIME_BYTES - 1; at >= 0; at -= 1, milliseconds = Math.floor(milliseconds / 256)) {
      id[at] = milliseconds % 256;
    }
    id.set(this.raw(ID_BYTES - TIME_BYTES), TIME_BYTES);
    return id;
  }
}

export class Writer {
  bytes = [];

  raw(bytes) {
    this.bytes.push(...bytes);
  }

  number(value) {
    for (; value > 127; value = Math.floor(value / 128)) this.bytes.push((value % 128) | 128);
    this.bytes.push(value);
  }

  signed(value) {
    this.number(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** In the mode that takes the fewest bytes; of several, the one with the lowest number. */
  text(value) {
    this.raw(modesOf(value).reduce((best, each) => (each.length < best.length ? each : best)));
  }

  id(id, sessionId) {
    this.signed(timeOf(id) - timeOf(sessionId));
    this.raw(id.subarray(TIME_BYTES));
  }
}

/** The first 48 bits of a UUID: of a UUIDv7 its time in milliseconds. */
export function timeOf(id) {
  return id.subarray(0, TIME_BYTES).reduce((number, byte) => number * 256 + byte, 0);
}

/** A text in every mode that can hold it, in the order of the modes' numbers. */
function modesOf(value) {
  const utf8 = new TextEncoder().encode(value);
  const found = [headed(utf8.length, UTF8, utf8)];
  if (WORDS.includes(value)) found.push(headed(WORDS.indexOf(value), WORD, []));
  for (const [mode, alphabet] of Object.entries(ALPHABETS)) {
    if (value && [...value].every((letter) => alphabet.includes(letter))) {
      found.push(headed(value.length, Number(mode), toBytes(value, alphabet)));
    }
  }
  return found;
}

function headed(count, mode, content) {
  const out = new Writer();
  out.number(count * 8 + mode);
  out.raw(content);
  return out.bytes;
}

function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("it holds a text that is not UTF-8");
  }
}

/** How many bytes the largest number of so many digits takes. */
function sizeOf(base, count) {
  const largest = BigInt(base) ** BigInt(count) - 1n;
  return largest ? Math.ceil(largest.toString(16).length / 2) : 0;
}

function fromDigits(bytes, alphabet, count) {
  const base = BigInt(alphabet.length);
  let number = bytes.length ? BigInt(`0x${toHex(bytes)}`) : 0n;
  let letters = "";
  for (let left = count; left > 0; left -= 1, number /= base) letters = alphabet[Number(number % base)] + letters;
  if (number) throw malformed("it holds a text that cannot be read");
  return letters;
}

function toBytes(value, alphabet) {
  const base = BigInt(alphabet.length);
  let number = 0n;
  for (const letter of value) number = number * base + BigInt(alphabet.indexOf(letter));
  const hex = number.toString(16).padStart(2 * sizeOf(alphabet.length, value.length), "0");
  return hex.match(/../g).map((pair) => parseInt(pair, 16));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
