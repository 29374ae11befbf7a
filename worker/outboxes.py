"""Where do letters go that never leave the house, and when may none leave it?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from worker.channels.base import Letter
from worker.channels.outbox import OutboxChannel
from worker.settings import Settings, SettingsWrong
from worker.store.demo import is_demo
from worker.store.engine import in_transaction, reading
from worker.store.outbox import keep_letter

KEPT = ("message_id", "attempt", "channel", "address", "subject", "text", "html")


def outbox(name: str, engine: Engine) -> OutboxChannel:
    return OutboxChannel(name, lambda letter: keep(engine, letter))


def keep(engine: Engine, letter: Letter, *, now: datetime | None = None) -> None:
    """In a transaction of its own."""
    row = {column: getattr(letter, column) for column in KEPT}
    in_transaction(engine, lambda connection: keep_letter(connection, row, now=now))


def refuse_senders(settings: Settings, engine: Engine) -> None:
    """SettingsWrong where real senders would write to the invented customers of a demonstration."""
    if (settings.sms, settings.email) != ("outbox", "outbox") and reading(engine, is_demo):
        raise SettingsWrong(
            f"{settings.database_name} holds demo data, to whose numbers nothing may leave:"
            " OUTREACH_SMS and OUTREACH_EMAIL must be outbox, or name another database"
        )
