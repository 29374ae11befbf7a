"""How are many rows written or read by one constant statement, on both databases?

Rows travel as one JSON text, so that a statement depends on nothing but the table: the server
reads it once, however many rows there are, and a batch costs one journey.
"""
# ruff: noqa: S608 - table and column names come from tables.py, values only as parameters

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Column, Connection, DefaultClause, Row, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.selectable import TextualSelect

from triggers.clock import stamp
from worker.store.direct import Later, later
from worker.store.types import Json

Values = Mapping[str, Any]
NOTHING: Values = MappingProxyType({})
_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Insertion:
    """Insert in the order of the primary key, so that two of them never wait for each other.

    `conflict`: what follows ON CONFLICT. `returning`: columns of the rows that went in. `same`:
    columns that may be said once for all rows. `begun`: moments that PostgreSQL knows, where no
    row says them: when the transaction began.
    """

    table: Table
    conflict: str = "DO NOTHING"
    returning: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()

    def run(
        self, connection: Connection, rows: Iterable[Values], same: Values = NOTHING
    ) -> Sequence[Row[Any]]:
        return _run(self, connection, self.ordered(rows), same)

    def ordered(self, rows: Iterable[Values]) -> Iterable[Values]:
        keys = [column.name for column in self.table.primary_key if not _is_serial(column)]
        return sorted(rows, key=lambda row: [row[name] for name in keys]) if keys else rows

    def sql(self, dialect: str) -> str:
        columns = [column for column in self.table.columns if not _is_serial(column)]
        names = ", ".join(map(_quoted, columns))
        begun = self.begun if dialect == "postgresql" else ()
        given = ", ".join(_given(column, begun) for column in columns)
        # SQLite would read ON as a join's, were there no WHERE before it
        return (
            f"INSERT INTO {self.table.name} ({names}) SELECT {given}"
            f" FROM {_rowset(_rows(dialect, columns), dialect, columns, self.same)}"
            f" WHERE true ON CONFLICT {self.conflict}"
        )


@dataclass(frozen=True)
class Update:
    """Set `columns` of the rows that `by` names; `only` is the compare of a compare-and-set.

    `same`: columns that may be said once for all rows.
    """

    table: Table
    by: tuple[str, ...]
    columns: tuple[str, ...]
    only: str = "true"
    returning: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    def run(
        self, connection: Connection, rows: Iterable[Values], same: Values = NOTHING
    ) -> Sequence[Row[Any]]:
        return _run(self, connection, rows, same)

    def sql(self, dialect: str) -> str:
        columns = [self.table.c[name] for name in (*self.by, *self.columns)]
        given = _rowset(recordset(dialect, columns), dialect, columns, self.same)
        sets = ", ".join(f'"{name}" = given."{name}"' for name in self.columns)
        return (
            f"UPDATE {self.table.name} SET {sets} FROM {given}"
            f" WHERE {_same(self.table, self.by)} AND ({self.only})"
        )


@dataclass(frozen=True)
class Reading:
    """The rows of any of the keys, in no order. `columns` default to all of them."""

    table: Table
    by: tuple[str, ...]
    columns: tuple[str, ...] = ()
    only: str = "true"

    @property
    def returning(self) -> tuple[str, ...]:
        return self.columns or tuple(column.name for column in self.table.columns)

    def run(self, connection: Connection, keys: Iterable[Values]) -> Sequence[Row[Any]]:
        return _run(self, connection, keys)

    def later(self, connection: Connection, keys: Iterable[Values]) -> Later:
        """Asked with what is asked next: its rows are to be asked for."""
        return _later(self, connection, keys)

    def sql(self, dialect: str) -> str:
        given = recordset(dialect, [self.table.c[name] for name in self.by])
        chosen, name = _chosen(self.table, self.returning), self.table.name
        return (
            f"SELECT {chosen} FROM {given}, {name}"
            f" WHERE {_same(self.table, self.by)} AND ({self.only})"
        )


@dataclass(frozen=True)
class Deletion:
    """Delete the rows of any of the keys."""

    table: Table
    by: tuple[str, ...]
    returning: tuple[str, ...] = ()

    def run(self, connection: Connection, keys: Iterable[Values]) -> Sequence[Row[Any]]:
        return _run(self, connection, keys)

    def sql(self, dialect: str) -> str:
        given = recordset(dialect, [self.table.c[name] for name in self.by])
        same = _same(self.table, self.by)
        return f"DELETE FROM {self.table.name} WHERE EXISTS (SELECT 1 FROM {given} WHERE {same})"


_Statement = Insertion | Update | Reading | Deletion


def as_json(rows: Iterable[Values]) -> str:
    """The rows as these statements take them; moments as text."""
    return orjson.dumps(list(rows), default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def recordset(dialect: str, columns: Sequence[Column[Any]], parameter: str = "rows") -> str:
    """A FROM item named `given`: the rows of a JSON parameter, typed as these columns are.

    PostgreSQL holds any such rows to be a hundred, and goes through a table of fewer first. Here it
    is told that they are one, by a condition that each fulfils: so it begins with them and looks
    up what they name, and may keep that plan when the table has grown.
    """
    rows = _rows(dialect, columns, parameter)
    if dialect != "postgresql":
        return rows
    one = f"given.{_quoted(columns[0])}"
    return f"(SELECT * FROM {rows} WHERE {one} IS NOT DISTINCT FROM {one}) AS given"


def _rows(dialect: str, columns: Iterable[Column[Any]], parameter: str = "rows") -> str:
    if dialect == "postgresql":
        return f"json_to_recordset(CAST(:{parameter} AS json)) AS given({_typed(columns)})"
    parts = ", ".join(_extracted(column, "value") for column in columns)
    return f"(SELECT {parts} FROM json_each(:{parameter})) AS given"


def _rowset(given: str, dialect: str, columns: Sequence[Column[Any]], same: tuple[str, ...]) -> str:
    """The same of two parameters: what a row does not say of the columns `same` stands there."""
    if not same:
        return given
    shared = [column for column in columns if column.name in same]
    said = (
        f"json_to_record(CAST(:same AS json)) AS same({_typed(shared)})"
        if dialect == "postgresql"
        else f"(SELECT {', '.join(_extracted(c, ':same') for c in shared)}) AS same"
    )
    chosen = ", ".join(
        f"COALESCE(given.{name}, same.{name}) AS {name}" if column in shared else f"given.{name}"
        for column in columns
        for name in [_quoted(column)]
    )
    return f"(SELECT {chosen} FROM {given}, {said}) AS given"


def _typed(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(f"{_quoted(c)} {c.type.compile(_POSTGRES)}" for c in columns)


def _run(
    statement: _Statement, connection: Connection, rows: Iterable[Values], same: Values = NOTHING
) -> Sequence[Row[Any]]:
    asked = _later(statement, connection, rows, same)
    # what answers nothing need not be waited for: it goes with what comes after it
    return asked.rows() if statement.returning else ()


def _later(
    statement: _Statement, connection: Connection, rows: Iterable[Values], same: Values = NOTHING
) -> Later:
    given = list(rows)
    if not given:
        return Later(connection, ())
    dialect = connection.dialect.name
    write = for_postgres if dialect == "postgresql" else as_json
    parameters = {"rows": write(given)}
    if not isinstance(statement, Reading | Deletion) and statement.same:
        parameters["same"] = write([same])[1:-1]
    return later(connection, _made(statement, dialect), parameters)


def for_postgres(rows: Iterable[Values]) -> str:
    # it reads moments as they are written fastest
    return orjson.dumps(list(rows), default=_plain).decode()


@cache
def _made(statement: _Statement, dialect: str) -> TextClause | TextualSelect:
    sql, table, names = statement.sql(dialect), statement.table, statement.returning
    if not names:
        return text(sql)
    if not isinstance(statement, Reading):
        sql = f"{sql} RETURNING {_chosen(table, names)}"
    if dialect == "postgresql":
        # its driver answers with moments in UTC and JSON that is read already
        return text(sql)
    return text(sql).columns(*(table.c[name] for name in names))


def _chosen(table: Table, names: tuple[str, ...]) -> str:
    return ", ".join(f'{table.name}."{name}"' for name in names)


def _same(table: Table, by: tuple[str, ...]) -> str:
    return " AND ".join(f'{table.name}."{name}" = given."{name}"' for name in by)


def _is_serial(column: Column[Any]) -> bool:
    table: Any = column.table
    return column is table.autoincrement_column


def _given(column: Column[Any], begun: tuple[str, ...]) -> str:
    """A row that says nothing of a column means its default, as an INSERT without it would."""
    name, default = _quoted(column), column.server_default
    if column.name in begun:
        return f"COALESCE(given.{name}, transaction_timestamp())"
    if not isinstance(default, DefaultClause):
        return name
    return f"COALESCE(given.{name}, {default.arg})"


def _quoted(column: Column[Any]) -> str:
    return f'"{column.name}"'


def _extracted(column: Column[Any], value: str) -> str:
    # -> keeps the JSON of a JSON column, which json_extract would unquote where it is a text
    if isinstance(column.type, Json):
        return f"{value} -> '$.{column.name}' AS {_quoted(column)}"
    return f"json_extract({value}, '$.{column.name}') AS {_quoted(column)}"


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return stamp(value)
        case Mapping():
            return dict(value)
        case tuple() | set() | frozenset():
            return list(value)
        case _:
            raise TypeError(f"{type(value).__name__} does not go into a row")
