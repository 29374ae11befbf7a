"""Do events that were refused or set aside get another chance, and only when somebody says so?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, update
from typer.testing import CliRunner

from tests.worker.http.house import FILES, event
from triggers.configuration import read_configuration
from worker.cli import replay
from worker.steps.accepting import Summary, accept_or_refuse
from worker.steps.apply import apply
from worker.store.engine import in_transaction, reading
from worker.store.tables import events, refused_events

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def run(database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    apply(engine, FILES, "test")
    monkeypatch.setenv("OUTREACH_DATABASE_URL", database_url)

    def call(*arguments: str) -> list[dict[str, Any]]:
        done = CliRunner().invoke(replay.app, [*arguments, "--format", "json"])
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    return call


def states(engine: Engine, table: Any) -> list[str]:
    return [row.state for row in reading(engine, lambda c: c.execute(table.select()).all())]


def take(engine: Engine, **changed: Any) -> Summary:
    told = [event(time=..., **changed)]
    return accept_or_refuse(
        engine, read_configuration(FILES), told, door="file", may_write_customers=True
    )


def refuse(engine: Engine, **wrong: Any) -> None:
    configuration = read_configuration(FILES)
    done = accept_or_refuse(
        engine, configuration, [event(time=..., **wrong)], door="file", may_write_customers=True
    )
    assert done.refused == 1


def set_aside(engine: Engine) -> None:
    configuration = read_configuration(FILES)
    accept_or_refuse(
        engine, configuration, [event(time=...)], door="file", may_write_customers=True
    )
    in_transaction(
        engine, lambda c: c.execute(update(events).values(state="set_aside", error="KeyError"))
    )


def test_a_refused_event_is_shown_and_nothing_is_done(run: Run, engine: Engine) -> None:
    refuse(engine, type="never.heard.of")

    (told,) = run("refused")

    assert (told["type"], told["done"]) == ("never.heard.of", False)
    assert "not in the catalog" in told["reasons"][0]
    assert states(engine, events) == []


def test_a_refused_event_is_taken_once_the_catalog_knows_it(run: Run, engine: Engine) -> None:
    refuse(engine, type="never.heard.of")
    assert [one["done"] for one in run("refused", "--yes")] == [False], "it is still unknown"
    known = "event: never.heard.of\ndata: {type: object}\n"
    apply(engine, {**FILES, "config/events/never.heard.of.yaml": known}, "test")

    assert [one["done"] for one in run("refused", "--yes")] == [True]

    assert states(engine, events) == ["new"]
    assert states(engine, refused_events) == ["replayed"]
    assert run("refused") == []


def test_only_what_is_named_is_tried(run: Run, engine: Engine) -> None:
    refuse(engine, type="never.heard.of")

    assert run("refused", "--type", "other.type", "--yes") == []
    assert run("refused", "--source", "elsewhere") == []
    assert len(run("refused", "--type", "never.heard.of")) == 1


@pytest.mark.parametrize(
    ("arguments", "state"),
    [((), "set_aside"), (("--yes",), "new"), (("--yes", "--dismiss"), "withdrawn")],
)
def test_a_set_aside_event_is_read_once_more_or_dismissed(
    run: Run, engine: Engine, arguments: tuple[str, ...], state: str
) -> None:
    set_aside(engine)

    (told,) = run("set-aside", *arguments)

    assert told["reasons"] == ["KeyError"]
    assert states(engine, events) == [state]
