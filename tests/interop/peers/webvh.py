"""The proofs of did-webvh, which has a canonical form, hashing and signatures (Askar, in Rust) of its own.

Runs by the Python that it is installed for; nothing of Counterfoil is in reach.
"""

import json
import sys
from datetime import datetime
from typing import Any

from aries_askar.error import AskarError  # type: ignore[import-not-found]
from did_webvh.askar import AskarSigningKey  # type: ignore[import-not-found]
from did_webvh.core.proof import di_jcs_sign, di_jcs_verify, resolve_did_key  # type: ignore[import-not-found]


def sign(settings: Any, document: Any) -> Any:
    key = AskarSigningKey.from_secret_bytes(settings["algorithm"], bytes.fromhex(settings["secret"]))
    proof = di_jcs_sign(document, key, timestamp=datetime.fromisoformat(settings["created"]))
    return {"secured": {**document, "proof": proof}}


def verify(_: Any, secured: Any) -> Any:
    try:
        proof = secured["proof"]
        di_jcs_verify(secured, proof, resolve_did_key(proof["verificationMethod"]))
    except (AskarError, AttributeError, KeyError, TypeError, ValueError) as error:
        return {"verified": False, "reason": f"{type(error).__name__}: {error}"}
    return {"verified": True}


settings = json.loads(sys.stdin.readline())
answer = {"sign": sign, "verify": verify}[settings["do"]]
for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(settings, json.loads(line))) + "\n")
