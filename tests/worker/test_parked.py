"""Can a person list what waits for him, and does each message become what he decides?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, update

from tests.worker.operators import in_force, on_record, said, told, use
from tests.worker.sending import HOUR, Post, dana, left, saying, trigger
from tests.worker.small_world import NOON, event, rows
from worker.channels.base import Accepted, Uncertain
from worker.cli import parked
from worker.steps.parked import EXPIRED, GONE, NEVER_LEFT, Choice, Weighed, decide
from worker.store.alerts import Alarm, Raised, raise_alerts, standing_alerts
from worker.store.engine import in_transaction, reading
from worker.store.parked import Wanted
from worker.store.tables import messages

BROKEN = {"templates/hello/sms.en.txt": "Hello {{ customer.first_name }}"}
LONG = timedelta(days=36500)
ANY = Wanted()


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, database_url)


def change(engine: Engine, **values: Any) -> None:
    in_transaction(engine, lambda connection: connection.execute(update(messages).values(**values)))


def textless(engine: Engine, *customers: str) -> Post:
    """Messages parked because their text lacks a value."""
    post = in_force(engine, trigger(), **BROKEN)
    names = customers or ("c1",)
    post.told(*map(dana, names), *map(left, names))
    post.claim()
    return post


def unheard(engine: Engine) -> Post:
    """A message whose answer was never heard, held for a person; its provider answers again."""
    post = in_force(engine, trigger())
    post.told(dana(), left())
    post.sms.answer = saying(Uncertain("read_timeout"))
    post.send()
    change(engine, state="parked", why="unknown")

    def alarm(connection: Connection) -> None:
        raise_alerts(connection, [Raised(Alarm.UNKNOWN_PARKED, "outbox:sms")], now=NOON)

    in_transaction(engine, alarm)
    post.sms.answer = lambda letter: Accepted(f"ref-{letter.attempt}")
    return post


def choose(post: Post, choice: Choice, wanted: Wanted = ANY, **more: Any) -> list[Weighed]:
    now = more.get("now", NOON)
    return decide(post.engine, post.hearing, wanted, choice, by="dana", now=now)


def alarms(engine: Engine) -> list[str]:
    return [row.kind for row in reading(engine, standing_alerts)]


def told_of(post: Post) -> list[str]:
    return [row.type for row in post.own_events]


def test_what_waits_is_listed_with_why_and_nothing_personal(engine: Engine) -> None:
    textless(engine, "c1", "c2")

    listed = told(parked.app)

    assert [one["id"] for one in listed] == [row.id for row in rows(engine, messages, "id")]
    assert listed[0] == {
        "id": listed[0]["id"],
        "trigger": "hi",
        "channel": "sms",
        "why": "missing: customer.first_name",
        "since": "2026-11-02T12:00:00.000000Z",
        "expires": "2026-11-03T12:00:00.000000Z",
    }
    assert said(parked.app).stdout.count("missing: customer.first_name  since 2026-11-02") == 2


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("--trigger", "hi"), 2),
        (("--trigger", "other"), 0),
        (("--why", "missing: customer.first_name"), 2),
        (("--why", "unknown"), 0),
        (("--id", "0" * 32), 0),
    ],
)
def test_the_list_can_be_searched(engine: Engine, arguments: tuple[str, ...], count: int) -> None:
    textless(engine, "c1", "c2")

    assert len(told(parked.app, *arguments)) == count


@pytest.mark.parametrize("choice", ["release", "give-up"])
def test_without_a_yes_it_is_only_shown(engine: Engine, choice: str) -> None:
    post = textless(engine)
    change(engine, expires=NOON + LONG)
    before = post.message

    [one] = told(parked.app, choice, "--all")

    assert (one["id"], one["done"], one["refused"]) == (before.id, False, None)
    assert post.message == before
    assert on_record(engine) == []


@pytest.mark.parametrize(
    ("choice", "state", "record"),
    [("release", "planned", "parked released"), ("give-up", "failed", "parked given_up")],
)
def test_with_a_yes_it_is_done_and_on_record(
    engine: Engine, choice: str, state: str, record: str
) -> None:
    post = textless(engine)
    change(engine, expires=NOON + LONG)

    [one] = told(parked.app, choice, post.message.id, "--yes", "--by", "dana")

    assert one["done"]
    assert post.message.state == state
    assert on_record(engine) == [("dana", record, {"messages": [post.message.id]})]
    assert post.rulings[-1][0] == record.removeprefix("parked ")


def test_a_released_message_leaves_with_words_written_anew(engine: Engine) -> None:
    textless(engine)
    post = in_force(engine, trigger())
    choose(post, Choice.RELEASE)

    [claimed] = post.claim().letters

    assert claimed.letter.text == "Hello c1"
    post.deliver([claimed])
    assert post.states == ("accepted", ["accepted"])


def test_what_was_called_off_meanwhile_does_not_leave_when_it_is_released(engine: Engine) -> None:
    waits = trigger(wait="1m", unless="cart.paid")
    post = in_force(engine, waits, **BROKEN)
    post.told(dana(), left())
    post.claim(NOON + HOUR)
    assert post.message.state == "parked"
    post.told(event("cart.paid", "paid", cart="k"))
    choose(post, Choice.RELEASE, now=NOON + HOUR)

    assert post.claim(NOON + HOUR).letters == ()
    assert post.message.state == "called_off"


def test_a_message_past_its_use_is_not_released_and_says_so(engine: Engine) -> None:
    post = textless(engine)

    done = said(parked.app, "release", "--all", "--yes", "--format", "json")

    assert done.exit_code == 1
    assert EXPIRED in done.stdout
    assert post.message.state == "parked"
    assert on_record(engine) == []


def test_an_unknown_one_that_did_not_arrive_leaves_again(engine: Engine) -> None:
    post = unheard(engine)
    choose(post, Choice.RELEASE)
    assert post.states == ("planned", ["absent"])
    assert alarms(engine) == []

    post.send()

    assert post.states == ("accepted", ["absent", "accepted"])
    assert len(post.sms.calls) == 2


def test_an_unknown_one_that_arrived_is_accepted_and_never_leaves_again(engine: Engine) -> None:
    post = unheard(engine)

    told(parked.app, "arrived", post.message.id, "--yes")

    assert post.states == ("accepted", ["accepted"])
    assert post.claim(NOON + HOUR).letters == ()
    assert told_of(post) == ["outreach.sent"]
    assert alarms(engine) == []


def test_an_unknown_one_given_up_still_counts_as_one_that_may_have_arrived(engine: Engine) -> None:
    post = unheard(engine)

    choose(post, Choice.GIVE_UP)

    assert post.states == ("failed", ["unknown"])
    assert (post.message.why, post.message.detail) == ("given_up", "unknown")
    assert told_of(post) == ["outreach.failed"]


def test_an_alarm_stands_while_another_unknown_one_waits(engine: Engine) -> None:
    post = in_force(engine, trigger())
    unheard_post = unheard(engine)
    post.told(dana("c2"), left("c2"))
    post.sms.answer = saying(Uncertain("read_timeout"))
    post.send()
    change(engine, state="parked", why="unknown")
    first, second = (row.id for row in rows(engine, messages, "id"))

    choose(unheard_post, Choice.ARRIVED, Wanted([first]))
    assert alarms(engine) == ["unknown_parked"]

    choose(unheard_post, Choice.ARRIVED, Wanted([second]))
    assert alarms(engine) == []


def test_what_never_had_a_text_cannot_have_arrived(engine: Engine) -> None:
    post = textless(engine)

    [one] = choose(post, Choice.ARRIVED)

    assert one.refused == NEVER_LEFT
    assert post.message.state == "parked"


@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_a_message_that_is_not_parked_is_told(engine: Engine, yes: tuple[str, ...]) -> None:
    in_force(engine, trigger())

    done = said(parked.app, "give-up", "f" * 32, *yes)

    assert done.exit_code == 1
    assert GONE in done.stdout


@pytest.mark.parametrize("arguments", [(), ("--yes",), ("f" * 32, "--all")])
def test_nothing_is_decided_of_nobody_in_particular(
    engine: Engine, arguments: tuple[str, ...]
) -> None:
    in_force(engine, trigger())

    assert said(parked.app, "release", *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nothing is parked\n"),
        (("--why", "unknown"), "nothing like that is parked\n"),
        (("release", "--all"), "nothing is parked\n"),
        (("give-up", "--all", "--trigger", "hi", "--yes"), "nothing like that is parked\n"),
        (("release", "--all", "--format", "json"), ""),
    ],
)
def test_that_there_is_none_is_said_to_people(
    engine: Engine, arguments: tuple[str, ...], words: str
) -> None:
    in_force(engine, trigger())

    assert said(parked.app, *arguments).stdout == words


def test_a_filter_chooses_among_all(engine: Engine) -> None:
    post = textless(engine, "c1", "c2")

    assert choose(post, Choice.GIVE_UP, Wanted(trigger="other")) == []
    assert choose(post, Choice.GIVE_UP, Wanted(why="unknown")) == []
    assert len(choose(post, Choice.GIVE_UP, Wanted(trigger="hi"))) == 2


def test_a_receipt_that_came_first_is_stronger_than_any_person(engine: Engine) -> None:
    post = unheard(engine)
    wanted = Wanted([post.message.id])
    post.receipt(post.sms.calls[0], "delivered")
    post.receive()

    [one] = choose(post, Choice.RELEASE, wanted)

    assert one.refused == GONE
    assert post.states == ("delivered", ["delivered"])


def test_two_people_who_decide_at_once_decide_once(engine: Engine) -> None:
    names = [f"c{n}" for n in range(20)]
    post = textless(engine, *names)
    choices = [Choice.RELEASE, Choice.GIVE_UP, Choice.RELEASE, Choice.GIVE_UP]

    with ThreadPoolExecutor(len(choices)) as pool:
        done = list(pool.map(lambda choice: choose(post, choice), choices))

    decided = [one.id for told_ in done for one in told_ if one.refused is None]
    assert sorted(decided) == sorted(row.id for row in rows(engine, messages))
    assert sum(len(target["messages"]) for _, _, target in on_record(engine)) == len(names)
