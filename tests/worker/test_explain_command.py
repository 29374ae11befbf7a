"""Does the command that is asked why tell it to people, and has every state words?"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine

from tests.worker.asking_why import BIG, house
from tests.worker.operators import said as said_by
from tests.worker.operators import use
from tests.worker.sending import Post, dana, left, trigger
from triggers.explaining import english, hebrew
from worker.cli import explain as command
from worker.lifecycle import HandoffState, MessageState
from worker.steps.explain import NothingToExplain


@pytest.fixture
def post(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Post:
    """To whom one message has left, and another trigger stayed silent."""
    made = house(engine, trigger(), BIG)
    made.told(dana(), left(number=40))
    made.send()
    use(monkeypatch, database_url)
    return made


def test_every_state_has_words() -> None:
    for words in (english, hebrew):
        assert set(MessageState) <= words.MESSAGES.keys()
        assert set(HandoffState) <= words.CALLS.keys()


def test_the_command_tells_sentences_with_their_proof(post: Post) -> None:
    done = said_by(command.app, "--customer", "c1")

    version = post.configuration.hash[:12]
    assert done.exit_code == 0, done.output
    clock, *lines = done.stdout.splitlines()
    assert clock == "times: Asia/Jerusalem, the customer's clock"
    assert lines[0] == f"big  config/triggers/big.yaml:1  version {version}"
    assert lines[1].startswith("  It stayed silent about k:")
    assert lines[2:4] == [
        "      when event.data.number >= 100: no  config/triggers/big.yaml:6",
        "        event.data.number: 40",
    ]
    [sent] = [line for line in lines if line.endswith("attempt 1 by sms: accepted")]
    assert re.fullmatch(r" {6}\d{4}-\d\d-\d\d \d\d:\d\d  attempt 1 by sms: accepted", sent)


def test_what_was_started_is_due_and_what_was_put_off_waits_until_then(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = house(engine, trigger())
    post.told(dana(phone=None, email=None), left())
    post.send()
    use(monkeypatch, database_url)

    lines = said_by(command.app, "--customer", "c1").stdout.splitlines()

    ends = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "T", line.strip()) for line in lines]
    assert "T  started  due T" in ends
    [later] = [line for line in ends if line.startswith("T  later  no_address")]
    assert later.endswith("  until T")


def test_who_asks_in_hebrew_is_answered_in_hebrew_but_for_what_stands_in_files_and_records(
    post: Post,
) -> None:
    clock, *lines = said_by(command.app, "--customer", "c1", "--lang", "he").stdout.splitlines()

    version = post.configuration.hash[:12]
    assert clock == "השעות: Asia/Jerusalem, לפי השעון של הלקוח"
    assert lines[0] == f"big  config/triggers/big.yaml:1  גרסה {version}"
    assert [line for line in lines if line.endswith("  ניסיון 1 באמצעות sms: accepted")]


def test_the_command_ends_with_1_and_a_word(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house(engine, BIG).told(dana())
    use(monkeypatch, database_url)

    with pytest.raises(NothingToExplain, match="did you mean 'big'"):
        command.app(["--customer", "c1", "--trigger", "bag"], standalone_mode=False)
    with pytest.raises(Exception, match="neither a time"):
        command.app(["--customer", "c1", "--at", "whenever"], standalone_mode=False)
