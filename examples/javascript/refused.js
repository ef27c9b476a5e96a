/** Why a text is not read: `damaged`, `malformed`, `unsupported` or `too_long`, and a sentence for a person. */
export class Refused extends Error {
  constructor(verdict, sentence) {
    super(sentence);
    this.verdict = verdict;
  }
}

/** Bytes that no writer writes. */
export function malformed(what) {
  return new Refused("malformed", `${what}; ask the sender to send it again`);
}
