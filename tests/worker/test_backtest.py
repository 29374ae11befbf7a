"""What does a backtest tell of what is stored, and of whom it is stored?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.sending import HOUR, MINUTE, PHONE, Post, counted, dana, left, rules, trigger
from tests.worker.small_world import HASHER, NOON, event, rows
from triggers.configuration import Configuration
from triggers.lines import Line
from triggers.verdicts import Outcome
from worker.lifecycle import EventState
from worker.steps.backtest import Trial, backtest
from worker.store.addresses import Address
from worker.store.engine import in_transaction, reading
from worker.store.past_events import Refusal, past_events, profiles_at, refusals, seq_before
from worker.store.tables import events, metadata, suppressions

DAY = timedelta(days=1)
CHAIN = trigger(
    "call",
    on="outreach.sent",
    key="event.data.message_id",
    when='event.data.trigger == "hi"',
    send="[{message: hello, by: [sms]}]",
)


def foretold(
    engine: Engine,
    configuration: Configuration,
    only: str | None = "hi",
    since: datetime = NOON - DAY,
) -> list[Line]:
    asked = Trial(configuration, only, since, NOON + 30 * DAY)
    return list(backtest(engine, HASHER, asked))


def said(lines: list[Line]) -> list[tuple[str, Outcome, str | None]]:
    return [(line.key.key, line.outcome, line.reason) for line in lines]


def test_it_tells_what_the_trigger_would_have_said(engine: Engine) -> None:
    Post(engine, rules()).told(dana(), left(), left(cart="j", after=HOUR))

    [line, other] = foretold(engine, rules())

    assert (line.at, line.outcome, line.to, line.text) == (NOON, Outcome.SENT, PHONE, "Hello c1")
    assert (other.key.key, other.at) == ("j", NOON + HOUR)


def test_it_writes_nothing(engine: Engine) -> None:
    Post(engine, rules()).told(dana(), left())
    foretold(engine, rules())
    before = {table.name: len(rows(engine, table)) for table in metadata.sorted_tables}

    foretold(engine, rules())

    assert before == {table.name: len(rows(engine, table)) for table in metadata.sorted_tables}


def test_what_came_in_before_is_not_seen(engine: Engine) -> None:
    Post(engine, rules()).told(dana(), left(), left(cart="j", after=2 * HOUR))

    assert said(foretold(engine, rules(), since=NOON + HOUR)) == [("j", Outcome.SENT, None)]


@pytest.mark.parametrize("limits", ["mode: off", "mode: shadow", "ramp: 0.1%"])
def test_a_trigger_that_is_not_live_for_everybody_is_tested_as_if_it_were(
    engine: Engine, limits: str
) -> None:
    configuration = rules(trigger(limits=f"{{category: service, {limits}}}"))
    Post(engine, configuration).told(dana(), left())

    assert said(foretold(engine, configuration)) == [("k", Outcome.SENT, None)]


def test_customers_are_as_they_were_then(engine: Engine) -> None:
    post = Post(engine, rules())
    moved = event("customer.updated", "moved", after=HOUR, phone="+972507654321", language="he")
    post.told(dana(), left())
    post.told(moved, left(cart="j", after=2 * HOUR))

    lines = foretold(engine, rules(), since=NOON + timedelta(microseconds=1))
    both = foretold(engine, rules(), since=NOON)

    assert [(line.to, line.text) for line in lines] == [("+972507654321", "שלום c1")]
    assert [line.to for line in both] == [PHONE, "+972507654321"]


def test_what_a_customer_was_is_found_by_undoing_what_changed(engine: Engine) -> None:
    changes = [
        event("customer.updated", "a", after=HOUR, phone="+972507654321"),
        event("customer.updated", "b", after=2 * HOUR, phone=None, language="he"),
    ]
    Post(engine, rules()).told(dana(email=None), *changes)

    def at(moment: datetime) -> object:
        return reading(engine, lambda c: profiles_at(c, ["c1", "nobody"], moment))

    assert at(NOON + 3 * HOUR) == {"c1": {"language": "he"}}
    assert at(NOON + 2 * HOUR) == {"c1": {"language": "en", "phone": "+972507654321"}}
    assert at(NOON + HOUR) == {"c1": {"language": "en", "phone": PHONE}}
    assert at(NOON) == {"c1": {}}


def test_nobody_is_written_to_while_a_refusal_stands(engine: Engine) -> None:
    post = Post(engine, rules())
    hashed = HASHER.address("sms", PHONE)
    refusal = {"category": "*", "source": "page", "at": NOON + HOUR, "lifted_at": NOON + 3 * HOUR}
    post.store(suppressions, address_hash=hashed, channel="sms", **refusal)
    carts = [left(cart=f"k{hours}", after=hours * HOUR) for hours in (0, 2, 4)]
    post.told(dana(email=None), *carts)

    assert said(foretold(engine, rules())) == [
        ("k0", Outcome.SENT, None), ("k2", Outcome.SKIPPED, "suppressed"),
        ("k4", Outcome.SENT, None),
    ]  # fmt: skip


def test_what_was_refused_is_asked_a_page_at_a_time(engine: Engine) -> None:
    post, lines = Post(engine, rules()), list[Line]()
    refusal = {"channel": "sms", "category": "*", "source": "page", "at": NOON}
    post.store(suppressions, address_hash=HASHER.address("sms", "+972507654307"), **refusal)

    def cost(*numbers: int) -> int:
        post.told(*(dana(f"c{n}", phone=f"+9725076543{n:02}", email=None) for n in numbers))
        post.told(*(left(f"c{n}", f"k{n}", after=HOUR) for n in numbers))
        return counted(engine, lambda: lines.extend(foretold(engine, rules(), since=NOON + MINUTE)))

    one, twenty = cost(0), cost(*range(1, 20))

    assert {line.key.key for line in lines if line.reason == "suppressed"} == {"k7"}
    # the rest is the search for where the page begins
    assert twenty - one < 10


def test_of_all_refusals_only_those_of_the_addresses_in_question_are_read(engine: Engine) -> None:
    post, asked = Post(engine, rules()), Address(HASHER.address("sms", PHONE), "sms")
    for number in range(3):
        hashed = asked.hash if number == 0 else HASHER.address("sms", f"+97250000000{number}")
        for channel in ("sms", "email"):
            refusal = {"channel": channel, "category": "*", "source": "page", "at": NOON}
            post.store(suppressions, address_hash=hashed, **refusal)

    found = reading(engine, lambda c: refusals(c, [asked]))

    assert found == [(asked, Refusal("*", NOON, None))]


def test_what_others_announced_is_heard_and_what_it_announces_itself_not_twice(
    engine: Engine,
) -> None:
    configuration = rules(trigger(), CHAIN)
    post = Post(engine, configuration)
    post.told(dana(), left())
    post.send()
    post.read()

    alone = foretold(engine, configuration, "call")
    together = foretold(engine, configuration, None)

    assert [line.outcome for line in alone] == [Outcome.SENT]
    assert [line.key.trigger for line in together] == ["hi", "call"]
    assert alone[0].key == together[1].key, "a message has one id, foretold or sent"


def test_a_withdrawn_event_is_none(engine: Engine) -> None:
    Post(engine, rules()).told(dana(), left())
    change = events.update().where(events.c.type == "cart.left").values(state=EventState.WITHDRAWN)
    in_transaction(engine, lambda connection: connection.execute(change))

    assert foretold(engine, rules()) == []


def test_pages_hold_every_event_since_a_moment_and_no_other(engine: Engine) -> None:
    carts = [left(cart=f"k{n}", after=n * HOUR) for n in range(23)]
    Post(engine, rules()).told(*carts)

    for since in (NOON - DAY, NOON, NOON + 7 * HOUR, NOON + 22 * HOUR, NOON + DAY):
        after = reading(engine, lambda c, since=since: seq_before(c, since))
        found = []
        while page := reading(
            engine,
            lambda c, after=after, since=since: past_events(c, after=after, since=since, most=5),
        ):
            found += [one.event.id for one in page]
            after = page[-1].seq
        assert found == [one.id for one in carts if one.received >= since]
        assert reading(engine, lambda c, since=since: seq_before(c, since)) == sum(
            one.received < since for one in carts
        )


def test_with_nothing_stored_nothing_is_told(engine: Engine) -> None:
    assert foretold(engine, rules()) == []
