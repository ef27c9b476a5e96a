"""The JavaScript reader: its own tests, and that it and Python make the same of whatever they are given."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from services.codec import armour, compact, dossier
from services.codec.signed import DoesNotFit
from services.messages.message import Message
from tests.messages_strategies import messages
from tests.vectors.compact import make, verdicts
from tests.vectors.compact.conversations import conversations
from tests.vectors.compact.places import PLACE
from tests.vectors.compact.samples import ANA, BO, CHAN, SHOP, SHOP_P256
from tests.vectors.compact.signing import issue
from tests.vectors.compact.torn import issued

_HERE = Path(__file__).parent
_EXAMPLE = _HERE.parents[1] / "examples" / "javascript"
_SECONDS_MAX = 120
_MESSAGES = 200
# How often each dossier is taken, to be changed each time in other ways.
_TIMES = 4
_SEED = 20260201
_CHECKS = (
    "parse",
    "context",
    "schema",
    "signature",
    "key_control",
    "key_status",
    "validity_time",
    "issuer_authority",
    "link",
    "revocation",
)


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if not found and os.environ.get("CI") != "true":
        pytest.skip("the JavaScript reader was left out: it needs Node 20 or newer")
    assert found, "Node is missing"
    return found


def test_the_reader_passes_its_own_tests(node: str) -> None:
    done = _run([node, "--test", str(_HERE)])

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr


def test_the_command_says_what_a_text_is_and_ends_accordingly(node: str) -> None:
    valid, forged = (json.loads((make.DIRECTORY / name).read_text()) for name in ("valid.json", "twins.json"))
    command = [node, str(_EXAMPLE / "verify.js")]

    verified, refused = _run([*command, valid[0]["text"]]), _run(command, forged[-1]["text"])

    assert (verified.returncode, verified.stdout.splitlines()[0]) == (0, "verified")
    assert (refused.returncode, refused.stdout.splitlines()[0]) == (1, "forged")


def test_the_example_of_the_readme_runs(node: str) -> None:
    (example,) = re.findall(r"^```js\n(.*?)^```", (_EXAMPLE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    text = json.loads((make.DIRECTORY / "valid.json").read_text())[0]["text"]

    done = _run([node, "--input-type=module"], example.replace("CF1...", text))

    assert done.stdout.split()[0] == ANA.did, done.stderr


def test_python_and_javascript_make_the_same_of_any_text(node: str) -> None:
    texts = list(_texts(random.Random(_SEED)))
    done = _run([node, str(_HERE / "lines.mjs"), verdicts.NOW.isoformat()], "\n".join(map(json.dumps, texts)))
    assert done.returncode == 0, done.stderr

    seen = set()
    for text, line in zip(texts, done.stdout.splitlines(), strict=True):
        theirs, ours = json.loads(line), verdicts.read(text)
        seen.add(ours.verdict)
        assert _told(theirs) == _told(vars(ours)), text
        assert list(map(_told, theirs["dossier"])) == [_told(vars(each)) for each in ours.dossier], text
    assert seen == {"verified", "unverified", "forged", "damaged", "malformed", "unsupported"}


def _told(found: dict[str, Any]) -> dict[str, Any]:
    checks = found["checks"] or {}
    told = {name: found[name] for name in ("verdict", "credential", "digest")}
    return told | {name: checks.get(name) for name in _CHECKS}


def _texts(chance: random.Random) -> Iterator[str]:
    """Signed messages of all kinds, and what becomes of them when letters or bytes change."""
    contents = []
    for message in _messages():
        signer = chance.choice([ANA, BO, CHAN, SHOP, SHOP_P256])
        place = chance.choice([None, PLACE])
        try:
            contents.append(compact.pack(issue(replace(message, issuer=signer.did), signer, place)))
        except DoesNotFit:
            continue
    contents += [dossier.pack(issued(each)) for _, each in conversations()] * _TIMES
    for content in contents:
        text = armour.wrap(content)
        yield f"{text[:9].lower()}\n> {text[9:]}. Thanks!"
        yield from (_change_text(text, chance) for _ in range(3))
        for _ in range(7):
            changed = _change_bytes(content, chance.choice(contents), chance)
            yield armour.wrap(changed[: armour.CONTENT_BYTES_MAX])


def _messages() -> list[Message]:
    found: list[Message] = []

    @settings(
        max_examples=_MESSAGES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(messages())
    def collect(message: Message) -> None:
        found.append(message)

    collect()
    return found


def _change_text(text: str, chance: random.Random) -> str:
    at, other = chance.randrange(len(text)), chance.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return chance.choice(
        [
            text[:at],
            text[at:],
            text[:at] + other + text[at + 1 :],
            text[:at] + text[at + 1 :] + other,
            text[:at] + other + text[at:],
            text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
            text[:at] + " \u200b*_\n" + text[at:],
            f"{text} {text[:at]}",
        ]
    )


def _change_bytes(content: bytes, other: bytes, chance: random.Random) -> bytes:
    # The first bytes and the statement, rather than the digests and the signature that anything may stand in.
    at = chance.choice([chance.randrange(4), chance.randrange(len(content)), chance.randrange(50, len(content) - 64)])
    byte = bytes([chance.choice([0, 1, 2, 127, 128, 255, content[at] ^ 1 << chance.randrange(8)])])
    return chance.choice(
        [
            content[:at] + byte + content[at + 1 :],
            content[:at] + byte + content[at + 1 :],
            content[:at] + byte + content[at:],
            content[:at] + content[at + 1 :],
            content[:at] + other[at:],
            content[:at] + bytes([content[at] | 128, 0]) + content[at + 1 :],
        ]
    )


def _run(command: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        input=given,
        cwd=_EXAMPLE.parents[1],
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS_MAX,
        check=False,
    )
