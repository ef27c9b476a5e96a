/** Reads a text in JSON on each line, and answers each with what the reader finds: lines.mjs NOW. */

import { createInterface } from "node:readline";
import { read } from "../../examples/javascript/index.js";

const now = new Date(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  const { verdict, detail = "", credential = "", digest = "", checks = [] } = await read(JSON.parse(line), { now });
  const outcomes = Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
  process.stdout.write(`${JSON.stringify({ verdict, detail, credential, digest, checks: outcomes })}\n`);
}
