"""`counterfoil migrate`: the tables of the databases that the environment names, as the operator of the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from client.failures import Unusable, printable
from client.printing import say

if TYPE_CHECKING:
    from services.runtime.migrations import Revision, Tables


@click.group()
def migrate() -> None:
    """Bring the server's tables up to date, or back.

    A server does that itself when it starts. This is for a database role that may not change tables, for
    looking first, and for going back. It reads COUNTERFOIL_DATABASE_URL or COUNTERFOIL_DATA_DIR as the server does.
    """


@migrate.command()
def status() -> None:
    """List the revisions of every service's tables, and whether they were applied."""
    for service in _services():
        with _tables_of(service) as tables:
            for each in tables.revisions():
                state = "applied" if each.is_applied else "missing"
                click.echo(f"{state:8} {service:12} {each.id:14} {printable(each.description)}")


@migrate.command()
def up() -> None:
    """Apply what is missing. Servers may run meanwhile; several of these at once do it once."""
    for service in _services():
        with _tables_of(service) as tables:
            missing = [each for each in tables.revisions() if not each.is_applied]
            tables.up()
        for each in missing:
            say(f"applied: {_title(service, each)}")
        if not missing:
            say(f"{service}: nothing is missing")


@migrate.command()
@click.argument("service")
@click.option("--yes", is_flag=True, help="Do not ask.")
def down(service: str, yes: bool) -> None:
    """Take the last revision of a service's tables back, and what was kept in it with it.

    First replace every server by the version before, which runs on newer tables too: the present one would apply the
    revision again.
    """
    if service not in _services():
        raise click.BadParameter(f"give one of {', '.join(_services())}", param_hint="SERVICE")
    with _tables_of(service) as tables:
        applied = [each for each in tables.revisions() if each.is_applied]
    if not applied:
        raise Unusable(f"{service}: there is nothing to take back")
    last = applied[-1]
    if not yes:
        click.confirm(f"Take back {_title(service, last)} and lose what was kept in it?", abort=True, err=True)
    with _tables_of(service) as tables:
        tables.down(last.id)
    say(f"taken back: {_title(service, last)}")


def _title(service: str, revision: Revision) -> str:
    return f"{service} {revision.id} ({revision.description})"


def _services() -> list[str]:
    from services.runtime.channels import SERVICES
    from services.runtime.database import revisions_of

    return [name for name in SERVICES if revisions_of(name).is_dir()]


@contextmanager
def _tables_of(service: str) -> Iterator[Tables]:
    """Nobody else changes them meanwhile."""
    try:
        from services.runtime.database import database_of, revisions_of
        from services.runtime.migrations import CannotGoBack, Tables
        from services.runtime.settings import BadSetting, read_settings
    except ImportError as error:
        raise Unusable.not_installed(error) from None
    try:
        with database_of(read_settings(), service).migrating() as connection:
            yield Tables(connection, revisions_of(service))
    except (BadSetting, CannotGoBack) as error:
        raise Unusable(str(error)) from None
