"""Does an event that our own code cannot read hold nobody but its customer?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlalchemy import event as hooks
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from tests.worker.small_world import HASHER, NOON, configuration, event, incoming, publish, rows
from triggers.configuration import Configuration
from triggers.events import Event
from triggers.matching import Matcher
from triggers.paths import Path
from worker.steps.evaluate import Report, evaluate
from worker.store.alerts import close_settled_alerts
from worker.store.customers import register
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import alerts, events, facts, occurrences


class Exploding(Path):
    """Stands for a mistake in our own code: one event's value is more than it can take."""

    __slots__ = ()

    def key(self, event: Event) -> str | None:
        found = super().key(event)
        if found == "dynamite":
            raise ZeroDivisionError("the account of c-personal")
        return found


def explosive() -> Configuration:
    rules = configuration()
    cart = replace(rules.triggers["cart"], key=Exploding("event.data.cart", ("data", "cart")))
    return replace(rules, triggers={"cart": cart}, matcher=Matcher([cart]))


def left(id_: str, cart: str = "k") -> Event:
    return event("cart.left", id_, customer=id_, cart=cart)


def states(engine: Engine) -> Mapping[str, tuple[str, int, str | None]]:
    return {row.id: (row.state, row.tries, row.error) for row in rows(engine, events, "seq")}


@pytest.mark.parametrize(
    ("place", "known"), [(0, False), (3, False), (3, True), (8, True)], ids=str
)
def test_a_failing_batch_is_halved_until_the_culprit_is_alone(
    engine: Engine, place: int, known: bool
) -> None:
    names = [f"c{n}" for n in range(9)]
    if known:
        in_transaction(engine, partial(register, ids=names, now=NOON))
    publish(
        engine,
        [incoming(left(one, "dynamite" if n == place else "k")) for n, one in enumerate(names)],
    )

    report = evaluate(engine, explosive(), HASHER, now=NOON)

    assert report == Report(read=8, set_aside=0, more=True)
    found = states(engine)
    assert found.pop(names[place]) == ("new", 1, "ZeroDivisionError")
    assert set(found.values()) == {("read", 0, None)}
    assert len(rows(engine, occurrences)) == len(rows(engine, facts)) == 8


def test_after_three_failures_alone_it_is_set_aside_without_its_words(engine: Engine) -> None:
    publish(engine, [incoming(left("bad", "dynamite"))])

    with capture_logs() as logs:
        reports = [evaluate(engine, explosive(), HASHER, now=NOON) for _ in range(4)]

    assert [report.set_aside for report in reports] == [0, 0, 1, 0]
    assert states(engine) == {"bad": ("set_aside", 3, "ZeroDivisionError")}
    [said] = logs  # somebody is told, once
    assert said | {"seq": 0} == {
        "log_level": "error",
        "event": "event_set_aside",
        "event_id": "bad",
        "customer": HASHER.customer("bad"),
        "type": "cart.left",
        "seq": 0,
        "error": "ZeroDivisionError",
    }


def test_who_has_failed_takes_nobody_with_it_again(engine: Engine) -> None:
    publish(engine, [incoming(left("bad", "dynamite"))])
    evaluate(engine, explosive(), HASHER, now=NOON)
    publish(engine, [incoming(left("good"))])

    evaluate(engine, explosive(), HASHER, now=NOON)

    assert states(engine)["good"] == ("read", 0, None)
    assert states(engine)["bad"] == ("new", 2, "ZeroDivisionError")


def test_an_event_that_failed_may_succeed_later(engine: Engine) -> None:
    publish(engine, [incoming(left("bad", "dynamite"))])
    evaluate(engine, explosive(), HASHER, now=NOON)

    assert evaluate(engine, configuration(), HASHER, now=NOON).read == 1

    assert states(engine)["bad"] == ("read", 1, None)


def test_no_event_is_blamed_for_a_database_that_went_away(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url)
    publish(engine, [incoming(left("a"))])
    hooks.listen(engine, "before_cursor_execute", _end_when_reading_facts)

    with pytest.raises(OperationalError):
        evaluate(engine, configuration(), HASHER, now=NOON)

    hooks.remove(engine, "before_cursor_execute", _end_when_reading_facts)
    assert states(engine)["a"] == ("new", 0, None)
    engine.dispose()


def _end_when_reading_facts(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
    """The server ends our session in the middle of a batch."""
    if statement.startswith("INSERT INTO facts"):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_an_alarm_stands_while_an_event_of_its_type_is_set_aside(engine: Engine) -> None:
    publish(engine, [incoming(left("c1", "dynamite")), incoming(left("c2"))])
    for _ in range(4):
        evaluate(engine, explosive(), HASHER, now=NOON)

    def standing() -> list[tuple[str, str, str | None]]:
        in_transaction(engine, lambda connection: close_settled_alerts(connection, now=NOON))
        found = [one for one in rows(engine, alerts) if one.closed_at is None]
        return [(one.kind, one.subject, one.detail) for one in found]

    assert standing() == [("event_set_aside", "cart.left", "ZeroDivisionError")]

    dismissed = update(events).where(events.c.state == "set_aside").values(state="withdrawn")
    in_transaction(engine, lambda connection: connection.execute(dismissed))
    assert standing() == []
