"""Statements of the hot path: declared as SQLAlchemy Core, compiled once for each kind of database.

What Core does anew for every execution costs several times what the statement itself does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.expression import ClauseElement

_Bind = tuple[str, Callable[[Any], Any] | None]
_Compiled = tuple[str, list[_Bind]]


class Prepared:
    """Takes its named parameters as Core does; what it returns is as the driver gives it.

    `columns`: those that an INSERT without values of its own is given.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **parameters: Any) -> list[Any]:
        return list(self._run(connection, parameters).fetchall())

    def first(self, connection: Connection, **parameters: Any) -> Any | None:
        return self._run(connection, parameters).fetchone()

    def run(self, connection: Connection, **parameters: Any) -> int:
        """Returns how many rows it changed."""
        count: int = self._run(connection, parameters).rowcount
        return count

    def _run(self, connection: Connection, parameters: dict[str, Any]) -> Any:
        dialect = connection.dialect
        sql, binds = self._compiled.get(dialect.name) or self._compile(dialect)
        values = [process(parameters[name]) if process else parameters[name] for name, process in binds]
        driver = connection.connection.dbapi_connection
        if isinstance(driver, sqlite3.Connection):
            return driver.execute(sql, values)
        # Errors of the network are SQLAlchemy's to tell apart, and its pool is to hear of them.
        return connection.exec_driver_sql(sql, tuple(values))

    def _compile(self, dialect: Dialect) -> _Compiled:
        # With parameters by position, wherever they stand.
        style = "qmark" if dialect.name == "sqlite" else "format"
        positional = type(dialect)(paramstyle=style)  # type: ignore[call-arg]
        compiled = self._statement.compile(dialect=positional, column_keys=self._columns)
        types = {name: bind.type for bind, name in compiled.bind_names.items()}  # type: ignore[attr-defined]
        binds = [
            (name, types[name].dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()  # type: ignore[attr-defined]
        ]
        self._compiled[dialect.name] = str(compiled), binds
        return self._compiled[dialect.name]
