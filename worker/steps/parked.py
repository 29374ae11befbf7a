"""What becomes of a parked message when a person has decided?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row

from worker.lifecycle import AttemptState, MessageState, move
from worker.steps.announcing import Announcement, Hearing, News, announce
from worker.steps.answers import MAY_HAVE_LEFT, UNDECIDED
from worker.store import parked
from worker.store.actions import note_action
from worker.store.alerts import Alarm, close_alert
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.messages import lock_messages
from worker.store.occurrences import write_decisions
from worker.store.parked import Wanted, find_parked

BATCH = 200
GONE = "is not parked"
EXPIRED = "is past its use and cannot leave any more: give it up"
NEVER_LEFT = "has no text yet, so that nothing can have arrived"


class Choice(StrEnum):
    """What a person may say of a parked message; the words of its decision, too."""

    RELEASE = "released"
    """Send it: of an unknown one, that it did not arrive."""
    GIVE_UP = "given_up"
    ARRIVED = "arrived"
    """Of an unknown one, that the customer has it."""


_STATES = {
    Choice.RELEASE: MessageState.PLANNED,
    Choice.GIVE_UP: MessageState.FAILED,
    Choice.ARRIVED: MessageState.ACCEPTED,
}
# what a person gives up stays unknown: it may have arrived, and counts as if it had
_ATTEMPTS = {Choice.RELEASE: AttemptState.ABSENT, Choice.ARRIVED: AttemptState.ACCEPTED}
_NEWS = {Choice.GIVE_UP: News.FAILED, Choice.ARRIVED: News.SENT}


@dataclass(frozen=True, slots=True)
class Weighed:
    """One parked message; `refused` says why what was chosen is not possible for it."""

    id: str
    trigger: str | None = None
    channel: str | None = None
    why: str | None = None
    since: datetime | None = None
    expires: datetime | None = None
    refused: str | None = None


def listed(engine: Engine, wanted: Wanted) -> Iterator[Weighed]:
    """What waits for a person, by id."""
    for page in _pages(engine, wanted):
        yield from (_weighed(row) for row in page)


def preview(engine: Engine, wanted: Wanted, choice: Choice) -> Iterator[Weighed]:
    """What `decide` would do now; nothing is written."""
    now = reading(engine, read_now)
    found: set[str] = set()
    for page in _pages(engine, wanted):
        for row in page:
            found.add(row.id)
            yield _weighed(row, _objection(row, choice, now))
    yield from _missing(wanted, found)


def decide(
    engine: Engine,
    hearing: Hearing,
    wanted: Wanted,
    choice: Choice,
    *,
    by: str,
    now: datetime | None = None,
) -> list[Weighed]:
    """Do it, a batch to a transaction; what somebody else has settled meanwhile stays."""
    done: list[Weighed] = []
    found: set[str] = set()
    for page in _pages(engine, wanted):
        work = _Deciding(hearing, choice, by, now, page)
        found |= {row.id for row in page}
        done += in_transaction(engine, work.run)
    return [*done, *_missing(wanted, found)]


@dataclass(frozen=True, slots=True)
class _Deciding:
    """One transaction's."""

    hearing: Hearing
    choice: Choice
    by: str
    now: datetime | None
    seen: Sequence[Row[Any]]

    def run(self, connection: Connection) -> list[Weighed]:
        now = self.now or read_now(connection)
        ids = [row.id for row in self.seen]
        held = lock_messages(connection, ids)
        rows = find_parked(connection, Wanted(ids), most=len(ids))
        told = {row.id: _weighed(row, _objection(row, self.choice, now)) for row in rows}
        mine = [row for row in rows if told[row.id].refused is None]
        if mine:
            self._write(connection, mine, held, now)
        lost = (Weighed(id_, refused=GONE) for id_ in ids if id_ not in told)
        return [*told.values(), *lost]

    def _write(
        self,
        connection: Connection,
        rows: Sequence[Row[Any]],
        held: dict[str, Row[Any]],
        now: datetime,
    ) -> None:
        choice = self.choice
        parked.decide(connection, [_message_row(row, choice, now) for row in rows])
        parked.settle_unknown(connection, _attempt_rows(rows, choice, now))
        write_decisions(connection, [_decision(held[row.id], choice, now) for row in rows])
        news = [one for row in rows for one in _news(held[row.id], choice)]
        announce(connection, news, self.hearing, now=now)
        for sender in sorted({row.sender for row in rows if row.why == UNDECIDED}):
            if not parked.parked_unknown(connection, sender):
                close_alert(connection, Alarm.UNKNOWN_PARKED, sender, now=now)
        target = {"messages": [row.id for row in rows]}
        note_action(connection, f"parked {choice.value}", target, by=self.by, now=now)


def _pages(engine: Engine, wanted: Wanted) -> Iterator[Sequence[Row[Any]]]:
    after = ""
    while page := reading(engine, _page(wanted, after)):
        yield page
        after = page[-1].id


def _page(wanted: Wanted, after: str) -> Callable[[Connection], Sequence[Row[Any]]]:
    return lambda connection: find_parked(connection, wanted, most=BATCH, after=after)


def _missing(wanted: Wanted, found: set[str]) -> Iterator[Weighed]:
    for id_ in wanted.ids or ():
        if id_ not in found:
            yield Weighed(id_, refused=GONE)


def _weighed(row: Row[Any], refused: str | None = None) -> Weighed:
    return Weighed(row.id, row.trigger, row.channel, row.why, row.updated_at, row.expires, refused)


def _objection(row: Row[Any], choice: Choice, now: datetime) -> str | None:
    if choice is Choice.RELEASE and row.expires <= now:
        return EXPIRED
    if choice is Choice.ARRIVED and row.why not in MAY_HAVE_LEFT:
        return NEVER_LEFT
    return None


def _message_row(row: Row[Any], choice: Choice, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": move(MessageState.PARKED, _STATES[choice]),
        "why": None if choice is Choice.ARRIVED else choice.value,
        # what it had been parked for
        "detail": row.why,
        "due": now if choice is Choice.RELEASE else None,
        "look_at": None,
        "updated_at": now,
    }


def _attempt_rows(
    rows: Iterable[Row[Any]], choice: Choice, now: datetime
) -> Iterator[dict[str, Any]]:
    state = _ATTEMPTS.get(choice)
    for row in rows:
        if state is not None and row.why == UNDECIDED and row.attempt_state == AttemptState.UNKNOWN:
            yield {
                "message_id": row.id,
                "number": row.attempt,
                "state": move(AttemptState.UNKNOWN, state),
                "finished_at": now,
            }


def _decision(message: Row[Any], choice: Choice, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "trigger": message.trigger,
        "customer_id": message.customer_id,
        "key": message.key,
        "epoch": message.epoch,
        "verdict": choice,
        "reason": None,
        "detail": message.why,
        "moment": None,
        "facts": [[message.start_source, message.start_id]],
        "bundle": message.bundle,
        "message_id": message.id,
    }


def _news(message: Row[Any], choice: Choice) -> Iterator[Announcement]:
    if choice in _NEWS:
        said = {"message": message.message, "channel": message.channel}
        failed = {"reason": choice.value} if choice is Choice.GIVE_UP else {}
        yield Announcement(
            news=_NEWS[choice],
            message_id=message.id,
            customer=message.customer_id,
            trigger=message.trigger,
            key=message.key,
            start=(message.start_source, message.start_id),
            hops=message.hops,
            said=said | failed,
        )
