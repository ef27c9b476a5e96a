"""The gateway that a command talks to."""

from __future__ import annotations

from pathlib import Path

import click

from client.failures import Unusable
from client.options import globals_of
from client.sdk.gateway import Gateway
from services.runtime.certificates import sentence_of


def gateway_of(context: click.Context) -> Gateway:
    """The gateway that the global options name, until the command ends."""
    wanted = globals_of(context)
    return context.with_resource(connect(wanted.server, wanted.ca, wanted.timeout))


def connect(server: str, ca: Path | None, timeout: float) -> Gateway:
    try:
        return Gateway(server, ca=ca, timeout_seconds=timeout)
    except ValueError as error:
        raise click.UsageError(f"--server {server}: {error}") from None
    except OSError as error:
        raise Unusable(f"--ca {ca}: {sentence_of(error)}") from None
