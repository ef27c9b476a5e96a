"""`counterfoil did`: what a DID stands for."""

from __future__ import annotations

import json
from typing import Any

import click

from client.failures import Refused, Unusable

_CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
_PURPOSES = ("assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation")


@click.group()
def did() -> None:
    """Show what a DID stands for."""


@did.command()
@click.argument("did", metavar="DID")
def resolve(did: str) -> None:
    """Write the DID document of a did:key or did:jwk, which is its own key, to stdout. Asks nobody.

    The document of a did:web is on the web; the command says where.
    """
    try:
        from services.credentials import did_web, multikey
        from services.credentials.did_jwk import to_verification_method as method_of_jwk
        from services.credentials.did_key import to_verification_method as method_of_key
        from services.credentials.intrinsic import intrinsic
        from services.credentials.methods import NoSuchMethod, OutOfReach
    except ImportError as error:
        raise Unusable.not_installed(error) from None
    try:
        if did.startswith("did:web:"):
            raise Refused(f"the document of this DID is at {did_web.to_url(did)}")
        method = intrinsic(method_of_jwk(did) if did.startswith("did:jwk:") else method_of_key(did))
    except (NoSuchMethod, did_web.NotADidWeb):
        raise Refused("the DID is misspelt, or of a kind of key not read here") from None
    except OutOfReach:
        raise Refused("only a did:key, did:jwk or did:web is read here") from None
    click.echo(json.dumps(_document(method.id, did, multikey.encode(method.key), sorted(method.purposes)), indent=2))


def _document(name: str, did: str, key: str, purposes: list[str]) -> dict[str, Any]:
    """DID 1.0, with the key as a Multikey (CID 1.0, section 2.2.2) whatever it is in the DID."""
    return {
        "@context": _CONTEXT,
        "id": did,
        "verificationMethod": [{"id": name, "type": "Multikey", "controller": did, "publicKeyMultibase": key}],
        **{purpose: [name] for purpose in _PURPOSES if purpose in purposes},
    }
