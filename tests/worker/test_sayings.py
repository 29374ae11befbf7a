"""Does a transaction say in the log what has come true, once, and nothing else?"""

from __future__ import annotations

import pytest
import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from worker.store.engine import in_transaction
from worker.store.sayings import say

log = structlog.get_logger(__name__)


class Wrong(Exception):
    """What a transaction may run into."""


class Deadlock(Exception):
    sqlstate = "40P01"


def talk(connection: Connection) -> None:
    say(connection, log, "done", door="http")


def test_what_is_committed_is_said_afterwards(engine: Engine) -> None:
    with capture_logs() as logs:
        in_transaction(engine, lambda c: (talk(c), logs.append({"event": "still at work"})))

    assert [one["event"] for one in logs] == ["still at work", "done"]
    assert logs[1] == {"event": "done", "door": "http", "log_level": "info"}


def test_what_failed_says_nothing_nor_does_whoever_comes_after_it(engine: Engine) -> None:
    def fail(connection: Connection) -> None:
        talk(connection)
        raise Wrong

    with capture_logs() as logs:
        with pytest.raises(Wrong):
            in_transaction(engine, fail)
        in_transaction(engine, lambda _: None)

    assert logs == []


def test_what_was_done_once_more_is_said_once(engine: Engine) -> None:
    tried = []

    def work(connection: Connection) -> None:
        talk(connection)
        tried.append(1)
        if len(tried) < 3:
            raise OperationalError("", {}, Deadlock())

    with capture_logs() as logs:
        in_transaction(engine, work)

    assert [one["event"] for one in logs] == ["done"]


def test_where_nobody_keeps_a_log_what_a_command_prints_stays_its_own(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    in_transaction(engine, talk)

    assert capsys.readouterr() == ("", "")
