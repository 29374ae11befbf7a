"""Does a pause hold from its commit on, and does what it held back leave when it ends?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event as Flag

import pytest
from sqlalchemy import Engine

from tests.worker.operators import in_force, on_record, said, told, use
from tests.worker.sending import Post, dana, left, offer, saying, trigger
from tests.worker.small_world import NOON, rows
from triggers.objections import PAUSE_ASKED_AGAIN
from worker.channels.base import TryLater
from worker.cli import pause, resume
from worker.cli.pause import NotPaused
from worker.steps import pausing
from worker.store.engine import reading
from worker.store.standing import read_pauses
from worker.store.tables import messages, occurrences

SECOND = timedelta(seconds=1)
BOUND = 60


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, database_url)


def waiting(post: Post, *customers: str) -> Post:
    post.told(*map(dana, customers), *map(left, customers))
    return post


def paused(engine: Engine) -> set[str]:
    return set(reading(engine, read_pauses))


def at(engine: Engine, scope: str, now: datetime = NOON) -> None:
    pausing.pause(engine, [scope], by="dana", now=now)


def over(engine: Engine, scope: str, now: datetime = NOON + SECOND) -> int:
    return pausing.resume(engine, [scope], by="dana", now=now).woken


@pytest.mark.parametrize("word", ["all", "sms", "service", "hi", "trigger:hi"])
def test_what_is_paused_stays_and_leaves_again_as_soon_as_the_pause_ends(
    engine: Engine, word: str
) -> None:
    post = waiting(in_force(engine, trigger()), "c1")
    told(pause.app, word, "--by", "dana")
    assert post.claim().letters == ()
    assert (post.occurrence.state, post.occurrence.reason) == ("pending", "paused")

    # the command asks the database's clock, the claim was told another: so the step is asked
    [scope] = paused(engine)
    assert over(engine, scope) == 1

    assert len(post.claim(NOON + SECOND).letters) == 1


def test_what_was_paused_elsewhere_stays_paused(engine: Engine) -> None:
    post = waiting(in_force(engine, trigger(), offer()), "c1")
    at(engine, "trigger:hi")
    at(engine, "category:marketing")
    post.claim()

    assert over(engine, "category:marketing") == 0, "nobody here waits for that"
    assert post.claim(NOON + SECOND).letters == ()
    assert over(engine, "trigger:hi") == 1


@pytest.mark.parametrize("scope", ["channel:email", "category:marketing", "trigger:ad"])
def test_a_pause_of_something_else_holds_nobody_back(engine: Engine, scope: str) -> None:
    post = waiting(in_force(engine, trigger(), offer()), "c1")
    at(engine, scope)

    assert len(post.claim().letters) == 1


def test_a_message_that_is_to_be_tried_again_obeys_too(engine: Engine) -> None:
    post = waiting(in_force(engine, trigger()), "c1")
    post.sms.answer = saying(TryLater("busy"))
    post.send()
    later = post.message.due
    at(engine, "channel:sms", later)

    assert post.claim(later).letters == ()
    assert (post.message.state, post.message.why) == ("planned", "paused")
    assert post.claim(later + PAUSE_ASKED_AGAIN).letters == ()
    assert post.rulings.count(("later", "paused")) == 1
    over_at = later + PAUSE_ASKED_AGAIN + SECOND
    assert over(engine, "channel:sms", over_at) == 1
    assert len(post.claim(over_at).letters) == 1


def test_what_a_claim_puts_off_while_the_pause_ends_asks_within_a_minute(engine: Engine) -> None:
    post = waiting(in_force(engine, trigger()), "c1")
    at(engine, "*")
    post.claim()
    reason = post.occurrence

    assert reason.due == NOON + PAUSE_ASKED_AGAIN
    assert timedelta(minutes=1) >= PAUSE_ASKED_AGAIN


def test_a_long_pause_is_told_once_and_a_second_one_too(engine: Engine) -> None:
    post = waiting(in_force(engine, trigger()), "c1")
    at(engine, "trigger:hi")
    for minute in range(4):
        post.claim(NOON + minute * PAUSE_ASKED_AGAIN)
    assert post.rulings == [("later", "paused")]
    at(engine, "category:service")

    for minute in range(4, 8):
        post.claim(NOON + minute * PAUSE_ASKED_AGAIN)

    assert post.rulings == [("later", "paused")] * 2
    assert post.occurrence.due == NOON + 8 * PAUSE_ASKED_AGAIN


def test_many_are_woken_page_by_page(engine: Engine) -> None:
    customers = [f"c{n}" for n in range(7)]
    post = waiting(in_force(engine, trigger(), trigger("other")), *customers)
    at(engine, "*")
    post.claim()

    done = pausing.resume(engine, ["*"], by="dana", now=NOON + SECOND, limit=3)

    assert done.woken == 14
    assert {row.due for row in rows(engine, occurrences)} == {NOON + SECOND}


def test_a_pause_holds_every_claim_that_begins_after_it_and_what_was_claimed_leaves(
    engine: Engine,
) -> None:
    customers = [f"c{n:03}" for n in range(60)]
    post = waiting(in_force(engine, trigger()), *customers)
    is_paused, ended, some = Flag(), Flag(), Flag()
    after: list[int] = []

    def work() -> int:
        claimed = 0
        while not ended.is_set():
            began_after = is_paused.is_set()
            letters = post.claim(limit=1).letters
            claimed += len(letters)
            if began_after:
                after.append(len(letters))
            post.deliver(letters)
            if claimed > 3:
                some.set()
            if len(after) > 5:
                ended.set()
        return claimed

    with ThreadPoolExecutor(1) as pool:
        loop = pool.submit(work)
        assert some.wait(BOUND)
        said(pause.app, "all", "--by", "dana")
        is_paused.set()
        assert ended.wait(BOUND)
        claimed = loop.result()

    assert set(after) == {0}
    assert 3 < claimed < len(customers)
    assert {row.state for row in rows(engine, messages)} == {"accepted"}
    assert len(post.sms.calls) == claimed


def test_what_is_paused_is_listed_with_who_and_why(engine: Engine) -> None:
    in_force(engine, trigger())
    assert said(pause.app).stdout == "nothing is paused\n"

    told(pause.app, "sms", "hi", "--by", "dana", "--why", "two prices in the text")

    assert [(one["scope"], one["by"], one["why"]) for one in told(pause.app)] == [
        ("channel:sms", "dana", "two prices in the text"),
        ("trigger:hi", "dana", "two prices in the text"),
    ]


def test_pausing_twice_is_one_pause_and_one_record(engine: Engine) -> None:
    in_force(engine, trigger())
    told(pause.app, "sms", "--by", "dana")

    [one] = told(pause.app, "sms", "--by", "noa")

    assert one["by"] == "dana"
    assert on_record(engine) == [("dana", "pause", {"scopes": ["channel:sms"]})]


def test_a_pause_that_ends_is_on_record_and_one_that_never_was_is_not(engine: Engine) -> None:
    in_force(engine, trigger())
    told(pause.app, "all", "--by", "dana")

    assert told(resume.app, "all", "hi", "--by", "noa") == [{"resumed": ["all"], "woken": 0}]

    assert on_record(engine)[1:] == [("noa", "resume", {"scopes": ["*"]})]
    assert paused(engine) == set()
    assert "was not paused: all" in said(resume.app, "all").stdout


@pytest.mark.parametrize("command", [pause, resume])
def test_a_name_that_nothing_has_is_refused_and_nothing_changes(
    engine: Engine, command: object
) -> None:
    in_force(engine, trigger())

    with pytest.raises(NotPaused, match=r"nothing called 'servise', did you mean 'service'\?"):
        said(command.app, "sms", "servise")  # type: ignore[attr-defined]

    assert paused(engine) == set()


def test_whoever_names_nothing_is_told_what_there_is(engine: Engine) -> None:
    in_force(engine, trigger())

    with pytest.raises(NotPaused, match=r"'nonsense': write all, .*email, hi, .*sms"):
        said(pause.app, "nonsense")


def test_a_trigger_that_is_gone_can_still_be_resumed(engine: Engine) -> None:
    in_force(engine, trigger())
    told(pause.app, "hi")
    in_force(engine, trigger("other"))

    assert told(resume.app, "hi")[0]["resumed"] == ["trigger:hi"]
