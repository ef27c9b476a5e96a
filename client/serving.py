"""`counterfoil serve`: the server, whole or one service of it."""

from __future__ import annotations

from importlib import import_module

import click

from client.failures import Unusable


@click.command()
@click.argument("service", required=False, type=click.Choice(["codec", "credentials", "sessions"]))
def serve(service: str | None) -> None:
    """Run the server: everything in this process, or one service alone.

    The environment sets it up. Without any, it listens on 127.0.0.1:50050, for HTTP on 127.0.0.1:8080, and
    keeps databases and keys under ./var.

    \b
    COUNTERFOIL_GATEWAY_LISTEN   where to listen, such as 0.0.0.0:50050
    COUNTERFOIL_HTTP_LISTEN      where to listen for HTTP, or off
    COUNTERFOIL_DATA_DIR         where databases and keys are
    COUNTERFOIL_LOG_LEVEL        debug, info, warning or error

    Services that have an address (COUNTERFOIL_CODEC_ADDRESS and so on) are asked over the network instead.
    """
    try:
        if service is None:
            import_module("gateway.__main__").serve()
        else:
            build = import_module(f"services.{service}.wiring").build
            import_module("services.runtime.process").run_one(service, build)
    except ImportError as error:
        raise Unusable.not_installed(error) from None
