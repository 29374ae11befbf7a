"""Why did each trigger speak or stay silent, by what is stored, on both databases?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from tests.worker.asking_why import BIG, CALL, DAY, OLD, change, house, points, why
from tests.worker.sending import EMAIL, HOUR, MINUTE, PHONE, Post, dana, left, saying, trigger
from tests.worker.small_world import HASHER, NOON, event, incoming, publish, rows
from tests.worker.small_world import told as store
from triggers.explaining.told import as_mapping
from worker.channels.base import Refused
from worker.steps.erase import CONTACT, Erasure
from worker.steps.explain import NothingToExplain, Question, explain
from worker.store.erasure import Whose
from worker.store.tables import events, handoffs, metadata, pauses, trigger_births


def test_every_trigger_in_force_has_a_sentence(engine: Engine) -> None:
    post = house(engine, trigger(), BIG, OLD, CALL, trigger("quiet_one", on="plan.changed"))
    post.told(dana(age=40), left(number=40))
    post.send()

    told = {one.trigger: one.points[0] for one in why(post).triggers}

    assert {name: (one.outcome, one.why) for name, one in told.items()} == {
        "big": ("silent", "start_false"),
        "call": ("handed_over", None),
        "hi": ("messaged", None),
        "old": ("skipped", "when_false"),
        "quiet_one": ("silent", "no_event"),
    }
    assert told["old"].sentence == (
        "It kept silent about k for good at 2026-11-02 14:00: its condition does not hold, because"
        " segment.senior is false, because customer.age >= 70 is false (customer.age is 40)"
        " (when, config/triggers/old.yaml:6)."
    )
    person = told["call"].person
    assert person is not None
    assert (person.queue, person.state, person.taken_by) == ("desk", "open", None)
    message = told["hi"].message
    assert message is not None
    assert [(one.state, one.channel) for one in message.attempts] == [("accepted", "sms")]
    assert [one.verdict for one in told["hi"].decisions] == ["started", "claimed"]
    assert told["hi"].bundle == post.configuration.hash


def test_ways_are_told_as_far_as_they_were_asked(engine: Engine) -> None:
    calls = "{when: customer.age >= 70, agent: desk, message: hello}"
    writes = "{when: customer.age >= 18, message: hello, by: [sms]}"
    never = "{when: customer.age >= 1, message: hello, by: [email]}"
    post = house(engine, trigger("ways", send=f"[{calls}, {writes}, {never}]"))
    post.told(dana(age=40), left())
    post.send()

    [point] = points(post, "ways")

    asked = [(one.word, one.answer) for one in point.conditions]
    assert asked == [("send 1 when", "no"), ("send 2 when", "yes")]


def test_what_the_provider_said_is_told_without_numbers_addresses_and_texts(
    engine: Engine,
) -> None:
    post = house(engine, trigger())
    post.sms.answer = saying(Refused("21610", "the number is on the provider's list"))
    post.email.answer = saying(Refused("550", "no such mailbox"))
    post.told(dana(), left())
    post.send()
    post.send(NOON + HOUR)

    found = why(post)
    [point] = found.triggers[0].points

    assert point.message is not None
    assert [(one.channel, one.state, one.code) for one in point.message.attempts] == [
        ("sms", "refused", "21610"),
        ("email", "refused", "550"),
    ]
    told = repr(found) + repr(as_mapping(found))
    assert PHONE not in told
    assert EMAIL not in told
    assert "Hello c1" not in told


def test_a_moment_is_told_as_it_was_known_then(engine: Engine) -> None:
    post = house(engine, BIG, OLD)
    post.told(dana(age=75), left(number=500))
    post.send()
    aged = event("customer.updated", "grown-younger", after=HOUR, age=30)
    publish_update(post, aged)
    publish_paid(post, NOON + HOUR / 2)

    [before] = points(post, "big", NOON - HOUR)
    [waited] = points(post, "big", NOON + HOUR / 4)
    [called_off] = points(post, "big", NOON + HOUR)

    assert before.why == "no_event"
    assert (waited.outcome, waited.next) == ("pending", NOON + HOUR + timedelta(minutes=2))
    assert waited.conditions[0].answer == "yes"
    assert (called_off.outcome, called_off.why) == ("called_off", "called_off")
    assert called_off.causes[0].type == "cart.paid"
    [wrote] = points(post, "old", NOON + 2 * HOUR)
    assert wrote.outcome == "messaged"
    assert wrote.conditions[1].parts[0].value == 75, "as he was when it was decided"


def test_what_had_come_and_was_not_read_by_then_decided_nothing(engine: Engine) -> None:
    post = house(engine, BIG)
    post.told(dana())
    store(engine, left(number=40))
    post.read(NOON + MINUTE)

    [then] = points(post, "big", NOON + MINUTE / 2)
    [now] = points(post, "big")

    assert then.why == "unread"
    assert now.why == "start_false"


def publish_update(post: Post, one: Any) -> None:
    store(post.engine, one, writes_customer=True)
    post.read(one.received)


def publish_paid(post: Post, at: datetime) -> None:
    store(post.engine, event("cart.paid", "paid", after=at - NOON, cart="k"))
    post.read(at)


def test_of_a_moment_to_come_is_told_what_is_known_now(engine: Engine) -> None:
    post = house(engine, trigger())
    post.told(dana(), left())
    post.send()
    coming = NOON + 36_500 * DAY

    found = why(post, at=coming)

    assert found.at < coming
    assert found.triggers == why(post).triggers


def test_how_a_message_stood_then_is_not_guessed(engine: Engine) -> None:
    post = house(engine, trigger())
    post.told(dana(), left())
    claimed = post.claim()
    post.deliver(claimed.letters, NOON + HOUR)

    [then] = points(post, "hi", NOON + HOUR / 2)
    [now] = points(post, "hi")

    assert then.message is not None
    assert then.message.state is None
    assert "is not kept" in then.sentence
    assert [(one.state, one.code) for one in then.message.attempts] == [("sending", None)]
    assert now.message is not None
    assert now.message.state == "accepted"


def test_a_call_is_told_as_it_stood_then(engine: Engine) -> None:
    post = house(engine, CALL)
    post.told(dana(), left())
    post.claim()
    ended = {"state": "done", "taken_by": "Noa", "taken_at": NOON + HOUR}
    ended |= {"ended_at": NOON + 2 * HOUR, "updated_at": NOON + 2 * HOUR}
    change(engine, update(handoffs).values(**ended))

    moments = (NOON + HOUR / 2, NOON + HOUR, NOON + 2 * HOUR, None)
    people = [points(post, "call", at)[0].person for at in moments]

    assert [(one.state, one.taken_by) for one in people if one] == [
        ("open", None), ("taken", "Noa"), ("done", "Noa"), ("done", "Noa")
    ]  # fmt: skip


def test_a_count_is_told_as_far_as_it_had_come_then(engine: Engine) -> None:
    counted = "{reach: 3, since: book.ordered, distinct: event.data.number}"
    post = house(engine, trigger("third", on="check.used", count=counted, key="event.data.account"))
    post.told(dana())
    for number in (1, 2, 3):
        at = number * HOUR
        store(engine, event("check.used", f"u{number}", after=at, account="a", number=number))
        post.read(NOON + at)
    post.send(NOON + 3 * HOUR)

    [then] = points(post, "third", NOON + 2 * HOUR)
    [now] = points(post, "third")

    assert then.count is not None
    assert (then.why, then.count.reached) == ("counting", 2)
    assert now.outcome == "messaged"


def test_another_version_is_told_by_its_own_words(engine: Engine) -> None:
    post = house(engine, trigger("old", when="event.data.number >= 10"))
    post.told(dana(), left(number=50))
    post.send()
    first = post.configuration.hash
    second = house(engine, trigger("old", when="event.data.number >= 100"))

    [point] = points(second, "old")

    assert second.configuration.hash != first
    assert point.bundle == first
    assert point.conditions[0].text == "event.data.number >= 10"
    assert point.conditions[0].answer == "yes"


def test_an_erased_customer_has_no_names_and_no_values(engine: Engine) -> None:
    post = house(engine, trigger(), BIG)
    post.told(dana(), left(number=40))
    post.send()
    whose = Whose("c1", ("twilio",))
    Erasure(engine, whose, by="test", looks=3, hasher=HASHER, contact=CONTACT).run()

    found = why(post)

    assert "was erased" in found.notes[0]
    told = {one.trigger: one.points[0] for one in found.triggers}
    assert told["big"].why == "erased_before"
    assert told["hi"].outcome == "messaged"
    assert told["hi"].key is None
    assert [(one.id, one.time) for one in told["hi"].causes] == [("left-c1-k", None)]
    assert told["hi"].conditions == ()


def test_unread_events_set_aside_ones_and_pauses_hold_for_all(engine: Engine) -> None:
    post = house(engine, trigger())
    post.told(dana())
    publish(engine, [incoming(left())])
    publish(engine, [incoming(left(cart="other"))])
    change(engine, update(events).where(events.c.id == "left-c1-other").values(state="set_aside"))
    change(engine, insert(pauses).values(scope="trigger:hi", by="Noa", why=None, at=NOON))

    found = why(post, "hi")

    assert [note.split(":")[0] for note in found.notes] == [
        "Nothing is sent to this customer",
        "Nothing new is decided of this customer yet",
        "Sending is paused (trigger",
    ]
    assert {one.why for one in found.triggers[0].points} == {"unread", "set_aside"}


def test_an_event_from_before_the_trigger_is_told_as_such(engine: Engine) -> None:
    post = house(engine, trigger())
    post.told(dana(), left())
    change(engine, insert(trigger_births).values(trigger="hi", born_at=NOON + HOUR))
    # nobody listened to it when it came
    change(engine, metadata.tables["facts"].delete())
    change(engine, metadata.tables["decisions"].delete())
    change(engine, metadata.tables["occurrences"].delete())

    [point] = points(post, "hi")

    assert point.why == "before_trigger"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (Question("nobody"), "nobody named 'nobody' was ever heard of"),
        (Question("no\x00body"), "nobody named 'no\\x00body' was ever heard of"),
        (Question("c1", "bug"), "there was no trigger 'bug' in force, did you mean 'big'?"),
        (Question("c1", at=NOON - 2 * DAY), "no configuration was in force"),
    ],
)
def test_what_cannot_be_explained_is_told(engine: Engine, question: Question, told: str) -> None:
    post = house(engine, BIG)
    post.told(dana())

    with pytest.raises(NothingToExplain) as failed:
        explain(engine, HASHER, post.configuration, question)

    assert told in str(failed.value)


def test_nothing_is_written_by_explaining(engine: Engine) -> None:
    post = house(engine, trigger(), BIG)
    post.told(dana(), left())
    before = {name: rows(engine, table) for name, table in metadata.tables.items()}

    why(post)

    assert before == {name: rows(engine, table) for name, table in metadata.tables.items()}
