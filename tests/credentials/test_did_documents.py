"""DID documents: pinned by whoever runs the service, and what is read in them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from counterfoil.credentials.v1 import credentials_service_pb2 as rpc
from services.credentials import jwk
from services.credentials.controlled import NotADidDocument, methods_of, read_document
from services.credentials.did_key import key_of
from services.credentials.dids import read_pins
from services.messages.document import Document
from services.runtime.settings import BadSetting, Settings
from tests.credentials.did_documents import a_document, as_multibase, checks_of, did_at, signed_by
from tests.credentials.parties import MALLORY, NOON, SERVICE, STRANGER
from tests.credentials.test_service import a_fresh_request, found, running


def pinning(folder: Path, *documents: Document) -> Path:
    folder.mkdir(exist_ok=True)
    for number, document in enumerate(documents):
        (folder / f"{number}.json").write_text(json.dumps(document))
    return folder


async def test_a_pinned_document_needs_no_network(settings, tmp_path):
    did = "did:web:bank.example"
    pins = pinning(tmp_path / "pins", a_document(did, STRANGER), a_document("did:web:other.example", MALLORY))
    async with running(settings.model_copy(update={"pinned_dids": pins, "trusted_issuers": (did,)})) as client:
        good, bad = [await client.verify(signed_by(key, did)) for key in (STRANGER, MALLORY)]

    assert good.verdict.accepted
    assert found(bad)["key_control"] == "fail"


async def test_a_pinned_document_wins_over_the_network(fetching, web, tmp_path):
    web.pages["/.well-known/did.json"] = json.dumps(a_document(did_at(web), MALLORY)).encode()
    pins = pinning(tmp_path / "pins", a_document(did_at(web), STRANGER))
    async with running(fetching.model_copy(update={"pinned_dids": pins})) as client:
        good = await checks_of(client, signed_by(STRANGER, did_at(web)))
        bad = await checks_of(client, signed_by(MALLORY, did_at(web)))

    assert (good["signature"], bad["signature"]) == ("pass", "fail")
    assert web.asked == []


async def test_a_document_of_another_kind_of_did_can_be_pinned(settings, tmp_path):
    did = "did:webvh:QmScid:bank.example"
    async with running(
        settings.model_copy(update={"pinned_dids": pinning(tmp_path / "pins", a_document(did, STRANGER))})
    ) as client:
        assert (await checks_of(client, signed_by(STRANGER, did)))["key_control"] == "pass"


@pytest.mark.parametrize(
    "documents",
    [
        [{"id": "no DID"}],
        [{}],
        [[]],
        [{"id": SERVICE.did}],
        [a_document("did:web:a.example"), a_document("did:web:a.example")],
    ],
)
async def test_a_pin_that_is_none_stops_the_start_and_names_the_file(settings, tmp_path, documents):
    pins = pinning(tmp_path / "pins", *documents)

    with pytest.raises(BadSetting, match=r"COUNTERFOIL_PINNED_DIDS: \d.json") as refusal:
        async with running(settings.model_copy(update={"pinned_dids": pins})):
            pass
    assert "\n" not in str(refusal.value)


def test_a_directory_of_pins_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(BadSetting, match="no directory"):
        read_pins(tmp_path / "nowhere")


def test_no_directory_means_no_pins():
    assert read_pins(None) == {}


DID = "did:web:bank.example"
METHOD = a_document(DID, STRANGER)["verificationMethod"][0]
NAME = METHOD["id"]


def only(method: Any, **changes: Any) -> Document:
    return a_document(DID, **{"verificationMethod": [method], "assertionMethod": [NAME], **changes})


READABLE = {
    "as it is mostly written": a_document(DID, STRANGER),
    "with its name relative to the DID": only({**METHOD, "id": NAME.removeprefix(DID)}),
    "referred to relative to the DID": only(METHOD, assertionMethod=[NAME.removeprefix(DID)]),
    "embedded in the purpose": a_document(DID, assertionMethod=[METHOD], authentication=[]),
    "as a JWK": only(
        {"id": NAME, "type": "JsonWebKey", "controller": DID, "publicKeyJwk": jwk.encode(key_of(STRANGER.did))}
    ),
    "good until tomorrow": only({**METHOD, "expires": "2026-10-02T00:00:00Z"}),
}
UNREADABLE = {
    "of another controller": only({**METHOD, "controller": "did:web:other.example"}),
    "of no controller": only({name: value for name, value in METHOD.items() if name != "controller"}),
    "with the name of another DID": only({**METHOD, "id": "did:web:other.example#key"}),
    "twice under one name": a_document(DID, verificationMethod=[METHOD, {**METHOD, **as_multibase(MALLORY)}]),
    "of an unknown type": only({**METHOD, "type": "SomethingElse"}),
    "of two kinds at once": only({**METHOD, "publicKeyJwk": {}}),
    "misspelt": only({**METHOD, "publicKeyMultibase": "z6MkNoKey"}),
    "with its private half": only(
        {
            "id": NAME,
            "type": "JsonWebKey",
            "controller": DID,
            "publicKeyJwk": {**jwk.encode(key_of(STRANGER.did)), "d": "AAAA"},
        }
    ),
    "revoked": only({**METHOD, "revoked": "2026-09-01T00:00:00Z"}),
    "expired": only({**METHOD, "expires": "2026-10-01T11:59:59Z"}),
    "with an expiry that is none": only({**METHOD, "expires": "soon"}),
    "no object": only("did:web:bank.example#key"),
    "no list": a_document(DID, verificationMethod=METHOD),
    "beyond the first 64": a_document(DID, verificationMethod=[{"id": f"#{n}"} for n in range(64)] + [METHOD]),
}


@pytest.mark.parametrize("document", READABLE.values(), ids=READABLE)
def test_a_key_is_read_from_its_document(document):
    method = methods_of(document, NOON)[NAME]

    assert method.key == key_of(STRANGER.did)
    assert method.controller == DID
    assert "assertionMethod" in method.purposes


@pytest.mark.parametrize("document", UNREADABLE.values(), ids=UNREADABLE)
def test_a_key_that_cannot_be_relied_on_is_left_out(document):
    assert NAME not in methods_of(document, NOON)


def test_a_key_is_for_what_its_document_says():
    for purposes in ([], ["authentication"], ["assertionMethod", "authentication"]):
        document = {"id": DID, "verificationMethod": [METHOD], **{purpose: [NAME] for purpose in purposes}}

        assert methods_of(document, NOON)[NAME].purposes == set(purposes)


async def test_a_key_that_is_not_for_statements_does_not_make_one(settings, tmp_path):
    pins = pinning(tmp_path / "pins", a_document(DID, STRANGER, assertionMethod=[]))
    async with running(settings.model_copy(update={"pinned_dids": pins})) as client:
        outcomes = await checks_of(client, signed_by(STRANGER, DID))

    assert outcomes["key_control"] == "fail"


def test_a_document_is_that_of_the_did_that_was_asked_for():
    assert read_document(json.dumps(a_document(DID)), DID)["id"] == DID
    with pytest.raises(NotADidDocument):
        read_document(json.dumps(a_document(DID)), "did:web:other.example")


async def test_one_services_did_document_lets_another_verify_what_it_signed_through_rotations(settings, tmp_path):
    """What GetDidDocument tells is all that a stranger needs."""
    ours = settings.model_copy(update={"did_web": "pay.example.org"})
    async with running(ours) as client:
        texts = []
        for number in range(2):
            message = replace(a_fresh_request(await client.issuer()), id=UUID(int=number))
            texts.append((await client.issue(message)).json)
            await client.stub.RotateKey(rpc.RotateKeyRequest())
        document = json.loads((await client.stub.GetDidDocument(rpc.GetDidDocumentRequest())).document)
    pins = pinning(tmp_path / "pins", document)
    stranger = Settings(data_dir=tmp_path / "stranger", pinned_dids=pins, trusted_issuers=("did:web:pay.example.org",))
    async with running(stranger) as client:
        for text in texts:
            assert (await client.verify(text)).verdict.accepted
