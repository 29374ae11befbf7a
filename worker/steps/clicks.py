"""Who followed a short link, where does it lead, and does that count as the customer's click?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row

from triggers.surveys import ANSWER
from worker.steps.announcing import Announcement, Hearing, News, announce
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.links import add_click, find_link

TOO_SOON = timedelta(seconds=2)
"""Nobody has read an email by then; what opens its links so early is a mail gateway's scanner."""

MOST_KEPT = 100
"""Clicks of one message: more of them tell nothing new, and somebody may make a million."""


class By(StrEnum):
    PERSON = "person"
    SCANNER = "scanner"


@dataclass(frozen=True, slots=True)
class Visit:
    """A link that still leads somewhere. `heard`: our own triggers have something to read."""

    link: Row[Any]
    by: By
    heard: bool = False

    @property
    def asks(self) -> bool:
        """Whether it leads to a survey's question, not to an address of the policy's."""
        return bool(self.link.name == ANSWER)


class Gone(StrEnum):
    """Why a link leads nowhere."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"


def follow(
    engine: Engine, hearing: Hearing, token: str, *, scanner: bool, now: datetime | None = None
) -> Visit | Gone:
    """Keep the click, and tell it once a message: one read and one insert, two more the first time.

    `scanner`: the request itself says that no person made it.
    """

    def work(connection: Connection) -> Visit | Gone:
        link = find_link(connection, token)
        if link is None:
            return Gone.UNKNOWN
        moment = now or read_now(connection)
        if link.expires_at <= moment:
            return Gone.EXPIRED
        by = By.SCANNER if scanner or _too_soon(link, moment) else By.PERSON
        if link.clicked < MOST_KEPT:
            click = {"token": token, "message_id": link.message_id, "at": moment, "by": by}
            add_click(connection, click)
        heard = by is By.PERSON and _tell(connection, link, hearing, moment)
        return Visit(link, by, heard)

    return in_transaction(engine, work)


def _too_soon(link: Row[Any], now: datetime) -> bool:
    return link.channel == "email" and (link.left_at is None or now - link.left_at < TOO_SOON)


def _tell(connection: Connection, link: Row[Any], hearing: Hearing, now: datetime) -> bool:
    """Each time anew: that it is told once is kept by the event's own id."""
    said = {"message": link.message, "channel": link.channel, "link": link.name}
    clicked = Announcement(
        news=News.CLICKED,
        message_id=link.message_id,
        customer=link.customer_id,
        trigger=link.trigger,
        key=link.key,
        start=(link.start_source, link.start_id),
        hops=link.hops,
        said=said,
    )
    return announce(connection, [clicked], hearing, now=now)
