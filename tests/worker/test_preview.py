"""Does a preview reach my own phone, marked, on record, and counted by nobody?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.worker.operators import in_force, on_record, said, use
from tests.worker.sending import EMAIL, PHONE, Line, Post, dana, left, saying, trigger
from tests.worker.small_world import HASHER, NOON, rows
from triggers.addresses import canonical
from worker.channels.base import Refused
from worker.channels.only_to import OnlyTo
from worker.cli import preview as command
from worker.steps.preview import (
    NothingToShow,
    NotSent,
    Sending,
    Wanted,
    preview,
    send_preview,
)
from worker.store.tables import attempts, decisions, messages, outbox, suppressions


def house(engine: Engine) -> Post:
    return in_force(engine, trigger())


def sending(post: Post, **channels: Any) -> Sending:
    given = channels or {"outbox:sms": post.sms, "outbox:email": post.email}
    return Sending(post.engine, post.configuration, HASHER, given, "Noa")


def test_it_is_filled_with_what_is_known_of_a_customer(engine: Engine) -> None:
    post = house(engine)
    post.told(dana("c5"), left("c5", cart="k9"))

    found = preview(engine, post.configuration, Wanted("hello", "c5"))

    assert found.event["data"] == {"cart": "k9"}
    assert [one.text for one in found.texts if (one.channel, one.language) == ("sms", "en")] == [
        "Hello c5"
    ]


def test_it_is_sent_marked_and_on_record_and_counted_nowhere(engine: Engine) -> None:
    post = house(engine)
    found = preview(engine, post.configuration, Wanted("hello", language="en"))

    send_preview(sending(post), found, PHONE)
    send_preview(sending(post), found, EMAIL)

    [sms], [email] = post.sms.calls, post.email.calls
    assert (sms.address, sms.text) == (PHONE, "PREVIEW: Hello c1")
    assert (email.address, email.subject) == (EMAIL, "PREVIEW: Hello")
    assert [rows(engine, one) for one in (messages, attempts, decisions)] == [[], [], []]
    told = [one for one in on_record(engine) if one[1] == "preview"]
    assert [(who, target["channel"]) for who, _, target in told] == [
        ("Noa", "sms"),
        ("Noa", "email"),
    ]
    assert PHONE not in repr(told)
    assert EMAIL not in repr(told)


def test_it_is_on_record_also_where_the_provider_refuses(engine: Engine) -> None:
    post = house(engine)
    post.sms.answer = saying(Refused("21211", "not a number"))
    found = preview(engine, post.configuration, Wanted("hello"))

    with pytest.raises(NotSent, match="21211"):
        send_preview(sending(post), found, PHONE)

    assert "preview" in [action for _, action, _ in on_record(engine)]


def test_staging_writes_to_nobody_else(engine: Engine) -> None:
    post = house(engine)
    line = Line()
    found = preview(engine, post.configuration, Wanted("hello"))
    only = sending(post, **{"outbox:sms": OnlyTo(line, ["+972500000000"])})

    with pytest.raises(NotSent, match="only_to"):
        send_preview(only, found, PHONE)

    assert line.calls == []


def test_who_has_refused_everything_gets_no_preview_either(engine: Engine) -> None:
    post = house(engine)
    post.store(
        suppressions,
        address_hash=HASHER.address("sms", canonical("sms", PHONE)),
        channel="sms",
        category="*",
        source="reply",
        at=NOON,
    )
    found = preview(engine, post.configuration, Wanted("hello"))

    with pytest.raises(NotSent, match="refused"):
        send_preview(sending(post), found, PHONE)

    assert post.sms.calls == []
    assert "preview" not in [action for _, action, _ in on_record(engine)]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted("helo"), "no trigger sends a message 'helo', did you mean 'hello'?"),
        (Wanted("hello", "nobody"), "nobody named 'nobody' was ever heard of"),
        (Wanted("hello", "a\x00"), "nobody named"),
        (Wanted("hello", language="fr"), "'fr' is not one of the policy's languages: he or en"),
    ],
)
def test_what_cannot_be_shown_is_told(engine: Engine, wanted: Wanted, told: str) -> None:
    post = house(engine)

    with pytest.raises(NothingToShow) as failed:
        preview(engine, post.configuration, wanted)

    assert told in str(failed.value)


@pytest.mark.parametrize("to", ["not a number", "x@", "+1", "+972501234567; rm"])
def test_what_is_no_address_is_told_without_it(engine: Engine, to: str) -> None:
    post = house(engine)
    found = preview(engine, post.configuration, Wanted("hello"))

    with pytest.raises(NotSent) as failed:
        send_preview(sending(post), found, to)

    assert to not in str(failed.value)
    assert post.sms.calls == []


def test_the_command_shows_and_sends(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    house(engine)
    use(monkeypatch, database_url)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"type": "cart.left", "data": {"cart": "k7"}}))

    shown = said(command.app, "hello", "--lang", "en", "--event", str(event))
    sent = said(command.app, "hello", "--lang", "en", "--to", PHONE, "--format", "json")

    lines = shown.stdout.splitlines()
    assert lines[:2] == ["hello, sent by hi", 'for c1, with {"cart": "k7"}']
    assert "  | Hello c1" in lines
    assert json.loads(sent.stdout)["sent"]["channel"] == "sms"
    assert [(one.address, one.text) for one in rows(engine, outbox)] == [
        (PHONE, "PREVIEW: Hello c1")
    ]
