"""How does a database come to hold a month of work, as if it had happened there?"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from triggers.admission import CUSTOMERS_DOOR
from triggers.profile_updates import as_update, as_written
from worker.month.desk import office_hours, operating
from worker.month.lives import DAYS, Doubt, Told, contact, live
from worker.month.luck import Luck
from worker.month.office import Office
from worker.month.people import Person
from worker.month.reactions import Deed, Read, reactions
from worker.month.truth import TRUTHS

MONTH = timedelta(days=DAYS)
GRID = timedelta(minutes=1)
ROUND = timedelta(hours=2)
LISTENS = 12
"""Hours from one listening to the next."""

Progress = Callable[[float], object]


@dataclass
class Month:
    """What is still to come, the earliest first, and who was reached about what."""

    office: Office
    people: Mapping[str, Person]
    luck: Luck
    end: datetime
    _coming: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _number: int = 0
    _reached: set[tuple[str, str, str]] = field(default_factory=set)

    def plan(self, deeds: Iterable[Deed]) -> None:
        """What would come after the month does not come."""
        for deed in deeds:
            if deed.at < self.end:
                heapq.heappush(self._coming, (deed.at, self._number, deed))
                self._number += 1

    def run(self, told: Progress) -> None:
        begin, ring = self.office.now, self.office.now
        while (moment := self._next(ring)) < self.end:
            self._do_until(moment)
            self.office.now = moment
            if moment >= ring:
                self._ring(moment)
                ring += ROUND
                told((moment - begin) / (self.end - begin))
            self._work()
        self._do_until(self.end)
        self.office.now = self.end
        self._work()
        self.office.sweep()
        self.office.listen()

    def doubts(self, found: Iterable[Doubt]) -> Iterable[Deed]:
        return [Deed(one.at, self._deciding(one)) for one in found]

    def _deciding(self, doubt: Doubt) -> Callable[[Office], object]:
        def decide(office: Office) -> None:
            truth = TRUTHS[doubt.trigger]
            about = (doubt.trigger, doubt.person.id, doubt.key)
            share = truth.messaged if about in self._reached else truth.without
            if doubt.chance < share:
                told = contact(doubt.person, office.now, truth.topic, doubt.key)
                office.take([told.event], "http")

        return decide

    def _next(self, ring: datetime) -> datetime:
        """The next moment of the grid at which anything happens; the last hour has none of ours."""
        found = [ring, *(one[0] for one in self._coming[:1])]
        due = self.office.next_moment()
        first = min([*found, due] if due is not None else found)
        late = (first - self.office.now) % GRID
        return first + (GRID - late if late else timedelta(0))

    def _do_until(self, moment: datetime) -> None:
        while self._coming and self._coming[0][0] <= moment:
            at, _, deed = heapq.heappop(self._coming)
            self.office.now = at
            deed.do(self.office)

    def _ring(self, moment: datetime) -> None:
        """Seldom to listen: it reads five weeks each time."""
        self.office.sweep()
        if moment.hour % LISTENS == 0:
            self.office.listen()

    def _work(self) -> None:
        office = self.office
        office.look_for_unknown()
        taken = {letter.message_id for letter in office.work()}
        for row, tokens in office.told_of(taken) if taken else ():
            self._reached.add((row.trigger, row.customer_id, row.key))
            read = Read(row, tokens, self.people[row.customer_id], office.now)
            self.plan(reactions(read, self.luck))


def live_through(office: Office, people: list[Person], luck: Luck, told: Progress) -> None:
    """From what time it is in the office on, for a month; at its end all is read and decided."""
    begin = office.now
    profiles = [as_written(as_update(one.profile, one.id, now=begin)) for one in people]
    office.take(profiles, CUSTOMERS_DOOR, people=True)
    month = Month(office, {one.id: one for one in people}, luck, begin + MONTH)
    lives = [live(one, luck, begin) for one in people]
    month.plan(_publishing(told_of for life in lives for told_of in life.events))
    for life in lives:
        month.plan(month.doubts(life.doubts))
    month.plan(office_hours(begin, luck))
    month.plan(operating(begin))
    month.run(told)


def _publishing(happened: Iterable[Told]) -> Iterable[Deed]:
    """What one moment brings comes together, as from a file."""
    found: dict[datetime, list[Mapping[str, Any]]] = {}
    for one in sorted(happened, key=lambda each: (each.at, each.event["id"])):
        found.setdefault(one.at, []).append(one.event)
    return [Deed(at, _taking(events)) for at, events in found.items()]


def _taking(events: list[Mapping[str, Any]]) -> Callable[[Office], object]:
    return lambda office: office.take(events, "http")
