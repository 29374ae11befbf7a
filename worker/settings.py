"""What does the environment say? Read once, every mistake told at once, secrets never printed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from triggers.definitions import Rate
from triggers.mistakes import meant
from triggers.reading.quantities import parse_rate
from worker.told import Told

IN_PROCESS = "memory://"
BROKERS = ("memory", "redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps")
STREAMS = ("redis", "rediss", "unix")
TWILIO_SENDERS = ("TWILIO_FROM", "TWILIO_MESSAGING_SERVICE_SID")
NEEDED_FOR_TWILIO = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
BACKUP_SENDERS = ("TWILIO_BACKUP_FROM", "TWILIO_BACKUP_MESSAGING_SERVICE_SID")
NEEDED_FOR_BACKUP = ("TWILIO_BACKUP_ACCOUNT_SID", "TWILIO_BACKUP_AUTH_TOKEN")
NEEDED_FOR_SMTP = ("OUTREACH_SMTP_URL", "OUTREACH_EMAIL_FROM")
SHORTEST_SECRET = 16
SHORTEST_PASSWORD = 12
DOMAIN = re.compile(r"(?=.{1,180}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
# Read elsewhere: by `outreach publish --url`, by docker-compose.yml, by tests; and what a cluster
# puts into every environment for a service that is called outreach.
NOT_OURS = re.compile(r"OUTREACH_(KEY|TEST_.*|(.*_)?(PORT|SERVICE_HOST|SERVICE_PORT)(_.*)?)")

Secrets = Annotated[tuple[SecretStr, ...], NoDecode]
Words = Annotated[tuple[str, ...], NoDecode]
Written = Annotated[Rate, NoDecode]


class SettingsWrong(Told):
    """The environment has mistakes; the text names every one and repeats no value."""


def _plain(name: str) -> AliasChoices:
    """A setting named by a provider's own documents, which carries no prefix of ours."""
    return AliasChoices(name.upper(), name)


class Settings(BaseModel):
    """The environment, once read. A list is written with commas; the first signing key signs."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="forbid")

    database_url: str = Field(default="sqlite:///var/outreach.db", repr=False)
    broker_url: str = Field(default=IN_PROCESS, repr=False)
    stream_url: SecretStr | None = None
    stream_source: str | None = None
    config_dir: Path = Path("config")
    templates_dir: Path = Path("templates")
    public_url: str = "http://127.0.0.1:8000"
    proxies: int = Field(default=0, ge=0, le=9)
    rate_programs: Written = Rate(5000, timedelta(seconds=1))
    rate_people: Written = Rate(1200, timedelta(minutes=1))
    secret_key: Secrets = ()
    suppression_key: SecretStr | None = None
    api_keys: Secrets = ()
    webhook_secrets: Secrets = ()
    event_secrets: Secrets = ()
    console_password: SecretStr | None = None
    only_to: Words | None = None
    sms: Literal["twilio", "outbox"] = "outbox"
    twilio_account_sid: str | None = Field(
        default=None, validation_alias=_plain("twilio_account_sid")
    )
    twilio_auth_token: Secrets = Field(default=(), validation_alias=_plain("twilio_auth_token"))
    twilio_from: str | None = Field(default=None, validation_alias=_plain("twilio_from"))
    twilio_messaging_service_sid: str | None = Field(
        default=None, validation_alias=_plain("twilio_messaging_service_sid")
    )
    twilio_backup_account_sid: str | None = Field(
        default=None, validation_alias=_plain("twilio_backup_account_sid")
    )
    twilio_backup_auth_token: Secrets = Field(
        default=(), validation_alias=_plain("twilio_backup_auth_token")
    )
    twilio_backup_from: str | None = Field(
        default=None, validation_alias=_plain("twilio_backup_from")
    )
    twilio_backup_messaging_service_sid: str | None = Field(
        default=None, validation_alias=_plain("twilio_backup_messaging_service_sid")
    )
    twilio_base_url: str | None = None
    email: Literal["smtp", "outbox"] = "outbox"
    smtp_url: SecretStr | None = None
    smtp_backup_url: SecretStr | None = None
    email_from: str | None = None
    email_bounce_domain: str | None = None
    mailgun_signing_key: Secrets = Field(default=(), validation_alias=_plain("mailgun_signing_key"))

    @field_validator(
        "secret_key", "api_keys", "twilio_auth_token", "twilio_backup_auth_token",
        "mailgun_signing_key", "webhook_secrets", "event_secrets", "only_to", mode="before",
    )  # fmt: skip
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)

    @field_validator("rate_programs", "rate_people", mode="before")
    @classmethod
    def _rate(cls, value: object) -> object:
        return parse_rate(value) if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        try:
            _ = urlsplit(url).port
        except ValueError:
            raise ValueError(
                "cannot be read: in a password, write other than letters and digits as %XX"
            ) from None
        return url

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, url: str) -> str:
        if urlsplit(url).scheme not in BROKERS:
            raise ValueError(f"must begin with one of {', '.join(BROKERS)}")
        return url

    @field_validator("stream_url")
    @classmethod
    def _known_stream(cls, url: SecretStr | None) -> SecretStr | None:
        if url and urlsplit(url.get_secret_value()).scheme not in STREAMS:
            raise ValueError(f"must begin with one of {', '.join(STREAMS)}")
        return url

    @field_validator("public_url", "twilio_base_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
            raise ValueError("must be an http or https address without a query")
        return url.rstrip("/")

    @field_validator("email_bounce_domain")
    @classmethod
    def _domain(cls, name: str | None) -> str | None:
        if name is not None and not DOMAIN.fullmatch(name):
            raise ValueError("must be a domain such as bounces.bank.example")
        return name

    @property
    def twilio_tokens(self) -> tuple[str, ...]:
        """Whatever one of these has signed is Twilio's."""
        both = (*self.twilio_auth_token, *self.twilio_backup_auth_token)
        return tuple(token.get_secret_value() for token in both)

    @property
    def sqlite_file(self) -> Path | None:
        """The database's file, None where it is not SQLite."""
        head, _, path = self.database_url.partition(":///")
        return Path(path) if head == "sqlite" else None

    @property
    def database_name(self) -> str:
        """Which database it is, for people: without user and password."""
        if self.sqlite_file is not None:
            return str(self.sqlite_file)
        parts = urlsplit(self.database_url)
        return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"

    @property
    def data_dir(self) -> Path:
        """Where a machine keeps what is its own: the lock, the keys it made."""
        return self.sqlite_file.parent if self.sqlite_file else Path("var")

    @property
    def in_process(self) -> bool:
        return self.broker_url.startswith(IN_PROCESS)


class _Environment(Settings, BaseSettings):
    model_config = SettingsConfigDict(env_prefix="OUTREACH_", env_ignore_empty=True, extra="ignore")


def read_settings() -> Settings:
    """The environment as Settings; SettingsWrong names every mistake in it."""
    mistakes = [*_lacks(os.environ), *_too_short(os.environ), *_unknown(os.environ)]
    try:
        settings = _Environment()
    except ValidationError as error:
        mistakes = [*map(_told, error.errors(include_input=False, include_url=False)), *mistakes]
    if mistakes:
        raise SettingsWrong("\n".join(mistakes))
    return settings


def _lacks(environ: Mapping[str, str]) -> list[str]:
    found = []
    if environ.get("OUTREACH_SMS") == "twilio":
        found += [name for name in NEEDED_FOR_TWILIO if not environ.get(name)]
        if not any(environ.get(name) for name in TWILIO_SENDERS):
            found.append(" or ".join(TWILIO_SENDERS))
        # half a second account is a mistake, none is none
        if any(environ.get(name) for name in (*NEEDED_FOR_BACKUP, *BACKUP_SENDERS)):
            found += [name for name in NEEDED_FOR_BACKUP if not environ.get(name)]
            if not any(environ.get(name) for name in BACKUP_SENDERS):
                found.append(" or ".join(BACKUP_SENDERS))
    if environ.get("OUTREACH_EMAIL") == "smtp":
        found += [name for name in NEEDED_FOR_SMTP if not environ.get(name)]
    return [f"{name}: is missing, and the channel chosen needs it" for name in found]


def _too_short(environ: Mapping[str, str]) -> Iterator[str]:
    """What can be guessed is no secret."""
    signing = environ.get("OUTREACH_SECRET_KEY", "").split(",")
    opening = [one.partition(":")[0] for one in environ.get("OUTREACH_API_KEYS", "").split(",")]
    for name, secrets in (("OUTREACH_SECRET_KEY", signing), ("OUTREACH_API_KEYS", opening)):
        if any(0 < len(secret.strip()) < SHORTEST_SECRET for secret in secrets):
            yield (
                f"{name}: each secret has {SHORTEST_SECRET} characters or more; make one by"
                ' python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
    if 0 < len(environ.get("OUTREACH_CONSOLE_PASSWORD", "")) < SHORTEST_PASSWORD:
        yield f"OUTREACH_CONSOLE_PASSWORD: a password has {SHORTEST_PASSWORD} signs or more"


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    """A name written wrong would otherwise be a setting that silently does nothing."""
    known = {
        name.upper() if field.validation_alias else f"OUTREACH_{name.upper()}"
        for name, field in Settings.model_fields.items()
    }
    for name in sorted(environ):
        if name.startswith("OUTREACH_") and name not in known and not NOT_OURS.fullmatch(name):
            yield f"{name}: there is no such setting{meant(name, known)}"


def _told(mistake: ErrorDetails) -> str:
    name = str(mistake["loc"][0])
    setting = name if name.startswith(("TWILIO", "MAILGUN")) else f"OUTREACH_{name.upper()}"
    return f"{setting}: {mistake['msg'].removeprefix('Value error, ')}"
