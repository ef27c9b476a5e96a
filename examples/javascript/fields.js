/** The fields of a message as `counterfoil.messages.v1.Message` has them in JSON, which is what the API answers with. */

import { plain, toDecimal, toTimestamp, toUuid } from "./credential.js";
import { toBase64 } from "./multibase.js";
import { decimalsOf } from "./tables.js";

/** What is not said is left out. Digests are base64. */
export function toFields({ kind, id, sessionId, issuer, issuedAt, statement }) {
  return {
    id: toUuid(id),
    sessionId: toUuid(sessionId),
    issuer: issuer.did,
    issueTime: toTimestamp(issuedAt),
    [kind]: toStatement(statement),
  };
}

function toStatement(statement) {
  const fields = {};
  for (const [name, value] of Object.entries(statement)) {
    if (value === null || value.length === 0) continue;
    const [jsonName, write] = WRITERS[name] ?? [name, (text) => text];
    fields[jsonName] = write(value);
  }
  return fields;
}

const WRITERS = {
  payee: ["payee", toParty],
  payer: ["payer", toParty],
  amount: ["amount", ({ currency, minorUnits }) => ({ amount: toDecimal(minorUnits, decimalsOf(currency)), currency })],
  methods: ["methods", (methods) => methods.map(toMethod)],
  expiresAt: ["expireTime", toTimestamp],
  requestDigest: ["requestDigest", toBase64],
  claimId: ["claimId", toUuid],
  claimDigest: ["claimDigest", toBase64],
};

function toParty(party) {
  return { [party.startsWith("did:") ? "did" : "handle"]: party };
}

function toMethod({ method, details }) {
  return details.length ? { method, details: plain(details) } : { method };
}
