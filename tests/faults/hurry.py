"""Which of the product's constants are too long for a test, and what stands there instead?

Set before any module that imports them is loaded; docs/decisions/0016 says why this is fair.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any

from worker.channels.twilio_http import Patience

LEASE = timedelta(seconds=7)
"""Longer than any call may take, as in the product: 2.5 s without an answer, then it is over."""

SHORTER: Mapping[str, Mapping[str, Any]] = {
    "worker.retrying": {
        "PAUSES": tuple(timedelta(seconds=one) for one in (0.5, 1, 1, 2)),
        "LEASE": LEASE,
        "FIRST_LOOK": timedelta(seconds=0.5),
        "ABSENT_AFTER": timedelta(seconds=4),
        "LOOKED_AGAIN": timedelta(seconds=1),
        "UNKNOWN_FOR": timedelta(seconds=12),
    },
    "worker.breaking": {
        "FIRST_REST": timedelta(seconds=1),
        "LONGEST_REST": timedelta(seconds=2),
        "TRIAL": timedelta(seconds=4),
    },
    "worker.channels.twilio_http": {"PATIENCE": Patience(connect=1.0, read=1.5, body=1.0)},
    "worker.channels.smtp_email": {"CONNECT": 1.0},
    # last: it imports some of the others. Who is killed while it asks holds its looks up so long.
    "worker.steps.reconcile": {"HELD": LEASE, "PATIENCE_SECONDS": 3.0},
}
SMTP_REPLY = 1.5
STREAM_IDLE = timedelta(seconds=4)


class TooLate(Exception):
    """A constant was to be shortened that somebody had already imported, or that is gone."""


def hurry() -> None:
    """Shorten all of them; TooLate where that would be without effect."""
    if "worker.wiring" in sys.modules:
        raise TooLate("worker.wiring is loaded")
    for name, constants in SHORTER.items():
        module = import_module(name)
        for constant, value in constants.items():
            if not hasattr(module, constant):
                raise TooLate(f"{name}.{constant} is gone")
            setattr(module, constant, value)


def hurry_on() -> None:
    """Shorten what was bound where a function was made; whoever is called later sees it."""
    smtp = import_module("worker.channels.smtp_email").SmtpEmail
    smtp.__init__.__kwdefaults__["reply"] = SMTP_REPLY
    stream = import_module("worker.streaming").Taking
    stream.turn.__kwdefaults__["idle"] = STREAM_IDLE
