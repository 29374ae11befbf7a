"""What does each verdict of the gates write, and what leaves because of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from triggers.case import Case
from triggers.definitions import AgentRoute, MessageRoute, Priority
from triggers.facts import Occurrence, Spent
from triggers.objections import CALLS_WAIT
from triggers.texts.failures import TextFailed
from triggers.texts.texts import Rendered
from triggers.verdicts import HandOver, Later, Never, Outcome, Reason, Send, Verdict
from worker.channels.base import Letter
from worker.lifecycle import MessageState, OccurrenceState
from worker.retrying import LEASE
from worker.steps.announcing import News
from worker.steps.book import Because, Book, Ruling
from worker.steps.claimed_rows import attempt_row, handoff_row, message_id, message_row
from worker.steps.composing import (
    Preferences,
    agent_text,
    call_due,
    compose_message,
    headers_of,
)
from worker.steps.crowds import Who
from worker.steps.leases import ClaimedLetter
from worker.steps.linking import MessageLinks, Shortener
from worker.steps.senders import Senders
from worker.steps.standing import Desk
from worker.steps.timelines import Timelines
from worker.steps.turns import Turn
from worker.steps.windows import names_of_call, names_of_message
from worker.store.standing import Past
from worker.store.stretches import beginning


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims: the owner of the leases, by when it will call, and by which senders."""

    owner: str
    deadline: float
    senders: Senders
    preferences: Preferences
    shortener: Shortener


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn and its verdict. `case` None: no trigger is left that could be asked."""

    turn: Turn
    verdict: Verdict
    case: Case | None
    because: Because

    @property
    def occurrence(self) -> Occurrence | None:
        return self.case.occurrence if self.case else None


@dataclass(frozen=True, slots=True)
class Clerk:
    """Writes verdicts into the book, and tells the desk what the rest of the batch must know."""

    claimant: Claimant
    timelines: Timelines
    desk: Desk
    book: Book

    def write(self, asked: Asked) -> None:
        case = asked.case
        match asked.verdict:
            case Later() as later:
                self._put_off(asked, later)
            case Never() as never:
                self._end(asked, never)
            case HandOver(route) if case:
                self._hand_over(asked, case, route)
            case Send(route, channels) if case:
                self._send(asked, case, route, channels)
            case HandOver() | Send():
                raise LookupError("nobody can send what no trigger holds")
            case _:
                assert_never(asked.verdict)

    def _put_off(self, asked: Asked, later: Later) -> None:
        turn, moment = asked.turn, self._moment(asked, later)
        why = replace(asked.because, moment=moment)
        if turn.is_retry:
            state = MessageState.PLANNED
            self.book.move_message(turn, state, due=moment, why=why.reason)
        else:
            self.book.move_occurrence(turn, OccurrenceState.PENDING, why)
        if not _said_before(turn, why):
            self.book.decide(turn, Ruling.LATER, asked.occurrence, why, message_id=_own_id(turn))
        if later.reason is Reason.SPEND:
            self.desk.purses.put_off(turn.key.trigger)
        if (later.reason, later.detail) == (Reason.FUSE, "trigger"):
            self.desk.blow(turn.key.trigger)

    def _moment(self, asked: Asked, later: Later) -> datetime:
        """What is tried again, and what a fuse holds, comes as soon as there is room."""
        if asked.case is None or later.reason not in {Reason.PACE, Reason.RATE, Reason.FUSE}:
            return later.moment
        turn, names = asked.turn, _all_names(asked.case, self.claimant.senders)
        alone = turn.is_retry or later.reason is Reason.FUSE
        priority = Priority(turn.row.priority)
        who = None if alone else Who(turn.key.trigger, turn.occurrence_id, priority)
        return min(self.desk.put_off(names, later.moment, who), asked.case.waiting.expires)

    def _end(self, asked: Asked, never: Never) -> None:
        turn, why = asked.turn, asked.because
        outcome = never.outcome
        if turn.is_retry:
            expired = never.reason is Reason.EXPIRED
            state = MessageState.EXPIRED if expired else MessageState.CALLED_OFF
            self.book.move_message(turn, state, why=why.reason, detail=why.detail or None)
            ruling = Ruling(state.value)
        else:
            self.book.move_occurrence(turn, OccurrenceState(outcome.value), why)
            ruling = Ruling(outcome.value)
            self._spend(asked)
        self.book.decide(turn, ruling, asked.occurrence, why, message_id=_own_id(turn))
        if outcome is Outcome.SKIPPED:
            news = News.FAILED if ruling is Ruling.EXPIRED else News.SKIPPED
            self._tell(asked, news, reason=why.reason)

    def _hand_over(self, asked: Asked, case: Case, route: AgentRoute) -> None:
        turn, ground = asked.turn, self.book.ground
        why, text = agent_text(case, route, ground.configuration.texts)
        told = {"why": why, "text": text, "due": call_due(case, route)}
        handoff = handoff_row(turn, route, ground, told)
        self.book.handoffs.append(handoff)
        self.book.move_occurrence(turn, OccurrenceState.HANDED_OVER)
        self._spend(asked)
        queue = Because(detail=route.queue)
        self.book.decide(turn, Ruling.HANDED_OVER, asked.occurrence, queue)
        self.book.say(turn, "handed_over", handoff_id=handoff["id"], queue=route.queue)
        said = {"message": route.message, "channel": "agent", "queue": route.queue}
        self._tell(asked, News.HANDED_OVER, **said)
        past = Past(handoff["id"], turn.customer.id, "", "", "", turn.key.trigger, ground.now)
        self.desk.claimed(past, names_of_call(case.trigger, route.queue))

    def _send(
        self, asked: Asked, case: Case, route: MessageRoute, channels: tuple[str, ...]
    ) -> None:
        turn, ground = asked.turn, self.book.ground
        page = self.claimant.preferences(self.desk.reach(turn).hashes[channels[0]])
        message = message_row(turn, case, route, channels, ground)
        links = MessageLinks(self.claimant.shortener, case, message["id"], ground.now)
        own = links.own(route.message, page)
        texts = ground.configuration.texts
        try:
            rendered = compose_message(
                case, turn, texts, send=(route.message, channels[0]), links=own
            )
        except TextFailed as failed:
            self._park(asked, message, failed)
            return
        short = self.desk.purses.lacks(turn.key.trigger, channels[0], rendered.segments)
        if short is not None:
            # longer than any text should be, so dearer than the gate could know
            why = Because(Reason.SPEND, "", short)
            self._put_off(replace(asked, because=why), Later(short, Reason.SPEND))
            return
        message |= {
            "state": MessageState.SENDING,
            "attempt": message["attempt"] + 1,
            "language": rendered.language or turn.row.language,
            "lease_owner": self.claimant.owner,
            "lease_until": ground.now + LEASE,
        }
        self._write_message(asked, message)
        self.book.links += links.rows.values()
        self.book.decide(turn, Ruling.CLAIMED, asked.occurrence, message_id=message["id"])
        self._lease(turn, case, self._letter(turn, case, message, rendered, page), rendered)

    def _letter(
        self, turn: Turn, case: Case, message: Mapping[str, Any], rendered: Rendered, page: str
    ) -> Letter:
        channel = message["channel"]
        return Letter(
            message_id=message["id"],
            attempt=message["attempt"],
            channel=channel,
            address=self.desk.reach(turn).addresses[channel],
            text=rendered.text,
            expires=turn.row.expires,
            subject=rendered.subject,
            html=rendered.html,
            headers=headers_of(case, channel, page),
        )

    def _lease(self, turn: Turn, case: Case, letter: Letter, rendered: Rendered) -> None:
        """The letter is ours until its deadline; whoever comes after it sees its claim."""
        claimant, now = self.claimant, self.book.ground.now
        hashed = self.desk.reach(turn).hashes[letter.channel].hash
        sender = self.desk.sender(turn, letter.channel)
        cost = self.desk.purses.pay(turn.key.trigger, letter.channel, rendered.segments)
        lease = {
            "address_hash": hashed,
            "sender": sender,
            "segments": rendered.segments,
            "cost": None if cost is None else float(cost),
            "summed": self.desk.purses.limits(turn.key.trigger) or None,
            "lease_owner": claimant.owner,
            "claimed_at": now,
        }
        self.book.attempts.append(attempt_row(turn, case, letter, lease))
        event = case.waiting.event
        self.book.letters.append(
            ClaimedLetter(
                letter=letter,
                sender=sender,
                address_hash=hashed,
                owner=claimant.owner,
                customer=self.book.ground.hasher.customer(turn.key.customer),
                deadline=claimant.deadline,
                cause=event.data,
                # of a retry the row is its message's: when that was due first, stands elsewhere
                began=None if turn.is_retry else beginning(turn.row.due, event.received),
            )
        )
        way = {"channel": letter.channel, "sender": sender}
        id_, number = letter.message_id, letter.attempt
        self.book.say(turn, "message_claimed", message_id=id_, attempt=number, **way)
        past = Past(
            letter.message_id, turn.customer.id, hashed, letter.channel, case.category.name,
            turn.key.trigger, now,
        )  # fmt: skip
        self.desk.claimed(past, names_of_message(case.trigger, sender))

    def _park(self, asked: Asked, message: dict[str, Any], failed: TextFailed) -> None:
        """A person must mend the text or the data; nothing half-written leaves."""
        missing = f"missing: {failed.variable}" if failed.variable else failed.reason
        message |= {"state": MessageState.PARKED, "why": missing, "detail": str(failed)}
        self._write_message(asked, message)
        why = Because(Reason.TEXT_FAILED, missing)
        ruling, id_ = Ruling.PARKED, message["id"]
        self.book.decide(asked.turn, ruling, asked.occurrence, why, message_id=id_)
        self.book.say(asked.turn, "message_parked", message_id=id_, why=missing)

    def _write_message(self, asked: Asked, message: dict[str, Any]) -> None:
        turn = asked.turn
        if turn.is_retry:
            self.book.move_message(turn, **message)
            return
        self.book.messages.append(message)
        self.book.move_occurrence(turn, OccurrenceState.MESSAGED)
        self._spend(asked)

    def _spend(self, asked: Asked) -> None:
        """For ever, and for the rest of this batch.

        What its facts hold no longer is not spent: it may wait again when they change back.
        """
        occurrence = asked.occurrence
        if occurrence is not None:
            self.book.spend(asked.turn, occurrence)
            spent = Spent(occurrence.epoch, occurrence.event.order)
            self.timelines.spend(asked.turn.key, spent)

    def _tell(self, asked: Asked, news: News, **said: Any) -> None:
        self.book.tell(asked.turn, news, asked.occurrence, message_id(asked.turn), **said)


def _said_before(turn: Turn, why: Because) -> bool:
    """What is asked again every few minutes for as long as it lasts: that it holds is told once."""
    if why.reason != Reason.PAUSED and not why.detail.startswith(CALLS_WAIT):
        return False
    if turn.is_retry:
        return bool(turn.row.why == why.reason)
    return bool((turn.row.reason, turn.row.detail) == (why.reason, why.detail))


def _own_id(turn: Turn) -> str | None:
    return message_id(turn) if turn.is_retry else None


def _all_names(case: Case, senders: Senders) -> tuple[str, ...]:
    """Every window this case may have run into."""
    queues = case.policy.agents
    every = [one for some in senders.values() for one in some]
    messages = [name for one in every for name in names_of_message(case.trigger, one)]
    calls = [name for one in queues for name in names_of_call(case.trigger, one)]
    return tuple(dict.fromkeys((*messages, *calls)))
