"""Does the doctor tell what needs a person, and is nothing sent again after an old backup?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from tests.standins.twilio import NUMBER, SID, TOKEN, TwilioStandIn
from tests.worker.operators import in_force, on_record, said, use
from tests.worker.parting import of_this_version
from tests.worker.sending import Post, dana, left, trigger
from tests.worker.small_world import HASHER, NOON, event, rows, told
from tests.worker.texting import channel
from worker.channels.twilio_sms import TwilioSms
from worker.cli.doctor import NoAlarm, ProviderSilent, app
from worker.cli.parked import app as parked
from worker.cli.pause import app as pausing
from worker.cli.resume import app as resuming
from worker.steps.answers import RESTORED
from worker.steps.insisting import HeldByOthers
from worker.steps.restored import Restoring, StillSending, doubts, settle_doubts
from worker.store import customers
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.engine import in_transaction, make_engine
from worker.store.tables import attempts, messages, metadata, occurrences, workers

PHONE = "+972501234561"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, database_url: str, engine: Engine) -> Iterator[None]:
    """A database that says of itself that it is of this version."""
    use(monkeypatch, database_url)
    with of_this_version(engine):
        yield


def facts() -> dict[str, Any]:
    done = said(app, "--format", "json")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert done.exit_code == bool(found["needs_a_person"])
    return found


def change(engine: Engine, statement: Any) -> None:
    in_transaction(engine, lambda c: c.execute(statement))


def test_when_all_is_well_it_says_so(engine: Engine, here: None) -> None:
    in_force(engine, trigger())

    assert facts()["needs_a_person"] == []
    assert said(app).stdout.splitlines()[-1] == "all is well"


def test_what_waits_too_long_needs_a_person(engine: Engine, here: None) -> None:
    post = in_force(engine, trigger())
    post.told(dana(phone=PHONE), left())
    post.claim()
    change(engine, update(messages).values(state="unknown", unknown_at=NOON))

    found = facts()

    assert found["unknown"]["count"] == 1
    assert found["needs_a_person"] == ["unknown for more than 20 minutes"]
    change(engine, update(messages).values(state="parked", why="unknown"))
    assert facts()["needs_a_person"] == ["parked: 1 wait for a person"]


def test_an_alarm_needs_a_person_until_it_is_dismissed(engine: Engine, here: None) -> None:
    in_force(engine, trigger())
    raised = [Raised(Alarm.LEDGER_DIFFERS, "twilio:+15005550006", "2 differ")]
    in_transaction(engine, lambda c: raise_alerts(c, raised, now=NOON))
    name = "ledger_differs:twilio:+15005550006"
    assert facts()["needs_a_person"] == [f"alarm {name}"]

    assert said(app, "--dismiss", name, "--by", "dana").exit_code == 0

    assert facts()["alarms"] == []
    assert on_record(engine)[-1][:2] == ("dana", "dismiss")


def test_what_did_not_stand_is_not_dismissed_and_not_on_record(engine: Engine, here: None) -> None:
    in_force(engine, trigger())

    for name in ("ledger_differs:twilio:+15005550006", "no_such_alarm:hi"):
        with pytest.raises(NoAlarm):
            said(app, "--dismiss", name, "--by", "dana")

    assert "dismiss" not in {action for _, action, _ in on_record(engine)}


def test_workers_and_their_configuration_are_told(engine: Engine, here: None) -> None:
    in_force(engine, trigger()).told(dana(phone=PHONE))
    told(engine, left())
    assert "no worker was heard of" in facts()["needs_a_person"][-1]
    row = {"id": "w", "role": "outreach.send", "bundle": "f" * 32, "seen_at": datetime.now(UTC)}
    change(engine, insert(workers).values(**row))

    found = facts()

    assert [one["role"] for one in found["workers"]] == ["outreach.send"]
    assert "another configuration" in found["needs_a_person"][-1]
    assert "no worker" not in " ".join(found["needs_a_person"])


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioStandIn]:
    with TwilioStandIn() as made:
        settings = {
            "OUTREACH_SMS": "twilio", "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": NUMBER, "OUTREACH_TWILIO_BASE_URL": made.url,
            "OUTREACH_PUBLIC_URL": "http://127.0.0.1:9",
        }  # fmt: skip
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        made.receipts([])
        yield made


def backup(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    return {
        table.name: [dict(row._mapping) for row in rows(engine, table)]
        for table in metadata.sorted_tables
    }


def restore(engine: Engine, saved: dict[str, list[dict[str, Any]]]) -> None:
    def work(connection: Any) -> None:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
            if saved[table.name]:
                connection.execute(insert(table), saved[table.name])

    in_transaction(engine, work)


def world(engine: Engine, twilio: TwilioStandIn) -> Post:
    """One customer's message waits, another's is to be tried again, a third's comes later."""
    now = datetime.now(UTC)
    post = in_force(engine, trigger(limits="{category: service, expires: 5d}"))
    post.senders = {"sms": [f"twilio:{NUMBER}"]}
    post.sms = channel(twilio.url, public_url=None, now=lambda: now)  # type: ignore[assignment]
    for number in (1, 2, 3):
        customer = f"c{number}"
        post.told(dana(customer, phone=f"+97250123456{number}", email=None))
    return post


def live(post: Post, *customers: str) -> None:
    """An event of now, as the publisher sends it, perhaps once more."""
    from_now = datetime.now(UTC) - NOON
    post.told(*(event("cart.left", f"left-{c}", customer=c, cart="k", after=from_now)
                for c in customers))  # fmt: skip
    post.read(datetime.now(UTC))


def pause() -> None:
    assert said(pausing, "all", "--by", "dana").exit_code == 0


def resume() -> None:
    assert said(resuming, "all", "--by", "dana").exit_code == 0


def run(post: Post) -> None:
    now = datetime.now(UTC) + timedelta(seconds=1)
    post.deliver(post.claim(now).letters, now)


def test_after_an_old_backup_the_provider_has_each_once(
    engine: Engine, here: None, twilio: TwilioStandIn
) -> None:
    post = world(engine, twilio)
    live(post, "c1", "c2")
    saved = backup(engine)
    run(post)
    live(post, "c3")
    run(post)
    assert len(twilio.accepted) == 3

    restore(engine, saved)
    pause()
    live(post, "c3")
    shown = said(app, "--reconcile-since", "2h", "--format", "json")
    assert json.loads(shown.stdout)["done"] is False
    assert {one.state for one in rows(engine, occurrences)} == {"pending"}
    done = said(app, "--reconcile-since", "2h", "--yes", "--by", "dana", "--format", "json")

    assert len(json.loads(done.stdout)["parked"]) == 3
    resume()
    run(post)
    assert len(twilio.accepted) == 3
    assert {(one.state, one.why) for one in rows(engine, messages)} == {("parked", RESTORED)}
    assert said(parked, "arrived", "--all", "--why", RESTORED, "--yes").exit_code == 0
    assert {one.state for one in rows(engine, messages)} == {"accepted"}
    assert ("dana", "reconcile_since") in [one[:2] for one in on_record(engine)]


def test_a_message_whose_words_the_backup_holds_is_surely_the_providers(
    engine: Engine, here: None, twilio: TwilioStandIn
) -> None:
    post = world(engine, twilio)
    live(post, "c1")
    twilio.fault("429", times=1)
    run(post)
    assert post.states == ("planned", ["try_later"])
    saved = backup(engine)
    later = datetime.now(UTC) + timedelta(minutes=5)
    post.deliver(post.claim(later).letters, later)
    assert len(twilio.accepted) == 1

    restore(engine, saved)
    pause()
    said(app, "--reconcile-since", "2h", "--yes")

    assert post.states == ("accepted", ["try_later"])
    assert post.claim(later).letters == ()


def test_what_was_not_sent_waits_on(engine: Engine, here: None, twilio: TwilioStandIn) -> None:
    post = world(engine, twilio)
    live(post, "c1")
    saved = backup(engine)
    run(post)
    restore(engine, saved)
    live(post, "c2")
    pause()

    said(app, "--reconcile-since", "2h", "--yes")
    resume()
    run(post)

    assert [one["to"] for one in twilio.accepted] == ["+972501234561", "+972501234562"]


def test_what_the_backup_knows_of_holds_nothing_back(
    engine: Engine, here: None, twilio: TwilioStandIn
) -> None:
    post = world(engine, twilio)
    live(post, "c1")
    run(post)
    from_now = datetime.now(UTC) - NOON
    post.told(event("cart.left", "another", customer="c1", cart="other", after=from_now))
    post.read(datetime.now(UTC))
    pause()

    done = said(app, "--reconcile-since", "2h", "--yes", "--format", "json")

    found = json.loads(done.stdout)
    assert (found["listed"], found["unknown"], found["parked"]) == (1, 0, [])


def test_while_sending_goes_on_or_the_provider_is_silent_nothing_is_done(
    engine: Engine, here: None, twilio: TwilioStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = world(engine, twilio)
    live(post, "c1")
    with pytest.raises(StillSending):
        said(app, "--reconcile-since", "2h", "--yes")
    pause()
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "another")

    with pytest.raises(ProviderSilent):
        said(app, "--reconcile-since", "2h", "--yes")

    query = select(attempts)
    assert not in_transaction(engine, lambda c: c.execute(query).all())
    assert post.occurrence.state == "pending"


def test_what_others_hold_is_asked_for_again_and_never_passed_over(
    monkeypatch: pytest.MonkeyPatch, postgres_database_url: str, twilio: TwilioStandIn
) -> None:
    use(monkeypatch, postgres_database_url)
    engine = make_engine(postgres_database_url)
    post = world(engine, twilio)
    live(post, "c1", "c2")
    saved = backup(engine)
    run(post)
    restore(engine, saved)
    pause()
    ledgers = {f"twilio:{NUMBER}": cast("TwilioSms", post.sms)}
    restoring = Restoring(post.configuration, HASHER, ledgers, NOON)
    with engine.begin() as connection:
        customers.hold(connection, ["c1"], most=1)
        with pytest.raises(HeldByOthers):
            settle_doubts(engine, restoring, doubts(engine, restoring), by="dana", looks=2)
    assert [one.customer_id for one in rows(engine, messages)] == ["c2"]

    settle_doubts(engine, restoring, doubts(engine, restoring), by="dana")

    assert {one.customer_id for one in rows(engine, messages)} == {"c1", "c2"}
    engine.dispose()
