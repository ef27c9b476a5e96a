"""Keys and credentials looked after by the operator, from outside: gRPC, HTTP and the real services."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.operator.v1 import operator_service_pb2 as pb
from counterfoil.operator.v1.operator_service_pb2_grpc import OperatorServiceStub
from counterfoil.payments.v1 import payments_service_pb2 as payments_pb
from counterfoil.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from gateway.wiring import build
from services.host import hosted
from services.runtime.server import Server
from services.runtime.settings import Settings
from services.runtime.status import reason_of
from tests.gateway.conftest import asking

TOKEN = "a token for the operator"
PUBLIC_URL = "https://pay.example.org"
STRANGE: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        1.5,
        1e308,
        2**63,
        "",
        "\ud800",
        "\x00",
        "\u202e",
        "a" * 9000,
        "did:key:z6Mk",
        "9" * 19,
    ),
    *([], {}, [[]], [None], {"": None}, {"@context": "x"}, {"id": []}, ["https://www.w3.org/ns/credentials/v2"] * 200),
)


@dataclass
class Product:
    """Both sides of a gateway with all its services, at the operator's hand."""

    operator: Any
    payments: Any
    channel: grpc.aio.Channel
    web: httpx.AsyncClient

    async def issue(self, options: dict[str, Any] | None = None, **members: Any) -> Any:
        document = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "credentialSubject": {"id": "did:example:ana"},
            **members,
        }
        answer = await self.web.post("/credentials/issue", json={"credential": document, "options": options or {}})
        assert answer.status_code == 201, answer.text
        return answer.json()["verifiableCredential"]

    async def send(self, path: str, **body: Any) -> httpx.Response:
        """All in ASCII, so that what is no Unicode text gets there too."""
        return await self.web.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})

    async def verify(self, credential: Any) -> httpx.Response:
        return await self.web.post("/credentials/verify", json={"verifiableCredential": credential})

    async def revoke(self, credential_id: str) -> None:
        await self.operator.RevokeCredential(
            pb.RevokeCredentialRequest(operator_token=TOKEN, credential_id=credential_id)
        )

    async def keys(self) -> list[credential_pb2.IssuerKey]:
        return list((await self.operator.ListKeys(pb.ListKeysRequest(operator_token=TOKEN))).keys)


@pytest.fixture
async def product(settings: Settings) -> AsyncIterator[Product]:
    async with operated(settings) as product:
        yield product


@asynccontextmanager
async def operated(settings: Settings, **changes: str) -> AsyncIterator[Product]:
    settings = Settings.model_validate(
        {
            **settings.model_dump(),
            "operator_token": TOKEN,
            "public_url": PUBLIC_URL,
            "http_listen": "127.0.0.1:0",
            "grace_seconds": 1,
            **changes,
        }
    )
    async with hosted(settings) as channels:
        service = build(settings, channels)
        server = Server(service, settings)
        address = await server.start("127.0.0.1:0")
        [face] = service.faces
        url = await face.start()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            grpc.aio.insecure_channel(address) as channel,
            httpx.AsyncClient(base_url=url, headers=headers) as web,
        ):
            yield Product(OperatorServiceStub(channel), PaymentsServiceStub(channel), channel, web)
        await server.stop()
        await face.stop()


def problems(answer: httpx.Response) -> list[str]:
    return [each["title"] for each in answer.json()["problemDetails"]]


def failed(answer: httpx.Response) -> list[str]:
    return [each["name"] for each in answer.json()["checks"] if each["outcome"] == "fail"]


@pytest.mark.parametrize("mechanism", ["DataIntegrityProof", "vc+jwt"])
async def test_what_was_issued_is_verified_until_it_is_revoked(product: Product, mechanism: str) -> None:
    name = f"urn:uuid:{uuid4()}"
    options = {"securingMechanism": mechanism, "credentialStatus": {"type": "BitstringStatusListEntry"}}
    issued = await product.issue(options, id=name)
    other = await product.issue(options, id=f"urn:uuid:{uuid4()}")

    before = await product.verify(issued)
    await product.revoke(name)
    await product.revoke(name)
    after = await product.verify(issued)

    assert (before.status_code, before.json()["verified"], before.json()["accepted"]) == (200, True, True)
    assert (after.status_code, failed(after)) == (400, ["revocation"])
    assert problems(after) == ["STATUS_VERIFICATION_ERROR"]
    assert (await product.verify(other)).status_code == 200


async def test_the_status_list_is_where_the_credential_says_and_changes_with_a_revocation(product: Product) -> None:
    name = f"urn:uuid:{uuid4()}"
    issued = await product.issue({"credentialStatus": {}}, id=name)
    address = issued["credentialStatus"]["statusListCredential"]
    assert address.startswith(f"{PUBLIC_URL}/status-lists/")
    path = address.removeprefix(PUBLIC_URL)

    before = await product.web.get(path)
    same = await product.web.get(path, headers={"If-None-Match": before.headers["etag"]})
    await product.revoke(name)
    after = await product.web.get(path)

    assert (before.status_code, before.headers["content-type"]) == (200, "application/vc")
    assert "max-age=" in before.headers["cache-control"]
    assert before.json()["id"] == address
    assert (await product.verify(before.json())).status_code == 200
    assert same.status_code == 304
    assert after.json()["credentialSubject"] != before.json()["credentialSubject"]
    assert (await product.web.get("/status-lists/nowhere")).status_code == 404


async def test_a_receipt_of_the_conversation_can_be_revoked_by_its_message(product: Product) -> None:
    asked = await product.payments.RequestPayment(asking())
    await product.revoke(asked.credential.message_id)
    read = await product.payments.DecodeMessage(payments_pb.DecodeMessageRequest(text=asked.text))

    [check] = [each for each in read.verdict.checks if each.outcome == credential_pb2.CHECK_OUTCOME_FAIL]
    assert check.name == "revocation"


async def test_what_a_retired_key_signed_still_holds(product: Product) -> None:
    issued = await product.issue()
    rotated = await product.operator.RotateKey(pb.RotateKeyRequest(operator_token=TOKEN, cryptosuite="ecdsa-jcs-2019"))
    later = await product.issue()

    assert later["proof"]["verificationMethod"] == rotated.key.verification_method
    assert later["proof"]["verificationMethod"] != issued["proof"]["verificationMethod"]
    assert [(await product.verify(each)).status_code for each in (issued, later)] == [200, 200]
    assert [each.state for each in await product.keys()] == [
        credential_pb2.KEY_STATE_CURRENT,
        credential_pb2.KEY_STATE_RETIRED,
    ]


async def test_what_a_revoked_key_signed_no_longer_holds(product: Product) -> None:
    issued = await product.issue()
    [key] = await product.keys()
    revoked = await product.operator.RevokeKey(
        pb.RevokeKeyRequest(operator_token=TOKEN, verification_method=key.verification_method)
    )
    after = await product.verify(issued)

    assert revoked.key.state == credential_pb2.KEY_STATE_REVOKED
    assert (after.status_code, "key_status" in failed(after)) == (400, True)
    assert (await product.verify(await product.issue())).status_code == 200


async def test_a_did_web_keeps_its_name_and_lists_the_keys_that_hold(settings: Settings) -> None:
    async with operated(settings, did_web="pay.example.org") as product:
        issued = await product.issue()
        rotated = await product.operator.RotateKey(pb.RotateKeyRequest(operator_token=TOKEN))
        document = (await product.web.get("/.well-known/did.json")).json()
        elsewhere = await product.web.get("/did.json")
        verified = await product.verify(issued)

    names = [each["id"] for each in document["verificationMethod"]]
    assert issued["issuer"] == document["id"] == "did:web:pay.example.org"
    assert {issued["proof"]["verificationMethod"], rotated.key.verification_method} == set(names)
    assert elsewhere.status_code == 404
    assert verified.status_code == 200


async def test_no_document_whatever_is_in_it_makes_a_fault(product: Product) -> None:
    chance = random.Random(7)
    issued = await product.issue({"credentialStatus": {}}, id="urn:uuid:1")
    presented = {"@context": issued["@context"], "type": "VerifiablePresentation", "verifiableCredential": [issued]}
    for _ in range(300):
        one, two = damaged(issued, chance), damaged({**presented, "proof": issued["proof"]}, chance)
        unsigned = {name: value for name, value in damaged(issued, chance).items() if name != "proof"}
        answers = [
            await product.send("/credentials/verify", verifiableCredential=one, options={"returnCredential": True}),
            await product.send("/presentations/verify", verifiablePresentation=two),
            await product.send("/credentials/issue", credential=unsigned),
        ]
        assert all(answer.status_code < 500 for answer in answers), (one, two, unsigned)


def damaged(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The document with one of its parts, at any depth, replaced by something that does not belong there."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    node: Any = copy
    while True:
        place = chance.choice([*node] if isinstance(node, dict) else range(len(node)))
        if isinstance(node[place], (dict, list)) and node[place] and chance.random() < 0.7:
            node = node[place]
        else:
            node[place] = chance.choice(STRANGE)
            return copy


async def test_what_was_changed_or_is_no_credential_is_not_verified(product: Product) -> None:
    issued = await product.issue()
    changed = await product.verify({**issued, "credentialSubject": {"id": "did:example:ben"}})
    nothing = await product.verify({"a": 1})

    assert (changed.status_code, problems(changed)) == (400, ["CRYPTOGRAPHIC_SECURITY_ERROR"])
    assert (nothing.status_code, problems(nothing)) == (400, ["PARSING_ERROR"])


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "MALFORMED_CREDENTIAL"),
        ({"type": "VerifiableCredential"}, "MALFORMED_CREDENTIAL"),
        (
            {
                "@context": ["https://www.w3.org/ns/credentials/v2"],
                "type": ["VerifiableCredential"],
                "issuer": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
                "credentialSubject": {"id": "did:example:ana"},
            },
            "ISSUER_UNKNOWN",
        ),
    ],
)
async def test_what_is_not_to_be_signed_is_refused(product: Product, document: Any, reason: str) -> None:
    answer = await product.web.post("/credentials/issue", json={"credential": document})

    assert answer.json()["reason"] == reason
    assert answer.json()["status"] == answer.status_code < 500


@pytest.mark.parametrize(
    ("reason", "call"),
    [
        ("CREDENTIAL_NOT_FOUND", lambda product: product.revoke(str(uuid4()))),
        ("CREDENTIAL_NOT_FOUND", lambda product: product.revoke("urn:nothing")),
        (
            "KEY_NOT_FOUND",
            lambda product: product.operator.RevokeKey(
                pb.RevokeKeyRequest(operator_token=TOKEN, verification_method="did:key:z6Mk#z6Mk")
            ),
        ),
        (
            "INVALID_FIELD",
            lambda product: product.operator.RotateKey(
                pb.RotateKeyRequest(operator_token=TOKEN, cryptosuite="rsa-1977")
            ),
        ),
        ("OPERATOR_TOKEN_REQUIRED", lambda product: product.operator.ListKeys(pb.ListKeysRequest())),
        ("OPERATOR_TOKEN_REQUIRED", lambda product: product.operator.RotateKey(pb.RotateKeyRequest())),
        ("OPERATOR_TOKEN_REQUIRED", lambda product: product.operator.RevokeKey(pb.RevokeKeyRequest())),
        (
            "OPERATOR_TOKEN_WRONG",
            lambda product: product.operator.RevokeCredential(pb.RevokeCredentialRequest(operator_token="\u00e9")),
        ),
    ],
)
async def test_an_operators_call_is_refused_with_a_reason(
    product: Product, reason: str, call: Callable[[Product], Awaitable[Any]]
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call(product)

    info = reason_of(raised.value)
    assert info
    assert info.reason == reason


async def test_no_answer_holds_a_private_key(product: Product) -> None:
    answers = [str(await product.keys()), json.dumps(await product.issue()), (await product.web.get("/did.json")).text]

    assert not any(word in answer for answer in answers for word in ("secretKey", "privateKey", '"d":', "wrapped"))


async def test_reflection_shows_both_services(product: Product) -> None:
    async def asked() -> AsyncIterator[ServerReflectionRequest]:
        yield ServerReflectionRequest(list_services="")

    call = ServerReflectionStub(product.channel).ServerReflectionInfo(asked())
    [answer] = [each async for each in call]

    names = {each.name for each in answer.list_services_response.service}
    assert {"counterfoil.payments.v1.PaymentsService", "counterfoil.operator.v1.OperatorService"} <= names
