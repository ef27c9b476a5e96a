"""The gateway that a command talks to."""

from __future__ import annotations

import click

from client.options import globals_of
from client.sdk.gateway import Gateway


def gateway_of(context: click.Context) -> Gateway:
    """The gateway that the global options name, until the command ends."""
    wanted = globals_of(context)
    return context.with_resource(Gateway(wanted.server, timeout_seconds=wanted.timeout))
