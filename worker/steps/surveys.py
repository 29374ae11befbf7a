"""What does the customer answer to a survey, on its page or by SMS, and who is told?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row

from triggers.configuration import Configuration
from triggers.definitions import MessageRoute
from triggers.replies.meanings import Scale
from triggers.surveys import ANSWER, SurveyPolicy, survey_named
from worker.steps.announcing import Announcement, Hearing, News, announce
from worker.steps.clicks import Gone
from worker.steps.replied import Answer
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.links import find_link
from worker.store.surveys import find_answer, keep_answer

PAGE, SMS = "page", "sms"
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """The message that asked. `start` is (source, id) of the event that it was sent for."""

    message_id: str
    trigger: str
    key: str
    customer: str
    survey: str
    start: tuple[str, str]
    hops: int


class Said(NamedTuple):
    """A number of the scale, words, or both. `by`: the page, or SMS."""

    score: int | None
    text: str
    by: str


class Taken(NamedTuple):
    """What now stands for the message. `heard`: our own triggers have something to read."""

    score: int | None
    text: str | None
    heard: bool


def record_answer(
    connection: Connection, asked: Asked, said: Said, hearing: Hearing, *, now: datetime
) -> Taken:
    """Keep the answer, and tell its number once: the first counts, for others have acted on it.

    Words may follow a number, or come alone; those that come alone are told of once, too.
    """
    words = said.text.strip()[:LONGEST_TEXT] or None
    kept = keep_answer(
        connection,
        {
            "message_id": asked.message_id,
            "trigger": asked.trigger,
            "customer_id": asked.customer,
            "survey": asked.survey,
            "channel": said.by,
            "score": said.score,
            "text": words,
            "at": now,
        },
    )
    heard = announce(connection, [_news(asked, kept, said.by)], hearing, now=now)
    return Taken(kept.score, kept.text, heard)


def _news(asked: Asked, kept: Row[Any], by: str) -> Announcement:
    """The words are personal and stay where they are: an event is copied into many rows."""
    told = {"message": asked.survey, "survey": asked.survey, "channel": by}
    score = {} if kept.score is None else {"score": kept.score}
    return Announcement(
        news=News.ANSWERED,
        message_id=asked.message_id,
        customer=asked.customer,
        trigger=asked.trigger,
        key=asked.key,
        start=asked.start,
        hops=asked.hops,
        said={**told, **score, "has_text": kept.text is not None},
        which="in_words" if kept.score is None else "",
    )


class Page(NamedTuple):
    """A survey's page before it is shown: what was answered so far, and in whose language."""

    survey: str
    language: str
    score: int | None
    text: str | None


def open_page(connection: Connection, token: str) -> Page | None:
    """None where the token is no survey's; whether it is still open is asked when it answers."""
    link = find_link(connection, token)
    if link is None or link.name != ANSWER:
        return None
    kept = find_answer(connection, link.message_id)
    score, text = (kept.score, kept.text) if kept else (None, None)
    return Page(link.message, link.language, score, text)


def answer_by_page(
    engine: Engine, hearing: Hearing, token: str, said: Said, *, now: datetime | None = None
) -> Taken | Gone:
    """Take what somebody sent from a survey's page; Gone where the token is no open survey's."""

    def work(connection: Connection) -> Taken | Gone:
        link = find_link(connection, token)
        if link is None or link.name != ANSWER:
            return Gone.UNKNOWN
        moment = now or read_now(connection)
        if link.expires_at <= moment:
            return Gone.EXPIRED
        asked = _asked(link, link.message_id)
        return record_answer(connection, asked, said, hearing, now=moment)

    return in_transaction(engine, work)


@dataclass(frozen=True, slots=True)
class TextedSurveys:
    """Answers that came as a text; which messages are surveys, the configuration in force says."""

    configuration: Configuration

    def scale(self, message: Row[Any]) -> Scale | None:
        """What the message's question may be answered with; None where it asked none."""
        survey = self._survey(message)
        return survey.scale if survey else None

    def keep(
        self, connection: Connection, message: Row[Any], said: Answer, hearing: Hearing
    ) -> bool | None:
        """Whether a trigger hears of it; None where it came too late, or nothing was asked."""
        survey = self._survey(message)
        if survey is None or message.claimed_at + survey.open <= said.at:
            return None
        if said.number is None and not said.words.strip():
            return None
        asked = _asked(message, message.id)
        # one word beside a number is the number
        words = said.words if said.number is None or len(said.words.split()) > 1 else ""
        answer = Said(said.number, words, SMS)
        return record_answer(connection, asked, answer, hearing, now=said.at).heard

    def _survey(self, message: Row[Any]) -> SurveyPolicy | None:
        trigger = self.configuration.triggers.get(message.trigger)
        for route in trigger.send if trigger else ():
            if (
                isinstance(route, MessageRoute)
                and route.survey
                and route.message == message.message
            ):
                return survey_named(message.message, self.configuration.policy.surveys)
        return None


def _asked(row: Row[Any], message_id: str) -> Asked:
    return Asked(
        message_id=message_id,
        trigger=row.trigger,
        key=row.key,
        customer=row.customer_id,
        survey=row.message,
        start=(row.start_source, row.start_id),
        hops=row.hops,
    )
