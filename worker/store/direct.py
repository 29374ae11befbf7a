"""How does a constant statement reach the database by the shortest way?

To compile a statement, look for its types and wrap its rows costs a process more than the journey
does. What PostgreSQL's driver takes and answers needs none of that: texts, numbers and moments,
and JSON that is read already. Whoever watches an engine's statements still sees every one of them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, cast

import psycopg
from psycopg.rows import no_result
from sqlalchemy import Connection, TextClause
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import TextualSelect

Statement = TextClause | TextualSelect

_CURSOR = "direct"
_DRIVER = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
_FORMS = 256
"""So many statements are kept as their driver takes them."""


def ask(connection: Connection, statement: Statement, given: Mapping[str, Any]) -> Sequence[Any]:
    """All rows of the answer, if it has any; on PostgreSQL their columns are as its driver says."""
    on_postgres = connection.dialect.name == "postgresql"
    if not on_postgres or not connection.in_transaction() or _is_watched(connection):
        result = connection.execute(statement, given)
        return result.all() if result.returns_rows else ()
    cursor = _cursor(connection)
    try:
        cursor.execute(_written(statement), given)
        # by the answer itself: to describe its columns costs as much as to read them
        answer = cursor.pgresult
        return cursor.fetchall() if answer is not None and answer.nfields else ()
    except psycopg.Error as error:
        raise _told(connection, error, cursor, str(statement)) from error


def _is_watched(connection: Connection) -> bool:
    run, failed = connection.engine.dispatch, connection.dialect.dispatch
    return bool(run.before_cursor_execute or run.after_cursor_execute or failed.handle_error)


def _cursor(connection: Connection) -> psycopg.Cursor[Any]:
    """One for as long as its connection lives: to make one costs as much as to use it."""
    known = connection.info
    if _CURSOR not in known:
        driver: Any = connection.connection.driver_connection
        known[_CURSOR] = driver.cursor(row_factory=_rows)
    found: psycopg.Cursor[Any] = known[_CURSOR]
    return found


@lru_cache(_FORMS)
def _written(statement: Statement) -> bytes:
    return str(statement.compile(dialect=_DRIVER)).encode()


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Any]:
    result = cursor.pgresult
    if result is None or not result.nfields:
        return no_result
    names = (result.fname(place) or b"" for place in range(result.nfields))
    return _row(tuple(name.decode() for name in names))


@lru_cache(_FORMS)
def _row(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    made: Any = namedtuple("made", tuple(names), rename=True)  # type: ignore[misc]

    class Answered(made):
        """A row of the driver's, with the names that SQLAlchemy's have."""

        __slots__ = ()

        @property
        def _mapping(self) -> Mapping[str, Any]:
            found: Mapping[str, Any] = self._asdict()
            return found

    # what namedtuple's own _make does besides took as long as the rest
    return partial(tuple.__new__, Answered)


def _told(
    connection: Connection, error: psycopg.Error, cursor: psycopg.Cursor[Any], statement: str
) -> BaseException:
    """As SQLAlchemy tells it; a connection that is gone is used by nobody any more."""
    gone = connection.dialect.is_disconnect(
        cast("Any", error), cast("Any", cursor.connection), None
    )
    told = DBAPIError.instance(
        statement, None, error, psycopg.Error, hide_parameters=True,
        connection_invalidated=gone, dialect=connection.dialect,
    )  # fmt: skip
    if gone:
        connection.invalidate(told)
    return told
