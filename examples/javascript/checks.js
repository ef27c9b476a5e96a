/**
 * The questions of the section "The verdict" of docs/messages.md, as far as one text alone can answer them.
 * An outcome is "pass", "fail" or "unknown", and unknown is never a pass.
 */

import { digestOf, hashOf, toProofConfig, toSigned, toTimestamp } from "./credential.js";
import { checkSignature, pointOf } from "./signature.js";

/** What has to pass for a credential to be its issuer's statement. */
const OF_VERIFIED = ["parse", "context", "schema", "signature", "key_control", "key_status"];
/** How far clocks of honest people are apart. */
const SKEW_SECONDS = 5 * 60;

/**
 * Every check in order, the digest (null where the platform has no WebCrypto) and whether it is verified. A message of a
 * dossier has what it `answered`.
 */
export async function judge(message, now) {
  const hashes = await hashesOf(message);
  const findings = {
    parse: ["pass", "the credential is well-formed"],
    context: ["pass", "its terms mean what Counterfoil means by them"],
    schema: ["pass", `it is ${message.kind === "acknowledgement" ? "an" : "a"} ${message.kind}`],
    signature: await signature(message, hashes),
    key_control: keyControl(message),
    key_status: keyStatus(message.issuer),
    validity_time: validityTime(message, now.getTime() / 1000),
    issuer_authority: issuerAuthority(message),
    link: link(message),
    revocation: revocation(message.place),
    trust: ["unknown", "whether its issuer is to be trusted is for you to say; compare its DID with one you know"],
  };
  const checks = Object.entries(findings).map(([name, [outcome, detail]]) => ({ name, outcome, detail }));
  return { checks, digest: hashes?.digest ?? null, verdict: verdictOf(checks) };
}

/** "verified", "forged" when a check that matters fails, "unverified" when one could not be made. */
function verdictOf(checks) {
  const outcomes = checks.filter(({ name }) => OF_VERIFIED.includes(name)).map(({ outcome }) => outcome);
  if (outcomes.includes("fail")) return "forged";
  return outcomes.includes("unknown") ? "unverified" : "verified";
}

async function hashesOf(message) {
  if (!globalThis.crypto?.subtle) return null;
  const [config, document] = [await hashOf(toProofConfig(message)), await hashOf(toSigned(message))];
  return { config, document, digest: await digestOf(message) };
}

async function signature({ issuer, signature: signed }, hashes) {
  if (!issuer.key && issuer.did.startsWith("did:key:")) {
    return ["fail", "the proof names a key that is misspelt or not of a kind read here"];
  }
  if (!issuer.key) return ["unknown", "only keys of did:key issuers can be checked here, and this proof names another kind"];
  if (!hashes) return ["unknown", "this platform has no WebCrypto; open the page by https or from localhost"];
  return checkSignature(issuer.suite.name, issuer.key, signed, Uint8Array.of(...hashes.config, ...hashes.document));
}

function keyControl({ issuer: { did, key, suite } }) {
  if (key && pointOf(suite.name, key)) return ["pass", "the key is the issuer's"];
  if (did.startsWith("did:key:")) return ["fail", "its issuer's DID is not the key that it names, or is no key"];
  return ["unknown", "which keys its issuer has cannot be found out here"];
}

function keyStatus({ did }) {
  if (did.startsWith("did:key:")) return ["pass", "a did:key cannot be revoked"];
  return ["unknown", "whether this key is still good cannot be found out here"];
}

function validityTime({ kind, issuedAt, statement }, now) {
  if (issuedAt > now + SKEW_SECONDS) {
    return ["fail", "it is dated in the future; compare your clock with the sender's"];
  }
  if (kind === "request" && statement.expiresAt <= now) {
    return ["fail", `it expired at ${toTimestamp(statement.expiresAt)}; ask the sender for a new one`];
  }
  return ["pass", "it holds at this time"];
}

/** Who may answer as the payee is told by the request. */
function issuerAuthority({ issuer, statement, answered }) {
  const party = statement.payee ?? statement.payer;
  if (party === issuer.did) return ["pass", "the party signed for itself"];
  if (party?.startsWith("did:")) return ["fail", "it speaks for a party that signs for itself and did not"];
  if (!("payee" in statement || "payer" in statement)) {
    return payeeAuthority(issuer, answered?.answered ?? answered);
  }
  return ["unknown", "its issuer vouches for the party, and whether that counts depends on trusting the issuer"];
}

function payeeAuthority(issuer, request) {
  if (!request) return ["unknown", "the request is not known here, so neither is who may answer as its payee"];
  const { payee } = request.statement;
  const spokesman = payee.startsWith("did:") ? payee : request.issuer.did;
  if (issuer.did === spokesman) return ["pass", "its issuer is the one that speaks for the payee"];
  return ["fail", "only the payee may say this, and its issuer is not the one that speaks for the payee"];
}

/** A dossier does not say what its messages answer, but makes it again: a signature that holds is over just this. */
function link({ kind, answered: known }) {
  if (kind === "request") return ["pass", "it opens the conversation"];
  if (known) return ["pass", `it answers the ${known.kind} that stands before it, letter for letter`];
  const answered = kind === "claim" || kind === "cancellation" ? "request" : "claim";
  return ["unknown", `the ${answered} that it answers is not known here`];
}

function revocation(place) {
  if (place) return ["unknown", "whether its issuer has revoked it is told by its status list, which is not looked into here"];
  return ["pass", "credentials of this kind are not revoked; a payee takes a request back with a cancellation"];
}
