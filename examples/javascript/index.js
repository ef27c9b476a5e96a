/** Reads and verifies COMPACT texts. docs/compact-format.md is the specification. */

import { findContent, wrap } from "./armour.js";
import { judge } from "./checks.js";
import { canonical, toCredential } from "./credential.js";
import { toFields } from "./fields.js";
import { readContent } from "./message.js";
import { toHex } from "./packing.js";
import { Refused } from "./refused.js";

/**
 * Text in, fields and verdict out; never throws, whatever the text is.
 *
 * `verdict` is one word:
 * - "verified": the issuer's key signed exactly this; look at `checks` before acting on it
 * - "forged": the signature does not hold, or the key is not the issuer's
 * - "unverified": it reads well, but the signature could not be checked here
 * - "damaged": letters are missing or changed; `detail` says which
 * - "malformed", "unsupported", "too_long": no message that is read here
 *
 * The first three come with `text` (the code alone), `message` (the fields), `credential` (the W3C document as canonical
 * JSON), `digest` (hexadecimal) and `checks`; the others with `detail`, a sentence.
 */
export async function read(text, { now = new Date() } = {}) {
  try {
    const content = findContent(text);
    const message = readContent(content);
    const { checks, digest, verdict } = await judge(message, now);
    return {
      verdict,
      text: wrap(content),
      message: toFields(message),
      credential: canonical(toCredential(message)),
      digest: digest && toHex(digest),
      checks,
    };
  } catch (error) {
    if (error instanceof Refused) return { verdict: error.verdict, detail: error.message };
    throw error;
  }
}
