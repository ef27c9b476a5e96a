"""A graph is the same under a name that is spelt out, and the checks look for the short one: such names are refused."""

from __future__ import annotations

import pytest

from services.credentials import rdf
from services.credentials.rdfc import NoCanonicalForm

V = "https://www.w3.org/2018/credentials#"


@pytest.mark.parametrize("name", ["validUntil", "validFrom", "credentialStatus", "holder", "verifiableCredential"])
@pytest.mark.parametrize("prefix", [V, "cred:"])
def test_a_name_that_is_spelt_out_has_no_canonical_form(prefix: str, name: str) -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"id": "did:example:2"},
    }
    rdf.canonical(document)

    with pytest.raises(NoCanonicalForm, match="spells out"):
        rdf.canonical({**document, prefix + name: "2020-01-01T00:00:00Z"})
