"""A memory with an end."""

from __future__ import annotations

from services.messages.message import Message
from services.messages.recent import Recent
from tests.credentials.parties import a_request


def test_the_oldest_message_is_forgotten_first_and_none_is_another():
    recent: Recent[bytes, Message] = Recent(2)
    first, second, third = (a_request(description=text) for text in ("one", "two", "three"))

    recent.put(b"1", first)
    recent.put(b"2", second)
    recent.put(b"1", first)
    recent.put(b"3", third)

    assert [recent.get(digest) for digest in (b"1", b"2", b"3", b"4")] == [first, None, third, None]
