"""Which parts is this process made of? The one place where they are chosen and joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import Engine

from triggers.configuration import Configuration
from worker.app import Outreach, make_app
from worker.bells import Bell, Ringer
from worker.channels import mail_reports, mailgun_receipts
from worker.channels.base import Channel, senders_of
from worker.channels.email_build import MailSender
from worker.channels.inbound import TextReader
from worker.channels.ledger import Ledger, ledgers_of
from worker.channels.only_to import OnlyTo
from worker.channels.outbox import SENDER
from worker.channels.smtp_email import SmtpEmail
from worker.channels.switchboard import Switchboard
from worker.channels.twilio_inbound import read_text
from worker.channels.twilio_receipts import PROVIDER, read_receipt
from worker.channels.twilio_sms import TwilioAccount, TwilioSms
from worker.channels.webhook import Webhook, secrets_of
from worker.following import Following
from worker.hashing import Hasher
from worker.outboxes import outbox, refuse_senders
from worker.pressure import Bounds, Pressure
from worker.settings import Settings, SettingsWrong
from worker.skew import Skew
from worker.slots import Slots, Turnstile
from worker.steps.announcing import hearing_of
from worker.steps.calm import Calm
from worker.steps.claim import ClaimParts
from worker.steps.deliver import DeliverParts, unheeded
from worker.steps.keeping import Keeper
from worker.steps.linking import Shortener
from worker.steps.receive import Readers
from worker.steps.sweep import Askable
from worker.steps.telling import HOOKS, TellParts
from worker.store.addresses import Address
from worker.store.clock import read_now
from worker.store.engine import in_transaction, make_engine
from worker.store.house_key import OtherKey, hashing_key
from worker.store.keys import KeyWrong, take_in
from worker.store.outbox import kept_letters
from worker.stream import Stream
from worker.tokens import AddressToken, sign_address, sign_bounce

LETTERS = 64
CLAIMS = 4
"""Letters that one process may have on their way at once, and claims that wait for them."""
AHEAD = 64
"""Letters that may wait in line while the providers are quick."""

BACKUP = "@backup"
"""Ends the names of second senders: one account's number may be the other's, too."""

OUTBOX = Askable(SENDER, kept_letters)
RECEIPT_READERS: Readers = {
    PROVIDER: read_receipt,
    mail_reports.PROVIDER: mail_reports.read_report,
    mailgun_receipts.PROVIDER: mailgun_receipts.read_receipt,
}
TEXT_READERS: Mapping[str, TextReader] = {PROVIDER: read_text}
_joining = Lock()


@dataclass(frozen=True)
class Parts:
    """What every door hands to the steps it calls. `channels`: by sender, the preferred first."""

    settings: Settings
    engine: Engine
    app: Outreach
    following: Following
    hasher: Hasher
    channels: Mapping[str, Channel]
    ringer: Ringer
    skew: Skew
    pressure: Pressure
    stream: Stream | None = None
    slots: Slots = field(default_factory=lambda: Slots(LETTERS, claims=CLAIMS, ahead=AHEAD))
    turnstile: Turnstile = field(default_factory=Turnstile)
    pool: Executor = field(default_factory=lambda: ThreadPoolExecutor(LETTERS, "letter"))
    board: Switchboard = field(default_factory=lambda: Switchboard(LETTERS))
    hooks: Executor = field(default_factory=lambda: ThreadPoolExecutor(HOOKS, "hook"))
    keeper: Keeper = field(default_factory=Keeper)
    owner: str = field(default_factory=lambda: uuid4().hex)
    webhook: Webhook = field(default_factory=Webhook)
    calm: Calm = field(default_factory=Calm)

    def configuration(self) -> Configuration | None:
        """The active one, compiled; None before the first was applied."""
        return self.following.active()

    @property
    def configuration_stale(self) -> bool:
        """Whether `configuration` would ask the database."""
        return self.following.stale

    @property
    def last_configuration(self) -> Configuration | None:
        """The one last looked at; never blocks."""
        return self.following.last

    @property
    def configuration_outdated(self) -> bool:
        """Whether the one in force was applied by a later version than this."""
        return self.following.outdated

    @property
    def configuration_mistake(self) -> str | None:
        """Why what lies in the folder is not what is active."""
        return self.following.mistake

    def ring(self, bell: Bell) -> None:
        self.ringer.ring(bell)

    def ring_all(self, bells: Mapping[Bell, bool]) -> None:
        """Those for which there is something to do."""
        for bell, wanted in bells.items():
            if wanted:
                self.ring(bell)

    def claiming(self, configuration: Configuration) -> ClaimParts:
        return ClaimParts(
            configuration=configuration,
            hasher=self.hasher,
            senders=senders_of(self.channels.values()),
            owner=self.owner,
            preferences=self.preferences,
            shortener=Shortener(self.settings.secret_key, self.settings.public_url),
            calm=self.calm,
        )

    def delivering(
        self, configuration: Configuration, ended: Callable[[float], None] = unheeded
    ) -> DeliverParts:
        hearing = hearing_of(configuration)
        return DeliverParts(
            self.channels, self.pool, hearing, ended=ended, keeper=self.keeper, board=self.board
        )

    def preferences(self, address: Address) -> str:
        """The signed link under which an address is taken off."""
        keys = [key.get_secret_value() for key in self.settings.secret_key]
        token = sign_address(keys, AddressToken(address.hash, address.channel))
        return f"{self.settings.public_url}/u/{token}"

    @property
    def ledgers(self) -> Mapping[str, Ledger]:
        """By sender, those that can be asked what they have of ours."""
        return ledgers_of(self.channels.values())

    def telling(self, configuration: Configuration) -> TellParts:
        return TellParts(configuration.policy.webhooks, self.webhook, self.hooks)

    def close(self) -> None:
        self.ringer.close()
        self.webhook.close()
        self.board.close()
        self.pool.shutdown()
        self.hooks.shutdown()
        for channel in self.channels.values():
            channel.close()
        if self.stream is not None:
            self.stream.close()
        self.engine.dispose()


def make_parts(settings: Settings, *, app: Outreach | None = None) -> Parts:
    """Everything of one process; SettingsWrong where the database or a channel refuses."""
    engine = make_engine(settings.database_url)
    app = app or make_app(settings)
    try:
        return Parts(
            settings=settings,
            engine=engine,
            app=app,
            following=Following(engine),
            hasher=Hasher(_hashing_key(settings, engine)),
            channels=_channels(settings, engine),
            ringer=Ringer(app),
            skew=Skew(engine),
            pressure=Pressure(engine, Bounds(settings.data_dir if settings.sqlite_file else None)),
            stream=_stream(settings),
            webhook=Webhook(secrets_of(settings.webhook_secrets)),
        )
    except SettingsWrong:
        engine.dispose()
        raise


def parts_of(app: Outreach) -> Parts:
    """The parts of the process that runs this app: joined at its first task, so after any fork."""
    with _joining:
        if not isinstance(app.parts, Parts):
            app.parts = make_parts(app.settings, app=app)
        return app.parts


def take_in_keys(parts: Parts) -> None:
    """Make the environment's API keys good, and void those it no longer names."""
    given = [key.get_secret_value() for key in parts.settings.api_keys]
    try:
        in_transaction(parts.engine, lambda c: take_in(c, given, now=read_now(c)))
    except KeyWrong as wrong:
        raise SettingsWrong(f"OUTREACH_API_KEYS: {wrong}") from None


def _hashing_key(settings: Settings, engine: Engine) -> str:
    given = settings.suppression_key.get_secret_value() if settings.suppression_key else None
    try:
        return in_transaction(engine, lambda connection: hashing_key(connection, given))
    except OtherKey as other:
        raise SettingsWrong(str(other)) from None


def _stream(settings: Settings) -> Stream | None:
    if settings.stream_url is None:
        return None
    try:
        return Stream(settings.stream_url.get_secret_value(), consumer=uuid4().hex)
    except ValueError:
        raise SettingsWrong(
            "OUTREACH_STREAM_URL: cannot be read; in a password, write other than letters and"
            " digits as %XX"
        ) from None


def _channels(settings: Settings, engine: Engine) -> Mapping[str, Channel]:
    refuse_senders(settings, engine)
    found = [*_sms(settings, engine), *_email(settings, engine)]
    if settings.only_to is not None:
        found = [OnlyTo(channel, settings.only_to) for channel in found]
    return {channel.sender: channel for channel in found}


def _sms(settings: Settings, engine: Engine) -> Iterator[Channel]:
    if settings.sms == "outbox":
        yield outbox("sms", engine)
        return
    first = TwilioAccount(
        sid=settings.twilio_account_sid or "",
        token=settings.twilio_auth_token[0].get_secret_value(),
        number=settings.twilio_from,
        service=settings.twilio_messaging_service_sid,
        base_url=settings.twilio_base_url,
    )
    yield TwilioSms(first, public_url=settings.public_url)
    if settings.twilio_backup_account_sid:
        second = TwilioAccount(
            sid=settings.twilio_backup_account_sid,
            token=settings.twilio_backup_auth_token[0].get_secret_value(),
            number=settings.twilio_backup_from,
            service=settings.twilio_backup_messaging_service_sid,
            base_url=settings.twilio_base_url,
        )
        yield TwilioSms(second, public_url=settings.public_url, suffix=BACKUP)


def _email(settings: Settings, engine: Engine) -> Iterator[Channel]:
    if settings.email == "outbox":
        yield outbox("email", engine)
        return
    yield _smtp(settings, "smtp_url")
    if settings.smtp_backup_url is not None:
        yield _smtp(settings, "smtp_backup_url", suffix=BACKUP)


def _smtp(settings: Settings, name: str, *, suffix: str = "") -> Channel:
    given: SecretStr | None = getattr(settings, name)
    url = given.get_secret_value() if given else ""
    try:
        sender = settings.email_from or ""
        # a domain is named by who has made a way from there to us; the sender's own may have none
        heard, bounces = settings.email_bounce_domain is not None, _bounces(settings, sender)
        return SmtpEmail(url, sender=sender, suffix=suffix, bounces=bounces, heard=heard)
    except ValueError:
        raise SettingsWrong(
            f"OUTREACH_{name.upper()}, OUTREACH_EMAIL_FROM: one of them cannot be read;"
            " write smtp://host:port and Name <address@domain>"
        ) from None


def _bounces(settings: Settings, sender: str) -> Callable[[str], str] | None:
    """The address that a message's failures come back to: one for each, signed (VERP)."""
    keys = [key.get_secret_value() for key in settings.secret_key]
    domain = settings.email_bounce_domain or MailSender.parse(sender).domain
    return (lambda message_id: f"{sign_bounce(keys, message_id)}@{domain}") if keys else None
