"""Which message does an inbound text answer, whose is it, and what is written of it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Row

from triggers.addresses import Phone, phone_of
from triggers.answering import Deeds, Objection, deeds_of, heard
from triggers.calendars.hours import within_hours
from triggers.configuration import Configuration
from triggers.definitions import AgentRoute, Policy
from triggers.replies.meanings import Meaning, Reply, Scale
from triggers.replies.understanding import understand
from triggers.surveys import STANDARD
from triggers.zones import known_zone
from worker.channels.inbound import Text, TextReader
from worker.lifecycle import HandoffState, InboundState
from worker.steps.announcing import Announcement, Hearing, News
from worker.steps.claimed_rows import id_of
from worker.steps.refusing import of_message, of_nobody
from worker.store.addresses import Address
from worker.store.replies import read_erased, read_holders, read_written
from worker.store.suppressions import OptIn, OptOut

PEOPLE = "people"
"""The queue of texts where the policy has no queue at all."""

LONGEST = 2000
"""Characters of a text that are kept: Twilio brings no more than 1,600."""


class Surveys(Protocol):
    """What the station of surveys does for an answer that came as a text."""

    def scale(self, message: Row[Any]) -> Scale | None:
        """What the message's question may be answered with, while it is open."""
        ...

    def keep(
        self, connection: Connection, message: Row[Any], said: Answer, hearing: Hearing
    ) -> bool | None:
        """Keep the answer: whether a trigger hears of it, or None where it is not taken."""
        ...


class Answer(NamedTuple):
    """A number of the scale, or only words."""

    number: int | None
    words: str
    at: datetime


class _NoSurveys:
    def scale(self, message: Row[Any]) -> Scale | None:  # noqa: ARG002
        return None

    def keep(
        self,
        connection: Connection,  # noqa: ARG002
        message: Row[Any],  # noqa: ARG002
        said: Answer,  # noqa: ARG002
        hearing: Hearing,  # noqa: ARG002
    ) -> bool | None:
        return None


NO_SURVEYS: Surveys = _NoSurveys()


class Understood(NamedTuple):
    reply: Reply
    deeds: Deeds


@dataclass(frozen=True, slots=True)
class Told:
    """A text, the message it answers, and the customers who have its number.

    `earlier` is the last message before the window: a survey may stay open for longer than that.
    `forgotten`: its writer was erased since it came, so that it is obeyed and its words not kept.
    """

    row: Row[Any]
    text: Text
    message: Row[Any] | None
    holders: tuple[Row[Any], ...]
    earlier: Row[Any] | None = None
    forgotten: bool = False

    def placed(self, surveys: Surveys) -> Told:
        """The same; an answer to a survey that is open for longer than the window is its own."""
        if self.message is not None or self.earlier is None:
            return self
        scale = surveys.scale(self.earlier)
        answers = scale is not None and self.understood(scale).reply.answer is not None
        return replace(self, message=self.earlier) if answers else self

    @property
    def address(self) -> Address:
        return Address(self.row.address_hash, self.row.channel)

    @property
    def words(self) -> str:
        return "" if self.forgotten else self.text.words[:LONGEST]

    @property
    def customer(self) -> str:
        """Whose it is: the message's reader, else who has the number alone; "" is nobody known."""
        if self.message is not None:
            return str(self.message.customer_id)
        return self.holders[0].id if len(self.holders) == 1 else ""

    @property
    def answered(self) -> bool:
        """Whether the provider has answered it itself: nobody is to be answered twice."""
        return self.text.keyword is not None

    def understood(self, scale: Scale | None, *, by_trigger: bool = False) -> Understood:
        """`by_trigger`: who asks for help is answered by a trigger, not called."""
        keyword = self.text.keyword
        reply = heard(understand(self.text.words, scale), keyword)
        helped = by_trigger or keyword is Meaning.HELP
        return Understood(reply, deeds_of(reply, answered=helped, open_question=scale is not None))

    def opt_out(self, source: Objection) -> OptOut:
        at, words = self.row.received_at, self.words
        return OptOut(self.address, source.value, at, wording=words, proof=proof_of(self.row))

    def opt_in(self) -> OptIn:
        source, at = Objection.REPLY.value, self.row.received_at
        return OptIn(self.address, source, at, wording=self.words, proof=proof_of(self.row))

    def news(self, reply: Reply) -> Iterator[Announcement]:
        """For our own triggers; where nobody knows whose words they are, nobody is told of."""
        said = {
            "channel": self.row.channel,
            "meaning": reply.meaning.value,
            "also": [one.value for one in reply.also],
            "text": self.words,
            "answered": self.answered,
        }
        which = f"{self.row.provider}:{self.row.provider_ref}"
        if self.message is not None:
            said["message"] = self.message.message
            yield of_message(self.message, News.REPLIED, said, which=which)
        elif self.customer:
            yield of_nobody(self.customer, News.REPLIED, said, which=which)

    def marked(self, meaning: Meaning) -> Mapping[str, Any]:
        return {
            "seq": self.row.seq,
            "state": InboundState.READ,
            "meaning": meaning,
            "message_id": self.message.id if self.message is not None else None,
            "customer_id": self.customer or None,
        }

    def handoff(self, why: str, configuration: Configuration, now: datetime) -> Mapping[str, Any]:
        """A person's work. It has no trigger: what a customer writes must use up no cooldown."""
        queue = queue_for(self.message, configuration)
        return {
            "id": id_of("reply", f"{self.row.provider}\x1f{self.row.provider_ref}"),
            "occurrence_id": None,
            "customer_id": self.customer,
            "trigger": None,
            "key": None,
            "queue": queue,
            "why": why,
            "text": self.words,
            "state": HandoffState.OPEN,
            "due": due_in(queue, configuration.policy, now),
            "created_at": now,
            "updated_at": now,
            "message_id": self.message.id if self.message is not None else None,
            "inbound": self.row.seq,
            "language": self.message.language if self.message is not None else None,
        }


def read_told(
    connection: Connection,
    rows: Sequence[Row[Any]],
    policy: Policy,
    readers: Mapping[str, TextReader],
) -> list[Told]:
    """All of them in their order, in a few statements. A row that no reader reads has no words."""
    if not rows:
        return []
    surveys = [STANDARD, *policy.surveys.values()]
    longest = max(policy.replies.window, *(one.open for one in surveys))
    since = min(row.received_at for row in rows) - longest
    written = read_written(connection, [row.address_hash for row in rows], since=since)
    texts = {row.seq: _text(row, readers) for row in rows}
    phones = {seq: _phone(one.sender) for seq, one in texts.items()}
    holders = read_holders(connection, [one for one in phones.values() if one])
    readers_of = {one.customer_id for those in written.values() for one in those}
    erased = read_erased(connection, readers_of)
    return [
        Told(
            row,
            texts[row.seq],
            _answered(row, texts[row.seq], written.get(row.address_hash, ()), policy),
            tuple(holders.get(phones[row.seq], ())),
            next(_before(row, written.get(row.address_hash, ())), None),
            _forgotten(row, written.get(row.address_hash, ()), erased),
        )
        for row in rows
    ]


def proof_of(row: Row[Any]) -> Mapping[str, Any]:
    """Where the word can be found: at the provider, and here."""
    return {"provider": row.provider, "ref": row.provider_ref, "inbound": row.seq}


def queue_for(message: Row[Any] | None, configuration: Configuration) -> str:
    """The people to whom the message's own trigger hands over, else those of the policy."""
    policy = configuration.policy
    trigger = configuration.triggers.get(message.trigger) if message is not None else None
    routes = trigger.send if trigger is not None else ()
    own = next((one.queue for one in routes if isinstance(one, AgentRoute)), "")
    return own or policy.replies.queue or next(iter(policy.agents), PEOPLE)


def due_in(queue: str, policy: Policy, now: datetime) -> datetime:
    """As soon as somebody is at work."""
    zone, known = known_zone(policy.timezone), policy.agents.get(queue)
    return within_hours(known.hours, now, zone) if known and known.hours and zone else now


def _text(row: Row[Any], readers: Mapping[str, TextReader]) -> Text:
    reader = readers.get(row.provider)
    found = reader(row.raw) if reader else None
    return found or Text(row.provider_ref, "", frozenset(), "")


def _phone(sender: str) -> str:
    found = phone_of(sender)
    return found.e164 if isinstance(found, Phone) else ""


def _answered(
    row: Row[Any], text: Text, written: Sequence[Row[Any]], policy: Policy
) -> Row[Any] | None:
    """The latest within the window by the sender it was written to, else the latest of all."""
    since = row.received_at - policy.replies.window
    latest = [one for one in _before(row, written) if since < one.claimed_at]
    by_that = (one for one in latest if one.sender.partition("@")[0] in text.to)
    return next(by_that, next(iter(latest), None))


def _forgotten(row: Row[Any], written: Sequence[Row[Any]], erased: Mapping[str, datetime]) -> bool:
    """Whether anybody to whom we wrote there was erased after it came: it may be his."""
    moments = (erased.get(one.customer_id) for one in _before(row, written))
    return any(moment is not None and moment >= row.received_at for moment in moments)


def _before(row: Row[Any], written: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    return (one for one in written if one.claimed_at <= row.received_at)
