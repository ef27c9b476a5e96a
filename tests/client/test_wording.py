"""What a server of another version, or an evil one, may say: words for a person, and never a traceback."""

from __future__ import annotations

import json

from google.protobuf.timestamp_pb2 import Timestamp

from client.wording import session_rows, unsigned_rows, when
from counterfoil.sessions.v1 import session_pb2


def test_a_time_that_no_calendar_has_is_said_to_be_none():
    assert when(Timestamp(seconds=10**15)) == "at no time that there is"
    assert when(Timestamp(seconds=0)) == "1970-01-01 00:00 UTC"


def test_a_status_of_a_later_version_is_said_to_be_unknown():
    session = session_pb2.Session()
    session.MergeFromString(b"\x10\x63")  # Field 2, the status: 99.

    assert session.status == 99
    assert "does not know" in dict(session_rows(session))["status"]


def test_unsigned_fields_that_are_no_object_are_shown_as_they_stand():
    assert list(unsigned_rows("[1, 2]")) == [("fields", "[1, 2]")]
    [(_, shown)] = unsigned_rows(json.dumps({"amount": "\x1b[2J"}))
    assert "\x1b" not in shown
