"""Can each law be broken? One that nothing breaks would prove nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults import laws, points
from tests.faults.laws import (
    Call,
    Claim,
    Decision,
    Epoch,
    Freeze,
    Message,
    Occurrence,
    Reading,
    Taken,
)
from worker.stream import Entry

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OF = Epoch("receipt", "c1", "o1", "one")
SENT = Message("m1", OF, "delivered", None, None, 1)
CLAIM = Claim("m1", 1, "c1", "service", "a1", NOON, NOON + SECOND, NOON + 60 * SECOND, "delivered")
CALL = Call("m1", 1, NOON + 2 * SECOND, "send")
KEY = ("shop", "e1")


def words(broken: Iterable[str]) -> list[str]:
    """The first words of what a law says."""
    return [one.partition(":")[0] for one in broken]


@pytest.mark.parametrize("state", ["read", "set_aside", "withdrawn"])
def test_an_event_that_came_to_its_end_is_not_lost(state: str) -> None:
    assert words(laws.nothing_is_lost([KEY], {KEY: state}, [])) == []


def test_a_refused_event_is_not_lost() -> None:
    assert words(laws.nothing_is_lost([KEY], {}, [KEY])) == []


def test_a_promised_event_that_is_nowhere_is_lost() -> None:
    assert words(laws.nothing_is_lost([KEY], {}, [])) == ["lost"]


def test_an_event_that_stays_new_was_never_read() -> None:
    assert words(laws.nothing_is_lost([KEY], {KEY: "new"}, [])) == ["never read"]


def test_what_the_stream_lets_go_is_on_record_and_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(points.FOLDER, str(tmp_path))
    gone: list[bytes] = []
    entries = (Entry(id_, b"{}") for id_ in (b"1-0", b"2-0"))

    points._let_go(lambda _, some: gone.extend(one.id for one in some), None, entries)

    assert points.noted(tmp_path, "acks") == [["1-0", "2-0"]]
    assert gone == [b"1-0", b"2-0"]


def test_an_event_that_is_read_has_its_effect() -> None:
    started = [("receipt", "o1")]
    assert words(laws.everything_is_evaluated([("receipt", "o1")], started)) == []
    assert words(laws.everything_is_evaluated([("receipt", "o2")], started)) == [
        "read and without effect"
    ]


@pytest.mark.parametrize(
    ("taken", "broken"),
    [
        ([Taken("m1", "sms")], []),
        ([Taken("m1", "sms", failed=True), Taken("m1", "email")], []),
        ([Taken("m1", "sms"), Taken("m1", "sms")], ["sent 2 times"]),
        ([Taken("m1", "sms"), Taken("m1", "email")], ["sent 2 times"]),
        ([Taken("m9", "sms")], ["sent and unknown to us"]),
    ],
)
def test_no_epoch_is_sent_twice(taken: list[Taken], broken: list[str]) -> None:
    assert words(laws.never_twice(taken, {"m1": SENT})) == broken


def test_two_messages_of_one_epoch_are_twice() -> None:
    both = {"m1": SENT, "m2": SENT._replace(id="m2")}
    assert words(laws.never_twice([Taken("m1", "sms"), Taken("m2", "sms")], both)) == [
        "sent 2 times"
    ]


@pytest.mark.parametrize("state", ["accepted", "sent", "delivered"])
def test_what_we_call_sent_is_at_its_provider(state: str) -> None:
    message, channels = SENT._replace(state=state), {"m1": "sms"}
    assert words(laws.what_is_called_sent_is_sent([message], {("m1", "sms")}, channels)) == []
    told = words(laws.what_is_called_sent_is_sent([message], {("m1", "email")}, channels))
    assert told == [f"called {state} and never sent"]


SOON, BEFORE = NOON + SECOND, NOON - SECOND
RESTS = "neither at its end nor waiting"


@pytest.mark.parametrize(
    ("message", "broken"),
    [
        (SENT, []),
        (SENT._replace(state="failed"), []),
        (SENT._replace(state="accepted"), []),
        (SENT._replace(state="sending"), [RESTS]),
        (SENT._replace(state="planned", why="try_later", due=SOON), []),
        (SENT._replace(state="planned", why="try_later", due=BEFORE), [RESTS]),
        (SENT._replace(state="planned", why=None, due=SOON), [RESTS]),
        (SENT._replace(state="parked", why="no_answer"), []),
        (SENT._replace(state="parked"), [RESTS]),
        (SENT._replace(state="unknown", unknown_since=NOON - 60 * SECOND), []),
        (SENT._replace(state="unknown", unknown_since=NOON - 61 * SECOND), [RESTS]),
    ],
)
def test_every_message_is_at_its_end_or_waits(message: Message, broken: list[str]) -> None:
    found = laws.everything_is_settled([message], [], now=NOON, limit=60 * SECOND)
    assert words(found) == broken


@pytest.mark.parametrize(
    ("occurrence", "broken"),
    [
        (Occurrence(OF, "pending", "quiet", SOON), []),
        (Occurrence(OF, "messaged", None, BEFORE), []),
        (Occurrence(OF, "pending", "quiet", BEFORE), ["due and left lying"]),
        (Occurrence(OF, "pending", None, SOON), ["due and left lying"]),
    ],
)
def test_nothing_that_is_due_is_left_lying(occurrence: Occurrence, broken: list[str]) -> None:
    found = laws.everything_is_settled([], [occurrence], now=NOON, limit=SECOND)
    assert words(found) == broken


def test_of_what_nobody_can_find_out_a_person_is_told() -> None:
    held = [SENT._replace(state="parked", why="no_answer")]
    assert words(laws.the_unknown_is_told(held, {"m1": "unknown"}, {"unknown_parked"})) == []
    assert words(laws.the_unknown_is_told(held, {"m1": "refused"}, set())) == []
    assert words(laws.the_unknown_is_told(held, {"m1": "unknown"}, set())) == [
        "held for a person whom nobody told"
    ]


def test_no_claim_is_stored_after_the_opt_out() -> None:
    assert words(laws.their_word_holds([CLAIM], {"a1": NOON + 2 * SECOND, "a2": NOON})) == []
    # begun before the opt-out and stored after it: that is too late
    assert len(words(laws.their_word_holds([CLAIM], {"a1": NOON + SECOND / 2}))) == 1


def test_no_claim_falls_into_quiet_hours() -> None:
    assert words(laws.quiet_is_quiet([CLAIM], lambda claim: claim.at < NOON)) == []
    assert words(laws.quiet_is_quiet([CLAIM], lambda claim: claim.at == NOON)) == [
        "claimed in quiet hours"
    ]


def test_no_claim_is_past_its_use() -> None:
    assert words(laws.nothing_is_stale([CLAIM])) == []
    assert words(laws.nothing_is_stale([CLAIM._replace(expires=NOON)])) == ["claimed past its use"]


@pytest.mark.parametrize(
    ("call", "broken"),
    [
        (CALL, 0),
        (CALL._replace(at=NOON + 5 * SECOND), 0),
        (CALL._replace(at=NOON + 5.001 * SECOND), 1),
        (CALL._replace(at=NOON + 6 * SECOND, role="frozen"), 0),
        (CALL._replace(at=NOON + 60 * SECOND, role="frozen"), 0),
        (CALL._replace(attempt=2), 1),
    ],
)
def test_a_call_begins_within_five_seconds_of_its_claim(call: Call, broken: int) -> None:
    freezes = [Freeze("frozen", NOON, NOON + 9 * SECOND)]
    assert len(words(laws.calls_are_prompt([call], {("m1", 1): CLAIM}, freezes))) == broken


def test_a_claim_is_called_once() -> None:
    assert words(laws.one_call_a_claim([CALL, CALL._replace(attempt=2)])) == []
    assert words(laws.one_call_a_claim([CALL, CALL])) == ["called 2 times"]


@pytest.mark.parametrize(
    ("reading", "broken"),
    [
        (Reading("c1", NOON - SECOND, NOON - SECOND / 2), 0),
        (Reading("c1", NOON - SECOND, NOON + 2 * SECOND), 1),
        (Reading("c1", NOON - SECOND, None), 1),
        (Reading("c2", NOON - SECOND, None), 0),
        (Reading("c1", NOON + SECOND, None), 0),
    ],
)
def test_nothing_is_claimed_while_an_event_is_unread(reading: Reading, broken: int) -> None:
    early = Reading("c1", NOON - 60 * SECOND, NOON - 59 * SECOND)
    assert len(words(laws.reading_comes_first([CLAIM], [early, reading]))) == broken


@pytest.mark.parametrize(
    ("state", "verdict", "broken"),
    [
        ("pending", "started", []),
        ("messaged", "claimed", []),
        ("skipped", "skipped", []),
        ("called_off", "called_off", []),
        ("held_out", "later", ["ended without a decision"]),
        ("messaged", "started", ["ended without a decision"]),
    ],
)
def test_every_end_has_its_decision(state: str, verdict: str, broken: list[str]) -> None:
    ended, said = Occurrence(OF, state, None, NOON), Decision(OF, verdict, None)
    assert words(laws.every_end_has_a_reason([ended], [], [said])) == broken


def test_every_attempt_has_its_decision() -> None:
    said = Decision(OF, "claimed", "m1")
    assert words(laws.every_end_has_a_reason([], [SENT], [said])) == []
    assert words(laws.every_end_has_a_reason([], [SENT], [])) == ["1 attempts, 0 decisions"]


@pytest.mark.parametrize(
    ("counted", "there", "broken"),
    [
        ({"a": 2.0}, {"a": 2}, []),
        ({"a": 1.0}, {"a": 2}, ["counted wrong"]),
        ({"a": 3.0}, {"a": 2}, ["counted wrong"]),
        ({}, {"a": 1}, ["counted wrong"]),
        ({"a": 1.0}, {}, ["counted wrong"]),
    ],
)
def test_what_is_counted_is_there(
    counted: dict[str, float], there: dict[str, int], broken: list[str]
) -> None:
    assert words(laws.counts_are_true(counted, there)) == broken
