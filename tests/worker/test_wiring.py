"""Is a process made of the parts that its settings name?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from worker.app import make_app
from worker.channels.base import Letter, Refused, senders_of
from worker.clock import utc_now
from worker.settings import Settings, SettingsWrong
from worker.store.addresses import Address
from worker.store.engine import reading
from worker.store.keys import read_keys
from worker.store.tables import outbox
from worker.tokens import AddressToken, read_address
from worker.wiring import Parts, make_parts, parts_of, take_in_keys

SIGNING = "a-signing-key-of-the-tests"
TWILIO: dict[str, Any] = {
    "sms": "twilio",
    "twilio_account_sid": "AC" + "0" * 32,
    "twilio_auth_token": "token",
    "twilio_from": "+15005550006",
}
TWILIO_BACKUP: dict[str, Any] = {
    "twilio_backup_account_sid": "AC" + "1" * 32,
    "twilio_backup_auth_token": "another token",
    "twilio_backup_from": "BANK",
}
SMTP: dict[str, Any] = {
    "email": "smtp",
    "smtp_url": "smtp://127.0.0.1:1025",
    "email_from": "Example Bank <hello@bank.example>",
}


def settings(url: str, **changed: Any) -> Settings:
    return Settings.model_validate({"database_url": url, "secret_key": SIGNING, **changed})


@pytest.fixture
def parts(database_url: str) -> Iterator[Parts]:
    made = make_parts(settings(database_url))
    yield made
    made.close()


def letter(address: str = "+15005550006") -> Letter:
    return Letter("m" * 32, 1, "sms", address, "hello", utc_now())


def senders(url: str, **changed: Any) -> dict[str, list[str]]:
    made = make_parts(settings(url, **changed))
    assert [one.sender for one in made.channels.values()] == list(made.channels)
    found = senders_of(made.channels.values())
    made.close()
    return {channel: list(names) for channel, names in found.items()}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {"sms": ["outbox:sms"], "email": ["outbox:email"]}),
        (TWILIO, {"sms": ["twilio:+15005550006"], "email": ["outbox:email"]}),
        (SMTP, {"sms": ["outbox:sms"], "email": ["smtp:127.0.0.1:1025"]}),
        (
            {**TWILIO, **TWILIO_BACKUP},
            {"sms": ["twilio:+15005550006", "twilio:BANK@backup"], "email": ["outbox:email"]},
        ),
        (
            {**SMTP, "smtp_backup_url": SMTP["smtp_url"]},
            {"sms": ["outbox:sms"], "email": ["smtp:127.0.0.1:1025", "smtp:127.0.0.1:1025@backup"]},
        ),
    ],
)
def test_the_settings_choose_the_channels(
    sqlite_database_url: str, changed: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    assert senders(sqlite_database_url, **changed) == expected


def test_the_outbox_keeps_what_would_have_left(parts: Parts) -> None:
    parts.channels["outbox:sms"].send(letter())
    [row] = reading(parts.engine, lambda connection: connection.execute(select(outbox)).all())
    assert (row.channel, row.address, row.text) == ("sms", "+15005550006", "hello")


def test_in_staging_nobody_else_is_written_to(sqlite_database_url: str) -> None:
    made = make_parts(settings(sqlite_database_url, only_to="+15005550006"))
    made.channels["outbox:sms"].send(letter())
    with pytest.raises(Refused):
        made.channels["outbox:sms"].send(letter("+15005550007"))
    made.close()


def test_a_mail_server_that_cannot_be_read_is_a_mistake_in_the_settings(
    sqlite_database_url: str,
) -> None:
    wrong = settings(sqlite_database_url, **{**SMTP, "smtp_url": "ftp://hush@mail"})
    with pytest.raises(SettingsWrong, match="OUTREACH_SMTP_URL") as caught:
        make_parts(wrong)
    assert "hush" not in str(caught.value)


def test_another_key_for_those_who_said_no_is_refused(database_url: str) -> None:
    first = settings(database_url, suppression_key="the first key")
    make_parts(first).close()
    second = settings(database_url, suppression_key="another key")
    with pytest.raises(SettingsWrong, match="OUTREACH_SUPPRESSION_KEY") as caught:
        make_parts(second)
    assert "another key" not in str(caught.value)


def test_the_environment_s_keys_open_the_doors(database_url: str) -> None:
    made = make_parts(settings(database_url, api_keys="hush:read|operate"))
    take_in_keys(made)
    [key] = reading(made.engine, read_keys)
    assert key.scopes == ("operate", "read")
    made.close()


def test_a_scope_that_is_none_is_a_mistake_in_the_settings(sqlite_database_url: str) -> None:
    made = make_parts(settings(sqlite_database_url, api_keys="hush:everything"))
    with pytest.raises(SettingsWrong, match="OUTREACH_API_KEYS") as caught:
        take_in_keys(made)
    assert "hush" not in str(caught.value)
    made.close()


def test_the_way_out_is_a_link_that_names_the_address_to_us_alone(
    sqlite_database_url: str,
) -> None:
    made = make_parts(settings(sqlite_database_url, public_url="https://outreach.bank.example"))
    link = made.preferences(Address("ab" * 16, "sms"))
    head, _, token = link.rpartition("/")
    assert head == "https://outreach.bank.example/u"
    assert read_address([SIGNING], token) == AddressToken("ab" * 16, "sms")
    made.close()


def test_a_process_is_joined_once_whatever_number_of_its_threads_ask(
    sqlite_database_url: str,
) -> None:
    app = make_app(settings(sqlite_database_url))
    made = parts_of(app)
    assert parts_of(app) is made
    assert made.app is app
    made.close()


def test_secrets_stay_secret_in_what_is_passed_around(sqlite_database_url: str) -> None:
    given = settings(sqlite_database_url, suppression_key=SecretStr("hush-hush"))
    made = make_parts(given)
    assert "hush-hush" not in repr(made.settings)
    made.close()
