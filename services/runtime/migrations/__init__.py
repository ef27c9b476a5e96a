"""The revisions of a service's tables, with Alembic.

A revision only adds, so that processes of the version before go on beside it, and start on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


class CannotGoBack(Exception):
    """One sentence that says why."""


@dataclass(frozen=True, slots=True)
class Revision:
    id: str
    description: str
    is_applied: bool


class Tables:
    """A service's tables, in a transaction that the caller has begun."""

    def __init__(self, connection: Connection, revisions: Path) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.set_main_option("version_locations", str(revisions))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        self._config = config
        self._known = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
        self._connection = connection

    def revisions(self) -> list[Revision]:
        """Those that this program knows, oldest first, and the database's own when a newer program brought it there."""
        ids = [each.revision for each in self._known]
        current = self._current
        newer = [Revision(current, "of a newer version", True)] if current and current not in ids else []
        applied = len(ids) if newer else ids.index(current) + 1 if current else 0
        return [Revision(each.revision, each.doc, number < applied) for number, each in enumerate(self._known)] + newer

    def up(self) -> None:
        """Applies what is missing."""
        if not all(each.is_applied for each in self.revisions()):
            command.upgrade(self._config, "heads")

    def down(self, last: str) -> None:
        """Takes the last revision back, and what was kept in it is gone. Raises CannotGoBack when it is another."""
        if last != self._current:
            raise CannotGoBack(f"somebody else has changed the tables, which are now at {self._current or 'none'}")
        if last not in {each.revision for each in self._known}:
            raise CannotGoBack(f"{last} is of a newer version, which alone can take it back")
        command.downgrade(self._config, "-1")

    @property
    def _current(self) -> str | None:
        return MigrationContext.configure(self._connection).get_current_revision()
