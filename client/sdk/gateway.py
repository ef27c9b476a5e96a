"""A gateway, and its operations as methods."""

from __future__ import annotations

from client.sdk.connection import Connection
from client.sdk.operations import Operations


class Gateway(Connection, Operations):
    """A connection to a gateway. `call` makes the calls that have no method here, such as those of the operator.

    A call that changes something is given a `request_id`, a UUID: with the same one it takes effect once, however often
    it is made. Without one it is a new call, which the few tries made here do not double.
    """
