"""Promise 5: doubled, late and shuffled events lead to the same messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triggers.worlds import path, trigger
from triggers.definitions import (
    Again,
    Count,
    DateWait,
    ElapsedWait,
    Exit,
    Trigger,
    UntilWait,
    Wait,
)
from triggers.durations import parse_duration
from triggers.events import Event
from triggers.facts import Spent
from triggers.timeline import timeline

ZONES = ("Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "UTC")
CHANGES = (datetime(2026, 3, 24, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC))
"""Days before the clocks change, forward and back, where they do."""

BOUGHT = (Exit("bought"),)
HOURS = ElapsedWait(parse_duration("26h"))
DAY = ElapsedWait(parse_duration("1d"))


def kind(wait: Wait, again: Again = Again.ONCE, count: Count | None = None) -> Trigger:
    return trigger(wait=wait, again=again, count=count, unless=BOUGHT)


KINDS = {
    "once": kind(HOURS),
    "each": kind(HOURS, Again.EACH),
    "restart": kind(HOURS, Again.RESTART),
    "restart by the calendar": kind(DAY, Again.RESTART),
    "until": kind(UntilWait(time(2, 30)), Again.EACH),
    "before a date": kind(
        DateWait(-parse_duration("2d"), True, path("event.data.end"), time(2, 30))
    ),
    "after a date": kind(DateWait(parse_duration("1d"), False, path("event.data.end"))),
    "count since": kind(DAY, Again.EACH, Count(3, since="reset", distinct=path("event.data.n"))),
    "count within": kind(DAY, Again.EACH, Count(3, within=timedelta(days=2))),
    "sum": kind(DAY, Again.EACH, Count(20, since="reset", sum=path("event.data.n"))),
}

TYPES = ("start", "start", "start", "start", "bought", "reset")


@dataclass(frozen=True)
class History:
    events: tuple[Event, ...]
    zone: ZoneInfo


@st.composite
def histories(draw: st.DrawFn) -> History:
    base = draw(st.sampled_from(CHANGES))
    size = draw(st.integers(1, 14))
    events = []
    for number in range(size):
        moment = base + timedelta(minutes=draw(st.integers(0, 8 * 24 * 60)))
        end = (base + timedelta(days=draw(st.integers(2, 8)))).date().isoformat()
        data = {"key": "k", "n": draw(st.integers(1, 9)), "end": end}
        type_ = draw(st.sampled_from(TYPES))
        events.append(Event("shop", f"e{number}", type_, moment, "c1", data, moment))
    return History(tuple(events), ZoneInfo(draw(st.sampled_from(ZONES))))


@dataclass
class Machine:
    """Reads events as they arrive and claims what is due: the smallest worker there can be."""

    trigger: Trigger
    zone: ZoneInfo
    facts: list[Event]
    spent: list[Spent]
    sent: list[tuple[str, datetime]]

    def claim(self, now: datetime) -> None:
        """Everything due by `now`, in the order of its moments, each decided afresh."""
        while True:
            found = timeline(self.trigger, self.facts, self.spent, self.zone, key="k")
            due = [one for one in found.pending.values() if one.moment <= now]
            if not due:
                return
            first = min(due, key=lambda one: (one.moment, one.epoch))
            self.spent.append(Spent(first.epoch, first.event.order))
            self.sent.append((first.epoch, first.moment))


def machine(one: Trigger, history: History) -> Machine:
    return Machine(one, history.zone, [], [], [])


def play(one: Trigger, history: History, arrivals: Sequence[tuple[datetime, Event]]) -> Machine:
    """Each event at its arrival, what arrives together in the order given; nothing is claimed
    while something is unread."""
    running = machine(one, history)
    arrived = None
    for now, event in sorted(arrivals, key=lambda pair: pair[0]):
        if now != arrived:
            running.claim(now - timedelta(microseconds=1))
        running.facts.append(event)
        arrived = now
    running.claim(datetime(2027, 6, 1, tzinfo=UTC))
    return running


def first_moment(one: Trigger, history: History) -> datetime:
    """Before it nothing can be claimed, whatever part of the history has arrived."""
    events = sorted(history.events, key=lambda event: event.order)
    starts = [event for event in events if event.type == "start"]
    parts = [line[:cut] for line in (events, starts) for cut in range(1, len(line) + 1)]
    parts += [[event] for event in starts]
    found = (timeline(one, part, (), history.zone, key="k").pending.values() for part in parts)
    moments = (waiting.moment for pending in found for waiting in pending)
    return min(moments, default=datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60, deadline=None)
@given(history=histories(), seed=st.integers(0, 2**32))
def test_a_backlog_read_in_any_order_and_doubled_leads_to_the_same_messages(
    name: str, history: History, seed: int
) -> None:
    backlog = datetime(2027, 1, 1, tzinfo=UTC)
    in_order = [(backlog, event) for event in history.events]
    shuffled = in_order * 2
    Random(seed).shuffle(shuffled)

    assert play(KINDS[name], history, shuffled).sent == play(KINDS[name], history, in_order).sent


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60, deadline=None)
@given(history=histories(), seed=st.integers(0, 2**32))
def test_events_that_come_late_but_before_any_claim_lead_to_the_same_messages(
    name: str, history: History, seed: int
) -> None:
    draw = Random(seed)
    first = first_moment(KINDS[name], history)
    early = [event for event in history.events if event.time < first]
    rest = [(event.time, event) for event in history.events if event.time >= first]
    in_order = [(event.time, event) for event in early]
    late = [(event.time + (first - event.time) * draw.random(), event) for event in early]
    again = [pair for pair in late if draw.random() < 0.3]

    assert (
        play(KINDS[name], history, late + again + rest).sent
        == play(KINDS[name], history, in_order + rest).sent
    )


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60, deadline=None)
@given(history=histories(), seed=st.integers(0, 2**32))
def test_however_late_events_come_no_epoch_is_claimed_twice(
    name: str, history: History, seed: int
) -> None:
    draw = Random(seed)
    arrivals = [
        (event.time + timedelta(hours=draw.choice((0, 0, 0, 30, 100))), event)
        for event in history.events
        for _ in range(draw.choice((1, 1, 2)))
    ]

    sent = [epoch for epoch, _ in play(KINDS[name], history, arrivals).sent]

    assert len(sent) == len(set(sent))


@pytest.mark.parametrize("name", ["restart", "count since", "count within", "sum"])
@settings(max_examples=60, deadline=None)
@given(history=histories(), seed=st.integers(0, 2**32))
def test_a_late_start_or_reset_never_lets_out_more_than_was_earned(
    name: str, history: History, seed: int
) -> None:
    """Each message uses up its own starts: what was counted for one counts for no other."""
    draw = Random(seed)
    arrivals = [
        (event.time + timedelta(hours=draw.choice((0, 0, 30, 100))), event)
        for event in history.events
    ]
    running = play(KINDS[name], history, arrivals)
    starts = [event for event in history.events if event.type == "start"]
    count = KINDS[name].count
    if name == "sum":
        most = sum(event.data["n"] for event in starts) // 20
    else:
        most = len(starts) // int(count.reach if count else 1)

    assert len(running.sent) <= most


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40, deadline=None)
@given(history=histories())
def test_a_worker_restarted_after_each_event_sends_the_same(name: str, history: History) -> None:
    arrivals = [(event.time, event) for event in history.events]
    whole = play(KINDS[name], history, arrivals)
    running = machine(KINDS[name], history)
    for now in sorted({now for now, _ in arrivals}):
        running = replace(running, facts=list(running.facts), spent=list(running.spent))
        running.claim(now - timedelta(microseconds=1))
        running.facts += [event for arrived, event in arrivals if arrived == now]
    running.claim(datetime(2027, 6, 1, tzinfo=UTC))

    assert running.sent == whole.sent
