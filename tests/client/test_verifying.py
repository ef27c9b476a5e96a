"""`counterfoil credential verify` and `did resolve`: no server, no network."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any, NoReturn

import pytest

from services.codec.domain import QrFormat
from services.codec.qr_drawing import draw
from services.credentials import jose
from services.credentials.did_jwk import to_did
from services.credentials.did_key import key_of
from services.messages.document import CONTEXT, Document
from tests.client.conftest import Command
from tests.credentials.forgeries import genuine
from tests.credentials.parties import MALLORY, SERVICE, STRANGER, sign_anything

A_DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Any try to reach somebody ends the command with a fault."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("asked the network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.chdir(tmp_path)
    return Command("localhost:1")


def diploma(**changes: Any) -> Document:
    """A credential that is none of Counterfoil's statements."""
    document = {
        "@context": CONTEXT[:1],
        "type": ["VerifiableCredential"],
        "issuer": STRANGER.did,
        "credentialSubject": {"id": "did:example:ana"},
    }
    return sign_anything({**document, **changes}, STRANGER)


def presentation(**proof: str) -> Document:
    document = {
        "@context": CONTEXT[:1],
        "type": ["VerifiablePresentation"],
        "holder": MALLORY.did,
        "verifiableCredential": [diploma()],
    }
    return sign_anything(document, MALLORY, proofPurpose="authentication", **proof)


def written(document: Any, name: str = "credential.json") -> str:
    Path(name).write_text(document if isinstance(document, str) else json.dumps(document))
    return name


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["outcome"].removeprefix("CHECK_OUTCOME_") for each in answer["verdict"]["checks"]}


def test_a_message_is_verified_and_shown(offline: Command):
    shown = offline.run("credential", "verify", written(genuine(SERVICE))).stdout

    assert "Alice's Bakery asks for 120.00 EUR" in shown
    assert "signature          pass" in shown
    assert "Verified, but not accepted" in shown


def test_what_was_changed_is_not_verified(offline: Command):
    document = genuine(SERVICE)
    document["credentialSubject"]["amount"]["value"] = "1.00"

    result = offline.run("credential", "verify", written(document), exit_code=1)

    assert "signature          FAIL" in result.stdout
    assert "NOT verified (signature" in result.stdout


def test_a_credential_of_any_kind_is_verified_when_asked_for(offline: Command):
    offline.run("credential", "verify", written(diploma()), exit_code=1)

    shown = offline.run("credential", "verify", "--any", written(diploma())).stdout
    assert "issuer_authority" not in shown


def test_who_is_trusted_is_said_on_the_command_line(offline: Command):
    ours = ["credential", "verify", "--any", "--trust", STRANGER.did]

    assert "Verified and accepted." in offline.run(*ours, "--accepted", written(diploma())).stdout
    offline.run("credential", "verify", "--any", "--accepted", written(diploma()), exit_code=1)
    offline.run("credential", "verify", "--any", "--accepted", "--trust", A_DID, written(diploma()), exit_code=1)


def test_what_cannot_be_looked_up_is_unknown_and_not_accepted(offline: Command):
    listed = diploma(
        credentialStatus={
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "5",
            "statusListCredential": "https://attacker.example/status",
        }
    )
    result = offline.run(
        *("--json", "credential", "verify", "--any", "--accepted", "--trust", STRANGER.did, written(listed)),
        exit_code=1,
    )

    assert outcomes(json.loads(result.stdout))["revocation"] == "UNKNOWN"
    assert outcomes(json.loads(result.stdout))["trust"] == "PASS"


def test_a_compact_jws_is_verified_alone_and_in_its_envelope(offline: Command):
    unsigned = {name: value for name, value in diploma().items() if name != "proof"}
    jws = jose.sign(unsigned, STRANGER)
    envelope = {
        "@context": CONTEXT[0],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{jws}",
    }

    offline.run("credential", "verify", "--any", "-", input=f"{jws}\n")
    offline.run("credential", "verify", "--any", written(envelope))
    offline.run("credential", "verify", "--any", "-", input=jws[:-10] + "AAAAAAAAAA", exit_code=1)


def test_texts_and_pictures_of_counterfoil_are_verified(command: Command, monkeypatch: pytest.MonkeyPatch):
    for form in ("compact", "classic"):
        text = command.text("request", "120", "EUR", "--payee", "Ana", "--format", form)
        Path("request.png").write_bytes(draw(text, QrFormat.PNG))
        alone = Command("localhost:1")

        assert "Ana asks for 120.00 EUR" in alone.run("credential", "verify", "request.png").stdout
        assert "Ana asks for 120.00 EUR" in alone.run("credential", "verify", text).stdout


def test_a_presentation_is_verified_with_its_challenge_and_its_credentials(offline: Command):
    file = written(presentation(challenge="c-1", domain="shop.example"))
    right = ["--challenge", "c-1", "--domain", "shop.example"]

    shown = offline.run("credential", "verify", *right, file).stdout
    wrong = offline.run("credential", "verify", "--challenge", "c-2", file, exit_code=1).stdout

    assert "challenge" in shown
    assert "Credential 1" in shown
    assert "challenge FAIL" in " ".join(wrong.split())
    assert "domain FAIL" in " ".join(wrong.split())


def test_the_keys_of_a_did_web_come_from_its_pinned_document(offline: Command):
    issuer = "did:web:pay.example.org"
    key = STRANGER.did.removeprefix("did:key:")
    document = {
        "id": issuer,
        "verificationMethod": [
            {"id": f"{issuer}#1", "type": "Multikey", "controller": issuer, "publicKeyMultibase": key}
        ],
        "assertionMethod": [f"{issuer}#1"],
    }
    signed = sign_anything(
        {name: value for name, value in diploma(issuer=issuer).items() if name != "proof"},
        STRANGER,
        verificationMethod=f"{issuer}#1",
    )
    Path("pins").mkdir()
    written(document, "pins/pay.json")

    offline.run("credential", "verify", "--any", written(signed), exit_code=1)
    offline.run("credential", "verify", "--any", "--pinned", "pins", written(signed))
    assert "--pinned" in offline.run("credential", "verify", "--pinned", "no", written(signed), exit_code=2).stderr


@pytest.mark.parametrize(
    "text", ['{"a": 1', "{}", '{"a": 1, "a": 2}', '{"a":' * 10_000, '{"type": "EnvelopedVerifiableCredential"', "a.b.c"]
)
def test_what_is_no_credential_gets_a_verdict_and_not_a_fault(offline: Command, text: str):
    result = offline.run("credential", "verify", "-", input=text, exit_code=1)

    assert "parse" in result.stdout
    assert "NOT verified (parse" in result.stdout


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff" * 100, b'{"type": "EnvelopedVerifiableCredential"}']
)
def test_what_holds_no_credential_is_refused_with_a_reason(offline: Command, content: bytes):
    result = offline.run("credential", "verify", "-", input=content, exit_code=3)

    assert result.stderr.endswith("]\n")
    assert result.stderr.count("\n") == 1


def test_the_verdict_is_written_as_json(offline: Command):
    result = offline.run("credential", "verify", "--json", written(genuine(SERVICE)))

    answer = json.loads(result.stdout)
    assert answer["verdict"]["verified"] is True
    assert answer["message"]["request"]["amount"] == {"amount": "120.00", "currency": "EUR"}


@pytest.mark.parametrize("did", [A_DID, STRANGER.did, to_did(key_of(STRANGER.did))])
def test_a_did_that_is_its_key_is_resolved(offline: Command, did: str):
    document = json.loads(offline.run("did", "resolve", did).stdout)

    [method] = document["verificationMethod"]
    assert document["id"] == method["controller"] == did
    assert method["publicKeyMultibase"].startswith("z6Mk")
    assert document["assertionMethod"] == [method["id"]]


@pytest.mark.parametrize(
    ("did", "sentence"),
    [
        ("did:web:pay.example.org", "https://pay.example.org/.well-known/did.json"),
        ("did:web:Not A Host", "misspelt"),
        ("did:key:z6MkNot", "misspelt"),
        ("did:jwk:e30", "misspelt"),
        ("did:example:ana", "only"),
        ("\x1b[31m", "only"),
    ],
)
def test_a_did_that_cannot_be_resolved_here_is_refused(offline: Command, did: str, sentence: str):
    assert sentence in offline.run("did", "resolve", did, exit_code=3).stderr
