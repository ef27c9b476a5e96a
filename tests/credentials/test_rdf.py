"""The -rdfc- suites: what JSON-LD means is what is signed, or it is refused, and in bounded time."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings

from services.credentials import contexts, proofs, rdfc, suites
from services.credentials.domain import Outcome
from services.credentials.keys import IssuerKey
from services.credentials.rdf import canonical
from services.credentials.rdfc import NoCanonicalForm
from services.messages import multibase
from services.messages.document import Document, to_document
from tests.credentials.parties import (
    SERVICE,
    SUITES,
    a_cancellation,
    a_claim,
    a_key,
    a_rejection,
    a_request,
    an_acknowledgement,
    outcomes,
    verdict_on_any,
)
from tests.credentials.test_laws import json_values
from tests.processor_time import at_most

SIBLINGS = {suites.EDDSA: suites.EDDSA_RDFC, suites.ECDSA_P256: suites.ECDSA_RDFC}
each_suite = pytest.mark.parametrize("suite", SUITES)
a_request_by_did = a_request(SERVICE.did, payee=SERVICE.did)


def sign_as_rdf(document: Document, key: IssuerKey, **changes: Any) -> Document:
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": SIBLINGS[key.cryptosuite],
        "created": "2026-10-01T12:00:00Z",
        "verificationMethod": key.verification_method,
        "proofPurpose": "assertionMethod",
        **changes,
    }
    signed = rdfc.combined_hash({**config, "@context": document["@context"]}, document, key.hash_name)
    return {**document, "proof": {**config, "proofValue": multibase.encode(key.sign(signed))}}


@each_suite
def test_what_is_signed_as_rdf_verifies_and_not_when_a_word_is_changed(suite):
    key = a_key(suite)
    secured = sign_as_rdf(to_document(a_request(key.did)), key)

    assert outcomes(verdict_on_any(secured))["signature"] is Outcome.PASS
    secured["credentialSubject"]["description"] += "."
    assert outcomes(verdict_on_any(secured))["signature"] is Outcome.FAIL


@pytest.mark.parametrize(
    "message",
    [
        a_request(),
        a_request_by_did,
        a_claim(a_request()),
        an_acknowledgement(a_claim(a_request())),
        a_rejection(a_claim(a_request())),
        a_cancellation(a_request()),
    ],
    ids=lambda message: message.kind.name.lower(),
)
def test_every_word_of_every_message_has_a_meaning_in_our_context(message):
    """A word that the context does not define is refused; one that it does is found again in the graph."""
    document = to_document(message)

    quads = canonical(document).decode()

    for word in document["credentialSubject"].keys() - {"id", "type", "name", "description"}:
        assert f"<https://w3id.org/counterfoil#{word}>" in quads
    assert f"<https://w3id.org/counterfoil#{document['credentialSubject']['type']}>" in quads
    assert "issuer-dependent" not in quads


def test_payment_methods_are_in_the_graph_letter_for_letter():
    assert r'"[{\"account\":\"Alice\",\"iban\":\"DE02120300000000202051\",\"method\":\"SEPA\"}]"' in (
        canonical(to_document(a_request())).decode()
    )


def test_control_characters_are_escaped_as_canonical_n_quads_have_them_where_pyld_does_not():
    """RDFC-1.0, section 5; what is put in order is the escaped form."""
    quads = canonical({**_poison(1), "name": "a\0\b\t\n\v\f\r\x1b\x7f\x85\u2028é"}).decode()

    assert r'"a\u0000\b\t\n\u000B\f\r\u001B\u007F' + '\x85\u2028é"' in quads


def test_a_word_that_no_context_defines_is_refused_and_not_left_out():
    with pytest.raises(NoCanonicalForm):
        canonical(to_document(a_request()) | {"discount": "100 %"})


@pytest.mark.parametrize(
    "changes",
    [
        {"type": ["VerifiableCredential", "SomethingUndefined"]},
        {"id": "not-a-full-address"},
        {"id": "urn:x> <urn:p> <urn:o> .\n<urn:y"},
        {"@graph": []},
        {"@reverse": {}},
        {"@included": []},
        {"@index": "x"},
        {"_:b0": "a word without a name"},
        {"name": {"@value": "a", "@language": "not a language"}},
        {"name": {"@value": "a", "@language": "ar", "@direction": "rtl"}},
        {"@context": [contexts.CREDENTIALS_V2, "https://mallory.example/v1"]},
        {"@context": [contexts.CREDENTIALS_V2, {"amount": "https://mallory.example/discount"}]},
        {"@context": contexts.CREDENTIALS_V2},
        {"@context": None},
        {"credentialSubject": {"@context": {"amount": "https://mallory.example/discount"}}},
    ],
    ids=str,
)
def test_what_the_graph_would_not_hold_is_refused(changes):
    with pytest.raises(NoCanonicalForm):
        canonical(to_document(a_request()) | changes)


def _poison(size: int):
    """Nodes without names, each linked to every other: they look alike from everywhere."""
    nodes = [f"_:n{number}" for number in range(size)]
    subjects = [{"id": node, "knows": [{"id": other} for other in nodes if other != node]} for node in nodes]
    context = [contexts.CREDENTIALS_V2, "https://www.w3.org/ns/credentials/examples/v2"]
    return {"@context": context, "type": ["VerifiableCredential"], "credentialSubject": subjects}


@pytest.mark.parametrize("size", [8, 10, 25, 40])
def test_a_graph_made_to_take_years_is_refused_at_once(size):
    with at_most(1), pytest.raises(NoCanonicalForm):
        canonical(_poison(size))


def test_a_document_with_thousands_of_values_is_refused_at_once():
    document = _poison(1) | {"name": ["a"] * 3000}

    with at_most(0.1), pytest.raises(NoCanonicalForm):
        canonical(document)


def test_a_graph_of_hundreds_of_things_without_a_name_is_refused():
    subjects = [{"alumniOf": str(number)} for number in range(200)]

    with pytest.raises(NoCanonicalForm, match="without a name"):
        canonical(_poison(1) | {"credentialSubject": subjects})


def test_only_a_few_proofs_over_graphs_are_read():
    secured = sign_as_rdf(to_document(a_request()), SERVICE)

    assert verdict_on_any({**secured, "proof": [secured["proof"]] * 4}).verified
    assert outcomes(verdict_on_any({**secured, "proof": [secured["proof"]] * 5}))["signature"] is Outcome.FAIL


def test_the_largest_document_that_is_read_takes_less_than_a_second():
    subjects = [{"id": f"urn:x:{number}", "alumniOf": f"School {number}"} for number in range(190)]

    with at_most(1):
        canonical(_poison(1) | {"credentialSubject": subjects})


@pytest.mark.parametrize("place", ["id", "type", "issuer", "name", "credentialSubject", "evidence", "@id", "urn:x:y"])
@settings(deadline=None)
@given(value=json_values)
def test_whatever_stands_in_a_document_it_has_a_canonical_form_or_is_refused(place, value):
    with contextlib.suppress(NoCanonicalForm):
        assert canonical(to_document(a_request()) | {place: value})


def test_nodes_without_names_are_named_by_the_hash_of_the_suite():
    document = {**_poison(1), "credentialSubject": [{"alumniOf": "A"}, {"alumniOf": "B"}]}

    assert canonical(document, "sha256") == canonical(json.loads(json.dumps(document)), "sha256")
    assert canonical(document, "sha256").count(b"_:c14n") == canonical(document, "sha384").count(b"_:c14n")


def test_without_the_extra_the_signature_is_unknown_and_the_verdict_names_it(monkeypatch):
    secured = sign_as_rdf(to_document(a_request()), SERVICE)
    monkeypatch.delitem(sys.modules, "services.credentials.rdf")
    monkeypatch.setitem(sys.modules, "pyld", None)

    verdict = verdict_on_any(secured)

    check = next(check for check in verdict.checks if check.name == "signature")
    assert check.outcome is Outcome.UNKNOWN
    assert "counterfoil[rdfc]" in check.detail
    assert not verdict.verified


def test_an_unknown_context_is_a_failed_signature_and_no_exception():
    document = to_document(a_request()) | {"@context": [contexts.CREDENTIALS_V2, "https://mallory.example/v1"]}
    config = {"cryptosuite": suites.EDDSA_RDFC, "type": "DataIntegrityProof", "proofPurpose": "assertionMethod"}
    proof = {**config, "verificationMethod": SERVICE.verification_method, "proofValue": multibase.encode(bytes(64))}

    found = outcomes(verdict_on_any({**document, "proof": proof}))

    assert (found["context"], found["signature"]) == (Outcome.FAIL, Outcome.FAIL)


def test_each_bundled_context_is_the_one_that_is_pinned():
    for url in contexts.KNOWN:
        assert "@context" in contexts.document(url)


def test_a_context_file_that_was_changed_is_not_read(monkeypatch):
    name, _ = contexts._FILES[contexts.COUNTERFOIL_V1]
    monkeypatch.setitem(contexts._FILES, contexts.COUNTERFOIL_V1, (name, "0" * 64))
    contexts.text.cache_clear()

    with pytest.raises(AssertionError):
        contexts.text(contexts.COUNTERFOIL_V1)


def test_swapped_suites_do_not_share_signatures():
    """A signature over JSON is none over RDF, though the bytes that are signed are of one size."""
    document = to_document(a_request())
    as_json = proofs.combined_hash({}, proofs.document_hash(document))

    assert len(as_json) == len(rdfc.combined_hash({"@context": document["@context"]}, document, "sha256")) == 64
