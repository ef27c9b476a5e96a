#!/usr/bin/env node
/** node verify.js 'CF1...' tells what a text says and whether its signature holds; without one it reads its input. */

import { readFileSync } from "node:fs";
import { read } from "./index.js";

const text = process.argv[2] ?? readFileSync(0, "utf8");
const found = await read(text);
const { verdict, detail } = found;

console.log(detail ? `${verdict}: ${detail}` : verdict);
for (const { message, digest, checks } of detail ? [] : (found.dossier ?? [found])) {
  console.log(`\n${JSON.stringify(message, null, 2)}\n\ndigest ${digest}\n`);
  for (const check of checks) console.log(`${check.outcome.padEnd(8)} ${check.name.padEnd(17)} ${check.detail}`);
}
process.exitCode = verdict === "verified" ? 0 : 1;
