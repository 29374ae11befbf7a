"""Is a mail heard by which a program takes its reader off, and none read that keeps us busy?"""

from __future__ import annotations

import re
from time import process_time
from typing import Any

import pytest

from tests.standins.smtp import SmtpStandIn
from tests.worker.mails import FROM, letter
from tests.worker.returned import delivery_report
from worker.channels.mail_reports import Kind, kept, kind_of, read_report
from worker.channels.receipts import Fate, Report
from worker.channels.smtp_email import SmtpEmail

TO = "bounce+x@bank.example"


def read(mail: bytes) -> Report | None:
    return read_report("", kept(mail))


def test_a_letter_names_an_address_to_leave_by_only_where_somebody_hears_it() -> None:
    own: dict[str, Any] = {"bounces": lambda message: f"bounce+{message}@bounces.bank.example"}

    with SmtpStandIn() as server:
        for given in ({**own, "heard": True}, own, {"heard": True}):
            email = SmtpEmail(server.url, sender=FROM, **given)
            email.send(letter())
            email.close()

    page, leave = "<https://reach.bank.example/u/token>", "?subject=unsubscribe>"
    found = [" ".join(one["headers"]["List-Unsubscribe"].split()) for one in server.accepted]
    assert found == [f"{page}, <mailto:bounce+{'a' * 32}@bounces.bank.example{leave}", page, page]


@pytest.mark.parametrize("more", ["", "Auto-Submitted: auto-generated\n"])
@pytest.mark.parametrize("subject", ["unsubscribe", "Unsubscribe", " UNSUBSCRIBE "])
def test_a_mail_that_a_program_sends_to_leave_is_a_wish_to_be_left_alone(
    subject: str, more: str
) -> None:
    mail = f"To: <{TO}>\nSubject: {subject}\n{more}\n\n".encode()

    assert read(mail) == Report(Fate.DELIVERED, None, "unsubscribe", opted_out=True)


@pytest.mark.parametrize("subject", ["Re: unsubscribe", "unsubscribe?", "", "Out of office"])
def test_any_other_letter_is_none(subject: str) -> None:
    assert read(f"Subject: {subject}\n\nunsubscribe\n".encode()) is None


def test_a_report_that_such_a_mail_failed_is_no_wish() -> None:
    failed = delivery_report(TO)

    assert b"Subject: " in failed
    named = re.sub(rb"Subject: .*", b"Subject: unsubscribe", failed, count=1)
    report = read(named)
    assert report is not None
    assert not report.opted_out


STATUS = (
    b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
)


@pytest.mark.parametrize(
    "mail",
    [
        STATUS + b"\n" * 1_000_000,
        STATUS + b"A: b\n\n" * 160_000,
        b"Content-Type: multipart/mixed" + b"; a=b" * 200_000 + b"\n\n",
        b"Content-Type: multipart/mixed" + b"; a*0*=b" * 120_000 + b"\n\n",
    ],
    ids=["empty lines", "recipients", "parameters", "parts of one"],
)
def test_a_mail_made_to_keep_us_busy_is_read_only_at_its_beginning(mail: bytes) -> None:
    began = process_time()

    assert kind_of(mail) in Kind

    # a minute and more, were it read whole: CPU time of this process, so that no neighbour counts
    assert process_time() - began < 5


def test_a_report_that_gives_a_large_mail_back_is_read() -> None:
    mail = delivery_report(TO) + b"x" * 900_000

    report = read(mail)

    assert report is not None
    assert report.fate is Fate.UNDELIVERED
