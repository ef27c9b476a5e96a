/** Reads a text in JSON on each line, and answers each with what the reader finds: lines.mjs NOW. */

import { createInterface } from "node:readline";
import { read } from "../../examples/javascript/index.js";

const now = new Date(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  const found = await read(JSON.parse(line), { now });
  process.stdout.write(`${JSON.stringify({ ...told(found), dossier: (found.dossier ?? []).map(told) })}\n`);
}

function told({ verdict, credential = "", digest = "", checks = [] }) {
  const outcomes = Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
  return { verdict, credential, digest, checks: outcomes };
}
