"""Bitstring Status List v1.0, by the book: the order of bits, the bounds, and what is told of a list that breaks it."""

from __future__ import annotations

import gzip
import secrets
import zlib
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credentials import base64url
from services.credentials.status_lists import (
    ENTRIES,
    TTL,
    Broken,
    Entry,
    Place,
    Unusable,
    bits_of,
    decode,
    encode,
    is_set,
    read_entries,
    to_list,
    to_status,
)
from tests.credentials.parties import NOON, SERVICE
from tests.processor_time import at_most

URL = "https://pay.example.org"
ADDRESS = f"{URL}/status-lists/1"


def packed(bits: bytes) -> str:
    return "u" + base64url.encode(gzip.compress(bits))


def unpacked(encoded: str) -> bytes:
    """By the specification alone, with none of the service's code."""
    assert encoded[0] == "u"
    return gzip.decompress(urlsafe_b64decode(encoded[1:] + "=" * (-(len(encoded) - 1) % 4)))


@pytest.mark.parametrize(
    ("index", "byte", "value"),
    [(0, 0, 0b10000000), (1, 0, 0b01000000), (7, 0, 0b00000001), (8, 1, 0b10000000), (131071, 16383, 0b00000001)],
)
def test_the_left_most_bit_of_the_first_byte_is_index_0(index, byte, value):
    """Section 3.3: "the first index, with a value of zero (0), is located at the left-most bit in the bitstring"."""
    bits = unpacked(encode([index]))

    assert bits[byte] == value
    assert sum(bits) == value
    assert len(bits) == 16 * 1024


def test_the_lists_of_the_specification_are_read():
    """The encoded lists of Bitstring Status List v1.0, examples 5 and 6, of which none is revoked."""
    example = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"

    assert decode(example) == bytes(16 * 1024)


def test_a_list_of_nobody_is_small():
    assert len(encode([])) < 100


@settings(max_examples=50)
@given(st.sets(st.integers(0, ENTRIES - 1), max_size=200))
def test_exactly_those_revoked_are_set(revoked):
    bits = decode(encode(revoked))

    assert all(is_set(bits, index) for index in revoked)
    assert sum(byte.bit_count() for byte in bits) == len(revoked)


def test_the_same_list_is_the_same_text():
    assert encode([5, 3]) == encode([3, 5])


def test_a_credential_names_its_place_as_the_specification_says():
    assert to_status(URL, Place(1, 94567)) == {
        "id": f"{ADDRESS}#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": ADDRESS,
    }


def test_what_is_written_is_read():
    (entry,) = read_entries(to_status(URL, Place(1, 94567)))

    assert entry == Entry(ADDRESS, 94567, "revocation")


def test_a_list_half_full_of_revoked_is_read():
    bits = secrets.token_bytes(16 * 1024)

    assert decode(packed(bits)) == bits


def test_a_list_of_a_million_is_read_and_a_larger_one_is_not():
    assert len(decode(packed(bytes(128 * 1024)))) == 128 * 1024
    with pytest.raises(Unusable, match="larger"):
        decode(packed(bytes(128 * 1024 + 1)))


def test_pitfall_10_a_list_that_unpacks_without_end_is_not_unpacked():
    bomb = packed(bytes(40_000_000))

    with at_most(0.05), pytest.raises(Unusable, match="larger"):
        decode(bomb)


def test_a_list_that_is_large_packed_is_not_unpacked():
    with pytest.raises(Unusable, match="larger"):
        decode("u" + base64url.encode(secrets.token_bytes(60_000)))


def test_a_list_that_is_too_short_fails():
    with pytest.raises(Broken, match="too short"):
        decode(packed(bytes(16 * 1024 - 1)))


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "u",
        None,
        5,
        packed(bytes(16384))[1:],
        "z" + packed(bytes(16384))[1:],
        packed(bytes(16384))[:-8],
        packed(bytes(16384)) + "=",
        packed(bytes(16384)) + "AAAA",
        "u" + base64url.encode(gzip.compress(bytes(16384)) * 2),
        "u" + base64url.encode(zlib.compress(bytes(16384))),
        "u" + base64url.encode(bytes(16384)),
        "uä",
    ],
    # A gzip header holds the time, and two test runners at once must know the cases by the same names.
    ids=range(13),
)
def test_a_list_that_is_damaged_fails(encoded):
    with pytest.raises(Broken):
        decode(encoded)


def test_a_place_beyond_the_end_fails():
    with pytest.raises(Broken, match="beyond"):
        is_set(bytes(16 * 1024), ENTRIES)


STATUS = to_status(URL, Place(1, 5))


@pytest.mark.parametrize(
    "status",
    [
        {**STATUS, "statusListIndex": 5},
        {**STATUS, "statusListIndex": "-5"},
        {**STATUS, "statusListIndex": "05"},
        {**STATUS, "statusListIndex": "5.0"},
        {**STATUS, "statusListIndex": "\u0665"},
        {**STATUS, "statusListIndex": "9" * 5000},
        {**STATUS, "statusListIndex": "5\n"},
        {name: value for name, value in STATUS.items() if name != "statusListIndex"},
        {**STATUS, "statusListCredential": [ADDRESS]},
    ],
)
def test_an_entry_that_does_not_say_where_is_broken(status):
    with pytest.raises(Broken):
        read_entries(status)


@pytest.mark.parametrize(
    "status",
    [
        None,
        "revoked",
        [],
        [STATUS] * 5,
        [STATUS, {"type": "SomethingElse"}],
        {**STATUS, "type": "StatusList2021Entry"},
        {**STATUS, "statusPurpose": "message"},
        {**STATUS, "statusPurpose": ["revocation"]},
        {**STATUS, "statusSize": 2},
    ],
)
def test_an_entry_of_another_kind_is_unknown(status):
    with pytest.raises(Unusable):
        read_entries(status)


def test_several_entries_are_all_read():
    both = [STATUS, {**STATUS, "statusPurpose": "suspension"}]

    assert [entry.purpose for entry in read_entries(both)] == ["revocation", "suspension"]


ENTRY = Entry(ADDRESS, 5, "revocation")


def a_list(**subject: Any) -> dict[str, Any]:
    document = to_list(ADDRESS, SERVICE.did, [5], NOON)
    document["credentialSubject"] |= subject
    return document


def test_a_list_is_read_as_it_is_written():
    bits, ttl = bits_of(a_list(), ENTRY)

    assert [index for index in range(10) if is_set(bits, index)] == [5]
    assert ttl == TTL


@pytest.mark.parametrize(
    ("ttl", "kept"),
    [
        (60_000, timedelta(minutes=1)),
        (0, timedelta()),
        (10**30, timedelta(days=1)),
        (-1, TTL),
        ("60000", TTL),
        (True, TTL),
        (None, TTL),
    ],
)
def test_a_list_is_kept_as_long_as_it_says_within_reason(ttl, kept):
    assert bits_of(a_list(ttl=ttl), ENTRY)[1] == kept


def test_a_list_for_another_purpose_fails():
    with pytest.raises(Broken, match="purpose"):
        bits_of(a_list(statusPurpose="suspension"), ENTRY)


def test_a_list_for_several_purposes_serves_each():
    assert bits_of(a_list(statusPurpose=["suspension", "revocation"]), ENTRY)


@pytest.mark.parametrize(
    "document",
    [
        {**a_list(), "id": f"{URL}/status-lists/2"},
        {**a_list(), "type": ["VerifiableCredential"]},
        a_list(type="StatusList2021"),
        {**a_list(), "credentialSubject": [a_list()["credentialSubject"]]},
    ],
)
def test_another_credential_than_the_list_is_no_list(document):
    with pytest.raises(Unusable):
        bits_of(document, ENTRY)
