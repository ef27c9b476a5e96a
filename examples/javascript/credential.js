/**
 * The W3C credential that the fixed template makes of a message, and its canonical form (RFC 8785).
 * Section "From the fields to the credential" of docs/compact-format.md.
 */

import { toBase58, toMultihash } from "./multibase.js";
import { toHex } from "./packing.js";
import { toStatus } from "./place.js";
import { sha256 } from "./signature.js";
import { decimalsOf } from "./tables.js";

export const CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/counterfoil/v1"];
const SUBJECTS = {
  request: "PaymentRequest",
  claim: "PaymentClaim",
  acknowledgement: "PaymentAcknowledgement",
  rejection: "PaymentRejection",
  cancellation: "PaymentCancellation",
};

/** What a message states: the credential without its proof and its place in a status list. */
export function toDocument({ kind, id, sessionId, issuer, issuedAt, statement }) {
  const type = SUBJECTS[kind];
  const subject = { type, session: toUrn(sessionId), ...toSubject(kind, statement) };
  return withoutEmpty({
    "@context": CONTEXT,
    id: toUrn(id),
    type: ["VerifiableCredential", `${type}Credential`],
    issuer: issuer.did,
    validFrom: toTimestamp(issuedAt),
    validUntil: kind === "request" && toTimestamp(statement.expiresAt),
    credentialSubject: withoutEmpty(subject),
  });
}

/** What a proof signs beside its own configuration. */
export function toSigned(message) {
  const { place } = message;
  return place ? { ...toDocument(message), credentialStatus: toStatus(place) } : toDocument(message);
}

/** What later messages link to. */
export function digestOf(message) {
  return hashOf(toDocument(message));
}

/** SHA-256 of the canonical form. */
export function hashOf(value) {
  return sha256(new TextEncoder().encode(canonical(value)));
}

/** The proof without its `proofValue`: the part of it that is signed. */
export function toProofConfig({ issuer, issuedAt }) {
  return {
    type: "DataIntegrityProof",
    cryptosuite: issuer.suite.name,
    created: toTimestamp(issuedAt),
    verificationMethod: `${issuer.did}#${issuer.fragment}`,
    proofPurpose: "assertionMethod",
    "@context": CONTEXT,
  };
}

export function toCredential(message) {
  const proof = { ...toProofConfig(message), proofValue: toBase58(message.signature) };
  return { ...toSigned(message), proof };
}

/** RFC 8785 for what occurs here: texts, lists and objects. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "string") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

function toSubject(kind, statement) {
  switch (kind) {
    case "request":
      return {
        payee: toParty(statement.payee),
        amount: toAmount(statement.amount),
        description: statement.description,
        paymentMethods: statement.methods.map(toMethod),
      };
    case "claim":
      return {
        request: { digestMultibase: toMultihash(statement.requestDigest) },
        payer: toParty(statement.payer),
        amount: toAmount(statement.amount),
        evidence: statement.evidence,
        method: statement.method,
        customMethod: statement.customMethod,
      };
    case "acknowledgement":
      return { claim: toLink(statement), amount: toAmount(statement.amount) };
    case "rejection":
      return { claim: toLink(statement), reason: statement.reason };
    case "cancellation":
      return { request: { digestMultibase: toMultihash(statement.requestDigest) }, reason: statement.reason };
  }
}

function toParty(party) {
  return party && { [party.startsWith("did:") ? "id" : "name"]: party };
}

function toAmount({ currency, minorUnits }) {
  return { value: toDecimal(minorUnits, decimalsOf(currency)), currency };
}

export function toDecimal(minorUnits, decimals) {
  const digits = String(minorUnits).padStart(decimals + 1, "0");
  return decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
}

/** Without a prototype, so that a detail called `__proto__` is a detail like any other. */
export function toMethod({ method, details }) {
  return Object.assign(plain(details), { method });
}

export function plain(details) {
  const found = Object.create(null);
  for (const [name, value] of details) found[name] = value;
  return found;
}

function toLink({ claimId, claimDigest }) {
  return { id: toUrn(claimId), digestMultibase: toMultihash(claimDigest) };
}

function toUrn(id) {
  return `urn:uuid:${toUuid(id)}`;
}

export function toUuid(id) {
  return toHex(id).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function toTimestamp(seconds) {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** What a message does not say is left out. */
function withoutEmpty(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value && value.length !== 0));
}
