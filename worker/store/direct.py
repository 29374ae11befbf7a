"""How does a constant statement reach the database by the shortest way?

To compile a statement, look for its types and wrap its rows costs a process more than the journey
does. What PostgreSQL's driver takes and answers needs none of that: texts, numbers and moments,
and JSON that is read already. Whoever watches an engine's statements still sees every one of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, cast

import psycopg
from sqlalchemy import Connection, TextClause
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import TextualSelect

from worker.store.line import Asked, Line, Rows, Written

Statement = TextClause | TextualSelect

_DRIVER = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
_FORMS = 256
"""So many statements are kept as the server reads them. One event on its way asks some forty, each
month that holds anything unread has its own; what falls out is only compiled again."""
_PLACE = re.compile(r"%(?:\((\w+)\)s|%)")


class Later(NamedTuple):
    """What was asked and may still be on its way; on SQLite it is answered already."""

    connection: Connection
    asked: Asked | Rows

    def rows(self) -> Rows:
        """The answer; an error may be that of any statement that was sent with it."""
        if not isinstance(self.asked, Asked):
            return self.asked
        if self.asked.rows is not None:
            # maybe long ago: its connection may be another's by now
            return self.asked.rows
        line = _line(self.connection)
        try:
            return line.rows(self.asked)
        except psycopg.Error as error:
            raise _told(self.connection, error, line) from error


def ask(connection: Connection, statement: Statement, given: Mapping[str, Any]) -> Rows:
    """All rows of the answer, if it has any; on PostgreSQL their columns are as its driver says."""
    return later(connection, statement, given).rows()


def later(connection: Connection, statement: Statement, given: Mapping[str, Any]) -> Later:
    """The same, on its way with the next that is asked, or with the end of the transaction."""
    on_postgres = connection.dialect.name == "postgresql"
    if not on_postgres or not connection.in_transaction() or _is_watched(connection):
        result = connection.execute(statement, given)
        return Later(connection, result.all() if result.returns_rows else ())
    line = _line(connection)
    try:
        asked = line.later(_written(statement), given)
        if line.autocommit:
            # it has no end to be sent with
            line.flush()
        return Later(connection, asked)
    except psycopg.Error as error:
        line.blamed = str(statement)
        raise _told(connection, error, line) from error


def flush(connection: Connection) -> None:
    """Until all that was asked is done: for who will not commit, and must hear of mistakes."""
    if connection.dialect.name != "postgresql" or not connection.in_transaction():
        return
    line = _line(connection)
    try:
        line.flush()
    except psycopg.Error as error:
        raise _told(connection, error, line) from error


def _is_watched(connection: Connection) -> bool:
    run = connection.engine.dispatch
    return bool(run.before_cursor_execute or run.after_cursor_execute)


def _line(connection: Connection) -> Line:
    return cast("Line", connection.connection.dbapi_connection)


@lru_cache(_FORMS)
def _written(statement: Statement) -> Written:
    text, names = str(statement.compile(dialect=_DRIVER)), dict[str, int]()

    def placed(found: re.Match[str]) -> str:
        name = found[1]
        return f"${names.setdefault(name, len(names) + 1)}" if name else "%"

    return Written(_PLACE.sub(placed, text).encode(), tuple(names))


def _told(connection: Connection, error: psycopg.Error, line: Line) -> BaseException:
    """As SQLAlchemy tells it; a connection that is gone is used by nobody any more."""
    gone = connection.dialect.is_disconnect(cast("Any", error), cast("Any", line), None)
    told: BaseException = DBAPIError.instance(
        line.blamed, None, cast("Exception", error), psycopg.Error, hide_parameters=True,
        connection_invalidated=gone, dialect=connection.dialect,
    )  # fmt: skip
    if gone:
        connection.invalidate(told)
    return told
