"""Others' DIDs of the kind did:web: fetched through the guard, remembered; and never passed when unknown."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from services.credentials import did_web, dids, suites, wiring
from services.credentials.dids import Dids
from services.messages.document import to_document
from tests.credentials.did_documents import a_document, checks_of, did_at, name_of, signed_by
from tests.credentials.parties import MALLORY, NOON, STRANGER, a_key, sign_anything
from tests.credentials.test_service import a_fresh_request, found, running


@pytest.mark.parametrize(
    ("did", "url"),
    [
        # Examples of the method specification, section 2.5.2.
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:example.com:a.b:_c-d", "https://example.com/a.b/_c-d/did.json"),
        ("did:web:example.com:%C3%A4", "https://example.com/%C3%A4/did.json"),
    ],
)
def test_a_did_web_says_where_its_document_is(did, url):
    assert did_web.to_url(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web:example.com:",
        "did:web:example.com::a",
        "did:web:example.com/a",
        "did:web:user@example.com",
        "did:web:user%40example.com",
        "did:web:example.com%40evil.example",
        "did:web:example.com%2Fpath",
        "did:web:example.com%3A",
        "did:web:example.com%3a443",
        "did:web:example.com%3A0443",
        "did:web:example.com%3A123456",
        "did:web:example.com%3A80%3A80",
        "did:web:EXAMPLE.com",
        "did:web:example.com:..:etc",
        "did:web:example.com:.",
        "did:web:example.com:a:..",
        "did:web:example.com:%2e%2e",
        "did:web:example.com:%2E%2E",
        "did:web:example.com:a%2Fb",
        "did:web:example.com:a%5Cb",
        "did:web:example.com:a%00",
        "did:web:example.com:a%0D%0AHost",
        "did:web:example.com:a?b",
        "did:web:example.com:a#b",
        "did:web:[::1]",
        "did:web:exämple.com",
        "did:web:example.com\n",
        "did:key:z6Mk",
        "did:web:" + "a" * 600,
    ],
)
def test_pitfall_13_a_did_web_with_a_trick_in_it_leads_nowhere(did):
    with pytest.raises(did_web.NotADidWeb):
        did_web.to_url(did)


@pytest.mark.parametrize("suite", [suites.EDDSA, suites.ECDSA_P256])
async def test_a_credential_of_a_did_web_is_verified_by_its_document(fetching, web, suite):
    key = a_key(suite, 7)
    web.pages["/.well-known/did.json"] = json.dumps(a_document(did_at(web), key)).encode()
    async with running(fetching.model_copy(update={"trusted_issuers": (did_at(web),)})) as client:
        response = await client.verify(signed_by(key, did_at(web)))

    assert set(found(response).values()) == {"pass"}
    assert response.verdict.accepted


async def test_a_path_in_a_did_web_is_followed(fetching, web):
    did = did_at(web, ":branches:north")
    web.pages["/branches/north/did.json"] = json.dumps(a_document(did, STRANGER)).encode()
    async with running(fetching) as client:
        assert (await checks_of(client, signed_by(STRANGER, did)))["signature"] == "pass"


async def test_without_fetching_a_did_web_is_unknown_and_nobody_is_asked(settings, web, monkeypatch):
    monkeypatch.setattr(wiring, "GuardedFetch", lambda *_: pytest.fail("made although it is off"))
    async with running(settings) as client:
        outcomes = await checks_of(client, signed_by(STRANGER, did_at(web)))

    assert {outcomes[name] for name in ("signature", "key_control", "key_status")} == {"unknown"}
    assert web.asked == web.resolved == []


UNUSABLE = {
    "nothing": None,
    "no JSON": b"<html>",
    "no object": b"[]",
    "no UTF-8": b'"\xff"',
    "duplicate keys": b'{"id": "a", "id": "b"}',
    "nested without end": b"[" * 60_000,
    "too long": b'{"a": "' + b"a" * 70_000 + b'"}',
}


@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE)
async def test_a_document_that_is_not_to_be_had_leaves_unknown_and_never_passes(fetching, web, content):
    if content is not None:
        web.pages["/.well-known/did.json"] = content
    async with running(fetching) as client:
        outcomes = await checks_of(client, signed_by(STRANGER, did_at(web)))

    assert {outcomes[name] for name in ("signature", "key_control", "key_status")} == {"unknown"}


async def test_pitfall_6_the_document_of_another_did_says_nothing_about_this_one(fetching, web):
    web.pages["/.well-known/did.json"] = json.dumps(a_document("did:web:other.example", STRANGER)).encode()
    async with running(fetching) as client:
        outcomes = await checks_of(client, signed_by(STRANGER, did_at(web)))

    assert outcomes["signature"] == "unknown"


async def test_pitfall_7_a_key_that_its_did_does_not_list_fails(fetching, web):
    web.pages["/.well-known/did.json"] = json.dumps(a_document(did_at(web), STRANGER)).encode()
    async with running(fetching) as client:
        outcomes = await checks_of(client, signed_by(MALLORY, did_at(web)))

    assert {outcomes[name] for name in ("signature", "key_control", "key_status")} == {"fail"}


async def test_a_key_of_one_did_web_does_not_sign_for_another(fetching, web):
    """Both documents are had, and the signature holds; but the issuer is not the one whose key it is."""
    here, there = did_at(web, ":here"), did_at(web, ":there")
    web.pages["/here/did.json"] = json.dumps(a_document(here, STRANGER)).encode()
    web.pages["/there/did.json"] = json.dumps(a_document(there, MALLORY)).encode()
    forged = sign_anything(
        to_document(a_fresh_request(here)), MALLORY, verificationMethod=name_of(MALLORY.named(there))
    )
    async with running(fetching) as client:
        outcomes = await checks_of(client, json.dumps(forged))

    assert (outcomes["signature"], outcomes["key_control"]) == ("pass", "fail")


async def test_pitfall_13_a_key_that_was_taken_off_its_document_fails_from_then_on(fetching, web, monkeypatch):
    monkeypatch.setattr(dids, "REMEMBERED_FOR", timedelta())
    text = signed_by(STRANGER, did_at(web))
    async with running(fetching) as client:
        web.pages["/.well-known/did.json"] = json.dumps(a_document(did_at(web), STRANGER)).encode()
        before = await checks_of(client, text)
        web.pages["/.well-known/did.json"] = json.dumps(a_document(did_at(web), MALLORY)).encode()
        after = await checks_of(client, text)

    assert (before["key_status"], after["key_status"]) == ("pass", "fail")


async def test_pitfall_14_a_did_web_that_leads_inside_is_unknown_and_nobody_is_asked(fetching, web):
    web.pages["/.well-known/did.json"] = json.dumps(a_document(did_at(web), STRANGER)).encode()
    async with running(fetching.model_copy(update={"fetch_allowed": ()})) as client:
        outcomes = await checks_of(client, signed_by(STRANGER, did_at(web)))

    assert outcomes["signature"] == "unknown"
    assert web.asked == []


async def test_the_services_own_did_web_is_never_fetched(fetching, web):
    own = did_at(web)
    async with running(fetching.model_copy(update={"did_web": own.removeprefix("did:web:")})) as client:
        outcomes = await checks_of(client, signed_by(MALLORY, own))

    assert {outcomes[name] for name in ("signature", "key_control", "key_status")} == {"fail"}
    assert web.asked == []


async def test_a_document_is_fetched_once_and_remembered(fetching, web):
    web.pages["/.well-known/did.json"] = json.dumps(a_document(did_at(web), STRANGER)).encode()
    text = signed_by(STRANGER, did_at(web))
    async with running(fetching) as client:
        await asyncio.gather(*(client.verify(text) for _ in range(20)))
        await client.verify(text)

    assert len(web.asked) == 1


async def test_that_there_is_none_is_remembered_too(fetching, web):
    text = signed_by(STRANGER, did_at(web))
    async with running(fetching) as client:
        for _ in range(3):
            await client.verify(text)

    assert len(web.asked) == 1


class Library:
    """A fetch that has every document, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.missing: set[str] = set()

    async def get(self, url: str, accept: str = "") -> bytes:
        self.asked.append(url)
        host = url.split("/")[2]
        return json.dumps(a_document(f"did:web:{host}", STRANGER)).encode() if host not in self.missing else b""


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


def of(did: str) -> list[str]:
    return [name_of(STRANGER.named(did))]


async def test_a_document_is_remembered_for_a_while_and_its_absence_for_less():
    library, clock = Library(), Clock()
    library.missing.add("gone.example")
    those = Dids({}, library, clock)
    for seconds in (0, 29, 31, 299, 301):
        clock.time = NOON + timedelta(seconds=seconds)
        await those.gather(of("did:web:here.example"), {})
        await those.gather(of("did:web:gone.example"), {})

    assert [url.split("/")[2] for url in library.asked].count("here.example") == 2
    assert [url.split("/")[2] for url in library.asked].count("gone.example") == 3


async def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(dids, "REMEMBERED_MAX", 10)
    those = Dids({}, Library(), Clock())
    for number in range(50):
        await those.gather(of(f"did:web:n{number}.example"), {})

    assert len(those._remembered) == 10


async def test_a_credential_signed_with_many_dids_has_few_of_them_looked_up():
    library = Library()
    await Dids({}, library, Clock()).gather([of(f"did:web:n{number}.example")[0] for number in range(8)], {})

    assert len(library.asked) == dids.LOOKED_UP_MAX


async def test_who_goes_away_does_not_take_the_answer_from_others_who_wait():
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Library):
        async def get(self, url: str, accept: str = "") -> bytes:
            begun.set()
            await go_on.wait()
            return await super().get(url, accept)

    those = Dids({}, Slow(), Clock())
    one, other = (asyncio.create_task(those.gather(of("did:web:here.example"), {})) for _ in range(2))
    await begun.wait()
    one.cancel()
    go_on.set()

    assert (await other).find(of("did:web:here.example")[0]).controller == "did:web:here.example"
