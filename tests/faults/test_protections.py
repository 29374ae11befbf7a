"""Do the laws notice when a protection is taken out of the code that runs?

Each story is told twice: with everything in place the laws hold, without the protection they do
not. So the fault is real, and so is what stops it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults import points
from tests.faults.run import House, Plan, house, judged
from tests.faults.troop import LONGER_THAN_A_LEASE
from tests.faults.world import SOURCE, phone
from tests.journeys.stage import NeverCame
from tests.standins.receipts import Receipt

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(240)]
SENT = (Receipt("sent"), Receipt("delivered", 0.1))


@contextmanager
def small_house(folder: Path, without: str) -> Iterator[House]:
    plan = Plan(seed=1, kills=0, events=0, people=20, disk="", without=without)
    with house(folder, plan) as made:
        made.stage.twilio.receipts(SENT)
        made.troop.begin()
        made.ready(plan.people)
        # what is made once, at the first claim of all, is not what these stories are about
        made.stage.publish(event("order.placed", 2, order="first"))
        made.stage.until(lambda: made.stage.sms_to(phone(2)), "the first sms of all")
        yield made


def event(type_: str, customer: int, *, ahead: float = 0, **data: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{type_}-{customer}",
        "source": SOURCE,
        "type": type_,
        "subject": f"c{customer}",
        "time": (datetime.now(UTC) + timedelta(seconds=ahead)).isoformat(),
        "data": data,
    }


def broken(made: House, *events: dict[str, Any]) -> set[str]:
    """The laws that are, each by its first two words, once nothing is left to do."""
    assert made.rest(60), made.tail()
    promised = {(one["source"], one["id"]): one for one in events}
    found = judged(made, promised, Plan(seed=1, kills=0, events=len(events))).broken
    return {" ".join(one.split()[:2]) for one in found}


def noticed(folder: Path, story: Callable[[Path], set[str]], *, tellings: int) -> set[str]:
    """What the laws say. A race that nobody won shows nothing: its story is told again."""
    for number in range(1, tellings + 1):
        place = folder / str(number)
        place.mkdir()
        try:
            found = story(place)
        except NeverCame:
            if number == tellings:
                raise
            continue
        if found:
            return found
    return set()


@pytest.mark.full
@pytest.mark.parametrize(
    ("without", "expected"), [("locks", set()), ("claim", {"sent 2", "called 2", "1 attempts,"})]
)
def test_two_workers_claim_at_once(tmp_path: Path, without: str, expected: set[str]) -> None:
    """The locks alone would keep them apart; without them the compare-and-set still does."""
    times = 2 if expected else 1
    found = noticed(
        tmp_path, partial(_at_once, without=without, times=times), tellings=3 if expected else 1
    )

    assert found >= expected
    assert bool(found) == bool(expected)


def _at_once(folder: Path, *, without: str, times: int) -> set[str]:
    """One is stopped before it writes what it decided; the other claims the same and sends."""
    order = event("order.placed", 1, order="o1")
    with small_house(folder, without) as made:
        points.arm(folder, "decided.letters", "SIGSTOP")
        made.stage.publish(order)
        first = made.stage.until(lambda: _stopped(made), "a worker with a letter")
        made.stage.until(lambda: made.stage.sms_to(phone(1)), "the other one's sms")
        made.troop.thaw(first)
        made.stage.until(lambda: len(made.stage.sms_to(phone(1))) == times, "as many sms")

        return broken(made, order)


@pytest.mark.parametrize(("without", "expected"), [("", set()), ("reconciling", {"sent 2"})])
def test_a_provider_takes_it_and_hangs_up(tmp_path: Path, without: str, expected: set[str]) -> None:
    order = event("order.placed", 1, order="o1")
    with small_house(tmp_path, without) as made:
        # no receipt either: nothing but its own list tells that it has the message
        made.stage.twilio.receipts(())
        made.stage.twilio.fault("accept_then_drop", times=1)

        made.stage.publish(order)
        made.stage.until(lambda: made.stage.sms_to(phone(1)), "an sms")

        assert broken(made, order) == expected


@pytest.mark.full
@pytest.mark.parametrize(
    ("without", "expected"), [("", set()), ("reading first", {"claimed with"})]
)
def test_what_calls_off_is_accepted_and_unread(
    tmp_path: Path, without: str, expected: set[str]
) -> None:
    """Whoever reads events is stopped after the cart, and what ends it comes in meanwhile."""
    story = partial(_unread, without=without)

    assert noticed(tmp_path, story, tellings=3 if expected else 1) == expected


def _unread(folder: Path, *, without: str) -> set[str]:
    with small_house(folder, without) as made:
        due = time.time() + 10
        started = event("cart.started", 3, ahead=6, cart="k1")
        made.stage.publish(started)
        made.stage.until(lambda: _waiting(made), "a cart that waits")
        made.troop.freeze("worker-events", 60)
        done = event("cart.done", 3, ahead=7, cart="k1")
        made.stage.publish(done)
        made.stage.until(lambda: time.time() > due + 2, "its moment")
        told = made.stage.until(lambda: made.stage.sms_to(phone(3)), "an sms") if without else []
        made.troop.thaw("worker-events")

        found = broken(made, started, done)
        assert made.stage.sms_to(phone(3)) == told
        return found


@pytest.mark.full
def test_a_worker_that_slept_longer_than_its_lease_sends_nothing(tmp_path: Path) -> None:
    """Stopped once its claim is stored, woken when the lease is over: the call never begins."""
    order = event("order.placed", 1, order="o1")
    with small_house(tmp_path, "") as made:
        points.arm(tmp_path, "claimed.letters", "SIGSTOP")
        made.stage.publish(order)
        made.stage.until(lambda: made.troop.frozen, "a worker with a claim")
        role, since, _ = made.troop.frozen[0]

        assert broken(made, order) == set()
        calls = points.noted(tmp_path, "calls")
        assert made.stage.sms_to(phone(1)) == ["Note order.placed-1 of receipt"]
        assert [
            one for one in calls if one[3] == role and 0 <= one[2] - since < LONGER_THAN_A_LEASE
        ] == []


def _stopped(made: House) -> str | None:
    names = (name for name, one in made.troop.members.items() if one.thaw_at is not None)
    return next(names, None)


def _waiting(made: House) -> bool:
    timeline = made.stage.timeline("c3")
    return any(one.get("trigger") == "cart" for one in timeline)
