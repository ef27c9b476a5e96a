/** Reads and verifies COMPACT texts. docs/compact-format.md is the specification. */

import { findContent, wrap } from "./armour.js";
import { judge } from "./checks.js";
import { holdsClassic } from "./classic.js";
import { canonical, toCredential } from "./credential.js";
import { isDossier, readDossier } from "./dossier.js";
import { toFields } from "./fields.js";
import { readMessage } from "./message.js";
import { toHex } from "./packing.js";
import { Refused, malformed } from "./refused.js";

const FROM_WORST = ["forged", "unverified", "verified"];

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
 *
 * Of a dossier, a whole conversation in one text, they are those of the last message; `dossier` has them of each, in order,
 * and `verdict` is that of the message with the worst.
 */
export async function read(text, { now = new Date() } = {}) {
  try {
    const content = findContent(text);
    if (await holdsClassic(text)) throw malformed("it holds several messages; paste one at a time");
    const code = { text: wrap(content) };
    if (!isDossier(content)) return { ...(await show(readMessage(content), now)), ...code };
    const dossier = [];
    for (const message of await readDossier(content)) dossier.push(await show(message, now));
    const verdict = FROM_WORST.find((word) => dossier.some((each) => each.verdict === word));
    return { ...dossier.at(-1), ...code, verdict, dossier };
  } catch (error) {
    if (error instanceof Refused) return { verdict: error.verdict, detail: error.message };
    throw error;
  }
}

async function show(message, now) {
  const { checks, digest, verdict } = await judge(message, now);
  const credential = canonical(toCredential(message));
  return { verdict, message: toFields(message), credential, digest: digest && toHex(digest), checks };
}
