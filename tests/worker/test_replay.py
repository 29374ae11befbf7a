"""Do events that were refused or set aside get another chance, and only when somebody says so?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, update
from typer.testing import CliRunner

from tests.worker.http.house import FILES, event
from tests.worker.operators import on_record
from triggers.configuration import read_configuration
from triggers.profile_updates import as_update, as_written
from worker.cli import replay
from worker.clock import utc_now
from worker.steps.accepting import Summary, accept_or_refuse
from worker.steps.apply import apply
from worker.store.alerts import Alarm, Raised, raise_alerts, standing_alerts
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.tables import events, facts, refused_events

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
    rows = reading(engine, lambda c: c.execute(table.select()).all())
    return [getattr(row, "state", "kept") for row in rows]


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


def set_aside(engine: Engine, **changed: Any) -> None:
    configuration = read_configuration(FILES)
    told = [event(time=..., **changed)]
    accept_or_refuse(engine, configuration, told, door="file", may_write_customers=True)
    in_transaction(
        engine, lambda c: c.execute(update(events).values(state="set_aside", error="KeyError"))
    )


def test_a_refused_event_is_shown_and_nothing_is_done(run: Run, engine: Engine) -> None:
    refuse(engine, type="never.heard.of")

    (told,) = run("refused")

    assert (told["type"], told["done"]) == ("never.heard.of", False)
    assert told["reasons"][0].startswith("/type ")
    assert "not in the catalog" in told["reasons"][0]
    assert states(engine, events) == []


def test_what_a_refused_event_says_is_shown_and_moves_no_terminal(run: Run, engine: Engine) -> None:
    refuse(engine, type="never.heard.of")
    evil = "a\x1b[2J\x1b]0;taken over\x07\x9b1A\r"
    written = update(refused_events).values(id=evil, reasons=[{"pointer": "", "detail": evil}])
    in_transaction(engine, lambda c: c.execute(written))

    done = CliRunner().invoke(replay.app, ["refused"])

    assert done.exit_code == 0
    assert done.stdout.count("a\\x1b[2J\\x1b]0;taken over\\x07\\x9b1A\\x0d") == 2
    assert not set(done.stdout) & {"\x1b", "\x07", "\x9b", "\r"}


def test_a_refused_event_is_taken_once_the_catalog_knows_it(run: Run, engine: Engine) -> None:
    refuse(engine, type="never.heard.of")
    assert [one["done"] for one in run("refused", "--yes")] == [False], "it is still unknown"
    known = "event: never.heard.of\ndata: {type: object}\n"
    apply(engine, {**FILES, "config/events/never.heard.of.yaml": known}, "test")

    assert [one["done"] for one in run("refused", "--yes")] == [True]

    assert states(engine, events) == ["new"]
    assert states(engine, refused_events) == ["replayed"]
    assert run("refused") == []


def test_a_refused_event_that_is_dismissed_is_off_the_list_however_often_it_comes(
    run: Run, engine: Engine
) -> None:
    def come() -> None:
        told = [b"no event", event(time=..., type="never.heard.of")]
        accept_or_refuse(
            engine, read_configuration(FILES), told, door="file", may_write_customers=True
        )

    come()
    assert [one["done"] for one in run("refused", "--reason", "not JSON", "--dismiss")] == [False]
    assert states(engine, refused_events) == ["refused"] * 2

    (told,) = run("refused", "--reason", "not JSON", "--dismiss", "--yes", "--by", "dana")

    assert (told["now"], told["done"]) == ("is dismissed", True)
    assert sorted(states(engine, refused_events)) == ["dismissed", "refused"]
    [(who, what, target)] = on_record(engine)
    assert (who, what, len(target["refused"])) == ("dana", "dismiss refused", 1)
    come()
    assert [one["type"] for one in run("refused")] == ["never.heard.of"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("refused",), "nothing is refused\n"),
        (("refused", "--id", "e9", "--yes"), "nothing like that is refused\n"),
        (("set-aside",), "nothing is set aside\n"),
        (("set-aside", "--format", "json"), ""),
    ],
)
def test_that_there_is_none_is_said_to_people(
    run: Run, arguments: tuple[str, ...], words: str
) -> None:
    assert CliRunner().invoke(replay.app, list(arguments)).stdout == words


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


def test_what_a_refused_event_would_start_is_shown_and_nothing_is_kept(
    run: Run, engine: Engine
) -> None:
    refuse(engine, type="never.heard.of")
    known = "event: never.heard.of\ndata: {type: object}\n"
    starting = (
        "trigger: heard\non: never.heard.of\nwait: 1h\n"
        "send: [{message: plan_ending, by: [sms]}]\nlimits: {category: service}\n"
    )
    more = {"config/events/never.heard.of.yaml": known, "config/triggers/heard.yaml": starting}
    text = {"templates/plan_ending/sms.en.txt": "It ends soon."}
    assert [one["now"] for one in run("refused")] == ["still refused"]
    apply(engine, {**FILES, **more, **text}, "test")

    (told,) = run("refused")

    assert told["now"] == "is taken"
    assert told["effect"] == {"starts": {"heard": 1}, "moves": {}, "calls_off": {}}
    assert states(engine, events) == []
    assert states(engine, refused_events) == ["refused"]
    assert on_record(engine) == []


def test_what_reading_a_set_aside_event_would_start_is_shown(run: Run, engine: Engine) -> None:
    set_aside(engine, data={"plan_id": "p1", "amount": 100})

    (told,) = run("set-aside")

    assert told["now"] == "is taken"
    assert told["effect"]["starts"] == {"plan_ending": 1}
    assert states(engine, events) == ["set_aside"]
    assert states(engine, facts) == []


def test_an_event_that_our_code_still_fails_on_is_shown_as_such(run: Run, engine: Engine) -> None:
    set_aside(engine, data={"plan_id": "p1", "amount": 100})
    broken = update(events).values(time=datetime.max.replace(tzinfo=UTC))
    in_transaction(engine, lambda connection: connection.execute(broken))
    keyless = FILES["config/triggers/plan_ending.yaml"].replace("when: ", "wait: 1h\nwhen: ")
    apply(engine, {**FILES, "config/triggers/plan_ending.yaml": keyless}, "test")

    (told,) = run("set-aside")

    assert (told["now"], told["effect"]["failed"]) == ("still fails", "OverflowError")
    assert states(engine, events) == ["set_aside"]


def test_one_of_several_set_aside_events_is_read_alone(run: Run, engine: Engine) -> None:
    set_aside(engine)
    set_aside(engine, id="e2")
    ids = {row.id for row in reading(engine, lambda c: c.execute(events.select()).all())}
    assert len(ids) == 2

    run("set-aside", "--id", "e2", "--yes", "--by", "dana")

    assert sorted(states(engine, events)) == ["new", "set_aside"]
    assert [(by, action) for by, action, _ in on_record(engine)] == [("dana", "replay set aside")]


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("--reason", "NOT IN the catalog"), 1),
        (("--reason", "too late"), 0),
        (("--reason", "100%"), 0),
        (("--since", "1h"), 1),
        (("--until", "1h"), 0),
        (("--since", "2026-01-01", "--until", "2026-01-02"), 0),
    ],
)
def test_refused_events_can_be_searched(
    run: Run, engine: Engine, arguments: tuple[str, ...], count: int
) -> None:
    refuse(engine, type="never.heard.of")

    assert len(run("refused", *arguments)) == count


def test_an_event_that_is_ours_already_is_told_and_closed(run: Run, engine: Engine) -> None:
    refuse(engine, type="never.heard.of")
    known = "event: never.heard.of\ndata: {type: object}\n"
    apply(engine, {**FILES, "config/events/never.heard.of.yaml": known}, "test")
    run("refused", "--yes", "--by", "dana")
    again = update(refused_events).values(state="refused")
    in_transaction(engine, lambda connection: connection.execute(again))

    assert [one["now"] for one in run("refused")] == ["known already"]
    assert [one["done"] for one in run("refused", "--yes")] == [True]

    assert states(engine, events) == ["new"]
    assert on_record(engine)[0][:2] == ("dana", "replay refused")


@pytest.mark.parametrize(("door", "taken"), [("file", True), ("celery", False), ("stream", False)])
def test_a_profile_that_came_by_a_door_without_a_key_is_not_taken_by_replaying_it(
    run: Run, engine: Engine, door: str, taken: bool
) -> None:
    told = [event(time=..., type="customer.updated", data={"language": "he"})]
    configuration = read_configuration(FILES)
    done = accept_or_refuse(engine, configuration, told, door=door, may_write_customers=False)
    assert done.refused == 1

    assert [one["done"] for one in run("refused", "--yes")] == [taken]

    assert states(engine, events) == (["new"] if taken else [])


def test_an_import_that_was_refused_is_taken_once_its_field_may_be_written(
    run: Run, engine: Engine
) -> None:
    told = [as_written(as_update({"age": 17}, "c1", now=utc_now()))]
    grown = FILES["config/customer.yaml"].replace("minimum: 0", "minimum: 18")
    strict = read_configuration(FILES | {"config/customer.yaml": grown})
    done = accept_or_refuse(engine, strict, told, door="customers", may_write_customers=True)

    assert (done.refused, [one["done"] for one in run("refused", "--yes")]) == (1, [True])
    assert states(engine, events) == ["new"]


def test_an_alarm_ends_with_the_last_set_aside_event_of_its_type(run: Run, engine: Engine) -> None:
    set_aside(engine)
    set_aside(engine, id="e2")
    alarm = [Raised(Alarm.EVENT_SET_ASIDE, "plan.ending")]
    in_transaction(engine, lambda c: raise_alerts(c, alarm, now=read_now(c)))

    run("set-aside", "--id", "e2", "--yes")
    assert len(reading(engine, standing_alerts)) == 1

    run("set-aside", "--yes", "--dismiss")
    assert reading(engine, standing_alerts) == []
