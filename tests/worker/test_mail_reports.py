"""Is mail that comes back taken for what it is, and nothing else for a word about a message?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.standins.smtp import SmtpStandIn
from tests.worker import mails
from tests.worker.returned import ID, away, complaint, delivery_report, mailgun
from tests.worker.sending import EMAIL, Post, dana, left, rules, trigger
from tests.worker.small_world import HASHER, NOON, rows
from worker.channels import mail_reports, mailgun_receipts
from worker.channels.mail_reports import Kind, kept, kind_of, read_report
from worker.channels.receipts import Fate, Report
from worker.channels.smtp_email import SmtpEmail
from worker.lifecycle import ReceiptState
from worker.store.tables import address_marks, receipts, suppressions

TO = "bounce+x@bank.example"


def read(mail: bytes) -> Report | None:
    return read_report("", kept(mail))


@pytest.mark.parametrize(
    ("action", "status", "fate", "bad"),
    [
        ("failed", "5.1.1", Fate.UNDELIVERED, True),
        ("Failed", "5.1.10 (null MX)", Fate.UNDELIVERED, True),
        ("failed", "5.0.0", Fate.UNDELIVERED, True),
        ("failed", "5.2.1", Fate.UNDELIVERED, True),
        ("failed", "5.2.2", Fate.UNDELIVERED, False),
        ("failed", "5.7.1", Fate.UNDELIVERED, False),
        ("failed", "5.1.8", Fate.UNDELIVERED, False),
        ("failed", "4.4.7", Fate.UNDELIVERED, False),
        ("failed", "nonsense", Fate.UNDELIVERED, False),
        ("delivered", "2.1.5", Fate.DELIVERED, False),
        ("relayed", "2.1.9", Fate.SENT, False),
    ],
)
def test_what_a_server_says_at_last_is_a_word(
    action: str, status: str, fate: Fate, bad: bool
) -> None:
    report = read(delivery_report(TO, action=action, status=status))

    assert report is not None
    assert (report.fate, report.bad_address, report.opted_out) == (fate, bad, False)


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.1"), ("", "5.1.1"), ("x", "5.1.1")]
)
def test_what_is_put_off_or_without_a_known_action_is_none(action: str, status: str) -> None:
    assert read(delivery_report(TO, action=action, status=status)) is None


@pytest.mark.parametrize("kind", ["abuse", "Abuse", "opt-out"])
def test_a_complaint_is_a_wish_to_be_left_alone(kind: str) -> None:
    report = read(complaint(TO, kind=kind))

    assert report == Report(Fate.DELIVERED, None, "complaint", opted_out=True)


@pytest.mark.parametrize("kind", ["not-spam", "fraud", "virus", ""])
def test_other_feedback_is_none(kind: str) -> None:
    assert read(complaint(TO, kind=kind)) is None


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "auto-submitted: AUTO-GENERATED; owner=x",
        "X-Auto-Response-Suppress: All",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
    ],
)
def test_an_absent_persons_machine_is_recognised(header: str) -> None:
    assert kind_of(away(TO, header)) is Kind.AWAY
    assert read(away(TO, header)) is None


@pytest.mark.parametrize("header", ["X-Mailer: a", "Auto-Submitted: no", "Precedence: normal"])
def test_a_persons_own_letter_is_no_report(header: str) -> None:
    assert kind_of(away(TO, header)) is Kind.LETTER
    assert read(away(TO, header)) is None


def test_a_report_inside_another_mail_is_not_that_mails_own() -> None:
    inner = delivery_report(TO)
    outer = b'Subject: Fwd\nContent-Type: multipart/mixed; boundary="=_o"\n\n--=_o\n'
    mail = outer + b"Content-Type: message/rfc822\n\n" + inner + b"\n--=_o--\n"

    assert kind_of(mail) is Kind.LETTER
    assert read(mail) is None


@pytest.mark.parametrize(
    "level",
    [
        b"Content-Type: message/rfc822\n\n",
        b"Content-Type: message/rfc822\r\r",
        b"Content-Type : message/rfc822\n\n",
        b"Content-Type:\n message/rfc822\n\n",
        b"CONTENT-TYPE: MULTIPART/mixed; boundary=b\r\r--b\r",
    ],
)
def test_mail_within_mail_without_end_is_not_followed(level: bytes) -> None:
    mail = level * 5_000

    assert kind_of(mail) is Kind.UNREADABLE
    assert read(mail) is None


PIECES = st.sampled_from(
    [b"Content-Type: multipart/report; boundary=b\n", b"--b\n", b"--b--\n", b"\n", b"\r\n",
     b"Content-Type: message/delivery-status\n", b"Content-Type: message/feedback-report\n",
     b"Action: failed\n", b"Status: 5.1.1\n", b"Feedback-Type: abuse\n", b"\xff\x00: \xfe\n",
     b"Content-Transfer-Encoding: base64\n", b"Content-Type: =?utf-8?b?\xff?=;;charset*0*=x\n",
     b"Auto-Submitted:\n", b" folded\n", b"Content-Type: message/rfc822\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map(b"".join) | st.binary(max_size=400))
def test_whatever_comes_is_read_without_an_error(mail: bytes) -> None:
    assert kind_of(mail) in Kind
    report = read(mail)
    assert report is None or report.fate in Fate
    assert "\x00" not in kept(mail)["mail"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)
NAMES = ["event", "severity", "reason", "delivery-status", "message", "id", "headers"]
EVENT = st.dictionaries(st.sampled_from(NAMES), JSON | st.sampled_from(["failed", "permanent"]))


@given(st.fixed_dictionaries({"event-data": EVENT | JSON, "signature": JSON | EVENT}))
def test_whatever_a_provider_posts_is_read_without_an_error(body: dict[str, Any]) -> None:
    mailgun_receipts.read_event(body)
    mailgun_receipts.read_receipt("", body)
    assert not mailgun_receipts.genuine(["k"], body, now=NOON)


def for_good(code: int, enhanced: str, **more: str) -> dict[str, Any]:
    status = {"code": code, "enhanced-code": enhanced}
    return {"severity": "permanent", "delivery-status": status, **more}


@pytest.mark.parametrize(
    ("event", "more", "meant"),
    [
        ("delivered", {}, Report(Fate.DELIVERED, None)),
        ("accepted", {}, Report(Fate.TAKEN, None)),
        ("complained", {}, Report(Fate.DELIVERED, None, "complaint", opted_out=True)),
        ("unsubscribed", {}, Report(Fate.DELIVERED, None, "unsubscribed", opted_out=True)),
        ("failed", {"severity": "temporary", "delivery-status": {"code": 451}}, None),
        ("opened", {}, None),
        ("failed", for_good(550, "5.1.1"), Report(Fate.UNDELIVERED, None, "5.1.1", True)),
        ("failed", for_good(552, "5.2.2"), Report(Fate.UNDELIVERED, None, "5.2.2")),
        ("failed", for_good(605, "", reason="suppress-bounce"),
         Report(Fate.UNDELIVERED, None, "605", True)),
        ("failed", for_good(606, "", reason="suppress-unsubscribe"),
         Report(Fate.UNDELIVERED, None, "unsubscribed", opted_out=True)),
        ("failed", for_good(607, "", reason="suppress-complaint"),
         Report(Fate.UNDELIVERED, None, "complaint", opted_out=True)),
    ],
)  # fmt: skip
def test_each_event_of_mailguns_has_its_meaning(
    event: str, more: dict[str, Any], meant: Report | None
) -> None:
    body = mailgun(event, now=0.0, **more)

    assert mailgun_receipts.read_receipt("", body) == meant
    assert mailgun_receipts.read_event(body) == (ID, event, f"{event}-1")


def test_failures_come_back_to_an_address_of_the_messages_own() -> None:
    with SmtpStandIn() as server:
        bounces = "bounce+{}.mac@bank.example".format
        email = SmtpEmail(server.url, sender=mails.FROM, bounces=bounces)
        email.send(mails.letter())
        email.close()
        [mail] = server.accepted

    assert mail["from"] == f"bounce+{'a' * 32}.mac@bank.example"
    assert mail["headers"]["X-Outreach-Bounces"] == mail["from"]
    assert mail["headers"]["From"] == mails.FROM


def mailed(engine: Engine, **profile: Any) -> Post:
    """A message that the mail server took."""
    post = Post(engine, rules(trigger(send="[{message: hello, by: [email]}]")))
    post.told(dana(**profile), left())
    post.send()
    return post


def comes_back(post: Post, mail: bytes, number: int = 0) -> None:
    post.store(
        receipts, provider=mail_reports.PROVIDER, message_id=post.message.id, attempt=number,
        status=f"{kind_of(mail)} {mail_reports.digest(mail)}", raw=kept(mail), received_at=NOON,
        state=ReceiptState.NEW,
    )  # fmt: skip
    post.receive()


@pytest.mark.parametrize(
    ("make", "state", "marked", "out"),
    [
        (lambda: delivery_report(TO), "failed", 1, []),
        (lambda: delivery_report(TO, status="5.2.2"), "failed", 0, []),
        (lambda: delivery_report(TO, action="delayed", status="4.4.1"), "accepted", 0, []),
        (lambda: complaint(TO), "delivered", 0, ["provider complaint"]),
        (lambda: away(TO), "accepted", 0, []),
    ],
)
def test_what_comes_back_moves_the_message_and_is_remembered_of_the_address(
    engine: Engine, make: Callable[[], bytes], state: str, marked: int, out: list[str]
) -> None:
    post = mailed(engine)

    comes_back(post, make())

    assert post.message.state == state
    marks, words = rows(engine, address_marks), rows(engine, suppressions)
    assert (len(marks), [one.source for one in words]) == (marked, out)
    hashed = HASHER.address("email", EMAIL)
    assert {(one.address_hash, one.channel) for one in [*marks, *words]} <= {(hashed, "email")}


def test_a_report_without_a_number_is_about_the_last_attempt_by_email(engine: Engine) -> None:
    post = Post(engine, rules(trigger(send="[{message: hello, by: [sms, email]}]")))
    post.told(dana(), left())
    [claimed] = post.claim().letters
    post.deliver([claimed])
    post.receipt(claimed.letter, "undelivered", ErrorCode="30003")
    post.receive()
    post.send()

    comes_back(post, delivery_report(TO))

    assert post.states == ("failed", ["undelivered", "undelivered"])
    assert post.attempts[1].code == "5.1.1"
