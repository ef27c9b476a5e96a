"""Where a wallet's key comes from, and how it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic

from client.wallet import phrase, sealing
from client.wallet.keys import did_of
from client.wallet.sealing import NotSealed, WillNotOpen, seal, unseal

ABANDON = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
# SLIP-0010, test vectors 1 and 2 for ed25519: the seed, a path, and the private key there.
SEED_1 = "000102030405060708090a0b0c0d0e0f"
SEED_2 = (
    "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a"
    "5754514e4b484542"
)
with pytest.MonkeyPatch.context() as _quickly:
    _quickly.setattr(sealing, "LOG2_N", 15)
    SEALED = seal(b"secret", "a passphrase", "key")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LOG2_N", 15)


@pytest.mark.parametrize(
    ("seed", "path", "key"),
    [
        (SEED_1, (), "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7"),
        (SEED_1, (0,), "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3"),
        (SEED_1, (0, 1), "b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2"),
        (SEED_1, (0, 1, 2), "92a5b23c0b8a99e37d07df3fb9966917f5d06e02ddbd909c7e184371463e9fc9"),
        (SEED_1, (0, 1, 2, 2), "30d1dc7e5fc04c31219ab25a27ae00b50f6fd66622f6e9c913253d6511d1e662"),
        (SEED_1, (0, 1, 2, 2, 1000000000), "8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793"),
        (SEED_2, (), "171cb88b1b3c1db25add599712e36245d75bc65a1a5c9e18d76f9f2b1eab4012"),
    ],
)
def test_keys_are_derived_as_slip_0010_has_it(seed: str, path: tuple[int, ...], key: str):
    assert phrase.derive(bytes.fromhex(seed), path).hex() == key


def test_a_phrase_gives_the_key_that_the_documentation_shows():
    """The seed is that of the BIP-39 vectors for an empty passphrase; the rest is ours and must never change."""
    seed = (
        "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1"
        "9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4"
    )
    assert Mnemonic.to_seed(ABANDON).hex() == seed
    assert phrase.PATH == (1128673329, 0)

    secret = phrase.secret_of(ABANDON)

    assert secret.hex() == "8c407aa5188663a48ca7fea731d8acdc9572a82fbf9787fb64d8bd29fd7b4f87"
    assert did_of(secret) == "did:key:z6Mkv2xN934CjSzd6kethFt7xpWipKM6JT7qnorhPizQwVHD"


def test_a_phrase_is_read_as_people_write_it():
    assert phrase.secret_of(f"  {ABANDON.upper()}\n") == phrase.secret_of(ABANDON)


def test_every_phrase_that_is_made_can_be_read():
    words = phrase.generate()

    assert len(words.split()) == 12
    assert len(phrase.secret_of(words)) == 32
    assert phrase.generate() != words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "12 words"),
        (ABANDON.rpartition(" ")[0], "12 words"),
        (ABANDON.replace("about", "abuot"), "word 12"),
        (ABANDON.replace("about", "abandon"), "not together"),
        ("abandon " * 100_000, "12 words"),
    ],
)
def test_a_phrase_with_a_slip_is_refused_with_the_place(words: str, sentence: str):
    with pytest.raises(phrase.NotAPhrase, match=sentence):
        phrase.secret_of(words)


def test_what_was_sealed_opens_with_its_passphrase_and_purpose_alone():
    sealed = seal(b"secret", "a passphrase", "key")

    assert unseal(sealed, "a passphrase", "key") == b"secret"
    for passphrase, purpose in (("another", "key"), ("a passphrase", "backup")):
        with pytest.raises(WillNotOpen):
            unseal(sealed, passphrase, purpose)


def test_a_passphrase_is_one_however_its_letters_are_composed():
    assert unseal(seal(b"secret", "Stra\u00dfe caf\u00e9", "key"), "Stra\u00dfe cafe\u0301", "key") == b"secret"


def test_sealing_twice_shows_nothing_in_common():
    assert seal(b"secret", "a passphrase", "key")[5:] != seal(b"secret", "a passphrase", "key")[5:]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_changed_bit_opens(data: st.DataObject):
    sealed = bytearray(SEALED)
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises((WillNotOpen, NotSealed)):
        unseal(bytes(sealed), "a passphrase", "key")


@pytest.mark.parametrize("log2_n", [0, 1, 10, 14, 19, 20, 63, 255])
def test_parameters_that_are_too_cheap_or_too_dear_are_not_even_tried(log2_n: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sealing, "Scrypt", None)  # Whoever calls it fails.
    sealed = bytearray(SEALED)
    sealed[4] = log2_n

    with pytest.raises(NotSealed):
        unseal(bytes(sealed), "a passphrase", "key")


@pytest.mark.parametrize("content", [b"", b"CFS1", b"CFS1" + bytes(28), b"SQLite format 3\0" + bytes(100)])
def test_what_nothing_has_sealed_is_told_apart(content: bytes):
    with pytest.raises(NotSealed):
        unseal(content, "a passphrase", "key")


def test_a_wallet_is_sealed_with_the_cost_that_is_documented(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()

    assert sealing.LOG2_N == 17
    assert seal(b"secret", "a passphrase", "key")[4] == 17
