"""The -rdfc- suites, for verifying: hashes over RDF instead of JSON (vc-di-eddsa 1.0 and vc-di-ecdsa 1.0, section 3.2).

The reading of JSON-LD is an extra, so this alone is imported by those who do without.
"""

from __future__ import annotations

import hashlib

from services.credentials.suites import HashName
from services.messages.document import Document


class NotInstalled(Exception):
    """PyLD is not there; the sentence says how to get it."""

    def __init__(self) -> None:
        super().__init__("its kind of signature (-rdfc-) takes an extra here: pip install counterfoil[rdfc]")


class NoCanonicalForm(ValueError):
    """The document's RDF would not be all of it, or takes too long to put in order; the sentence says which."""


def combined_hash(config: Document, document: Document, hash_name: HashName) -> bytes:
    """What is signed: the hashes of the proof config and of the document. Raises NotInstalled or NoCanonicalForm."""
    try:
        from services.credentials.rdf import canonical
    except ImportError:
        raise NotInstalled from None
    hashes = [hashlib.new(hash_name, canonical(each, hash_name)).digest() for each in (config, document)]
    return b"".join(hashes)
