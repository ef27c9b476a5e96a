"""What is refused over gRPC is refused over HTTP: with the same reason and sentence, and the status of the table."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest

from services.runtime.settings import Settings
from services.runtime.status import reason_of
from tests.gateway.attempts import ATTEMPTS, Attempt
from tests.gateway.conftest import Gate, serving_both
from tests.gateway.credential_attempts import CREDENTIAL_ATTEMPTS
from tests.gateway.http.conftest import problem
from tests.gateway.http.rest import Rest
from tests.gateway.message_attempts import MESSAGE_ATTEMPTS
from tests.gateway.signed_attempts import SIGNED_ATTEMPTS

ROOT = Path(__file__).parents[3]
STATUSES = {
    reason: int(status)
    for reason, status in re.findall(
        r"^\| `([A-Z_]+)` \| [A-Z_]+ \| (\d+) \|", (ROOT / "docs/errors.md").read_text(), re.MULTILINE
    )
}
# JSON Schema refuses these shapes before anybody looks at what they say.
SHAPES = {
    "no payee",
    "format without meaning",
    "qr format without meaning",
    "nothing_to_decode",
    "export_as_a_picture_without_meaning",
    "signed_message_and_fields_beside_it",
}
# These are not even read whole.
TOO_LARGE = {
    "description of 5 MB",
    "description of 5 MB in Chinese",
    "marks that take hours to sort",
    "image_of_9_mib",
}
# What REST has no words for: a time without a year, a name twice, a path that is another path.
UNSPEAKABLE = {"before time began", "detail named method", "session_id_that_is_none"}
# No calls of the gateway, or of another one.
BEHIND = {
    "another_message_under_the_same_id",
    "message_of_another_issuer",
    "conversation_of_hundreds",
    "credential_that_was_not_issued",
    "revocation_of_what_was_not_issued",
    "revocation_of_what_has_no_place_in_a_list",
    "status_list_that_there_is_not",
    "revocation_of_somebody_elses_key",
    "document_that_is_no_credential",
    "service_that_is_down",
    "service_that_does_not_answer",
}
ALL = ATTEMPTS + CREDENTIAL_ATTEMPTS + MESSAGE_ATTEMPTS + SIGNED_ATTEMPTS
ON_BOTH_FACES = [each for each in ALL if each[1] not in UNSPEAKABLE | BEHIND]


@dataclass
class Repeating:
    """A stub that makes every refused call again over REST: it left no trace, so it is the same call."""

    stub: Any
    rest: Rest
    answers: list[httpx.Response] = field(default_factory=list)

    def __getattr__(self, method: str) -> Any:
        call = getattr(self.stub, method)
        return (lambda request: self._stream(request, call)) if method == "WatchSession" else self._unary(method, call)

    def _unary(self, method: str, call: Any) -> Any:
        async def once(request: Any) -> Any:
            try:
                return await call(request)
            except grpc.aio.AioRpcError:
                self.answers.append(await self.rest.replay(method, request))
                raise

        return once

    async def _stream(self, request: Any, call: Any) -> AsyncIterator[Any]:
        try:
            async for each in call(request):
                yield each
        except grpc.aio.AioRpcError:
            self.answers.append(await self.rest.replay("WatchSession", request))
            raise


@pytest.mark.parametrize(("reason", "name", "attempt"), [pytest.param(*each, id=each[1]) for each in ON_BOTH_FACES])
async def test_it_is_refused_over_rest_as_it_is_over_grpc(both: Gate, reason: str, name: str, attempt: Attempt) -> None:
    async with httpx.AsyncClient(base_url=both.url) as client:
        stub = Repeating(both.stub, Rest(client))
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await attempt(replace(both, stub=stub))
    [answer] = stub.answers
    found = problem(answer)

    if name in TOO_LARGE:
        assert answer.status_code == 413
        return
    if name in SHAPES:
        assert (answer.status_code, found["reason"]) == (422, "INVALID_FIELD")
        return
    assert (answer.status_code, found["reason"]) == (STATUSES[reason], reason)
    assert found["detail"] == raised.value.details()
    assert found["code"] == raised.value.code().name
    info = reason_of(raised.value)
    assert info
    assert found["metadata"] == dict(info.metadata)


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"sessions_address": "127.0.0.1:1"}, 503, "SERVICE_UNAVAILABLE"),
        ({"deadline_seconds_max": 0.0001}, 504, "DEADLINE_EXCEEDED"),
    ],
)
async def test_what_is_behind_the_gateway_fails_alike(
    settings: Settings, changes: dict[str, Any], status: int, reason: str
) -> None:
    async with (
        serving_both(settings.model_copy(update={"grace_seconds": 1, **changes})) as (_, url, _),
        httpx.AsyncClient(base_url=url) as client,
    ):
        answer = await client.get(f"/session/{uuid4()}")

    assert (answer.status_code, problem(answer)["reason"]) == (status, reason)
