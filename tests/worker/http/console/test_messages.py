"""Does a page show how a message looks, and send it to one of us alone?"""

from __future__ import annotations

import json
import re

import pytest

from tests.worker.http.console.busy import TRIGGER, busy
from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.test_triggers import text_of
from tests.worker.http.console.world import EVIL, store
from tests.worker.http.house import House
from worker.channels.base import Letter
from worker.channels.outbox import OutboxChannel
from worker.store.clock import read_now
from worker.store.engine import in_transaction
from worker.store.tables import actions, attempts, customers

HOME = "/console/messages"
PAGE = f"{HOME}?message={TRIGGER}&language=en"
FRAME = re.compile(r'<iframe[^>]*\ssrc="([^"]*)"')


@pytest.fixture
def letters(house: House) -> list[Letter]:
    """What has left, by a sender of each channel."""
    busy(house)
    left: list[Letter] = []
    house.channels = {name: OutboxChannel(name, left.append) for name in ("sms", "email")}
    return left


def test_every_message_is_there_to_choose(house: House, visit: Visit) -> None:
    busy(house)
    assert house.current is not None

    page = visit("viewer").get(HOME).text

    shown = set(re.findall(r'href="\?message=(\w+)"', page))
    assert shown == {route.message for one in house.current.triggers.values() for route in one.send}


def test_a_message_is_shown_by_channel_and_language_with_its_length_and_cost(
    house: House, visit: Visit
) -> None:
    busy(house)

    page = text_of(visit("viewer").get(PAGE).text)

    assert page.count("segments:") == 2
    assert "Hebrew" in page
    assert "English" in page
    assert re.search(r"characters: \d+ UCS-2 segments: \d", page)
    assert re.search(r"at its longest: \d+ characters", page)


def test_an_email_stands_in_a_frame_in_which_nothing_runs(house: House, visit: Visit) -> None:
    busy(house)
    viewer = visit("viewer")

    page = viewer.get(PAGE)
    frames = FRAME.findall(page.text)
    mail = viewer.get(frames[0].replace("&amp;", "&"))

    assert len(frames) == 2
    assert page.text.count("sandbox src=") == 2
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert mail.headers["content-security-policy"].endswith("sandbox")
    assert mail.headers["x-frame-options"] == "SAMEORIGIN"
    assert "<html" in mail.text


def test_what_is_known_of_a_customer_and_an_event_of_ones_own_fill_it(
    house: House, visit: Visit
) -> None:
    busy(house)
    viewer = visit("viewer")
    row = {"id": EVIL, "profile": {"language": "en", "phone": "+972501234567"}, "field_orders": {}}
    in_transaction(
        house.engine,
        lambda c: store(c, customers, **row, updated_at=read_now(c)),
    )

    data = json.dumps({"cart_id": "q1", "total": 977, "items": 1})
    answer = viewer.post(f"{HOME}?language=en", PAGE, message=TRIGGER, customer=EVIL, data=data)

    assert answer.status_code == 200
    assert "977" in text_of(answer.text)
    assert "With what is known of" in text_of(answer.text)
    assert "<script>alert" not in answer.text
    mail = viewer.post(f"{HOME}/mail", PAGE, message=TRIGGER, data=data, language="en")
    assert "977" in mail.text
    assert mail.headers["content-security-policy"].endswith("sandbox")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"message": EVIL}, "No trigger sends such a message."),
        ({"customer": "nobody"}, "Nobody of this id"),
        ({"customer": "a\x00b"}, "Nobody of this id"),
        ({"data": "[1]"}, "not one JSON object"),
        ({"data": '{"a": 1, "a": 2}'}, "not one JSON object"),
    ],
)
def test_what_cannot_be_shown_is_told(
    house: House, visit: Visit, fields: dict[str, str], told: str
) -> None:
    busy(house)

    answer = visit("viewer").post(f"{HOME}?language=en", PAGE, **{"message": TRIGGER, **fields})

    assert answer.status_code == 422
    assert told in text_of(answer.text)


def test_a_value_that_is_missing_is_named(house: House, visit: Visit) -> None:
    busy(house)

    page = visit("viewer").post(f"{HOME}?language=en", PAGE, message=TRIGGER, data="{}").text

    assert "would be parked" in text_of(page) or "Without a value" in text_of(page)


def test_an_operator_sends_it_to_a_phone_marked_on_record_and_counted_nowhere(
    house: House, visit: Visit, letters: list[Letter]
) -> None:
    before = house.count(attempts)

    answer = visit("operator").post(
        f"{HOME}/send", PAGE, message=TRIGGER, language="en", to="+972501234567"
    )

    assert answer.headers["location"] == f"{HOME}?message={TRIGGER}&done=sent"
    [letter] = letters
    assert (letter.channel, letter.address) == ("sms", "+972501234567")
    assert letter.text.startswith("PREVIEW: ")
    [note] = [row for row in house.rows(actions) if row.action == "preview"]
    assert (note.by, note.target["message"]) == ("operator", TRIGGER)
    assert "972501234567" not in str(note)
    assert house.count(attempts) == before


@pytest.mark.parametrize(
    "fields", [{"to": "12"}, {"to": EVIL}, {"to": "+972501234567", "language": EVIL}]
)
def test_what_cannot_be_sent_is_told_and_nothing_leaves(
    visit: Visit, letters: list[Letter], fields: dict[str, str]
) -> None:
    answer = visit("operator").post(
        f"{HOME}/send", PAGE, **{"message": TRIGGER, "language": "he", **fields}
    )

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert letters == []


def test_a_viewer_sends_nothing(visit: Visit, letters: list[Letter]) -> None:
    answer = visit("viewer").post(
        f"{HOME}/send", PAGE, message=TRIGGER, language="en", to="+972501234567"
    )

    assert answer.status_code == 403
    assert letters == []
