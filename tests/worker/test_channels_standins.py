"""Can the stand-ins be used from other processes, as journeys do?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.worker import mails, texting
from worker.channels.base import Refused, TryLater
from worker.channels.smtp_email import SmtpEmail

ROOT = Path(__file__).parents[2]


@contextmanager
def process(module: str) -> Iterator[dict[str, str]]:
    """A stand-in as a process of its own: what it printed; it ends by itself when told to."""
    command = [sys.executable, "-m", module]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            yield json.loads(started.stdout.readline())
        finally:
            started.terminate()
            assert started.wait(10) == 0


def got(url: str) -> Any:
    return httpx.get(url).json()


def test_twilio_as_a_process_is_set_and_read_over_http() -> None:
    with process("tests.standins.twilio") as at:
        sms = texting.channel(at["url"])
        httpx.post(f"{at['url']}/_receipts", json={"plan": []})
        httpx.post(f"{at['url']}/_faults", json={"kind": "429", "times": 1})

        with pytest.raises(TryLater):
            sms.send(texting.letter())
        accepted = sms.send(texting.letter())

        [message] = got(f"{at['url']}/_accepted")
        assert (message["sid"], message["body"]) == (accepted.ref, texting.TEXT)
        assert got(f"{at['url']}/_receipts") == []
        httpx.post(f"{at['url']}/_reset")
        assert got(f"{at['url']}/_accepted") == []
        sms.close()


def test_a_mail_server_as_a_process_is_set_and_read_over_http() -> None:
    with process("tests.standins.smtp") as at:
        email = SmtpEmail(at["smtp"], sender=mails.FROM, now=lambda: mails.NOW)
        fault = {"kind": "rcpt", "reply": "550 5.1.1 no", "times": 1}
        httpx.post(f"{at['http']}/_faults", json=fault)

        with pytest.raises(Refused):
            email.send(mails.letter())
        email.send(mails.letter())

        [mail] = got(f"{at['http']}/_accepted")
        assert (mail["to"], mail["text"]) == ([mails.ADDRESS], mails.TEXT)
        assert got(f"{at['http']}/_connections") == 2
        email.close()
