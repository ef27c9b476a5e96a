/**
 * Whether a CLASSIC message stands in a text. It is not read here, but whoever shows the COMPACT message beside it would
 * tell of another payment than somebody who reads the other one. Section "From text to bytes" of docs/compact-format.md.
 */

/** The letters that a zlib header gives in Base64: RFC 1950, a window of 32 KiB and any of the four levels. */
const LOOK = /^e[AFJN][A-Za-z0-9+/]+={0,2}$/;
const PARTS_MAX = 16;
const JSON_BYTES_MAX = 64 * 1024;

export async function holdsClassic(text) {
  const parts = text.match(/[A-Za-z0-9+/=]+/g) ?? [];
  const longest = parts.filter((part) => LOOK.test(part)).sort((one, other) => other.length - one.length);
  const whole = [text.replace(/\s+/g, "")].filter((each) => LOOK.test(each));
  for (const code of [...whole, ...longest.slice(0, PARTS_MAX)]) if (await isWhole(code)) return true;
  return false;
}

/** One zlib stream to its end and nothing after it, or more than any message is. */
async function isWhole(code) {
  const packed = fromBase64(code);
  if (!packed) return false;
  // Adler-32 (RFC 1950) of what it unpacks to, which stands at the end of a stream and so at the end of the code.
  let [low, high, size] = [1, 0, 0];
  try {
    for await (const bytes of unpacked(packed)) {
      size += bytes.length;
      if (size > JSON_BYTES_MAX) return true;
      for (const byte of bytes) {
        low = (low + byte) % 65521;
        high = (high + low) % 65521;
      }
    }
  } catch {
    return false;
  }
  return new DataView(packed.buffer).getUint32(packed.length - 4) === high * 65536 + low;
}

async function* unpacked(packed) {
  const unpacker = new DecompressionStream("deflate");
  const writer = unpacker.writable.getWriter();
  // What is damaged is told where it is read.
  writer.write(packed).catch(() => {});
  writer.close().catch(() => {});
  const reader = unpacker.readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

function fromBase64(code) {
  try {
    const letters = atob(code);
    return btoa(letters) === code ? Uint8Array.from(letters, (letter) => letter.charCodeAt(0)) : undefined;
  } catch {
    return undefined;
  }
}
