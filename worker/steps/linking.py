"""Which short links does a message carry, and where does each of them lead?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from triggers.case import Case
from triggers.composing import OwnLinks
from triggers.routing import asks
from triggers.surveys import ANSWER, survey_named
from worker.tokens import sign_link

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shortener:
    """Names the short links of this installation; the first key signs."""

    keys: Sequence[SecretStr]
    public_url: str

    def token(self, message_id: str, name: str) -> str:
        return sign_link(self.keys[0].get_secret_value(), message_id, name)

    def address(self, token: str) -> str:
        return f"{self.public_url}/l/{token}"


@dataclass(slots=True)
class MessageLinks:
    """Those of one message: made as its text asks for them, each once in whatever part it stands.

    `rows` are to be written in the transaction that claims the message.
    """

    shortener: Shortener
    case: Case
    message_id: str
    now: datetime
    rows: dict[str, Row] = field(default_factory=dict)

    def own(self, message: str, page: str) -> OwnLinks:
        """What the text of `message` reads; `page` is where the customer may take himself off.

        A survey has its place to answer whether its text names it or not: the row also tells
        that the survey is open, when the answer comes by SMS.
        """
        given = {"unsubscribe": page, "preferences": page}
        if asks(self.case, message):
            survey = survey_named(message, self.case.policy.surveys)
            given[ANSWER] = self._made(ANSWER, "", survey.open)
        return OwnLinks(given, self._shorten)

    def _shorten(self, name: str, url: str) -> str:
        life = self.case.policy.tracked.get(name)
        return url if life is None else self._made(name, url, life)

    def _made(self, name: str, url: str, life: timedelta) -> str:
        token = self.shortener.token(self.message_id, name)
        self.rows[name] = {
            "token": token,
            "message_id": self.message_id,
            "name": name,
            "url": url,
            "created_at": self.now,
            "expires_at": self.now + life,
        }
        return self.shortener.address(token)
