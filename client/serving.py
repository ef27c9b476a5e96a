"""`counterfoil serve`: the server, whole or one service of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

import services
from client.failures import Unusable

if TYPE_CHECKING:
    from services.runtime.channels import ServiceName


@click.command()
@click.argument("service", required=False, type=click.Choice(["codec", "credentials", "sessions"]))
def serve(service: ServiceName | None) -> None:
    """Run the server: everything in this process, or one service alone.

    The environment sets it up. Without any, it listens on 127.0.0.1:50050, for HTTP on 127.0.0.1:8080, and
    keeps databases and keys under ./var.

    \b
    COUNTERFOIL_GATEWAY_LISTEN   where to listen, such as 127.0.0.1:50050
    COUNTERFOIL_HTTP_LISTEN      where to listen for HTTP, or off
    COUNTERFOIL_PUBLIC_TLS_CERTIFICATE, COUNTERFOIL_PUBLIC_TLS_KEY
                                 for TLS; without it, only on loopback
    COUNTERFOIL_DATA_DIR         where databases and keys are
    COUNTERFOIL_LOG_LEVEL        debug, info, warning or error

    Services that have an address (COUNTERFOIL_CODEC_ADDRESS and so on) are asked over the network instead.
    """
    try:
        if service is None:
            from gateway.__main__ import serve as serve_all

            serve_all()
        else:
            from services.runtime.process import run_one

            run_one(service, import_module(f".{service}.wiring", services.__name__).build)
    except ImportError as error:
        raise Unusable.not_installed(error) from None
