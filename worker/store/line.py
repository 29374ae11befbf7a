"""How do many statements reach PostgreSQL by one journey, with as little as possible around each?

A journey wakes two processes and costs more than most statements do. What is asked here waits until
an answer is needed or the transaction ends; then all of it goes at once, behind the BEGIN where
there was none yet, and before the COMMIT. Every statement is prepared when it is first asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from select import POLLIN, POLLOUT, poll
from time import monotonic
from typing import Any, NamedTuple, NoReturn

import psycopg
from psycopg import IsolationLevel, abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InFailedSqlTransaction, error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from worker.store.named_rows import row_of

PREPARED = 400
"""So many statements are kept as PostgreSQL has prepared them: more than any role asks often."""
ENDS = 4
"""And so many ways to begin and end a transaction."""
QUIET = 1.0
"""Seconds after which a connection is asked whether it lives; before that, its socket is looked at:
a server that is gone has closed it."""
_FORGOTTEN = {"0A000", "26000"}
"""Its table has changed under it, or the server knows it no more: it is prepared anew."""
_FINE = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}
COMMIT = b"COMMIT"
_AUTO = [PyFormat.AUTO] * 64

Rows = Sequence[Any]


class Written(NamedTuple):
    """A statement as the server reads it: `$1` for the first of the names."""

    sql: bytes
    names: tuple[str, ...]


@dataclass(eq=False, slots=True)
class Asked:
    """One statement on its way."""

    written: Written
    values: Sequence[Any]
    types: tuple[int, ...]
    formats: Sequence[Any] | None
    rows: Rows | None = None


@dataclass(eq=False, slots=True)
class _Prepared:
    """By what name the server knows a statement, and what is made of its rows."""

    name: bytes
    make: Callable[[Sequence[Any]], Any] | None = None


_Key = tuple[bytes, tuple[int, ...]]
_Part = tuple[bytes, Asked | None, tuple[_Key, _Prepared] | None]
"""What was sent: its text, who asked it, and what is known once it is prepared."""


class Line(psycopg.Connection[Any]):
    """A connection of psycopg's, used by one thread at a time.

    psycopg itself is to prepare nothing here: it would drop whatever is prepared at each rollback.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.blamed = ""
        self._dumping = Transformer(self)
        self._piled: list[Asked] = []
        self._plans: dict[_Key, _Prepared] = {}
        self._named = 0
        self._readable, self._ready = poll(), poll()
        self._readable.register(self.pgconn.socket, POLLIN)
        self._ready.register(self.pgconn.socket, POLLIN | POLLOUT)
        self._taken = monotonic()

    @cached_property
    def _loading(self) -> abc.Transformer:
        # not before it is read from: by what JSON is read, a connection hears after it is made
        return Transformer(self)

    def later(self, written: Written, given: Mapping[str, Any]) -> Asked:
        """To be sent with what is next, or with the end of the transaction."""
        values = [given[name] for name in written.names]
        dumping = self._dumping
        dumped = dumping.dump_sequence(values, _AUTO[: len(values)]) if values else ()
        formats = list(dumping.formats) if values and dumping.formats else None
        asked = Asked(written, dumped, (dumping.types or ()) if values else (), formats)
        self._piled.append(asked)
        return asked

    def rows(self, asked: Asked) -> Rows:
        """Its answer; empty where it has none. psycopg.Error for whichever failed of those sent
        with it, whose text is `blamed`."""
        if asked.rows is None:
            self._send()
        if asked.rows is None:
            raise psycopg.InterfaceError("what was asked was given up before it was answered")
        return asked.rows

    def flush(self) -> None:
        """Send what waits, and hear whether all of it was done."""
        if self._piled:
            self._send()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """Whoever asks by psycopg's own way sees what was asked before."""
        self.flush()
        return super().cursor(*args, **kwargs)

    def commit(self) -> None:
        """With what waits, by one journey."""
        if self._piled or self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._send(commit=True)

    def rollback(self) -> None:
        self._piled.clear()
        if not self.closed:
            super().rollback()

    def seems_alive(self) -> bool:
        """Whether it was used a moment ago and its server has not hung up since."""
        taken, self._taken = self._taken, monotonic()
        return self._taken - taken < QUIET and not self.closed and not self._readable.poll(0)

    def _send(self, *, commit: bool = False) -> None:
        sent, self._piled = self._piled, []
        try:
            if len(sent) == 1 and not commit and self._is_known(sent[0]) and self._begun():
                answers: list[PGresult] = self._alone(sent[0])
                parts: list[_Part] = [(sent[0].written.sql, sent[0], None)]
            else:
                parts, answers = self._together(sent, commit=commit)
        except BaseException:
            # what it was answered, nobody knows: this line is used no more
            self.close()
            raise
        for part, answer in zip(parts, answers, strict=True):
            self._take(part, answer)

    def _is_known(self, asked: Asked) -> bool:
        return (asked.written.sql, asked.types) in self._plans

    def _begun(self) -> bool:
        return self.autocommit or self.pgconn.transaction_status != TransactionStatus.IDLE

    def _alone(self, asked: Asked) -> list[PGresult]:
        pg, known = self.pgconn, self._plans[asked.written.sql, asked.types]
        pg.send_query_prepared(known.name, asked.values, asked.formats)
        self._flush()
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        return answers[-1:]

    def _together(
        self, sent: Sequence[Asked], *, commit: bool
    ) -> tuple[list[_Part], list[PGresult]]:
        """What was sent, and the answer to each."""
        pg, parts, new = self.pgconn, list[_Part](), dict[_Key, _Prepared]()
        if len(self._plans) >= PREPARED + ENDS and not all(map(self._is_known, sent)):
            self._forget()
        # asked before anything is on its way: from then on the server is at work
        begin = () if self._begun() else (_plain(_begin(self.isolation_level, self.read_only)),)
        pg.enter_pipeline_mode()
        for asked in (*begin, *sent, *((_plain(COMMIT),) if commit else ())):
            key = asked.written.sql, asked.types
            known = self._plans.get(key) or new.get(key)
            if known is None:
                self._named += 1
                known = new[key] = _Prepared(b"line_%d" % self._named)
                pg.send_prepare(known.name, asked.written.sql, asked.types)
                parts.append((asked.written.sql, None, (key, known)))
            pg.send_query_prepared(known.name, asked.values, asked.formats)
            parts.append((asked.written.sql, asked, None))
        pg.pipeline_sync()
        self._flush()
        return parts, self._heard(len(parts), commit=commit)

    def _heard(self, parts: int, *, commit: bool) -> list[PGresult]:
        """An answer to each part. Those of a transaction stand, though the server hangs up behind
        the last of them: what its COMMIT was answered to is kept."""
        answers: list[PGresult] = []
        try:
            while len(answers) < parts:
                answers.append(self._answer())
                self._end_of_answer()
            while (end := self._next()) is None or end.status != ExecStatus.PIPELINE_SYNC:
                continue
            self.pgconn.exit_pipeline_mode()
        except psycopg.OperationalError:
            if not commit or len(answers) < parts:
                raise
            self.close()
        return answers

    def _forget(self) -> None:
        """A journey of its own, for nothing may stand before a BEGIN, nor before the first question
        of a snapshot."""
        self._plans.clear()
        self.pgconn.send_query_params(b"DEALLOCATE ALL", None)
        self._flush()
        self._take((b"DEALLOCATE ALL", None, None), self._answer())
        self._end_of_answer()

    def _take(self, part: _Part, answer: PGresult) -> None:
        sql, asked, made = part
        if answer.status not in _FINE:
            self._refuse(sql, asked, answer)
        if sql == COMMIT and answer.command_status == b"ROLLBACK":
            raise InFailedSqlTransaction("something had failed before, and nothing was kept")
        if made is not None:
            key, prepared = made
            self._plans[key] = prepared
        elif asked is not None:
            asked.rows = self._read(asked, answer)

    def _read(self, asked: Asked, answer: PGresult) -> Rows:
        # by the answer itself: to describe its columns costs as much as to read them
        if not answer.nfields:
            return ()
        prepared = self._plans[asked.written.sql, asked.types]
        if prepared.make is None:
            names = (answer.fname(place) or b"" for place in range(answer.nfields))
            prepared.make = row_of(tuple(name.decode() for name in names))
        self._loading.set_pgresult(answer)
        return self._loading.load_rows(0, answer.ntuples, prepared.make)

    def _refuse(self, sql: bytes, asked: Asked | None, answer: PGresult) -> NoReturn:
        self.blamed = sql.decode()
        error = error_from_result(answer, encoding=self.info.encoding)
        if asked is not None and error.sqlstate in _FORGOTTEN:
            self._plans.pop((sql, asked.types), None)
        raise error

    def _flush(self) -> None:
        while self.pgconn.flush():
            for _, event in self._ready.poll():
                # who only writes, to one who only writes, waits for ever
                if event & ~POLLOUT:
                    self.pgconn.consume_input()

    def _next(self) -> PGresult | None:
        pg = self.pgconn
        while pg.is_busy():
            self._readable.poll()
            pg.consume_input()
        return pg.get_result()

    def _answer(self) -> PGresult:
        """Of the next that was sent."""
        answer = self._next()
        if answer is None:
            raise psycopg.OperationalError("the server said nothing to what it was asked")
        return answer

    def _end_of_answer(self) -> None:
        while self._next() is not None:
            continue


def _plain(command: bytes) -> Asked:
    return Asked(Written(command, ()), (), (), None)


@lru_cache(16)
def _begin(isolation: IsolationLevel | None, read_only: bool | None) -> bytes:
    parts = ["BEGIN"]
    if isolation is not None:
        parts.append(f"ISOLATION LEVEL {IsolationLevel(isolation).name.replace('_', ' ')}")
    if read_only is not None:
        parts.append("READ ONLY" if read_only else "READ WRITE")
    return " ".join(parts).encode()
