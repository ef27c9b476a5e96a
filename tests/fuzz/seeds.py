"""Writes the seeds: `python -m tests.fuzz.seeds`. What the fuzzer found stands beside them and is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from services.codec import classic
from services.credentials import jose
from services.messages.document import to_document
from tests.codec.pictures import jpeg, png, qr
from tests.credentials.parties import SERVICE, a_request
from tests.credentials.test_presentations import a_presentation
from tests.fuzz.targets import TARGETS
from tests.vectors.compact import make

DIRECTORY = Path(__file__).parent / "corpus"
# Of the vectors: each kind, both suites, and whatever is written in a way of its own.
_SINGLE = (
    "request: reference",
    "request: P-256",
    "request: did:web:pay.example.org",
    "request: issued later than its id",
    "request: texts of every mode",
    "request: characters that shape the ones before them",
    "request: with a place in a status list",
    "claim: reference",
    "claim: another DID, and words for the method",
    "acknowledgement: reference",
    "rejection: a reason of 12 letters",
    "cancellation: a reason of 12 letters",
)
_OCCASION = {"challenge": "a challenge", "domain": "pay.example.org"}


def seeds() -> Iterator[tuple[str, str, bytes]]:
    """The target, a name, and the bytes."""
    vectors = {each["name"]: each for each in _vectors("valid.json") if each["name"] in _SINGLE}
    dossiers = {f"dossier {each['name']}": each for each in _vectors("dossiers.json")}
    for name, vector in (vectors | dossiers).items():
        yield "text", name, f"Hi! {vector['text'].lower()}\n> thanks".encode()
        yield "content", name, bytes.fromhex(vector["content"])
    for name in _SINGLE[:1] + _SINGLE[-5:]:
        text = classic.write(vectors[name]["credential"])
        yield "text", f"classic {name}", text.encode()
        yield "classic", name, classic._unpack(text).encode()
        yield "credential", name, vectors[name]["credential"].encode()
    fields = json.loads(classic._unpack(text))
    del fields["vc"]
    yield "classic", "unsigned", json.dumps(fields).encode()
    yield from _credentials()
    yield from _pictures()


def name_of(name: str) -> str:
    """Of the file."""
    return name.replace(":", "").replace(" ", "-")


def _vectors(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(make.DIRECTORY.joinpath(name).read_text())
    return found


def _credentials() -> Iterator[tuple[str, str, bytes]]:
    document = to_document(a_request())
    yield "credential", "jws", jose.sign(document, SERVICE).encode()
    described = document | {"issuer": {"id": SERVICE.did, "name": "Alice"}, "name": {"@value": "a", "@language": "de"}}
    secured = json.loads(_vectors("valid.json")[0]["credential"])
    proofs = [
        secured["proof"],
        secured["proof"] | {"id": "urn:a", "previousProof": "urn:b", "cryptosuite": "eddsa-rdfc-2022"},
    ]
    yield "credential", "set of proofs", json.dumps(described | {"proof": proofs}).encode()
    yield "presentation", "one credential", json.dumps(a_presentation(SERVICE, **_OCCASION)).encode()
    enveloped = {
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{jose.sign(document, SERVICE)}",
    }
    yield "presentation", "enveloped", json.dumps(a_presentation(SERVICE, enveloped, **_OCCASION)).encode()


def _pictures() -> Iterator[tuple[str, str, bytes]]:
    code = qr("CF1")
    yield "picture", "drawn", png(code)
    yield "picture", "jpeg", jpeg(code, quality=40)
    yield "picture", "progressive jpeg", jpeg(code, quality=40, progressive=True)
    yield "picture", "palette", png(code.convert("P"), transparency=0)
    yield "picture", "alpha", png(code.convert("RGBA"))
    yield "picture", "16 bits", png(code.convert("I;16"))
    yield "picture", "animated", png(code, save_all=True, append_images=[code.rotate(90)])
    yield "picture", "no code", png(Image.new("1", (9, 9)))


if __name__ == "__main__":
    for target in TARGETS:
        DIRECTORY.joinpath(target).mkdir(parents=True, exist_ok=True)
    for target, name, data in seeds():
        DIRECTORY.joinpath(target, name_of(name)).write_bytes(data)
