/** Base58 and base64url as credentials write them: section "From the fields to the credential". */

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const SHA256_MULTIHASH = [0x12, 0x20];

/** The did:key of a public key. */
export function didOfKey(codec, key) {
  return `did:key:${toBase58(Uint8Array.of(...codec, ...key))}`;
}

/** Multibase base58btc: `z`, a `1` for each zero byte that leads, and the number in base 58. */
export function toBase58(bytes) {
  let number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let digits = "";
  for (; number > 0n; number /= 58n) digits = BASE58[Number(number % 58n)] + digits;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return `z${"1".repeat(zeros < 0 ? bytes.length : zeros)}${digits}`;
}

/** Multibase base64url of the multihash of a SHA-256 digest. */
export function toMultihash(digest) {
  const padded = toBase64(Uint8Array.of(...SHA256_MULTIHASH, ...digest));
  return `u${padded.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "")}`;
}

export function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}
