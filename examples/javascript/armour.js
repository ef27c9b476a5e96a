/**
 * The armour: `CF1`, the number of bytes, and the bytes as base-36 digits in blocks.
 * Section "From text to bytes" of docs/compact-format.md.
 */

import { Refused, malformed } from "./refused.js";

export const PREFIX = "CF1";
const CHECKSUM_BYTES = 4;
const BLOCK_BYTES = 20;
const BLOCK_DIGITS = 31;
const PLACES_MAX = 64;
const TEXT_BYTES_MAX = 64 * 1024;
/** How many digits a block of so many bytes takes. */
const DIGITS_OF = [0, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 18, 19, 21, 22, 24, 25, 27, 28, 30, 31];
/** Our prefix with a later number, and enough after it to be no word. */
const NEWER = /^CF[2-9][0-9A-Z]{60,}$/i;

/** The bytes of the one code in a pasted text. Throws Refused. */
export function findContent(text) {
  if (text.length > TEXT_BYTES_MAX || new TextEncoder().encode(text).length > TEXT_BYTES_MAX) {
    throw new Refused("too_long", "more than 64 KiB; paste only the message, without the chat around it");
  }
  const found = [...places(text)];
  const whole = new Map(found.filter((each) => each.content).map((each) => [each.content.join(), each.content]));
  if (whole.size > 1) throw malformed("it holds several messages; paste one at a time");
  if (whole.size === 1) return whole.values().next().value;
  if (isNewer(text)) throw new Refused("unsupported", "of a newer form than is read here; ask for another format");
  const damage = found[0]?.damage ?? "no message, or a part of it was lost or changed on the way";
  throw new Refused("damaged", `${damage}; copy all of it, or ask for it again`);
}

/** The text of some bytes; the other way round, for a reader that shows the code without the chat around it. */
export function wrap(content) {
  const payload = Uint8Array.of(...content, ...checksum(content));
  let digits = toDigits(BigInt(payload.length), 2);
  for (let at = 0; at < payload.length; at += BLOCK_BYTES) {
    const block = payload.subarray(at, at + BLOCK_BYTES);
    digits += toDigits(toNumber(block), DIGITS_OF[block.length]);
  }
  return PREFIX + digits;
}

/** What every place that begins like a code holds: its `content`, or the `damage`. */
function* places(text) {
  const letters = text.replace(/[^0-9A-Za-z]+/g, "").toUpperCase();
  let at = letters.indexOf(PREFIX);
  for (let count = 0; at >= 0 && count < PLACES_MAX; count += 1) {
    yield unwrap(letters, at + PREFIX.length);
    at = letters.indexOf(PREFIX, at + 1);
  }
}

function unwrap(letters, start) {
  const size = parseInt(letters.slice(start, start + 2).padEnd(2, "0"), 36);
  const wanted = Math.floor(size / BLOCK_BYTES) * BLOCK_DIGITS + DIGITS_OF[size % BLOCK_BYTES];
  const digits = letters.slice(start + 2, start + 2 + wanted);
  if (digits.length < wanted || size <= CHECKSUM_BYTES) {
    return { damage: `its end is missing: ${digits.length} of ${wanted} letters are there` };
  }
  const payload = new Uint8Array(size);
  for (let at = 0, filled = 0; at < wanted; at += BLOCK_DIGITS, filled += BLOCK_BYTES) {
    const block = digits.slice(at, at + BLOCK_DIGITS);
    if (!fill(payload.subarray(filled, filled + BLOCK_BYTES), block)) {
      return { damage: `letters ${at + 6} to ${at + 5 + block.length} were changed` };
    }
  }
  const content = payload.slice(0, -CHECKSUM_BYTES);
  if (checksum(content).some((byte, at) => byte !== payload[content.length + at])) {
    return { damage: "some of its letters were changed, left out or doubled" };
  }
  return { content };
}

/** Writes the number that some digits are into bytes, big-endian; false when it is too large for them. */
function fill(bytes, digits) {
  let number = 0n;
  for (const digit of digits) number = number * 36n + BigInt(parseInt(digit, 36));
  for (let at = bytes.length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(number & 255n);
    number >>= 8n;
  }
  return number === 0n;
}

function toNumber(bytes) {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function toDigits(number, count) {
  return number.toString(36).toUpperCase().padStart(count, "0");
}

/** CRC-32 as in zlib and PNG, four bytes, big-endian. */
function checksum(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return [24, 16, 8, 0].map((shift) => (~crc >>> shift) & 255);
}

function isNewer(text) {
  const parts = text.split(/\s+/);
  return [parts.join(""), ...parts].some((part) => NEWER.test(part));
}
