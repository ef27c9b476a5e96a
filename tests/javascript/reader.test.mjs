/** The JavaScript reader against the vectors, and what it does on a platform that lacks something. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { canonical } from "../../examples/javascript/credential.js";
import { read } from "../../examples/javascript/index.js";
import { CURRENCIES, WORDS, decimalsOf } from "../../examples/javascript/tables.js";

const NOW = new Date("2026-02-01T12:00:00Z");
const valid = vectors("valid.json");
const [reference] = valid;

function vectors(name) {
  return JSON.parse(readFileSync(new URL(`../vectors/compact/${name}`, import.meta.url), "utf8"));
}

function outcomes({ checks }) {
  return Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
}

test("the lists are those of the vectors", () => {
  const { currencies, words } = vectors("lists.json");

  assert.deepEqual(CURRENCIES.map((code) => `${code} ${decimalsOf(code)}`), currencies);
  assert.deepEqual(WORDS, words);
});

for (const vector of valid) {
  test(`it reads ${vector.name}`, async () => {
    const found = await read(vector.text, { now: NOW });

    assert.equal(found.verdict, vector.verdict, JSON.stringify(found));
    assert.equal(found.text, vector.text);
    assert.equal(found.credential, vector.credential);
    assert.equal(found.digest, vector.digest);
    assert.equal(canonical(found.message), canonical(vector.message));
  });
}

for (const vector of vectors("dossiers.json")) {
  test(`it reads the dossier ${vector.name}`, async () => {
    const found = await read(vector.text, { now: NOW });
    const told = found.dossier.map((each) => {
      const { issuer_authority, link } = outcomes(each);
      return { verdict: each.verdict, message: each.message, credential: each.credential, digest: each.digest, issuer_authority, link };
    });

    assert.equal(found.verdict, vector.verdict);
    assert.equal(found.text, vector.text);
    assert.equal(found.credential, vector.messages.at(-1).credential);
    assert.deepEqual(JSON.parse(JSON.stringify(told)), vector.messages);
  });
}

test("a dossier is as good as the worst of its messages", async () => {
  const { text } = vectors("twins.json").find(({ name }) => name === "forged dossier: one bit of the claim's signature");
  const { verdict, dossier } = await read(text, { now: NOW });

  assert.equal(verdict, "forged");
  assert.deepEqual(dossier.map((each) => each.verdict), ["verified", "forged", "verified"]);
});

test("what only begins like a CLASSIC message does no harm", async () => {
  const beside = vectors("twins.json").find(({ name }) => name === "malformed: a CLASSIC message after it").text;

  assert.equal((await read(beside.slice(0, -8), { now: NOW })).verdict, "verified");
  assert.equal((await read(`eNjoy it: ${reference.text}`, { now: NOW })).verdict, "verified");
});

for (const twin of vectors("twins.json")) {
  test(`it refuses ${twin.name}`, async () => {
    const found = await read(twin.text, { now: NOW });

    assert.equal(found.verdict, twin.verdict, JSON.stringify(found));
  });
}

test("a code is found between the words of a chat, quoted, broken and in lower case", async () => {
  const { text } = reference;
  const chat = `Hi cf1! Here:\n> ${text.slice(0, 30).toLowerCase()}\n> *${text.slice(30)}* thanks, Ana`;

  assert.equal((await read(chat)).credential, reference.credential);
});

test("damage says what is missing", async () => {
  const detail = async (text) => (await read(text)).detail;
  const { text } = reference;

  assert.match(await detail(text.slice(0, 200)), /its end is missing: 195 of \d+ letters are there/);
  assert.match(await detail(text.slice(0, 36) + "Z".repeat(31) + text.slice(67)), /letters 37 to 67 were changed/);
  assert.match(await detail(text.slice(0, 100) + "00" + text.slice(102)), /changed, left out or doubled/);
});

test("any changed letter is noticed", async () => {
  const { text } = reference;
  for (let at = 0; at < text.length; at += 1) {
    const changed = text.slice(0, at) + (text[at] === "7" ? "8" : "7") + text.slice(at + 1);
    assert.ok(["damaged", "unsupported"].includes((await read(changed)).verdict), changed);
  }
});

test("time is a check of its own", async () => {
  const at = async (time) => outcomes(await read(reference.text, { now: new Date(time) })).validity_time;

  assert.equal(await at("2026-01-01T00:00:00Z"), "fail");
  assert.equal(await at("2026-02-01T12:00:00Z"), "pass");
  assert.equal(await at("2026-03-01T00:00:00Z"), "fail");
});

test("a platform without Ed25519 says unknown and never pass", async (context) => {
  context.mock.method(crypto.subtle, "importKey", () => {
    throw new DOMException("Unrecognized name.", "NotSupportedError");
  });
  const found = await read(reference.text);

  assert.equal(found.verdict, "unverified");
  assert.equal(outcomes(found).signature, "unknown");
  assert.equal(found.digest, reference.digest);
});

test("a platform without WebCrypto still shows the fields", async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
  try {
    const found = await read(reference.text);

    assert.equal(found.verdict, "unverified");
    assert.equal(found.digest, null);
    assert.equal(found.credential, reference.credential);
    assert.equal((await read(vectors("dossiers.json")[0].text)).verdict, "unsupported");
  } finally {
    Object.defineProperty(globalThis, "crypto", own);
  }
});

test("hostile texts cost little", { timeout: 5000 }, async () => {
  assert.equal((await read("CF1ZZ".repeat(13_000))).verdict, "damaged");
  assert.equal((await read("CF1".repeat(21_000))).verdict, "damaged");
  assert.equal((await read(" ".repeat(65_537))).verdict, "too_long");
  assert.equal((await read("ß".repeat(40_000))).verdict, "too_long");
  assert.equal((await read("\ud800")).verdict, "damaged");
});
