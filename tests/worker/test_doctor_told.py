"""Does the doctor speak to people in words, and name the command that shows more?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, update

from tests.worker.operators import in_force, said
from tests.worker.sending import dana, left, trigger
from tests.worker.small_world import NOON
from tests.worker.test_doctor import PHONE, change, here, pause
from worker.cli.doctor import app
from worker.store.alerts import Alarm, Raised, raise_alerts
from worker.store.engine import in_transaction
from worker.store.tables import messages, workers

__all__ = ["here"]


def test_people_are_told_in_words_and_by_which_command_they_see_more(
    engine: Engine, here: None
) -> None:
    post = in_force(engine, trigger())
    post.told(dana(phone=PHONE), left())
    post.claim()
    change(engine, update(messages).values(state="parked", why="unknown", updated_at=NOON))
    row = {"id": "w", "role": "outreach.send", "bundle": "f" * 32, "seen_at": datetime.now(UTC)}
    change(engine, insert(workers).values(**row))
    raised = [Raised(Alarm.LEDGER_DIFFERS, "twilio:+15005550006", "2 differ")]
    in_transaction(engine, lambda c: raise_alerts(c, raised, now=NOON))
    pause()

    told = said(app).stdout

    shown = re.sub(r"\d\d:\d\d:\d\d UTC", "T", told)
    assert re.search(r"^messages parked: 1, the oldest for \d+ days?$", told, re.MULTILINE)
    assert "events to be read: none\n" in told
    assert "needs a person: parked: 1 wait for a person; `outreach parked` lists them\n" in told
    assert re.search(r"^  outreach.send, heard of at \S+ T, works by f{12}$", shown, re.MULTILINE)
    assert re.search(r"^  ledger_differs:twilio:\S+ since \S+ T, once: 2 differ$", shown, re.M)
    assert re.search(r"^  \S+ T  dana: pause$", shown, re.MULTILINE)
    assert not re.search(r"[{}\[\]]|\.\d{6}", told)


def test_where_no_sender_keeps_a_list_nobody_is_said_to_have_been_asked(
    engine: Engine, here: None
) -> None:
    in_force(engine, trigger())
    pause()

    told = said(app, "--reconcile-since", "2h").stdout

    assert told.startswith("nobody could be asked: no sender here keeps a list")
    assert "the provider took" not in told
