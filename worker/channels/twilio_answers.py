"""What does an answer of Twilio's mean: was it processed, and whose fault is it?"""

from __future__ import annotations

from enum import Enum, auto

from worker.channels.base import ChannelError, Misconfigured, Refused, TryLater, Uncertain


class Meaning(Enum):
    LATER = auto()
    """Certainly not processed; the same letter may go again."""
    REFUSED = auto()
    BAD_ADDRESS = auto()
    OPTED_OUT = auto()
    OURS = auto()
    """Our account, credentials or sender: nothing else of ours would pass either."""
    COUNTRY = auto()
    """Our account may not write to this country; other countries are not touched by it."""


CODES: dict[int, Meaning] = {
    # too much at once: the sender's queue is full, the account's concurrency is used up
    14107: Meaning.LATER,
    20429: Meaning.LATER,
    21611: Meaning.LATER,
    30001: Meaning.LATER,
    # the number itself
    21211: Meaning.BAD_ADDRESS,  # invalid
    21214: Meaning.BAD_ADDRESS,  # cannot be reached
    21217: Meaning.BAD_ADDRESS,  # does not look valid
    21614: Meaning.BAD_ADDRESS,  # not a mobile
    30005: Meaning.BAD_ADDRESS,  # unknown handset
    30006: Meaning.BAD_ADDRESS,  # landline
    21610: Meaning.OPTED_OUT,
    # this text to this number
    21265: Meaning.REFUSED,
    21602: Meaning.REFUSED,  # no body
    21612: Meaning.REFUSED,  # no route from this sender to this number
    21617: Meaning.REFUSED,  # longer than 1,600 characters
    30004: Meaning.REFUSED,  # blocked
    30007: Meaning.REFUSED,  # filtered by the carrier
    30019: Meaning.REFUSED,  # too large
    30450: Meaning.REFUSED,  # suspected pumping
    30640: Meaning.REFUSED,
    63014: Meaning.REFUSED,
    # our account and our sender
    20003: Meaning.OURS,  # credentials
    20005: Meaning.OURS,  # account not active
    20008: Meaning.OURS,  # test credentials
    20403: Meaning.OURS,
    20404: Meaning.OURS,  # no such account
    21212: Meaning.OURS,  # invalid From
    21408: Meaning.COUNTRY,  # not permitted
    21603: Meaning.OURS,  # no From
    21606: Meaning.OURS,  # From cannot send SMS
    21608: Meaning.OURS,  # trial account
    21609: Meaning.OURS,  # invalid status callback
    21659: Meaning.OURS,
    21660: Meaning.OURS,
    21701: Meaning.OURS,  # no such messaging service
    21703: Meaning.OURS,  # messaging service without numbers
    30002: Meaning.OURS,  # account suspended
    30032: Meaning.OURS,  # toll-free number not verified
    30034: Meaning.OURS,  # number not registered (10DLC)
}
"""What its error pages say of each code; one that is not here is judged by its HTTP status."""


def refusal(status: int, code: int | None) -> ChannelError:
    """The error for an answer that was no success. `code` None: the body was not Twilio's own."""
    name = str(code or status)
    # a server that failed says nothing about what it had done before
    if status >= 500:
        return Uncertain(name, "the provider failed")
    if status == 429:
        return TryLater(name, "too many at once", too_fast=True)
    meaning = CODES.get(code or 0)
    if meaning is None and status in (401, 403):
        meaning = Meaning.OURS
    if meaning is None:
        return _unlisted(status, code)
    return _error(meaning, name)


def _unlisted(status: int, code: int | None) -> ChannelError:
    """Only Twilio's own JSON proves that Twilio refused it: a proxy's page proves nothing."""
    if code is not None and 400 <= status < 500 and status != 408:
        return Refused(str(code), "refused by the provider")
    return Uncertain(str(status), "not an answer of the provider's own")


def _error(meaning: Meaning, name: str) -> ChannelError:
    match meaning:
        case Meaning.LATER:
            return TryLater(name, "too many at once", too_fast=True)
        case Meaning.REFUSED:
            return Refused(name, "this text to this number")
        case Meaning.BAD_ADDRESS:
            return Refused(name, "the number cannot be reached", bad_address=True)
        case Meaning.OPTED_OUT:
            return Refused(name, "the number has opted out", opted_out=True)
        case Meaning.OURS:
            return Misconfigured(name, "our account or sender")
        case Meaning.COUNTRY:
            return Misconfigured(name, "our account may not write there", this_country=True)
