"""A letter as the tests of mail send it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from worker.channels.base import Letter

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ADDRESS = "dana@customer.example"
FROM = "בנק לדוגמה <service@bank.example>"
TEXT = "שלום דנה,\nהתוכנית מסתיימת ב-15.12.2026.\n.\n..שורה שמתחילה בנקודה\n"
HTML = '<html lang="he" dir="rtl"><body><p>שלום <bdi>Dana</bdi></p></body></html>'


def letter(**changes: Any) -> Letter:
    words: dict[str, Any] = {
        "message_id": "a" * 32,
        "attempt": 1,
        "channel": "email",
        "address": ADDRESS,
        "subject": "התוכנית שלך מסתיימת",
        "text": TEXT,
        "html": HTML,
        "expires": NOW + timedelta(hours=1),
        "headers": {
            "List-Unsubscribe": "<https://reach.bank.example/u/token>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }
    return Letter(**(words | changes))
