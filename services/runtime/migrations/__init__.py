"""The revisions of a service's tables, with Alembic. Everything happens in the transaction that the caller has begun.

A revision only adds, so that processes of the version before go on beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Revision:
    id: str
    description: str
    is_applied: bool


def up(connection: Connection, revisions: Path) -> None:
    """Runs what is missing. A database that a newer version of this program has brought further stays as it is."""
    if _is_known(connection, revisions):
        command.upgrade(_config(connection, revisions), "heads")


def down(connection: Connection, revisions: Path) -> None:
    """Takes the last revision back, and what was kept in it is gone."""
    command.downgrade(_config(connection, revisions), "-1")


def revisions_in(connection: Connection, revisions: Path) -> list[Revision]:
    """Every revision that this program or the database knows, oldest first."""
    scripts = list(_scripts(revisions).walk_revisions())[::-1]
    current = _current(connection)
    ids = [each.revision for each in scripts]
    applied = len(ids) if current and current not in ids else ids.index(current) + 1 if current else 0
    known = [Revision(each.revision, each.doc, number < applied) for number, each in enumerate(scripts)]
    if current and current not in ids:
        known.append(Revision(current, "of a newer version of this program", True))
    return known


def are_missing(connection: Connection, revisions: Path) -> bool:
    return _is_known(connection, revisions) and _current(connection) != _scripts(revisions).get_current_head()


def _is_known(connection: Connection, revisions: Path) -> bool:
    current = _current(connection)
    return current is None or current in {each.revision for each in _scripts(revisions).walk_revisions()}


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _scripts(revisions: Path) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None, revisions))


def _config(connection: Connection | None, revisions: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_locations", str(revisions))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
