"""A service with one table, to try a database with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, text

START = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "t1", None, None, None
def upgrade(): op.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT)")
def downgrade(): op.execute("DROP TABLE note")
"""
NEXT = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "t2", "t1", None, None
def upgrade(): op.execute("ALTER TABLE note ADD COLUMN author TEXT")
def downgrade(): op.execute("ALTER TABLE note DROP COLUMN author")
"""


def write_revisions(folder: Path, *revisions: str) -> Path:
    folder.mkdir(exist_ok=True)
    for number, revision in enumerate(revisions):
        (folder / f"{number}.py").write_text(revision)
    return folder


def add(number: int) -> Callable[[Connection], int]:
    return lambda connection: (
        connection.execute(text("INSERT INTO note (id, body) VALUES (:id, 'x')"), {"id": number}).rowcount
    )


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM note")).scalar_one())
