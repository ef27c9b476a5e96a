"""What arrives in a wallet: in any order, twice, several at once, from strangers and from liars."""

from __future__ import annotations

import base64
import itertools
import json
import time
import zlib
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from client.wallet.conversation import conversation
from services.codec import armour, dossier, pasted
from services.codec.domain import QrFormat, TextFormat
from services.codec.qr_drawing import draw
from services.codec.usecases import write
from services.messages.message import Acknowledgement, Claim, Kind, Party, Request
from services.messages.money import Money
from services.sessions.domain import Recorded
from tests.client.conftest import rewritten
from tests.client.wallets import Person
from tests.credentials.parties import sign_anything
from tests.signing import Signer


@pytest.fixture
def talk(ana: Person, ben: Person) -> list[str]:
    """Request, claim, acknowledgement, as texts that a third person hears of."""
    request = ana.asks("120", "--description", "two chairs")
    claim = ben.text("claim", request, "70", "--evidence", "transfer 4711")
    return [request, claim, ana.text("acknowledge", claim)]


@pytest.fixture
def carl(ana: Person) -> Person:
    return Person("carl.wallet")


def known(person: Person) -> int:
    messages = person.json("wallet", "show")["messages"]
    assert isinstance(messages, int)
    return messages


def test_messages_make_the_same_session_in_whatever_order_they_arrive(ana: Person, talk: list[str]):
    shown = set()
    for number, order in enumerate(itertools.permutations(talk)):
        person = Person(f"{number}.wallet")
        for text in (*order, order[0]):
            person.run("inbox", "add", text)
        shown.add(json.dumps(person.json("session", person.session())["session"]))

    assert len(shown) == 1


def test_what_came_too_early_waits(carl: Person, talk: list[str]):
    request, claim, receipt = talk
    early = carl.run("inbox", "add", receipt, claim)

    assert "2 waiting" in early.stderr
    session = carl.json("inbox", "add", claim)["messages"][0]["message"]["session_id"]
    assert "waiting" in carl.run("session", session).stdout
    assert carl.json("session", session)["session"] is None
    assert "[SESSION_NOT_FOUND]" in carl.run("claim", session, "1", "EUR", exit_code=3).stderr

    assert "partially received" in carl.run("inbox", "add", request).stderr
    assert "waiting" not in carl.run("session", session).stdout


def test_a_message_that_is_known_is_said_to_be(carl: Person, talk: list[str]):
    assert carl.run("inbox", "add", talk[0]).stdout.startswith("new: ")
    assert carl.run("inbox", "add", talk[0]).stdout.startswith("known already: ")
    assert known(carl) == 1


def test_a_chat_with_several_messages_is_taken_apart(carl: Person, talk: list[str]):
    request, claim, receipt = talk
    broken = "\n> ".join(claim[at : at + 40] for at in range(0, len(claim), 40))
    Path("chat.txt").write_text(
        f"[12:01] Ana: hi Ben!\n{request.lower()}\nBen: sent,\n> {broken}\n*{receipt}* thanks :)\n"
    )

    carl.run("inbox", "add", "chat.txt")

    assert known(carl) == 3


def test_both_formats_stand_side_by_side(ana: Person, carl: Person):
    texts = [ana.asks("1", "--format", form) for form in ("classic", "compact", "classic")]

    carl.run("inbox", "add", "-", input=f"one: {texts[0]}\ntwo: {texts[1]} three: {texts[2]}.")

    assert known(carl) == 3


def test_the_good_ones_go_in_and_each_refused_one_says_why(carl: Person, talk: list[str]):
    request, claim, receipt = talk
    forged = rewritten_compact(claim)

    taken = carl.run("inbox", "add", f"{request} and {claim[:100]} and {forged} and {receipt}", exit_code=1)

    assert known(carl) == 2
    assert "its end is missing" in taken.stderr
    assert "signature: " in taken.stderr
    assert taken.stderr.count("refused: ") == 2
    refused = json.loads(carl.run("inbox", "add", "--json", forged, exit_code=1).stdout)["refused"]
    assert [each["reason"] for each in refused] == ["signature"]


def rewritten_compact(text: str) -> str:
    """Whole, but half of the signature is gone."""
    [content] = armour.find(text)
    assert isinstance(content, bytes)
    return armour.wrap(content[:-64] + bytes(32) + content[-32:])


@pytest.mark.parametrize(
    "change",
    [
        lambda vc: vc.update(issuer="did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"),
        lambda vc: vc["credentialSubject"]["amount"].update(value="1.00"),
        lambda vc: vc["proof"].update(proofValue="z" + "1" * 64),
        lambda vc: vc["proof"].update(proofPurpose="authentication"),
    ],
)
def test_pitfall_7_a_message_goes_in_only_when_its_issuer_signed_it(ana: Person, carl: Person, change: Any):
    def forge(fields: dict[str, Any]) -> None:
        change(fields["vc"])
        fields["amount"] = fields["vc"]["credentialSubject"]["amount"]["value"]

    forged = rewritten(ana.asks("120", "--format", "classic"), forge)

    result = carl.run("inbox", "add", "--json", forged, exit_code=1)

    assert [each["reason"] for each in json.loads(result.stdout)["refused"]] == ["signature"]
    assert known(carl) == 0


@pytest.mark.parametrize(
    ("status", "proof", "reason"),
    [
        ({}, {"nonce": 1e20}, "signature"),
        ({"credentialStatus": {"index": 1e20}}, {}, "MALFORMED_MESSAGE"),
        ({"credentialStatus": [1e17]}, {}, "MALFORMED_MESSAGE"),
    ],
)
def test_a_message_that_could_not_be_read_back_is_refused(
    carl: Person, status: dict[str, Any], proof: dict[str, Any], reason: str
):
    """Of 1e20 the canonical form is an integer beyond all bounds, which would make the whole wallet unreadable."""
    stranger = Signer.numbered(66)
    vc = json.loads(stranger.credential(stranger.request()))
    text = write(json.dumps(vc), TextFormat.CLASSIC)[1]
    vc.pop("proof")
    odd = sign_anything({**vc, **status}, stranger.key, **proof)

    def swap(fields: dict[str, Any]) -> None:
        fields["vc"] = odd

    assert f"[{reason}]" in carl.run("inbox", "add", rewritten(text, swap), exit_code=1).stderr
    assert known(carl) == 0


def test_a_strangers_long_chain_of_claims_hides_no_session(ana: Person):
    ana.asks()
    [request] = ana.kept()
    stranger, answered, chain = Signer.numbered(66), bytes(32), []
    for _ in range(1100):
        claim = Recorded.of(
            stranger.say(Claim(answered, Money.parse("1", "EUR"), stranger.party), request.message.session_id)
        )
        chain.append(claim)
        answered = claim.digest

    found = conversation([request, *chain], ana.did)

    assert [each.opening for each in found.sessions] == [request]
    assert len(found.waiting) == len(chain)


def test_a_message_that_nobody_signed_is_refused(ana: Person, carl: Person):
    unsigned = rewritten(ana.asks("120", "--format", "classic"), lambda fields: fields.pop("vc"))

    assert "nobody has signed it" in carl.run("inbox", "add", unsigned, exit_code=1).stderr
    assert known(carl) == 0


def test_a_claim_is_made_under_no_request_that_is_forged(ana: Person, ben: Person):
    forged = rewritten_compact(ana.asks())

    assert "nothing was claimed" in ben.run("claim", forged, "70", exit_code=1).stderr
    assert known(ben) == 0


def test_a_claim_after_the_cancellation_is_kept_and_does_not_count(ana: Person, ben: Person):
    ben.run("inbox", "add", ana.asks())
    session = ana.session()
    ana.run("cancel", session)
    time.sleep(1.1)  # Messages are dated in whole seconds.
    late = ben.text("claim", session, "70")

    assert "1 not counted" in ana.run("inbox", "add", late).stderr
    assert "after the request had expired or was withdrawn" in " ".join(ana.run("session", session).stdout.split())
    assert [each["why"] for each in ana.json("session", session)["not_counted"]] == ["TOO_LATE"]


def test_an_answer_of_a_stranger_does_not_count(ben: Person, carl: Person, talk: list[str]):
    claim = next(each for each in ben.kept() if each.message.kind is Kind.CLAIM)
    assert isinstance(claim.message.statement, Claim)
    answer = Acknowledgement(claim.message.id, claim.digest, claim.message.statement.amount)

    carl.run("inbox", "add", *talk[:2], carl.signs(replace(claim.message, issuer=carl.did, statement=answer)))

    assert carl.status() == "PENDING 0.00"
    assert [each["why"] for each in carl.json("session", carl.session())["not_counted"]] == ["NOT_THE_PARTY"]


def test_two_answers_to_one_claim_are_proved_by_both(ana: Person, ben: Person, carl: Person):
    claim = ben.text("claim", ana.asks(), "70")
    liar = ana.twin("copy.wallet")
    yes, less = ana.text("acknowledge", claim), liar.text("acknowledge", claim, "--received", "7")
    ben.run("inbox", "add", yes)

    caught = ben.run("inbox", "add", less)

    assert f"{ana.did} gave two answers to one claim" in " ".join(caught.stderr.split())
    assert "gave two answers to one claim" in " ".join(ben.run("session", ben.session()).stdout.split())
    [proof] = json.loads(ben.run("export", ben.session(), "--contradictions").stdout)
    assert (proof["kind"], proof["issuer"]) == ("ANSWERS_TO_ONE_CLAIM", ana.did)
    for number, credential in enumerate(proof["credentials"]):
        Path(f"{number}.json").write_text(json.dumps(credential))
        carl.run("credential", "verify", f"{number}.json")
    amounts = [each["credentialSubject"]["amount"]["value"] for each in proof["credentials"]]
    assert sorted(amounts) == ["7.00", "70.00"]


def test_the_same_answer_from_two_copies_is_no_contradiction(ana: Person, ben: Person):
    claim = ben.text("claim", ana.asks(), "70")
    copy = ana.twin("copy.wallet")

    ben.run("inbox", "add", ana.text("acknowledge", claim), copy.text("acknowledge", claim))

    assert ben.json("session", ben.session())["contradictions"] == []
    assert ben.status() == "PARTIALLY_RECEIVED 70.00"


def test_a_request_under_somebody_elses_session_displaces_nothing(ana: Person, ben: Person, carl: Person):
    """Who has seen a request can sign an older one under its session id; the real one must stay what it is."""
    request = ana.asks()
    [real] = ana.kept()
    assert isinstance(real.message.statement, Request)
    wanted = replace(real.message.statement, payee=Party(carl.did), amount=Money.parse("999", "EUR"))
    older = real.message.issued_at - timedelta(minutes=1)
    squat = carl.signs(replace(real.message, issuer=carl.did, issued_at=older, statement=wanted))

    ana.run("inbox", "add", squat)
    ana.run("acknowledge", ben.text("claim", request, "70"))
    ben.run("inbox", "add", squat)

    session = ana.json("session", str(real.message.session_id))
    assert session["session"]["paid_amount"]["amount"] == "70.00"
    assert len(session["other_sessions"]) == 1
    assert session["contradictions"] == []
    assert "[MESSAGE_ID_CONFLICT]" in ben.run("claim", request, "1", exit_code=3).stderr


def test_a_dossier_brings_the_whole_conversation(ana: Person, ben: Person, carl: Person, talk: list[str]):
    ben.run("inbox", "add", talk[2])
    dossier = ben.text("export", ben.session(), "--qr", "dossier.png")

    carl.run("inbox", "add", "dossier.png")

    assert known(carl) == 3
    assert carl.status() == "PARTIALLY_RECEIVED 70.00"
    assert carl.run("inbox", "add", dossier).stdout.count("known already") == 3


def test_a_dossier_is_as_good_as_the_worst_of_its_messages(carl: Person, talk: list[str]):
    request, claim, receipt = (json.loads(pasted.read(text).credential) for text in talk)
    forged = {**claim, "proof": {**claim["proof"], "proofValue": receipt["proof"]["proofValue"]}}
    good, bad = (armour.wrap(dossier.pack([request, each, receipt])) for each in (claim, forged))

    assert "NOT" not in carl.run("decode", good).stdout
    assert [each["verdict"]["verified"] for each in carl.json("decode", good)["dossier"]] == [True, True, True]
    assert "NOT verified (signature:" in carl.run("decode", bad, exit_code=1).stdout
    assert "link               pass" in carl.run("credential", "verify", good).stdout
    assert "NOT verified (signature:" in carl.run("credential", "verify", bad, exit_code=1).stdout


def test_a_conversation_that_one_text_does_not_hold_is_refused_with_what_to_do(ana: Person, ben: Person):
    request = ana.json("request", "120", "EUR")
    session = request["session"]["id"]
    assert "--credentials" in ana.run("export", session, exit_code=3).stderr
    claims = [
        ben.json("claim", request["text"], "1", "--evidence", f"{n} " + "é" * 200)["credential"] for n in range(4)
    ]
    ana.run("export", session, exit_code=3)

    refused = ben.run("export", session, exit_code=3)
    one = ben.text("export", session, "--claim", claims[1]["message_id"])

    assert "--claim" in refused.stderr
    assert "1 éé" in Person("d.wallet").run("inbox", "add", one).stdout
    assert "[CLAIM_NOT_FOUND]" in ben.run("export", session, "--claim", session, exit_code=3).stderr


def test_credentials_are_exported_as_files_that_verify(ana: Person, ben: Person, talk: list[str]):
    ben.run("inbox", "add", talk[2])

    ben.run("export", ben.session(), "--credentials", "evidence")

    names = sorted(path.name for path in Path("evidence").iterdir())
    assert names == ["01-request.json", "02-claim.json", "03-acknowledgement.json"]
    for name in names:
        ben.run("credential", "verify", f"evidence/{name}")
    assert "exists" in ben.run("export", ben.session(), "--credentials", "evidence", exit_code=2).stderr


def test_a_text_that_was_lost_is_printed_again(ana: Person, ben: Person, talk: list[str]):
    receipt = ana.json("session", ana.session())["session"]["claims"][0]["answer"]["id"]

    assert ana.text("export", ana.session(), "--message", receipt) == talk[2]
    assert "check the id" in ana.run("export", ana.session(), "--message", ana.session(), exit_code=3).stderr


def png(size: tuple[int, int] = (40, 40)) -> bytes:
    file = BytesIO()
    Image.new("L", size, 255).save(file, "PNG")
    return file.getvalue()


def bomb() -> str:
    return base64.b64encode(zlib.compress(b'{"session_id":"' + b"0" * 30_000_000, 9)).decode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "TEXT_DAMAGED"),
        (b"hello", "TEXT_DAMAGED"),
        (b"CF1", "TEXT_DAMAGED"),
        (b"a" * (2 * 1024 * 1024), "TEXT_TOO_LONG"),
        (b"CF1ZZ" * 100_000, "TEXT_TOO_LONG"),
        (b"\xff" * 100, "IMAGE_UNREADABLE"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "IMAGE_UNREADABLE"),
        (b"\xff" * (9 * 1024 * 1024), "IMAGE_TOO_LARGE"),
        (png(), "NO_QR_CODE"),
        (png((20_000, 20_000)), "IMAGE_TOO_LARGE"),
        (draw("https://example.org", QrFormat.PNG), "FOREIGN_QR_CODE"),
        (b"CF2" + b"A" * 100, "FORMAT_NOT_SUPPORTED"),
    ],
)
def test_what_holds_no_message_is_refused_with_a_reason_and_leaves_no_trace(carl: Person, content: bytes, reason: str):
    before = carl.wallet.read_bytes()

    result = carl.run("inbox", "add", "-", input=content, exit_code=1)

    assert f"[{reason}]" in result.stderr
    assert result.stderr.count("\n") == 1
    assert carl.wallet.read_bytes() == before


def test_a_zip_bomb_is_refused_where_it_would_unpack(carl: Person):
    assert len(bomb()) < 64 * 1024

    refused = carl.run("inbox", "add", "-", input=bomb(), exit_code=1)

    assert "[MALFORMED_MESSAGE]" in refused.stderr


def test_nothing_of_a_strangers_steers_the_terminal(carl: Person):
    shown = carl.run("inbox", "add", "CF1\x1b[31m\u202e", exit_code=1)

    assert "\x1b" not in shown.output
    assert "\u202e" not in shown.output
