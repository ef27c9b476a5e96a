"""Credentials inside an envelope (VC Data Model 2.0, section 4.13.1): a compact JWS in a `data:` URL in an object."""

from __future__ import annotations

import json
from typing import Any

from services.messages.refusals import InvalidField

_CONTEXT = "https://www.w3.org/ns/credentials/v2"
_TYPE = "EnvelopedVerifiableCredential"
_PREFIX = "data:application/vc+jwt,"


def wrap(jws: str) -> dict[str, Any]:
    return {"@context": _CONTEXT, "id": _PREFIX + jws, "type": _TYPE}


def open_or_write(credential: dict[str, Any] | str) -> str:
    """The text of a secured credential, in whichever form it came. Raises InvalidField for another kind of envelope."""
    if isinstance(credential, str):
        return credential
    types = credential.get("type")
    if _TYPE not in (types if isinstance(types, list) else [types]):
        return json.dumps(credential)
    url = credential.get("id")
    if not isinstance(url, str) or not url.startswith(_PREFIX):
        raise InvalidField(
            f"verifiableCredential.id: an {_TYPE} is read when its id begins with {_PREFIX}",
            field="verifiableCredential.id",
        )
    if stray := credential.keys() - {"@context", "id", "type"}:
        # Nobody signed it, and whoever is told that the whole is verified might read it.
        raise InvalidField(
            f"verifiableCredential.{min(stray)}: an {_TYPE} says nothing itself; leave it out",
            field=f"verifiableCredential.{min(stray)}",
        )
    return url.removeprefix(_PREFIX)
