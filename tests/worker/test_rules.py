"""The fifteen rules of the language, each through the whole road on a database.

docs/triggers.md tells them to people; the rooms' own tests go deeper.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.worker.sending import (
    EMAIL,
    HOUR,
    MINUTE,
    PHONE,
    POLICY,
    TEXTS,
    Post,
    dana,
    left,
    offer,
    ready,
    rules,
    trigger,
)
from tests.worker.small_world import NOON, event, files, rows, told
from triggers.chance import share
from triggers.verdicts import Reason
from worker.steps.apply import apply
from worker.store.engine import reading
from worker.store.standing import read_salt
from worker.store.tables import decisions, facts, occurrences, outbox, spent

DAY = timedelta(days=1)
CALLED_OFF_BY_PAYING = {"wait": "1h", "unless": "cart.paid"}
PLANS = trigger(
    "plans", on="plan.changed", key="event.data.plan", wait="7d before event.data.ends at 10:00",
    unless="plan.cancelled",
)  # fmt: skip
CHECKS = trigger(
    "checks", on="check.used", key="event.data.account",
    count="{reach: 3, since: book.ordered, distinct: event.data.number}",
)  # fmt: skip


def of(engine: Engine, *triggers: str, policy: str = POLICY) -> Post:
    post = Post(engine, rules(*triggers, policy=policy))
    post.told(dana())
    return post


def sent(post: Post) -> int:
    return len(post.sms.calls) + len(post.email.calls)


def states(engine: Engine) -> list[tuple[str, str, str | None]]:
    return [(row.epoch, row.state, row.reason) for row in rows(engine, occurrences, "epoch")]


def used(number: int, after: timedelta, id_: str = "") -> object:
    return event("check.used", id_ or f"c{number}", after=after, account="a", number=number)


def test_rule_1_facts_are_stored_once_and_read_in_event_order(engine: Engine) -> None:
    post = of(engine, trigger(again="restart", wait="1h"))
    later, earlier = left(after=MINUTE), event("cart.left", "first", cart="k")

    post.told(later)
    post.told(earlier)
    told(engine, later)
    post.read()

    assert [row.id for row in rows(engine, facts, "time")] == ["first", "left-c1-k"]
    assert ("first", "pending", None) in states(engine), "the session began with the earlier one"


def test_rule_2_what_waits_is_made_equal_to_the_timeline_after_each_event(engine: Engine) -> None:
    post = of(engine, trigger(**CALLED_OFF_BY_PAYING))
    post.told(left())
    assert states(engine) == [("once", "pending", None)]

    post.told(event("cart.paid", "paid", after=MINUTE, cart="k"))

    assert states(engine) == [("once", "called_off", "called_off")]
    assert sent(post) == 0


def test_rule_2_open_terms_are_asked_at_the_claim_of_the_customer_as_he_is_then(
    engine: Engine,
) -> None:
    post = of(engine, trigger(when='customer.language == "he"', wait="1h"))
    post.told(left())
    assert states(engine) == [("once", "pending", None)]

    post.send(NOON + HOUR)

    assert states(engine) == [("once", "skipped", "when_false")]


def test_rule_3_an_epoch_is_spent_for_ever_and_a_late_reset_lets_no_second_message_out(
    engine: Engine,
) -> None:
    post = of(engine, CHECKS)
    post.told(*(used(number, MINUTE * number) for number in (1, 2, 3)))  # type: ignore[arg-type]
    post.send(NOON + HOUR)
    assert sent(post) == 1

    late = event("book.ordered", "late", after=MINUTE * 1.5, account="a")
    post.told(late, *(used(number, MINUTE * number) for number in (4, 5)))  # type: ignore[arg-type]
    post.send(NOON + 2 * HOUR)
    assert sent(post) == 1, "two since the message, though four since the reset"

    post.told(used(6, MINUTE * 6))  # type: ignore[arg-type]
    post.send(NOON + 2 * HOUR)
    assert sent(post) == 2
    assert len(rows(engine, spent)) == 2


def test_rule_4_an_exit_calls_off_what_was_put_off_and_nothing_after_the_claim(
    engine: Engine,
) -> None:
    post = of(engine, trigger(limits="{category: nightly}", **CALLED_OFF_BY_PAYING))
    evening = timedelta(hours=8)
    post.told(left(after=evening), left(cart="k2", after=evening))
    post.send(NOON + evening + HOUR + 3 * MINUTE)
    assert {row.reason for row in rows(engine, occurrences)} == {"quiet"}

    post.told(event("cart.paid", "paid", after=evening + 2 * HOUR, cart="k"))
    post.send(NOON + DAY)
    post.told(event("cart.paid", "paid2", after=DAY + HOUR, cart="k2"))

    found = {row.key: row.state for row in rows(engine, occurrences)}
    assert found == {"k": "called_off", "k2": "messaged"}
    assert sent(post) == 1


def test_rule_5_the_newest_update_decides_whenever_it_arrives(engine: Engine) -> None:
    post = of(engine, PLANS)
    new = event("plan.changed", "new", after=HOUR, plan="p", ends="2026-12-15")
    old = event("plan.changed", "old", plan="p", ends="2026-12-01")

    post.told(new)
    post.told(old)

    [row] = [one for one in rows(engine, occurrences) if one.state == "pending"]
    assert row.epoch == "2026-12-15"


def test_rule_6_a_backlog_never_causes_a_message_that_reading_it_would_have_called_off(
    engine: Engine,
) -> None:
    post = of(engine, trigger(**CALLED_OFF_BY_PAYING))
    post.told(left())
    told(engine, event("cart.paid", "paid", after=MINUTE, cart="k"))

    post.send(NOON + 2 * HOUR)
    assert sent(post) == 0, "one of the customer's events is unread"
    post.read(NOON + 2 * HOUR)
    post.send(NOON + 2 * HOUR)

    assert sent(post) == 0
    assert post.occurrence.state == "called_off"


def test_rule_7_each_later_and_never_is_stored_with_its_reason(engine: Engine) -> None:
    post = ready(engine, trigger(limits="{category: nightly}"), phone=None, email=None)

    post.send()

    assert post.rulings == [("later", Reason.NO_ADDRESS.value)]
    assert rows(engine, decisions, "seq")[-1].facts == [["shop", "left-c1-k"]]


def test_rule_8_history_starts_nothing_and_what_is_learnt_too_late_is_skipped(
    engine: Engine,
) -> None:
    post = of(engine, trigger())
    post.told(left(history=True))
    assert rows(engine, occurrences) == []

    post.told(left(cart="k2"))
    post.send(NOON + 3 * DAY)

    assert states(engine) == [("once", "skipped", "expired")]


def test_rule_9_nothing_leaves_in_quiet_hours_and_all_of_it_after_them(engine: Engine) -> None:
    post = of(engine, trigger(limits="{category: nightly}"))
    night = timedelta(hours=10)
    post.told(left(after=night))

    post.send(NOON + night)
    assert (sent(post), post.occurrence.reason) == (0, "quiet")
    post.send(post.occurrence.due)

    assert sent(post) == 1


def test_rule_10_caps_count_claims_over_rolling_windows_across_triggers(engine: Engine) -> None:
    consent = {"marketing": True}
    post = Post(engine, rules(*(offer(f"ad{n}", key="event.data.cart") for n in range(3))))
    post.told(dana(consent=consent), left())

    post.send()

    assert sent(post) == 2
    assert sorted(row.reason or "" for row in rows(engine, occurrences)) == ["", "", "cap"]


def test_rule_11_the_fuse_holds_whatever_the_rest_believes(engine: Engine) -> None:
    policy = POLICY + "fuse: {customer: 2 per 1h}\n"
    post = of(engine, trigger(limits="{category: urgent}"), policy=policy)
    post.told(*(left(cart=f"k{n}") for n in range(4)))

    post.send()

    assert sent(post) == 2
    waits = [row for row in rows(engine, occurrences) if row.state == "pending"]
    assert [(row.reason, row.due) for row in waits] == [("fuse", NOON + HOUR)] * 2


def test_rule_12_holdout_is_drawn_once_by_the_databases_salt(engine: Engine) -> None:
    post = of(engine, trigger(limits="{category: service, holdout: 50%}"))
    names = [f"c{n}" for n in range(20)]
    for name in names:
        phone = f"+9725012345{name[1:]:0>2}"
        post.told(dana(name, phone=phone, email=None), left(name))

    post.send()

    salt = reading(engine, read_salt)
    held = {name for name in names if share(salt, "holdout", "hi", name) < 0.5}
    found = {row.customer_id for row in rows(engine, occurrences) if row.state == "held_out"}
    assert found == held
    assert sent(post) == len(names) - len(held)


def test_rule_12_a_shadow_spends_its_epoch_and_hands_nothing_over(engine: Engine) -> None:
    post = ready(engine, trigger(limits="{category: service, mode: shadow}"))

    post.send()

    assert (sent(post), post.occurrence.state) == (0, "shadowed")
    assert len(rows(engine, spent)) == 1
    assert rows(engine, outbox) == []


def test_rule_13_new_triggers_see_only_events_received_after_their_apply(engine: Engine) -> None:
    born = files(trigger("new"), without=("cart", "plan", "checks"), policy=POLICY)
    apply(engine, {**born, **TEXTS}, by="test")
    post = of(engine, trigger("new"))

    post.told(left(cart="before"))
    assert rows(engine, occurrences) == []
    told(engine, left(cart="after", after=3650 * DAY))
    post.read(NOON + 3650 * DAY)

    assert [row.key for row in rows(engine, occurrences)] == ["after"]


@pytest.mark.parametrize("later_first", [True, False])
def test_rule_14_profiles_are_merged_newest_first_field_by_field(
    engine: Engine, later_first: bool
) -> None:
    post = Post(engine, rules(trigger()))
    older = event("customer.updated", "older", phone=PHONE, email=EMAIL, language="he")
    newer = event("customer.updated", "newer", after=MINUTE, language="en", email=None)

    for one in (newer, older) if later_first else (older, newer):
        post.told(one)
    post.told(left())
    post.send()

    assert [letter.text for letter in post.sms.calls] == ["Hello c1"]


def test_rule_14_no_profile_lifts_a_refusal(engine: Engine) -> None:
    post = Post(engine, rules(offer()))
    post.told(dana(consent={"marketing": False}))
    again = event("customer.updated", "again", after=MINUTE, consent={"marketing": True})
    post.told(again, left())

    post.send()

    assert sent(post) == 0
    assert post.occurrence.reason == "no_consent"


def test_rule_15_days_are_of_the_calendar_in_waits_and_24_hours_in_limits(engine: Engine) -> None:
    post = of(engine, trigger(wait="1d", limits="{category: service, expires: 1d}"))
    before_the_change = -9 * DAY  # 2026-10-24, 14:00 on the customer's clock
    told(engine, left(after=before_the_change))
    post.read(NOON + MINUTE)

    row = post.occurrence
    assert row.moment - (NOON + before_the_change) == timedelta(hours=25)
    assert row.expires - row.moment == timedelta(hours=24)
