"""The DID document of this service's issuer (DID 1.0; Multikey, CID 1.0, section 2.2.2)."""

from __future__ import annotations

from services.credentials.domain import KeyState
from services.credentials.keys import Keys
from services.messages.document import Document

_CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]


def did_document(keys: Keys) -> Document:
    """Lists every key that a proof of the issuer may name: for a did:web all that are not revoked, else the current.

    A retired key still asserts what it signed, and authenticates nobody.
    """
    issuer = keys.web or keys.current_stored.did
    listed = [key for key in keys.stored if key.state is not KeyState.REVOKED and (keys.web or key.did == issuer)]
    names = {key.did: next(keys.names(key)) for key in listed}
    return {
        "@context": _CONTEXT,
        "id": issuer,
        "verificationMethod": [
            {"id": name, "type": "Multikey", "controller": issuer, "publicKeyMultibase": did.removeprefix("did:key:")}
            for did, name in names.items()
        ],
        "assertionMethod": list(names.values()),
        "authentication": [names[keys.current_stored.did]],
    }
