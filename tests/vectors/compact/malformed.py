"""Contents that no writer writes, in an armour that is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from services.codec.words import CURRENCIES
from tests.vectors.compact.contents import (
    Content,
    cancellation,
    claim,
    letters,
    method,
    methods,
    money,
    number,
    one_method,
    request,
    signed,
    text,
    utf8,
)
from tests.vectors.compact.samples import ANA, CHAN

Named = Iterator[tuple[str, Content | bytes]]


def malformed() -> Iterator[tuple[str, bytes]]:
    for group in (_heads, _places, _numbers, _modes, _characters, _parties, _lists, _bounds):
        for name, content in group():
            yield name, content if isinstance(content, bytes) else content.bytes


def _heads() -> Named:
    base = cancellation()
    yield "a content of one byte", b"\x11"
    yield "one byte of a later template", b"\x21"
    yield "a byte after the end", base.bytes + b"\0"
    yield "a byte of the signature is missing", base.bytes[:-1]
    yield "template 0", replace(base, head=b"\x05\x11")
    yield "kind 0", replace(base, head=b"\x10\x11")
    yield "kind 6", replace(base, head=b"\x16\x11")
    yield "suite 0", replace(base, head=b"\x15\x10")
    yield "suite 3", replace(base, head=b"\x15\x13")
    yield "issuer's form 0", replace(base, head=b"\x15\x01")
    yield "issuer's form 3", replace(base, head=b"\x15\x31")
    yield "issuer's form 4", replace(base, head=b"\x15\x41", place=_place())
    yield "issuer's form 7", replace(base, head=b"\x15\x71", place=_place())
    yield "own time of nothing", replace(base, head=b"\x15\x91", own_time=signed(0))
    by_name = replace(base, head=b"\x15\x21")
    yield "a did:key by its name", replace(by_name, issuer=text(ANA.did) + text(ANA.fragment))
    yield "a did:key of the other suite by its name", replace(by_name, issuer=text(CHAN.did) + text(CHAN.fragment))
    yield "an issuer that is no DID", replace(by_name, issuer=text("pay.example.org") + text("key-1"))
    yield "an issuer with a fragment", replace(by_name, issuer=text("did:web:example.org#a") + text("key-1"))
    yield "an issuer with a line break", replace(by_name, issuer=utf8("did:web:example.org\n") + text("key-1"))
    yield "an issuer of 257 letters", replace(by_name, issuer=text("did:web:" + "a" * 249) + text("key-1"))


def _place(address: bytes = text("pay.example.org"), list_number: int = 1, index: int = 0) -> bytes:
    return address + number(list_number) + number(index)


def _places() -> Named:
    base = replace(cancellation(), head=b"\x15\x51")
    yield "a place that is missing", base
    yield "a place without an address", replace(base, place=_place(text("")))
    yield "a place with https:// written out", replace(base, place=_place(text("https://pay.example.org")))
    yield "a place at an address with a query", replace(base, place=_place(text("pay.example.org?a=b")))
    yield "a place at an address with a space", replace(base, place=_place(text("pay example.org")))
    yield "a place at an address of 129 letters", replace(base, place=_place(text("a" * 121)))
    yield "a place in list 0", replace(base, place=_place(list_number=0))
    yield "a place in a list beyond all bounds", replace(base, place=_place(list_number=2**32))
    yield "a place beyond all bounds", replace(base, place=_place(index=2**32))


def _numbers() -> Named:
    yield "a number in more bytes than it takes", request(amount=b"\x81\x00" + number(125050))
    yield "a number of eleven bytes", request(amount=b"\1" + b"\x80" * 10 + b"\1")
    yield "a number beyond all bounds", request(amount=b"\1" + number(2**69))
    yield "an id before all time", replace(cancellation(), id=signed(-(2**48)) + bytes(10))
    yield "an id after all time", replace(cancellation(), id=signed(2**48 - 1) + bytes(10))


def _modes() -> Named:
    yield "bytes where a word is", cancellation(utf8("wallet"))
    yield "letters where a word is", cancellation(letters(5, "wallet", "0123456789abcdefghijklmnopqrstuvwxyz"))
    yield "bytes where digits are fewer", cancellation(utf8("00120300000000202051"))
    yield "hexadecimal where digits are fewer", cancellation(letters(3, "00120300000000202051", "0123456789abcdef"))
    yield "the higher of two modes of one size", cancellation(letters(4, "7", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    yield "no letters in mode 6", cancellation(number(6))
    yield "mode 7", cancellation(number(3 * 8 + 7) + b"abc")
    yield "a word that there is not", cancellation(number(1000 * 8 + 1))
    yield "a number larger than its letters", cancellation(number(2 * 8 + 2) + b"\x64")
    yield "more letters than are read", cancellation(number(1025 * 8 + 2) + bytes(426))
    yield "a text longer than the rest", cancellation(number(200 * 8) + b"abc")


_CHARACTERS = {
    "a line break": "a\nb",
    "a NUL": "a\0b",
    "a DEL": "a\x7fb",
    "a control character of Latin-1": "a\x85b",
    "right-to-left override": "a\u202eb",
    "a direction isolate": "a\u2066b",
    "a zero-width space": "a\u200bb",
    "a byte order mark": "\ufeffab",
    "a soft hyphen": "a\xadb",
    "a tag character": "a\U000e0041b",
    "a Hangul filler": "a\u3164b",
    "a Hangul filler of half width": "a\uffa0b",
    "a Hangul filler for a consonant": "a\u115fb",
    "a Hangul filler for a vowel": "a\u1160b",
    "an empty Braille cell": "a\u2800b",
    "an empty note": "a\U0001d159b",
    "a grapheme joiner": "a\u034fb",
    "a Khmer vowel without a glyph": "a\u17b5b",
    "a variation selector": "é\ufe00b",
    "a variation selector for ideographs": "葛\U000e0100b",
    "an unassigned character without a glyph": "a\u2065b",
    "the last character without a glyph": "é\U000e0fff",
    "a joiner after a letter of ASCII": "a\u200db",
    "a joiner after a space": "é \u200cb",
    "a joiner first": "\u200dab",
    "a joiner last, after a digit": "é1\u200c",
    "an emoji selector after a letter of ASCII": "é a\ufe0fb",
    "a text selector first": "\ufe0eé",
    "an emoji selector after a digit that is no keycap": "1\ufe0f",
    "an emoji selector after a letter that is no keycap": "a\ufe0f\u20e3",
    "a text selector in a keycap": "1\ufe0e\u20e3",
    "a Mongolian selector after a letter of ASCII": "a\u180bé",
    "a line separator": "a\u2028b",
    "a private character": "a\ue000b",
    "Unicode form NFD": "Zu\u0308rich",
    "a character that NFC replaces": "5 \u212b",
    "a space first": " a",
    "a space last": "a ",
    "a no-break space last": "aß\u00a0",
    "nothing but a space": " ",
}


def _characters() -> Named:
    for name, value in _CHARACTERS.items():
        yield f"a reason with {name}", cancellation(text(value))
        yield f"a name with {name}", request(party=b"\2" + text(value))
    yield "bytes that are not UTF-8", cancellation(utf8(b"a\xffb"))
    yield "UTF-8 longer than it takes", cancellation(utf8(b"a\xc0\xafb"))
    yield "half a surrogate pair", cancellation(utf8(b"a\xed\xa0\x80b"))
    yield "UTF-8 that ends within a character", cancellation(utf8(b"a\xe2\x82"))


def _parties() -> Named:
    yield "a request of nobody", request(party=b"\0")
    yield "the issuer by its name", request(party=b"\2" + text(ANA.did))
    yield "two kinds of party", request(party=b"\3")
    yield "a flag of a claim in a request", request(party=b"\5")
    yield "a flag that there is not", claim(party=b"\x21")
    yield "an empty name", request(party=b"\2" + text(""))
    yield "a name that looks like a DID", request(party=b"\2" + text("DID:web:example.org"))
    yield "a DID without its end", request(party=b"\2" + text("did:web:"))
    yield "a DID with a space", request(party=b"\2" + text("did:web:a b"))
    yield "a name of 129 bytes", request(party=b"\2" + text("a" * 127 + "ß"))


def _lists() -> Named:
    iban, same = (text("iban"), text("A")), (text("iban"), text("B"))
    yield "details that are not sorted", one_method(*iban, text("bic"), text("X1"))
    yield "a detail twice", one_method(*iban, *iban)
    yield "a detail twice, with two values", one_method(*iban, *same)
    yield "nine details", one_method(*[text(f"{letter}{at}") for at in range(9) for letter in "kv"])
    yield "a detail named method", one_method(text("method"), text("v"))
    yield "a detail with a capital letter", one_method(text("Iban"), text("v"))
    yield "a detail without a name", one_method(text(""), text("v"))
    yield "a detail with a name of 33 letters", one_method(text("k" * 33), text("v"))
    yield "a detail with a name beyond ASCII", one_method(text("é"), text("v"))
    yield "a detail that says nothing", one_method(text("iban"), text(""))
    yield "a detail of 257 bytes", one_method(text("iban"), text("v" * 257))
    yield "a method without a name", methods(text(""))
    yield "a method with a name of 65 bytes", methods(text("m" * 65))
    yield "a method twice", methods(text("BTC"), text("BTC"))
    yield "nine methods", methods(*[text(f"m{at}") for at in range(9)])
    yield "fewer methods than it says", request(methods=b"\2" + method(text("BTC")))


def _bounds() -> Named:
    yield "an amount of nothing", request(amount=money(0))
    yield "an amount beyond all bounds", request(amount=money(10**15 + 1))
    yield "a currency that there is not", request(amount=money(1, len(CURRENCIES)))
    yield "a description of 513 bytes", request(description=text("d" * 513))
    yield "a reason of 257 bytes", cancellation(text("r" * 257))
    yield "evidence of 513 bytes", claim(b"\5", text("e" * 513))
    yield "evidence that says nothing", claim(b"\5", text(""))
    yield "a method that says nothing", claim(b"\x09", text(""))
    yield "a method and a custom method", claim(b"\x19", text("BTC") + text("cash"))
    offered = b"\1" + method(text("BTC"), text("k"), text("v" * 256), text("l"), text("w" * 255))
    long = request(b"\2" + text("Ana"), description=text("d" * 506), methods=offered)
    yield "texts of 1,025 bytes together", long
    yield "an expiry after the year 9999", request(ends=8 * 10**12)
    yield "an expiry before the year 1", request(ends=-8 * 10**10)
    far = replace(cancellation(), head=b"\x15\x91")
    yield "issued after the year 9999", replace(far, own_time=signed(8 * 10**12))
    yield "issued before the year 1", replace(far, own_time=signed(-8 * 10**10))
    yield "an id of the year 10889", replace(cancellation(), session=b"\xff" * 16)
