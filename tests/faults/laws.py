"""Which laws hold after every run, whatever was done to it? Each says what breaks it, in words.

Pure, over plain rows: tests/faults/test_laws.py shows of each that it can be broken.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from worker.lifecycle import AttemptState, MessageState, OccurrenceState, is_final

Broken = Iterator[str]
EventKey = tuple[str, str]
CALL_WITHIN = timedelta(seconds=5)
NEVER = datetime.max.replace(tzinfo=UTC)


class Epoch(NamedTuple):
    trigger: str
    customer: str
    key: str
    epoch: str


class Message(NamedTuple):
    id: str
    of: Epoch
    state: str
    why: str | None
    due: datetime | None
    attempts: int
    unknown_since: datetime | None = None


class Claim(NamedTuple):
    """One attempt's; `at` was read in its transaction, `committed` is when that was stored."""

    message: str
    attempt: int
    customer: str
    category: str
    address: str
    at: datetime
    committed: datetime
    expires: datetime
    state: str


class Call(NamedTuple):
    """That a worker went to a provider."""

    message: str
    attempt: int
    at: datetime
    role: str


class Taken(NamedTuple):
    """What a stand-in accepted; `failed`: it has told, or would have, that it never arrived."""

    message: str
    channel: str
    failed: bool = False


class Occurrence(NamedTuple):
    of: Epoch
    state: str
    reason: str | None
    due: datetime


class Decision(NamedTuple):
    of: Epoch
    verdict: str
    message: str | None


class Reading(NamedTuple):
    """An event of a customer: since when it was ours, and when it was read."""

    customer: str
    accepted: datetime
    read: datetime | None
    event: str = ""


class Freeze(NamedTuple):
    role: str
    since: datetime
    until: datetime


SETTLED_EVENTS = {"read", "set_aside", "withdrawn"}


def nothing_is_lost(
    promised: Collection[EventKey], events: Mapping[EventKey, str], refused: Collection[EventKey]
) -> Broken:
    """Every event that somebody heard is ours was read, refused, set aside or withdrawn."""
    for key in promised:
        state = events.get(key)
        if state is None and key not in refused:
            yield f"lost: {key}"
        elif state is not None and state not in SETTLED_EVENTS:
            yield f"never read: {key} is {state}"


def everything_is_evaluated(
    expected: Collection[EventKey], started: Collection[EventKey]
) -> Broken:
    """What starts an occurrence at once has one: (trigger, key)."""
    for one in expected:
        if one not in started:
            yield f"read and without effect: {one}"


def never_twice(taken: Iterable[Taken], messages: Mapping[str, Message]) -> Broken:
    """At most one attempt of an epoch that a provider accepted and that did not finally fail."""
    count: Counter[Epoch | str] = Counter()
    for one in taken:
        message = messages.get(one.message)
        if message is None:
            yield f"sent and unknown to us: {one}"
        count[message.of if message else one.message] += not one.failed
    for of, times in count.items():
        if times > 1:
            yield f"sent {times} times: {of}"


def what_is_called_sent_is_sent(
    messages: Iterable[Message], taken: Collection[tuple[str, str]], channels: Mapping[str, str]
) -> Broken:
    """(message, channel) of every message that we say a provider has is in its own records."""
    for one in messages:
        if one.state in {"accepted", "sent", "delivered", "delivery_unknown"}:
            channel = channels[one.id]
            if (one.id, channel) not in taken:
                yield f"called {one.state} and never sent: {one}"


def everything_is_settled(
    messages: Iterable[Message],
    occurrences: Iterable[Occurrence],
    *,
    now: datetime,
    limit: timedelta,
) -> Broken:
    """Every message and occurrence is at its end, or waits for something that has a name."""
    for one in messages:
        if not _message_rests(one, now, limit):
            yield f"neither at its end nor waiting: {one}"
    for waiting in occurrences:
        pending = waiting.state == OccurrenceState.PENDING
        if pending and (waiting.due <= now or not waiting.reason):
            yield f"due and left lying: {waiting}"


def _message_rests(one: Message, now: datetime, limit: timedelta) -> bool:
    match MessageState(one.state):
        case MessageState.SENDING:
            return False
        case MessageState.PLANNED:
            return one.due is not None and one.due > now and bool(one.why)
        case MessageState.PARKED:
            return bool(one.why)
        case MessageState.UNKNOWN:
            return one.unknown_since is not None and now - one.unknown_since <= limit
        case MessageState.ACCEPTED | MessageState.SENT:
            return True  # the provider has it; its receipt may never come
        case state:
            return is_final(state) or state is MessageState.DELIVERY_UNKNOWN


def the_unknown_is_told(
    messages: Iterable[Message], last: Mapping[str, str], alerts: Collection[str]
) -> Broken:
    """Where nobody can find out, a person is told: `last` is the state of the last attempt."""
    for one in messages:
        held = one.state == MessageState.PARKED and last[one.id] == AttemptState.UNKNOWN
        if held and "unknown_parked" not in alerts:
            yield f"held for a person whom nobody told: {one}"


def their_word_holds(claims: Iterable[Claim], opted_out: Mapping[str, datetime]) -> Broken:
    """No claim is stored after the opt-out of its address was."""
    for one in claims:
        stored = opted_out.get(one.address)
        if stored is not None and one.committed > stored:
            yield f"claimed {one.committed - stored} after the opt-out: {one}"


def quiet_is_quiet(claims: Iterable[Claim], quiet: Callable[[Claim], bool]) -> Broken:
    yield from (f"claimed in quiet hours: {one}" for one in claims if quiet(one))


def nothing_is_stale(claims: Iterable[Claim]) -> Broken:
    yield from (f"claimed past its use: {one}" for one in claims if one.at >= one.expires)


def calls_are_prompt(
    calls: Iterable[Call],
    claims: Mapping[tuple[str, int], Claim],
    freezes: Sequence[Freeze],
) -> Broken:
    """A call begins within 5 seconds of its claim, and there is none without one.

    Who is stopped between his last look at the clock and his first byte cannot know of it: calls
    of a role that was frozen meanwhile are not held against it.
    """
    for call in calls:
        claim = claims.get((call.message, call.attempt))
        if claim is None:
            yield f"called without a claim: {call}"
        elif call.at - claim.at > CALL_WITHIN and not _stopped(call, claim.at, freezes):
            yield f"called {call.at - claim.at} after its claim: {call}"


def _stopped(call: Call, since: datetime, freezes: Sequence[Freeze]) -> bool:
    return any(
        one.role == call.role and one.since <= call.at and one.until >= since for one in freezes
    )


def one_call_a_claim(calls: Iterable[Call]) -> Broken:
    times = Counter((one.message, one.attempt) for one in calls)
    yield from (f"called {count} times: {key}" for key, count in times.items() if count > 1)


def reading_comes_first(claims: Iterable[Claim], readings: Iterable[Reading]) -> Broken:
    """No claim is stored while an event of its customer, ours before it began, is unread."""
    by_customer: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_customer[reading.customer].append(reading)
    latest: dict[str, tuple[list[datetime], list[datetime]]] = {}
    for customer, found in by_customer.items():
        found.sort(key=lambda one: one.accepted)
        ends = [one.read or NEVER for one in found]
        latest[customer] = [one.accepted for one in found], list(accumulate(ends, max))
    for claim in claims:
        accepted, ends = latest.get(claim.customer, ([], []))
        before = bisect_left(accepted, claim.at)
        if before and ends[before - 1] > claim.committed:
            unread = by_customer[claim.customer][ends.index(ends[before - 1])]
            yield f"claimed with an event unread: {claim}, {unread}"


ENDS = {
    OccurrenceState.CALLED_OFF: {"called_off"},
    OccurrenceState.MESSAGED: {"claimed", "parked"},
    OccurrenceState.HANDED_OVER: {"handed_over"},
    OccurrenceState.SKIPPED: {"skipped", "expired"},
    OccurrenceState.HELD_OUT: {"held_out"},
    OccurrenceState.SHADOWED: {"shadowed"},
}


def every_end_has_a_reason(
    occurrences: Iterable[Occurrence],
    messages: Iterable[Message],
    decisions: Iterable[Decision],
) -> Broken:
    """An ended occurrence has the decision that ended it, a message one for every attempt."""
    said: dict[Epoch, set[str]] = defaultdict(set)
    claimed: Counter[str] = Counter()
    for one in decisions:
        said[one.of].add(one.verdict)
        if one.verdict == "claimed" and one.message:
            claimed[one.message] += 1
    for ended in occurrences:
        if ended.state == OccurrenceState.PENDING:
            continue
        if not said[ended.of] & ENDS[OccurrenceState(ended.state)]:
            yield f"ended without a decision: {ended}"
    for message in messages:
        if claimed[message.id] != message.attempts:
            yield f"{message.attempts} attempts, {claimed[message.id]} decisions: {message}"


def counts_are_true(counted: Mapping[str, float], there: Mapping[str, int]) -> Broken:
    """Each tally is the number of the rows that it tells of, whoever died while he counted."""
    for one in sorted(counted.keys() | there.keys()):
        if counted.get(one, 0) != there.get(one, 0):
            yield f"counted wrong: {one} as {counted.get(one, 0):g}, there are {there.get(one, 0)}"
