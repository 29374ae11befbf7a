"""Is a letter built as mail that nothing can break out of, for the server that is meant?"""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker.mails import FROM, NOW, letter
from worker.channels.base import Refused
from worker.channels.email_build import MailSender, build
from worker.channels.smtp_url import SmtpUrl


@pytest.mark.parametrize(
    "headers",
    [{"X-Note": "a\r\nBcc: other@bank.example"}, {"X-Note\n": "a"}, {"": "a"}, {"X Note": "a"}],
)
def test_a_header_that_would_break_out_is_refused(
    headers: dict[str, str],
) -> None:
    with pytest.raises(Refused) as caught:
        build(letter(headers=headers), MailSender.parse(FROM), now=NOW)

    assert caught.value.code == "header"


@given(
    subject=st.text(st.characters(exclude_categories=())),
    text=st.text(st.characters(exclude_categories=())),
)
def test_no_subject_and_no_text_can_add_a_header(subject: str, text: str) -> None:
    try:
        raw = build(letter(subject=subject, text=text), MailSender.parse(FROM), now=NOW)
    except Refused:
        return

    mail = message_from_bytes(raw, policy=policy.default)
    assert set(mail.keys()) == {
        "Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID",
        "X-Outreach-Message", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
    }  # fmt: skip
    assert b"\n" not in raw.replace(b"\r\n", b"")


URLS = [
    ("smtp://mail.example", SmtpUrl("mail.example", 587)),
    ("smtp://mail.example:25?starttls=none", SmtpUrl("mail.example", 25, starttls=False)),
    ("smtp://localhost:1025", SmtpUrl("localhost", 1025, starttls=False)),
    ("smtp://127.0.0.1:1025?starttls=required", SmtpUrl("127.0.0.1", 1025)),
    ("smtps://u%40x:p%2Fw@mail.example",
     SmtpUrl("mail.example", 465, "u@x", "p/w", implicit_tls=True, starttls=False)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), URLS)
def test_a_mail_servers_address_says_how_it_is_spoken_to(text: str, meant: SmtpUrl) -> None:
    assert SmtpUrl.parse(text) == meant


@pytest.mark.parametrize(
    "text",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp://m.example:port",
     "smtp://m.example?starttls=maybe", "smtp://m.example?tls=no"],
)  # fmt: skip
def test_what_is_no_mail_servers_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        SmtpUrl.parse(text)


def test_a_mail_servers_address_never_shows_its_password() -> None:
    assert repr(SmtpUrl.parse("smtp://u:secret@mail.example")) == "SmtpUrl(mail.example:587)"


@pytest.mark.parametrize("text", ["", "Example Bank", "a@b@c", "x <a@b.example>\nBcc: c@d.example"])
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a sender"):
        MailSender.parse(text)
