"""Are the first facts of a key as good folded as they are one by one, for every kind of trigger?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.test_order import KINDS, TYPES, History, histories
from tests.triggers.worlds import JERUSALEM, trigger
from triggers.definitions import Again, Count, Trigger
from triggers.events import Event
from triggers.facts import Spent, Timeline
from triggers.settling import Waiting, due_after, settle
from triggers.timeline import fold, timeline
from triggers.timelines.folds import Fold

GRACE = timedelta(minutes=2)
MANY = {"many": trigger(again=Again.EACH, count=Count(1_000_000, since="never"))}
START = datetime(2026, 11, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Kind:
    """Of one kind of trigger, on one clock."""

    trigger: Trigger
    zone: ZoneInfo

    def found(
        self, facts: Sequence[Event], spent: Iterable[Spent] = (), before: Fold | None = None
    ) -> Timeline:
        return timeline(self.trigger, facts, spent, self.zone, key="k", before=before)

    def folded(
        self, facts: Sequence[Event], spent: Iterable[Spent] = (), before: Fold | None = None
    ) -> Fold:
        """As it comes back from a database."""
        made = fold(self.trigger, facts, spent, self.zone, key="k", before=before)
        return replace(made, state=orjson.loads(orjson.dumps(made.state)))

    def waiting(self, found: Timeline) -> list[Waiting]:
        limits = self.trigger.limits
        return [
            Waiting(
                one.epoch,
                one.start.order,
                one.moment,
                due_after(self.trigger, one.moment, GRACE),
                one.expires,
                int(limits.priority),
                limits.category,
            )
            for one in found.pending.values()
        ]


def claimed(found: Timeline, chosen: st.DataObject) -> list[Spent]:
    """Some of what waits."""
    return [
        Spent(one.epoch, one.event.order)
        for one in found.pending.values()
        if chosen.draw(st.booleans(), label=f"claimed {one.epoch}")
    ]


def in_order(history: History) -> list[Event]:
    return sorted(history.events, key=lambda one: one.order)


@pytest.mark.parametrize("kind", KINDS)
@given(history=histories(), chosen=st.data())
def test_what_comes_after_a_fold_is_decided_as_if_nothing_had_been_folded(
    kind: str, history: History, chosen: st.DataObject
) -> None:
    one, facts = Kind(KINDS[kind], history.zone), in_order(history)
    first, second = sorted(chosen.draw(st.tuples(*[st.integers(1, len(facts))] * 2)))
    known, news = facts[:second], facts[second:]
    spent = claimed(one.found(known), chosen)
    rows = one.waiting(one.found(known, spent))

    before = one.folded(facts[:first], spent)
    if second > first:
        before = one.folded(facts[first:second], spent, before)
    after = one.found(news[::-1], spent, before)

    whole = one.found(facts, spent)
    assert after.pending == whole.pending
    assert after.notes == tuple(note for note in whole.notes if note.event in news)
    changes, same = (
        settle(one.trigger, rows, found, grace=GRACE, fresh=news) for found in (after, whole)
    )
    # nothing is left of a spent epoch that an event could end
    gone = {epoch.epoch for epoch in spent}
    assert [change for change in changes if change.epoch not in gone] == [
        change for change in same if change.epoch not in gone
    ]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"count since", "count within", "sum"}))
@given(history=histories(), chosen=st.data())
def test_what_is_spent_later_changes_nothing_in_a_fold(
    kind: str, history: History, chosen: st.DataObject
) -> None:
    one, facts = Kind(KINDS[kind], history.zone), in_order(history)
    until = chosen.draw(st.integers(1, len(facts)))
    spent = claimed(one.found(facts), chosen)
    earlier = [epoch for epoch in spent if chosen.draw(st.booleans())]

    before = one.folded(facts[:until], earlier)

    assert one.found(facts[until:], spent, before).pending == one.found(facts, spent).pending


@pytest.mark.parametrize("kind", ["once", "restart", "before a date", "count since", "many"])
def test_a_fold_of_many_facts_is_small(kind: str) -> None:
    facts = [
        Event("shop", f"e{n}", TYPES[n % len(TYPES)], moment, "c1", data, moment)
        for n in range(2_000)
        for moment in [START + timedelta(hours=n)]
        for data in [{"key": "k", "n": n, "end": "2027-03-01"}]
    ]

    small = Kind((KINDS | MANY)[kind], JERUSALEM).folded(facts)

    assert len(orjson.dumps(small.state)) < 2_000
