"""Can a customer's answer be played, where nothing is really sent, and nowhere else?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from sqlalchemy import Engine

from tests.worker.operators import in_force, said, told, use
from tests.worker.sending import PHONE, dana, left, trigger
from tests.worker.small_world import rows
from worker.channels.twilio_inbound import read_text
from worker.cli import reply
from worker.cli.reply import NotPlayed
from worker.following import Following
from worker.hashing import Hasher
from worker.steps.answer import AnswerParts, answer
from worker.store.addresses import Address
from worker.store.engine import make_engine, reading
from worker.store.standing import read_suppressions
from worker.store.tables import inbound

KEY = "a key of the tests"


@pytest.fixture(autouse=True)
def known(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dana is known to a house that keeps what it would send."""
    use(monkeypatch, database_url)
    in_force(engine, trigger()).told(dana(), left())


@contextmanager
def reading_answers(url: str) -> Iterator[None]:
    """Somebody reads what comes in, as a worker does."""
    engine, ended = make_engine(url), Event()
    rules = Following(engine).active()
    assert rules is not None
    parts = AnswerParts(rules, {"twilio": read_text})

    def work() -> None:
        while not ended.wait(0.05):
            answer(engine, parts)

    worker = Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        ended.set()
        worker.join()
        engine.dispose()


def refused(engine: Engine) -> set[str]:
    address = Address(Hasher(KEY).address("sms", PHONE), "sms")
    return reading(engine, lambda c: read_suppressions(c, [address])).get(address, set())


@pytest.mark.parametrize("who", ["c1", PHONE, "050-123-4567"])
def test_an_answer_is_read_and_obeyed_as_any_that_comes_in(
    engine: Engine, database_url: str, who: str
) -> None:
    with reading_answers(database_url):
        done = said(reply.app, who, "STOP")

    assert done.exit_code == 0
    assert done.stdout.splitlines() == ["read as: stop", "whose: c1"]
    assert refused(engine) == {"*"}


def test_who_wants_a_person_is_said_to_be_in_which_queue(database_url: str) -> None:
    with reading_answers(database_url):
        [found] = told(reply.app, "c1", "call me please")

    assert found == {
        "state": "read", "meaning": "person", "customer": "c1", "message": None, "queue": "desk",
    }  # fmt: skip


def test_where_nobody_reads_it_is_kept_and_says_so(engine: Engine) -> None:
    done = said(reply.app, "c1", "STOP", "--wait", "0")

    assert done.exit_code == 0
    assert "kept, and not read yet" in done.stdout
    [row] = rows(engine, inbound, "seq")
    assert (row.state, row.raw["Body"], row.raw["From"]) == ("new", "STOP", PHONE)


@pytest.mark.parametrize(
    ("who", "text", "why"),
    [
        ("nobody", "STOP", "is neither a customer who has a phone number nor a phone number"),
        ("c1\x00", "STOP", "is neither"),
        ("c1", "  ", "an answer has 1 to 1600 signs"),
        ("c1", "x" * 1601, "an answer has 1 to 1600 signs"),
    ],
)
def test_what_nobody_could_have_answered_is_refused(
    engine: Engine, who: str, text: str, why: str
) -> None:
    with pytest.raises(NotPlayed, match=why):
        said(reply.app, who, text)

    assert rows(engine, inbound, "seq") == []


def test_where_messages_really_leave_nobody_s_answer_is_played(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "OUTREACH_SMS": "twilio", "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+15005550006",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    with pytest.raises(NotPlayed, match="OUTREACH_SMS is not outbox"):
        said(reply.app, "c1", "STOP")

    assert rows(engine, inbound, "seq") == []


def test_it_says_what_it_found_to_programs_as_well() -> None:
    done = said(reply.app, "c1", "STOP", "--wait", "0", "--format", "json")

    assert json.loads(done.stdout)["state"] == "new"
