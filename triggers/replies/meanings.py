"""What can be the answer when we ask what an inbound text means?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What somebody wants who writes back, the strongest first: of two at once it wins.

    STOP wins over all, since a message after "stop" cannot be taken back. WRONG_NUMBER says that
    nothing else in the text is the customer's. A person sees what the rest would have settled.
    """

    STOP = "stop"
    WRONG_NUMBER = "wrong_number"
    PERSON = "person"
    PAID = "paid"
    HELP = "help"
    START = "start"
    ANSWER = "answer"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Scale:
    """What an open survey may be answered with: whole numbers, both ends included."""

    lowest: int
    highest: int

    def __contains__(self, number: int) -> bool:
        return self.lowest <= number <= self.highest


@dataclass(frozen=True, slots=True)
class Reply:
    """What a text means.

    `also` is what it says besides, to be done too: "stop, call me" is STOP and also PERSON.
    `answer` is the survey's number, where ANSWER is among them. `may_refuse` is a doubt, whatever
    the meaning: suppress until a person has read it. It is never true of STOP, which leaves none.
    """

    meaning: Meaning
    also: tuple[Meaning, ...] = ()
    answer: int | None = None
    may_refuse: bool = False

    def says(self, meaning: Meaning) -> bool:
        return meaning is self.meaning or meaning in self.also
