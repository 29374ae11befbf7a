"""After an old backup: does mail that nobody can be asked about wait for a person?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.standins.twilio import TwilioStandIn
from tests.worker.operators import said
from tests.worker.sending import dana
from tests.worker.small_world import rows
from tests.worker.test_doctor import here, live, pause, twilio, world
from worker.cli.doctor import app
from worker.steps.answers import RESTORED
from worker.store.tables import messages

__all__ = ["here", "twilio"]


def test_an_email_that_was_due_may_have_left_and_waits_for_a_person(
    engine: Engine, here: None, twilio: TwilioStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_EMAIL", "smtp")
    monkeypatch.setenv("OUTREACH_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("OUTREACH_EMAIL_FROM", "Bank <service@bank.example>")
    post = world(engine, twilio)
    post.told(dana("c4", phone=None, email="c4@customer.example"))
    live(post, "c1", "c4")
    pause()

    said(app, "--reconcile-since", "2h", "--yes")

    [held] = rows(engine, messages)
    assert (held.customer_id, held.state, held.why) == ("c4", "parked", RESTORED)
