"""A did:key has one spelling, and only a sound key has one."""

from __future__ import annotations

import base58
import pytest

from services.credentials.did_key import NotADidKey, key_of, key_of_method, to_did, to_verification_method
from services.credentials.edwards import is_strict_point
from services.messages import multibase
from tests.credentials.parties import SUITES, a_key

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


@pytest.mark.parametrize("suite", SUITES)
def test_a_key_written_as_did_key_reads_back(suite):
    did = a_key(suite).did

    assert to_did(key_of(did)) == did
    assert key_of_method(to_verification_method(did)) == key_of(did)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(
    "misspell",
    [
        lambda did: did + " ",
        lambda did: did + "\n",
        lambda did: did[:-1],
        lambda did: did + "1",
        lambda did: did.replace("did:key:z", "did:key:z1"),
        lambda did: did.replace("did:key:z", "did:key:Z"),
        lambda did: did.replace("did:key:", "did:web:"),
        lambda did: did.replace("did:key:z", "did:key:zl"),
        lambda did: did + "#" + did,
        lambda did: did + "é",
        lambda did: "did:key:z" + "6Mk" * 20_000,
        lambda did: "did:key:",
        lambda did: "",
    ],
)
def test_another_spelling_of_a_did_key_is_refused(suite, misspell):
    with pytest.raises(NotADidKey):
        key_of(misspell(a_key(suite).did))


def test_a_method_whose_halves_name_two_keys_is_refused():
    one, other = a_key(SUITES[0], 1).did, a_key(SUITES[0], 2).did

    with pytest.raises(NotADidKey):
        key_of_method(f"{one}#{other.removeprefix('did:key:')}")


@pytest.mark.parametrize(
    "point",
    [
        b"\x04" + bytes(32),  # not a compressed form
        b"\x02" + b"\xff" * 32,  # beyond the field
        b"\x02" + (1).to_bytes(32, "big"),  # not on the curve
        b"\x00" * 33,  # infinity
    ],
)
def test_what_is_no_compressed_point_of_p256_is_no_key(point):
    with pytest.raises(NotADidKey):
        key_of("did:key:z" + base58.b58encode(b"\x80\x24" + point).decode())


Point = tuple[int, int]


def _small_order_points() -> set[Point]:
    """The points whose eighth multiple is the identity, found from the curve's equation rather than from a list."""
    by_square = {y: _x_of(y) for y in _small_order_y()}
    points = {(x, y) for y, root in by_square.items() for x in (root, -root % P)}
    for point in points:
        assert _times_eight(point) == (0, 1)
    return points


def _small_order_y() -> set[int]:
    root = pow(2, (P - 1) // 4, P)  # a square root of -1
    # Doubling a point of order 8 gives y = 0, which solves -d y^4 + ... : y^2 = (-1 +- sqrt(1 + d)) / d.
    square = pow(1 + D, (P + 3) // 8, P)
    square = square if square * square % P == (1 + D) % P else square * root % P
    candidates = {(-1 + sign * square) * pow(D, -1, P) % P for sign in (1, -1)}
    found = {0, 1, P - 1}
    for y_squared in candidates:
        y = pow(y_squared, (P + 3) // 8, P)
        for candidate in (y, y * root % P):
            if candidate * candidate % P == y_squared:
                found |= {candidate, -candidate % P}
    return found


def _x_of(y: int) -> int:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return x


def _times_eight(point: Point) -> Point:
    for _ in range(3):
        x, y = point
        product = D * x * x * y * y % P
        point = (
            2 * x * y * pow(1 + product, -1, P) % P,
            (y * y + x * x) * pow(1 - product, -1, P) % P,
        )
    return point


def test_pitfall_12_no_point_of_small_order_is_a_key():
    points = _small_order_points()

    assert len(points) == 8
    for x, y in points:
        for sign in (0, 1):
            encoded = (y | sign << 255).to_bytes(32, "little")
            assert not is_strict_point(encoded), (x, y)
            with pytest.raises(NotADidKey):
                key_of("did:key:" + multibase.encode(b"\xed\x01" + encoded))


def test_pitfall_12_a_point_has_one_spelling():
    """y + p fits 255 bits for y < 19 and names the same point again."""
    for y in range(19):
        assert not is_strict_point((y + P).to_bytes(32, "little"))
