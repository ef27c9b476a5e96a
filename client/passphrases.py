"""What opens a wallet: from a file, the environment or a prompt, never from the command line, which others can see."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from client.failures import Unusable
from client.options import read_secret

_CHARACTERS_MIN, _CHARACTERS_MAX = 8, 1024
_VARIABLE = "COUNTERFOIL_PASSPHRASE"


def passphrase(file: Path | None) -> str:
    """Raises Unusable where there is none."""
    return _bounded(given(file) or asked("Passphrase"))


def new_passphrase(given: str = "") -> str:
    found = _bounded(given or asked("New passphrase", twice=True))
    if len(found) < _CHARACTERS_MIN:
        raise Unusable(f"a passphrase has at least {_CHARACTERS_MIN} characters; a few words are better than one")
    return found


def asked(question: str, *, twice: bool = False) -> str:
    """A secret from the terminal, or a line of stdin where there is none."""
    try:
        return str(click.prompt(question, hide_input=True, confirmation_prompt=twice, err=True))
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise Unusable(f"nobody to ask for it; set {_VARIABLE}, or give a file") from None


def given(file: Path | None) -> str:
    return read_secret(file) if file else os.environ.get(_VARIABLE, "")


def _bounded(secret: str) -> str:
    if not 0 < len(secret) <= _CHARACTERS_MAX:
        raise Unusable(f"a passphrase has 1 to {_CHARACTERS_MAX} characters")
    return secret
