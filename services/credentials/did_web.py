"""did:web (did:web method specification, 2023): a DID that says at which https address its document is."""

from __future__ import annotations

import re

# A host name, perhaps a port whose colon is escaped, perhaps a path with colons for slashes. Of what a path may escape
# only letters beyond ASCII are taken: an escaped slash, dot or at sign is a trick and no name.
_SEGMENT = r"(?!\.{1,2}(?::|$))(?:[A-Za-z0-9._-]|%[89A-F][0-9A-F])+"
_DID = re.compile(
    rf"did:web:(?P<host>[a-z0-9.-]+)(?:%3A(?P<port>[1-9][0-9]{{0,4}}))?(?P<path>(?::{_SEGMENT})*)", re.ASCII
)
_DID_CHARACTERS_MAX = 512


class NotADidWeb(ValueError):
    """A did:web that is misspelt or holds more than a host, a port and a path."""


def to_url(did: str) -> str:
    """Where the document is (section 2.5.2, Read). Raises NotADidWeb. Whether to go there is for the fetch to say."""
    found = _DID.fullmatch(did) if len(did) <= _DID_CHARACTERS_MAX else None
    if not found:
        raise NotADidWeb(did)
    port = f":{found['port']}" if found["port"] else ""
    path = found["path"].replace(":", "/") or "/.well-known"
    return f"https://{found['host']}{port}{path}/did.json"
