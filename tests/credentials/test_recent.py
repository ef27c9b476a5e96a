"""A memory with an end."""

from __future__ import annotations

from services.credentials.recent import Recent
from services.messages.message import Message
from tests.credentials.parties import a_request


def test_the_oldest_message_is_forgotten_first_and_none_is_another():
    recent: Recent[bytes, Message] = Recent(entries_max=2)
    first, second, third = (a_request(description=text) for text in ("one", "two", "three"))

    recent.keep(b"1", first)
    recent.keep(b"2", second)
    recent.keep(b"1", first)
    recent.keep(b"3", third)

    assert [recent.find(digest) for digest in (b"1", b"2", b"3", b"4")] == [first, None, third, None]
