/**
 * Whether a signature holds, by the platform's WebCrypto. Section "To verify" of docs/compact-format.md.
 * What the platform cannot do is "unknown", never "pass".
 */

const EDDSA = "eddsa-jcs-2022";
const ALGORITHMS = {
  [EDDSA]: { name: "Ed25519" },
  "ecdsa-jcs-2019": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
};
const ED25519_P = 2n ** 255n - 19n;
const ED25519_L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The y coordinates of the points of small order: under such a key one signature fits many messages. */
const ED25519_SMALL_ORDER_Y = [
  0n,
  1n,
  ED25519_P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n,
];
const P256_P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const MISSPELT = ["fail", "the proof names a key that is misspelt or not of a kind read here"];
const HOLDS = ["pass", "the key it names signed exactly this text"];
const DOES_NOT_FIT = ["fail", "the signature does not fit: the text was changed after signing, or another key signed it"];
const NOT_HERE = ["unknown", "this platform cannot check signatures of this kind; use Node 20 or a current browser"];

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** The point of a public key as WebCrypto takes it; null when it is none that a key may be. */
export function pointOf(suiteName, key) {
  if (suiteName === EDDSA) return isStrictPoint(key) ? key : null;
  return uncompressed(key);
}

/** An outcome and a sentence. `data` is what was signed. */
export async function checkSignature(suiteName, key, signature, data) {
  const point = pointOf(suiteName, key);
  if (!point) return MISSPELT;
  if (suiteName === EDDSA && !isStrictSignature(signature)) return DOES_NOT_FIT;
  const algorithm = ALGORITHMS[suiteName];
  try {
    const imported = await crypto.subtle.importKey("raw", point, algorithm, false, ["verify"]);
    return (await crypto.subtle.verify(algorithm, imported, signature, data)) ? HOLDS : DOES_NOT_FIT;
  } catch (error) {
    return error.name === "DataError" ? MISSPELT : NOT_HERE;
  }
}

function isStrictSignature(signature) {
  return isStrictPoint(signature.subarray(0, 32)) && littleEndian(signature.subarray(32)) < ED25519_L;
}

/** In its one spelling, and not of small order. */
function isStrictPoint(bytes) {
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  return y < ED25519_P && !ED25519_SMALL_ORDER_Y.includes(y);
}

/** A point of P-256 with both coordinates: WebCrypto takes no other. */
function uncompressed(key) {
  const x = bigEndian(key.subarray(1));
  const square = mod(x ** 3n - 3n * x + P256_B);
  const root = power(square, (P256_P + 1n) / 4n);
  if ((key[0] !== 2 && key[0] !== 3) || x >= P256_P || mod(root * root) !== square) return null;
  const y = (root & 1n) === BigInt(key[0] & 1) ? root : P256_P - root;
  return Uint8Array.of(4, ...key.subarray(1), ...toBytes(y));
}

function power(base, exponent) {
  let result = 1n;
  for (let square = base, left = exponent; left > 0n; square = mod(square * square), left >>= 1n) {
    if (left & 1n) result = mod(result * square);
  }
  return result;
}

function mod(number) {
  return ((number % P256_P) + P256_P) % P256_P;
}

function bigEndian(bytes) {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function littleEndian(bytes) {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function toBytes(number) {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((number >> BigInt(8 * (31 - at))) & 255n));
}
