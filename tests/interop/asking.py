"""Other people's implementations, each a process that answers line by line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import base58

from services.credentials import suites
from services.credentials.did_key import to_verification_method
from services.credentials.keys import IssuerKey

DIRECTORY = Path(__file__).parent
WEBVH_PYTHON = DIRECTORY / ".venv" / "bin" / "python"
SECONDS_MAX = 60
# Multicodec ed25519-priv, p256-priv and p384-priv as unsigned varints, by the size of the public multikey's text.
_SECRET = {"z6Mk": b"\x80\x26", "zDna": b"\x86\x26", "z82L": b"\x87\x26"}

Answer = dict[str, Any]


def ask(program: str, settings: Mapping[str, Any], lines: Iterable[object]) -> list[Answer]:
    """One answer for each line."""
    path = DIRECTORY / "peers" / program
    interpreter = shutil.which("node") if path.suffix == ".js" else str(WEBVH_PYTHON)
    assert interpreter, "Node is missing"
    texts = list(map(json.dumps, (settings, *lines)))
    done = subprocess.run(
        [interpreter, path],
        input="\n".join(texts) + "\n",
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS_MAX,
        env={"PATH": os.environ["PATH"]},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sys.stderr.write(done.stderr)
    answers = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    assert len(answers) == len(texts) - 1
    return answers


def with_secret(key: IssuerKey) -> dict[str, str]:
    """A key as a Multikey with its secret, for a peer to sign with."""
    public = key.did.removeprefix("did:key:")
    secret = _SECRET[public[:4]] + suites.to_secret(key._private)
    return {
        "@context": "https://w3id.org/security/multikey/v1",
        "type": "Multikey",
        "id": to_verification_method(key.did),
        "controller": key.did,
        "publicKeyMultibase": public,
        "secretKeyMultibase": "z" + base58.b58encode(secret).decode(),
    }
