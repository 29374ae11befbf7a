"""Does the environment become settings, and is every mistake in it told at once?"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from worker.cli.run import lead_here
from worker.settings import Settings, SettingsWrong, read_settings

SECRET = "hush-hush-hush-hush"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OUTREACH_", "TWILIO_")):
            monkeypatch.delenv(name)


def test_everything_has_a_default_that_needs_no_server() -> None:
    settings = read_settings()
    assert settings.database_url == "sqlite:///var/outreach.db"
    assert settings.in_process
    assert (settings.sms, settings.email) == ("outbox", "outbox")
    assert settings.data_dir == Path("var")
    assert settings.model_dump() == Settings().model_dump()


@pytest.mark.parametrize(
    ("host", "said", "led"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8123"),
        ("127.0.0.1", "https://bank.example", "https://bank.example"),
        ("0.0.0.0", None, "http://127.0.0.1:8000"),
    ],
)
def test_links_lead_to_the_port_that_run_listens_on_unless_somebody_said_where(
    host: str, said: str | None, led: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # set first, so that it is put back afterwards
    monkeypatch.setenv("OUTREACH_PUBLIC_URL", said or "")
    if said is None:
        monkeypatch.delenv("OUTREACH_PUBLIC_URL")

    lead_here(host, 8123)

    assert read_settings().public_url == led


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_SECRET_KEY", f" new-{SECRET}, old-{SECRET} ,")
    monkeypatch.setenv("OUTREACH_ONLY_TO", "+15005550006,ops@bank.example")
    settings = read_settings()
    keys = [key.get_secret_value() for key in settings.secret_key]
    assert keys == [f"new-{SECRET}", f"old-{SECRET}"]
    assert settings.only_to == ("+15005550006", "ops@bank.example")


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_ONLY_TO", "")
    monkeypatch.setenv("OUTREACH_PUBLIC_URL", "")
    settings = read_settings()
    assert settings.only_to is None
    assert settings.public_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OUTREACH_DATABASE_URL", "mysql://localhost/x"),
        ("OUTREACH_DATABASE_URL", "postgresql://localhost/x"),
        ("OUTREACH_DATABASE_URL", "postgresql+psycopg://u:a/b@db:5432/outreach"),
        ("OUTREACH_BROKER_URL", "kafka://localhost"),
        ("OUTREACH_PUBLIC_URL", "bank.example"),
        ("OUTREACH_PUBLIC_URL", "https://bank.example/?x=1"),
        ("OUTREACH_TWILIO_BASE_URL", "localhost:9000"),
        ("OUTREACH_SMS", "pigeon"),
        ("OUTREACH_EMAIL", "pigeon"),
    ],
)
def test_a_wrong_value_is_refused_by_the_settings_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong, match=f"^{name}: ") as caught:
        read_settings()
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OUTREACH_SECRET_KEY", "x"),
        ("OUTREACH_SECRET_KEY", f"{SECRET},fifteen-letters"),
        ("OUTREACH_API_KEYS", "short"),
        ("OUTREACH_API_KEYS", f"{SECRET}:read, short:events:*|customers:write"),
    ],
)
def test_a_secret_that_can_be_guessed_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong, match=f"^{name}: each secret has 16 characters") as caught:
        read_settings()
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OUTREACH_DATABSE_URL", "did you mean 'OUTREACH_DATABASE_URL'?"),
        ("OUTREACH_TWILIO_AUTH_TOKEN", "did you mean 'TWILIO_AUTH_TOKEN'?"),
        ("OUTREACH_FRIDAY", "there is no such setting"),
    ],
)
def test_a_name_that_is_no_setting_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, SECRET)
    with pytest.raises(SettingsWrong, match=f"^{name}: .*{re.escape(meant)}") as caught:
        read_settings()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["KEY", "TEST_POSTGRES_URL", "PORT", "SERVICE_HOST", "PORT_8000_TCP_ADDR", "API_SERVICE_PORT"],
)
def test_what_others_read_or_a_cluster_sets_is_no_mistake(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"OUTREACH_{name}", "tcp://10.0.0.1:8000")
    assert read_settings().model_dump() == Settings().model_dump()


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_SMS", "twilio")
    monkeypatch.setenv("OUTREACH_EMAIL", "smtp")
    monkeypatch.setenv("OUTREACH_BROKER_URL", "kafka://localhost")
    with pytest.raises(SettingsWrong) as caught:
        read_settings()
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "OUTREACH_BROKER_URL",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID",
        "OUTREACH_SMTP_URL",
        "OUTREACH_EMAIL_FROM",
    ]


def test_half_a_second_account_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "FROM"):
        monkeypatch.setenv(f"TWILIO_{name}", "given")
    monkeypatch.setenv("OUTREACH_SMS", "twilio")
    assert read_settings().twilio_tokens == ("given",)
    monkeypatch.setenv("TWILIO_BACKUP_AUTH_TOKEN", SECRET)
    with pytest.raises(SettingsWrong) as caught:
        read_settings()
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "TWILIO_BACKUP_ACCOUNT_SID",
        "TWILIO_BACKUP_FROM or TWILIO_BACKUP_MESSAGING_SERVICE_SID",
    ]


def test_secrets_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "SUPPRESSION_KEY", "API_KEYS"):
        monkeypatch.setenv(f"OUTREACH_{name}", SECRET)
    monkeypatch.setenv("OUTREACH_STREAM_URL", f"redis://:{SECRET}@redis/1")
    monkeypatch.setenv("OUTREACH_SMTP_URL", f"smtp://user:{SECRET}@mail.bank.example")
    monkeypatch.setenv("OUTREACH_DATABASE_URL", f"postgresql+psycopg://u:{SECRET}@db/outreach")
    monkeypatch.setenv("OUTREACH_BROKER_URL", f"redis://:{SECRET}@redis/0")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", SECRET)
    monkeypatch.setenv("TWILIO_BACKUP_AUTH_TOKEN", SECRET)
    monkeypatch.setenv("OUTREACH_SMTP_BACKUP_URL", f"smtp://user:{SECRET}@mail.bank.example")
    assert SECRET not in repr(read_settings())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().sms = "twilio"


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///var/outreach.db", Path("var/outreach.db")),
        ("sqlite:////srv/outreach/a.db", Path("/srv/outreach/a.db")),
        ("postgresql+psycopg://u@h/outreach", None),
    ],
)
def test_the_database_s_file_is_known(url: str, file: Path | None) -> None:
    settings = Settings(database_url=url)
    assert settings.sqlite_file == file
    assert settings.data_dir == (file.parent if file else Path("var"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///var/outreach.db", "var/outreach.db"),
        (f"postgresql+psycopg://ops:{SECRET}@db:6432/outreach", "db:6432/outreach"),
        ("postgresql+psycopg:///outreach", "localhost:5432/outreach"),
    ],
)
def test_a_database_is_named_without_who_may_read_it(url: str, name: str) -> None:
    assert Settings(database_url=url).database_name == name
