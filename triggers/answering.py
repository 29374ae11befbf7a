"""What is to be done about a text that somebody wrote to us?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from triggers.replies.meanings import Meaning, Reply

CALL, TRIGGER = "call", "trigger"


@dataclass(frozen=True, slots=True)
class ReplyPolicy:
    """A text answers a message of the last `window`; `queue` (else the first) takes the rest.

    `help`: who answers it where the provider has not, a person or a trigger.
    """

    queue: str = ""
    window: timedelta = timedelta(days=3)
    help: str = CALL


class Objection(StrEnum):
    """How the suppression list names a refusal that came as a text."""

    REPLY = "reply"
    UNCLEAR = "unclear reply"
    WRONG_NUMBER = "wrong number"


class Call(StrEnum):
    """Why a person is to look at it."""

    PERSON = "asks for a person"
    WRONG_NUMBER = "says that the number is not the customer's"
    MAY_REFUSE = "may be a refusal: nothing is sent until somebody has read it"
    HELP = "asks for help"
    UNCLEAR = "nobody has understood it yet"


@dataclass(frozen=True, slots=True)
class Deeds:
    """`refuses`: nothing goes there any more. `lifts`: his own earlier refusal.

    `call`: a person's work, and why. `answers`: it belongs to the open survey.
    """

    refuses: Objection | None = None
    lifts: bool = False
    call: Call | None = None
    answers: bool = False


def heard(reply: Reply, keyword: Meaning | None) -> Reply:
    """The same, where the provider has taken it for one of its keywords: it acts on that itself."""
    if keyword is None or reply.says(keyword):
        return reply
    if keyword is Meaning.STOP:
        also = tuple(one for one in (reply.meaning, *reply.also) if one is not Meaning.UNCLEAR)
        return replace(reply, meaning=Meaning.STOP, also=also, may_refuse=False)
    if reply.meaning is Meaning.UNCLEAR and not reply.may_refuse:
        return replace(reply, meaning=keyword)
    return reply


def deeds_of(reply: Reply, *, answered: bool = False, open_question: bool = False) -> Deeds:
    """`answered`: the provider has sent its own help, or a trigger will. `open_question`: a survey
    is open."""
    answers = reply.says(Meaning.ANSWER) or (
        open_question and reply.meaning is Meaning.UNCLEAR and not reply.may_refuse
    )
    return Deeds(
        refuses=_refusal(reply),
        lifts=reply.says(Meaning.START) and not _refusal(reply),
        call=None if answers and _only_answers(reply) else _call(reply, answered),
        answers=answers,
    )


def _refusal(reply: Reply) -> Objection | None:
    if reply.says(Meaning.WRONG_NUMBER):
        # the customer's own START cannot come from there, whatever else the text says
        return Objection.WRONG_NUMBER
    if reply.says(Meaning.STOP):
        return Objection.REPLY
    return Objection.UNCLEAR if reply.may_refuse else None


def _call(reply: Reply, answered: bool) -> Call | None:
    if reply.says(Meaning.PERSON):
        return Call.PERSON
    if reply.says(Meaning.WRONG_NUMBER):
        return Call.WRONG_NUMBER
    if reply.may_refuse:
        return Call.MAY_REFUSE
    if reply.says(Meaning.HELP) and not answered:
        return Call.HELP
    return Call.UNCLEAR if reply.meaning is Meaning.UNCLEAR else None


def _only_answers(reply: Reply) -> bool:
    return reply.meaning in (Meaning.ANSWER, Meaning.UNCLEAR) and not reply.also
