"""`counterfoil archive`: the sessions of the databases that the environment names, as the operator of the server."""

from __future__ import annotations

import asyncio

import click

from client.failures import Fault, NotReachable, Unusable
from client.printing import say


@click.command()
def archive() -> None:
    """Archive and delete the sessions that ended long enough ago, once.

    A server with the same settings does that itself every day. It reads the environment as the server does, and works
    beside running servers: COUNTERFOIL_RETENTION_DAYS says how long sessions are kept after they ended, and
    COUNTERFOIL_ARCHIVE_DIR where they are written before they are deleted, one line of JSON each. Breaking it off
    loses nothing.
    """
    try:
        count = asyncio.run(_archive())
    except ImportError as error:
        raise Unusable.not_installed(error) from None
    say(f"{count} sessions archived and deleted")


async def _archive() -> int:
    import grpc

    from gateway.flows import Payments
    from gateway.retention import retention_of
    from services.host import hosted
    from services.runtime import log
    from services.runtime.settings import BadSetting, read_settings

    total = 0
    try:
        settings = read_settings()
        log.configure(settings)
        async with hosted(settings) as channels:
            retention = retention_of(settings, channels, Payments(channels))
            if retention is None:
                raise BadSetting(
                    "COUNTERFOIL_RETENTION_DAYS: missing, so sessions are kept for ever; give a number of days"
                )
            async for count in retention.run():
                total += count
                say(f"{total} sessions archived")
    except BadSetting as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable.file(str(error.filename or settings.archive_dir), error) from None
    except grpc.aio.AioRpcError as error:
        ending = NotReachable if error.code() is grpc.StatusCode.UNAVAILABLE else Fault
        raise ending(f"{error.details()}; {total} sessions were archived, run it again for the rest") from None
    return total
