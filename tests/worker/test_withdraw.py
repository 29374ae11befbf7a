"""Is a bad publish undone, as far as it can be, and told as far as it cannot?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.operators import in_force, on_record, said, told, use
from tests.worker.sending import HOUR, MINUTE, dana, left, trigger
from tests.worker.small_world import (
    NOON,
    event,
    incoming,
    publish,
    rows,
)
from tests.worker.withdrawing import EVER, PAID, WAITS, taken_back, waiting
from worker.cli import withdraw as command
from worker.steps.withdraw import NotWithdrawn, Withdrawn
from worker.store.tables import decisions, events, facts, messages, occurrences
from worker.store.withdrawal import Named


@pytest.fixture(autouse=True)
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, database_url)


def standing(engine: Engine) -> list[tuple[str, str | None]]:
    return sorted((row.state, row.reason) for row in rows(engine, occurrences))


def states(engine: Engine) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows(engine, events):
        found.setdefault(row.type, set()).add(row.state)
    return found


def test_what_waits_is_called_off_and_its_facts_are_gone(engine: Engine) -> None:
    post = waiting(engine)

    done = taken_back(post)

    assert done.events == {"read": 1}
    assert done.undone.called_off == {"hi": 1}
    assert standing(engine) == [("called_off", "withdrawn")]
    assert states(engine)["cart.left"] == {"withdrawn"}
    assert [row.type for row in rows(engine, facts)] == []
    assert post.claim(NOON + 3 * HOUR).letters == ()
    assert on_record(engine) == [
        (
            "dana",
            "withdraw",
            {
                "source": "shop",
                "type": "cart.left",
                "id": None,
                "since": None,
                "until": "2027-11-02T12:00:00.000000Z",
            },
        )
    ]


def test_the_decision_names_what_was_taken_back(engine: Engine) -> None:
    post = waiting(engine)

    taken_back(post)

    assert post.rulings[-1] == ("called_off", "withdrawn")
    assert rows(engine, decisions, "seq")[-1].facts == [["shop", "left-c1-k"]]


def test_without_a_name_it_is_only_reckoned(engine: Engine) -> None:
    post = waiting(engine)
    before = (rows(engine, events), rows(engine, occurrences), rows(engine, facts))

    done = taken_back(post, by=None)

    assert (done.events, done.undone.called_off) == ({"read": 1}, {"hi": 1})
    assert (rows(engine, events), rows(engine, occurrences), rows(engine, facts)) == before
    assert on_record(engine) == []


def test_what_is_reckoned_is_what_is_done(engine: Engine) -> None:
    post = in_force(engine, WAITS, trigger("now"))
    names = [f"c{n}" for n in range(7)]
    people = [dana(name, phone=f"+97250123456{n}", email=None) for n, name in enumerate(names)]
    post.told(*people, *map(left, names))
    post.send()

    reckoned = taken_back(post, by=None, limit=2)
    done = taken_back(post, limit=3)

    assert done == reckoned
    assert done.undone.called_off == {"hi": 7}
    assert len(done.undone.left["now", "accepted"]) == 7


def test_only_what_is_named_is_taken_back(engine: Engine) -> None:
    post = in_force(engine, WAITS)
    elsewhere = event("cart.left", "e", source="web", cart="w")
    post.told(dana(), left(), left(cart="late", after=HOUR), elsewhere)

    assert not taken_back(post, Named("other", EVER)).events
    assert not taken_back(post, Named("shop", EVER, type="cart.paid")).events
    assert not taken_back(post, Named("shop", NOON)).events
    assert not taken_back(post, Named("shop", EVER, NOON + 2 * HOUR)).events
    assert not taken_back(post, Named("shop", EVER, id="another")).events
    assert taken_back(post, Named("shop", EVER, NOON + HOUR)).events == {"read": 1}
    assert taken_back(post, Named("shop", EVER, id="left-c1-k")).events == {"read": 1}
    assert standing(engine).count(("called_off", "withdrawn")) == 2
    assert ("pending", None) in standing(engine)


def test_an_unread_event_is_never_read_and_holds_nobody_back(engine: Engine) -> None:
    post = waiting(engine, WAITS, trigger("now"))
    publish(engine, [incoming(event("cart.paid", "paid", cart="k"))])
    assert post.claim().letters == (), "something of the customer's is unread"

    assert taken_back(post, PAID).events == {"new": 1}

    post.read()
    assert states(engine)["cart.paid"] == {"withdrawn"}
    assert len(post.claim().letters) == 1


def test_what_was_called_off_by_mistake_waits_again(engine: Engine) -> None:
    post = waiting(engine)
    post.told(event("cart.paid", "paid", cart="k"))
    assert standing(engine) == [("called_off", "called_off")]

    done = taken_back(post, PAID)

    assert done.undone.wait_again == {"hi": 1}
    assert standing(engine) == [("pending", None)]
    assert len(post.claim(NOON + 2 * HOUR).letters) == 1


def test_what_was_called_off_by_mistake_and_is_past_its_use_stays_called_off(
    engine: Engine,
) -> None:
    post = waiting(engine)
    post.told(event("cart.paid", "paid", cart="k"))

    done = taken_back(post, PAID, now=NOON + timedelta(days=30))

    assert done.undone.wait_again == {}
    assert standing(engine) == [("called_off", "called_off")]


def test_a_date_that_was_wrong_gives_way_to_the_one_before(engine: Engine) -> None:
    dated = (
        "trigger: plan\non: plan.changed\nkey: event.data.plan\nwait: 7d before event.data.ends\n"
        "send: [{message: hello, by: [sms]}]\nlimits: {category: service}"
    )
    post = in_force(engine, dated)
    post.told(dana(), event("plan.changed", "right", plan="p", ends="2026-12-01"))
    post.told(event("plan.changed", "wrong", after=MINUTE, plan="p", ends="2026-12-20"))

    done = taken_back(post, Named("shop", EVER, id="wrong"))

    assert (done.undone.called_off, done.undone.wait_again) == ({"plan": 1}, {"plan": 1})
    assert {(row.epoch, row.state) for row in rows(engine, occurrences)} == {
        ("2026-12-01", "pending"),
        ("2026-12-20", "called_off"),
    }


def test_an_id_that_was_withdrawn_is_a_duplicate_when_it_is_published_again(
    engine: Engine,
) -> None:
    post = waiting(engine)
    taken_back(post)

    [again] = publish(engine, [incoming(left())])

    assert (again.accepted, again.duplicates) == (0, 1)  # type: ignore[union-attr]
    post.told(event("cart.left", "right", cart="k"))
    assert standing(engine) == [("pending", None)]


def test_profiles_stay_as_they_are_and_that_is_told(engine: Engine) -> None:
    post = in_force(engine, WAITS)
    post.told(dana())

    done = taken_back(post, Named("shop", EVER, type="customer.updated"))

    assert done.profiles == {"c1"}
    post.told(left())
    assert len(post.claim(NOON + 2 * HOUR).letters) == 1


def test_twice_is_once(engine: Engine) -> None:
    post = waiting(engine)
    taken_back(post)

    again = taken_back(post)

    assert again == Withdrawn()
    assert len(on_record(engine)) == 1


def test_what_we_did_ourselves_cannot_be_withdrawn(engine: Engine) -> None:
    post = waiting(engine, trigger())
    post.send()

    with pytest.raises(NotWithdrawn, match="ourselves"):
        taken_back(post, Named("outreach", EVER))


def test_the_command_shows_first_and_does_it_when_it_is_told_to(engine: Engine) -> None:
    post = waiting(engine, WAITS, trigger("now"))
    post.send()
    asked = (
        "--source",
        "shop",
        "--type",
        "cart.left",
        "--since",
        "2026-11-01",
        "--until",
        "2027-11-01",
    )

    shown = said(command.app, *asked).stdout
    assert states(engine)["cart.left"] == {"read"}
    [done] = told(command.app, *asked, "--yes", "--by", "dana")

    assert shown.splitlines()[1:] == [
        "  hi: 1 called off",
        "  now: already left: 1 accepted",
        "their ids stay known: published again it is a duplicate, so what is right needs a new id",
        "nothing is done yet: --yes does it",
    ]
    [message] = rows(engine, messages)
    assert done == {
        "done": True,
        "events": {"read": 1},
        "customers": 1,
        "called_off": {"hi": 1},
        "wait_again": {},
        "moved": {},
        "retries_called_off": {},
        "left": [{"trigger": "now", "state": "accepted", "count": 1, "ids": [message.id]}],
        "profiles_kept": 0,
    }
    assert states(engine)["cart.left"] == {"withdrawn"}


def test_a_source_as_a_whole_is_not_withdrawn_by_a_slip(engine: Engine) -> None:
    in_force(engine, WAITS)

    assert said(command.app, "--source", "shop", "--yes").exit_code == 2
