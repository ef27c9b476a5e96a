"""The gateway's HTTP side on a real port, before a credentials service that does what a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from google.protobuf.duration_pb2 import Duration

from counterfoil.credentials.v1 import credential_pb2
from counterfoil.credentials.v1 import credentials_service_pb2 as pb
from counterfoil.credentials.v1 import credentials_service_pb2_grpc as stubs
from gateway.authority import Operator
from gateway.credential_flows import Credentials
from gateway.flows import Payments
from gateway.http.face import HttpFace
from gateway.http.parts import Parts
from services.runtime.channels import Channels
from services.runtime.service import Service
from services.runtime.settings import Settings

TOKEN = "a token for the operator"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
PASS, FAIL, UNKNOWN = (
    credential_pb2.CHECK_OUTCOME_PASS,
    credential_pb2.CHECK_OUTCOME_FAIL,
    credential_pb2.CHECK_OUTCOME_UNKNOWN,
)
_OF_VERIFIED = {"parse", "context", "schema", "signature", "key_control", "key_status", "challenge", "domain"}


def verdict(**outcomes: credential_pb2.CheckOutcome.ValueType) -> credential_pb2.Verdict:
    """Checks by name and outcome, in that order; all others are left out."""
    checks = [credential_pb2.Check(name=name, outcome=each, detail=f"about {name}") for name, each in outcomes.items()]
    return credential_pb2.Verdict(
        checks=checks,
        verified=all(each == PASS for name, each in outcomes.items() if name in _OF_VERIFIED),
        accepted=all(each == PASS for each in outcomes.values()),
    )


class ScriptedCredentials(stubs.CredentialsServiceServicer):
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.found = pb.VerifyCredentialResponse(verdict=verdict(parse=PASS))
        self.presented = pb.VerifyPresentationResponse(verdict=verdict(parse=PASS))
        self.signed = '{"issuer": "did:key:z6Mk", "proof": {}}'
        self.document = '{"id": "did:key:z6Mk"}'
        self.listed = pb.GetStatusListResponse(credential='{"list": 1}', max_age=Duration(seconds=60))
        self.failing: Callable[[], Awaitable[object]] | None = None

    async def _answer(self, request: Any, answer: Any) -> Any:
        self.asked.append(request)
        if self.failing:
            await self.failing()
        return answer

    async def SignDocument(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._answer(request, pb.SignDocumentResponse(credential=self.signed))

    async def VerifyCredential(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._answer(request, self.found)

    async def VerifyPresentation(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._answer(request, self.presented)

    async def GetStatusList(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._answer(request, self.listed)

    async def GetDidDocument(self, request: Any, context: Any) -> Any:  # noqa: N802
        return await self._answer(request, pb.GetDidDocumentResponse(document=self.document))


@dataclass
class Web:
    """A client of the HTTP side, and the service behind it."""

    client: httpx.AsyncClient
    credentials: ScriptedCredentials
    face: HttpFace
    url: str
    authorized: dict[str, str] = field(default_factory=lambda: dict(AUTHORIZED))

    async def issue(self, **body: Any) -> httpx.Response:
        return await self.client.post("/credentials/issue", json=body, headers=self.authorized)

    async def verify(self, credential: Any = None, **options: Any) -> httpx.Response:
        body = {"verifiableCredential": {} if credential is None else credential, "options": options}
        return await self.client.post("/credentials/verify", json=body)

    async def send(self, body: bytes, **headers: str) -> httpx.Response:
        headers = {"Content-Type": "application/json", **headers}
        return await self.client.post("/credentials/verify", content=body, headers=headers)


@pytest.fixture
def seconds_max() -> float:
    """What a call may take."""
    return 30.0


@pytest.fixture
async def web(settings: Settings, seconds_max: float) -> AsyncIterator[Web]:
    settings = settings.model_copy(
        update={"http_listen": "127.0.0.1:0", "deadline_seconds_max": seconds_max, "grace_seconds": 10}
    )
    scripted = ScriptedCredentials()  # type: ignore[abstract]
    channels = Channels(settings)
    channels.host(Service(lambda to: stubs.add_CredentialsServiceServicer_to_server(scripted, to)))
    face = HttpFace(
        Parts(settings, channels, Payments(channels), Credentials(channels), Operator(TOKEN), lambda _server: None)
    )
    url = await face.start()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield Web(client, scripted, face, url)
    await face.stop()
    await channels.close()


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem details of an answer that is one."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert len(body["detail"]) > 10
    assert isinstance(body, dict)
    return body
