"""The messages signed or looked up last, by digest, so that answering one soon does not read it from disk again."""

from __future__ import annotations

from collections import OrderedDict

from services.messages.message import Message

# A few kilobytes each.
MESSAGES_MAX = 4096


class Recent:
    """Safe to keep, since a digest names one message for ever; what is not in here may well exist."""

    def __init__(self, messages_max: int = MESSAGES_MAX) -> None:
        self._messages: OrderedDict[bytes, Message] = OrderedDict()
        self._messages_max = messages_max

    def keep(self, digest: bytes, message: Message) -> None:
        self._messages[digest] = message
        self._messages.move_to_end(digest)
        if len(self._messages) > self._messages_max:
            self._messages.popitem(last=False)

    def find(self, digest: bytes) -> Message | None:
        return self._messages.get(digest)
