"""What COMPACT holds is told by one definition: the whole credential, made again from the bytes, is the one given.

The codec compares less than that, to be quick. Here both are compared.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.codec import armour, compact, dossier
from services.codec.armour import CONTENT_BYTES_MAX
from services.codec.packing import ALPHABETS, LETTERS_MAX, Reader, Unreadable, Writer
from services.codec.place import Place, from_status
from services.codec.signed import DoesNotFit, Signed, packing, to_credential
from services.codec.words import WORDS
from services.messages import multibase
from services.messages.document import Document, from_document, without_security
from tests.codec.signed import Issuer, credential_of, issuers, places, signatures
from tests.codec.test_dossier import told
from tests.messages_strategies import a_message, a_request, messages
from tests.processor_time import at_most

_SUITES = {"eddsa-jcs-2022": 1, "ecdsa-jcs-2019": 2}
_OTHER_VALUES: tuple[Any, ...] = (None, "", " ", "x", "0", "-1", 0, 1, 1.5, True, [], {}, ["x"], {"x": "y"}, "\ud800")


def signed_by(vc: Document) -> Signed:
    proof, status = vc["proof"], vc.get("credentialStatus")
    return Signed(
        from_document(without_security(vc)),
        _SUITES[proof["cryptosuite"]],
        proof["verificationMethod"],
        multibase.decode(proof["proofValue"], 64),
        from_status(status) if status is not None else None,
    )


def defined(vc: Document) -> bytes | None:
    """The bytes of a credential, by the definition."""
    with suppress(DoesNotFit), packing():
        packed = compact._pack(signed_by(vc))
        if len(packed) <= CONTENT_BYTES_MAX and to_credential(compact._unpack(packed)) == vc:
            return packed
    return None


def defined_dossier(vcs: list[Document]) -> bytes | None:
    with suppress(DoesNotFit), packing():
        packed = dossier._pack([signed_by(vc) for vc in vcs])
        if len(packed) <= CONTENT_BYTES_MAX and [to_credential(each) for each in dossier._unpack(packed)] == vcs:
            return packed
    return None


def packed_or_none(vc: Document) -> bytes | None:
    with suppress(DoesNotFit):
        return compact.pack(vc)
    return None


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from _containers(each)


@st.composite
def nearly_credentials(draw: st.DrawFn) -> Document:
    """Credentials in which up to two members were changed, added, left out, or said in other words."""
    issuer, place = draw(issuers), draw(st.none() | places)
    vc = credential_of(replace(draw(messages()), issuer=issuer.did), draw(signatures), issuer, place)
    vc = deepcopy(vc)
    for _ in range(draw(st.integers(0, 2))):
        parent = draw(st.sampled_from(list(_containers(vc))))
        keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
        key = draw(st.sampled_from(keys)) if keys else None
        value = draw(st.sampled_from(_OTHER_VALUES))
        if key is None or (draw(st.booleans()) and isinstance(parent, dict)):
            parent.update({"x": value}) if isinstance(parent, dict) else parent.append(value)
        elif draw(st.booleans()):
            del parent[key]
        elif isinstance(parent[key], str):
            text = parent[key]
            parent[key] = draw(st.sampled_from([text + "0", text[:-1], " " + text, text.upper(), text * 2, value]))
        else:
            parent[key] = value
    return vc


@given(nearly_credentials())
def test_a_credential_fits_when_it_would_come_back_exactly(vc: Document) -> None:
    assert packed_or_none(vc) == defined(vc)


@given(told(), st.data())
def test_a_conversation_fits_when_it_would_come_back_exactly(vcs: list[Document], data: st.DataObject) -> None:
    vcs = data.draw(st.lists(st.sampled_from([*vcs, data.draw(nearly_credentials())]), max_size=4) | st.just(vcs))
    found = None
    with suppress(DoesNotFit):
        found = dossier.pack(vcs)

    assert found == defined_dossier(vcs)


_ADDRESSES = [
    "https://https://a.example",
    "https://http://a.example",
    "a.example",
    "",
    "ftp://a.example",
    "https://a b",
]
_OTHER_PLACES = [Place(each, 1, 0) for each in _ADDRESSES] + [
    Place("https://a.example", 0, 0),
    Place("https://a.example", 2**32, 0),
    Place("https://a.example", 1, 2**32),
    Place("https://" + "a" * 121, 1, 0),
]


@pytest.mark.parametrize("place", _OTHER_PLACES, ids=str)
def test_a_place_that_would_not_be_read_does_not_fit(place: Place) -> None:
    vc = credential_of(a_message(a_request()), place=place)

    assert packed_or_none(vc) is defined(vc) is None


@pytest.mark.parametrize("fragment", ["", "#", "a b", "k" * 129, "ü", "a#b"])
def test_a_verification_method_that_would_not_be_read_does_not_fit(fragment: str) -> None:
    vc = credential_of(replace(a_message(a_request()), issuer="did:web:a.example"))
    vc["proof"]["verificationMethod"] = f"did:web:a.example#{fragment}"

    assert packed_or_none(vc) is defined(vc) is None


def test_a_long_text_is_refused_at_no_cost() -> None:
    """As the digits of one number, 60,000 letters took half a second."""
    issuer = Issuer("did:web:a.example", fragment="a B" * 20_000)
    vc = credential_of(replace(a_message(a_request()), issuer=issuer.did), issuer=issuer)

    with at_most(0.1):
        assert packed_or_none(vc) is None


_any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=90)
_texts = _any_text | st.sampled_from(list(ALPHABETS.values())).flatmap(
    lambda letters: st.text(letters, max_size=90) | st.text(letters, min_size=60, max_size=300)
)


def shortest(text: str) -> bytes:
    """A text in each mode, as docs/compact-format.md says it, and of these the first with the fewest bytes."""
    encoded = text.encode()
    ways = [(0, len(encoded), encoded)]
    if text in WORDS:
        ways.append((1, WORDS.index(text), b""))
    for mode, alphabet in ALPHABETS.items():
        if text and set(text) <= set(alphabet):
            number = 0
            for letter in text:
                number = number * len(alphabet) + alphabet.index(letter)
            size = -(-(len(alphabet) ** len(text) - 1).bit_length() // 8)
            ways.append((mode, len(text), number.to_bytes(size, "big")))
    return min((number_of(count * 8 + mode) + data for mode, count, data in ways), key=len)


def number_of(value: int) -> bytes:
    out = Writer()
    out.number(value)
    return bytes(out.bytes)


@given(_texts | st.sampled_from(WORDS))
@example("7" * LETTERS_MAX)
@example("ü" * (LETTERS_MAX + 1))
def test_a_text_takes_the_mode_with_the_fewest_bytes_and_of_several_the_lowest(text: str) -> None:
    for _ in range(2):  # The second time it comes out of a cache.
        out = Writer()
        out.text(text)

        assert bytes(out.bytes) == shortest(text)
        assert Reader(bytes(out.bytes)).text() == text


def test_no_mode_is_shorter_than_a_word() -> None:
    for number, word in enumerate(WORDS):
        assert shortest(word) == number_of(number * 8 + 1)


@given(st.binary(min_size=1, max_size=CONTENT_BYTES_MAX))
def test_a_code_is_found_as_it_would_be_written(content: bytes) -> None:
    code = armour.wrap(content)
    (found, *_) = armour.find(f"Hi!\n> {code[:9].lower()}\n> {code[9:]}. Ana")

    assert isinstance(found, armour.Content)
    assert (found, found.text) == (content, code)


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WIDTHS = [0, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 18, 19, 21, 22, 24, 25, 27, 28, 30, 31]


def digits_of(number: int, width: int) -> str:
    return "".join(_DIGITS[number // 36**place % 36] for place in reversed(range(width)))


@given(st.binary(min_size=1, max_size=CONTENT_BYTES_MAX))
@example(b"\xff" * 36)
def test_a_code_is_its_blocks_digit_by_digit(content: bytes) -> None:
    """As docs/compact-format.md says it."""
    payload = content + crc32(content).to_bytes(4, "big")
    blocks = (payload[at : at + 20] for at in range(0, len(payload), 20))
    digits = (digits_of(int.from_bytes(block, "big"), _WIDTHS[len(block)]) for block in blocks)

    assert armour.wrap(content) == "CF1" + digits_of(len(payload), 2) + "".join(digits)


def test_a_text_that_no_reader_takes_is_not_written() -> None:
    with pytest.raises(Unreadable):
        Writer().text("a" * (LETTERS_MAX + 1))
