"""Is a personal word in a log found, however it got there, so that no journey ends in peace?"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.journeys.discretion import personal_in
from tests.journeys.stage import Stage, stage
from tests.standins.twilio import NUMBER, SID, TOKEN

PHONE, EMAIL, NAME = "+972500000801", "emma8@customer.example", "Daniella"
WORDS, WRITTEN = "Dana, your plan ends on Sunday.", "די כבר"
SAID = (PHONE, EMAIL, f"\n{WORDS}\nBye", WRITTEN)


def has_said(one: Stage) -> None:
    """What a journey leaves behind: a message, and what is known of its reader."""
    key = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    url = f"{one.twilio.url}/2010-04-01/Accounts/{SID}/Messages.json"
    form = {"To": PHONE, "From": NUMBER, "Body": WORDS}
    answer = httpx.post(url, data=form, headers={"authorization": f"Basic {key}"}, timeout=20)
    assert answer.status_code == 201
    one.heard += [EMAIL, WRITTEN]
    one.names += [NAME]


@pytest.mark.parametrize("word", [PHONE, EMAIL, NAME, WORDS, WRITTEN])
def test_a_journey_of_which_a_log_tells_a_word_fails(tmp_path: Path, word: str) -> None:
    def play() -> None:
        with stage(tmp_path, f"sqlite:///{tmp_path}/outreach.db", "memory://") as one:
            has_said(one)
            line = json.dumps({"event": "sent", "error": f"for {word}!"})
            (tmp_path / "worker.log").write_text(f"{line}\n", "utf-8")

    with pytest.raises(AssertionError, match="personal, and in a log"):
        play()


def test_a_journey_whose_logs_tell_nothing_ends_in_peace(tmp_path: Path) -> None:
    with stage(tmp_path, f"sqlite:///{tmp_path}/outreach.db", "memory://") as one:
        has_said(one)
        (tmp_path / "worker.log").write_text('{"event": "sent", "message": "0a0a"}\n', "utf-8")


@pytest.mark.parametrize(
    "written",
    [
        f"GET /v1/customers?phone={quote(PHONE)} 200",
        PHONE.removeprefix("+"),
        f"mail to <{EMAIL.upper()}>",
        quote(EMAIL),
        repr({"name": NAME}),
        ascii(WRITTEN),
        json.dumps(WRITTEN),
        f"cannot send: {WORDS}",
    ],
)
def test_a_word_is_found_however_it_is_written(written: str) -> None:
    assert len(personal_in(f"a line\n{written}\nanother", SAID, [NAME])) == 1


def test_a_word_of_any_log_is_nobody_s() -> None:
    assert personal_in("process start, stop", ["start", "Stop.", "1", "bye"]) == []
