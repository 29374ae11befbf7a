"""Is a letter mailed as it should be, and every reply taken for what it is?"""

from __future__ import annotations

import socket
import ssl
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.standins import smtp as stand_in
from tests.standins.smtp import SmtpStandIn
from tests.worker.mails import ADDRESS, FROM, HTML, NOW, TEXT, letter
from worker.channels.base import ChannelError, Letter, Misconfigured, Refused, TryLater, Uncertain
from worker.channels.smtp_email import SmtpEmail

CERTIFICATE = Path(stand_in.__file__).with_name("localhost.pem")


def channel(url: str, **changes: Any) -> SmtpEmail:
    words: dict[str, Any] = {"sender": FROM, "reply": 2.0, "now": lambda: NOW}
    return SmtpEmail(url, **(words | changes))


@pytest.fixture
def server() -> Iterator[SmtpStandIn]:
    with SmtpStandIn() as running:
        yield running


@pytest.fixture
def email(server: SmtpStandIn) -> Iterator[SmtpEmail]:
    made = channel(server.url)
    yield made
    made.close()


def failure(email: SmtpEmail, sent: Letter | None = None) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        email.send(sent or letter())
    return caught.value


def test_a_hebrew_letter_arrives_as_it_was_written(server: SmtpStandIn, email: SmtpEmail) -> None:
    accepted = email.send(letter())

    [mail] = server.accepted
    assert (mail["from"], mail["to"]) == ("service@bank.example", [ADDRESS])
    assert mail["subject"] == "התוכנית שלך מסתיימת"
    assert mail["text"].splitlines() == TEXT.splitlines()
    assert mail["html"].strip() == HTML
    assert mail["headers"]["From"] == FROM
    assert accepted.ref == "Q00000001"


def test_a_letter_says_who_made_it_and_how_to_leave(server: SmtpStandIn, email: SmtpEmail) -> None:
    email.send(letter())

    headers = server.accepted[0]["headers"]
    assert headers["X-Outreach-Message"] == "a" * 32
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Unsubscribe"] == "<https://reach.bank.example/u/token>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Date"] == "Sat, 21 Nov 2026 10:00:00 +0000"


def test_the_message_id_is_the_same_at_every_attempt(server: SmtpStandIn, email: SmtpEmail) -> None:
    email.send(letter(attempt=1))
    email.send(letter(attempt=2))

    ids = [mail["message_id"] for mail in server.accepted]
    assert ids == [f"<{'a' * 32}@bank.example>"] * 2


def test_a_letter_without_html_is_plain(server: SmtpStandIn, email: SmtpEmail) -> None:
    email.send(letter(html=None, text="In English\n"))

    [mail] = server.accepted
    assert (mail["text"], mail["html"]) == ("In English\n", None)
    assert "In English" in mail["raw"]


REPLIES = [
    ("mail", "451 4.3.0 later", TryLater, False),
    ("mail", "550 5.7.1 sender denied", Misconfigured, False),
    ("mail", "530 5.7.0 log in first", Misconfigured, False),
    ("mail", "552 5.3.4 too large", Refused, False),
    ("rcpt", "450 4.2.1 busy", TryLater, False),
    ("rcpt", "421 4.3.2 closing", TryLater, False),
    ("rcpt", "550 5.1.1 no such user", Refused, True),
    ("rcpt", "553 5.1.3 bad address", Refused, True),
    ("rcpt", "550 5.7.1 not welcome", Refused, False),
    ("rcpt", "554 no", Refused, False),
    ("data", "451 4.3.0 later", TryLater, False),
    ("data", "554 5.5.1 no", Refused, False),
    ("dot", "451 4.7.1 greylisted", TryLater, False),
    ("dot", "554 5.7.1 spam", Refused, False),
    ("dot", "550 5.1.1 too late to tell", Refused, False),
    ("dot_after", "999 what", Uncertain, False),
    ("rcpt", "999 what", TryLater, False),
]


@pytest.mark.parametrize(("point", "reply", "kind", "bad_address"), REPLIES)
def test_each_reply_has_its_meaning(
    server: SmtpStandIn, email: SmtpEmail, point: str, reply: str, kind: type, bad_address: bool
) -> None:
    server.fault(point, reply=reply, times=1)

    error = failure(email)

    assert type(error) is kind
    assert error.code.startswith(reply[:3])
    assert getattr(error, "bad_address", False) is bad_address


@pytest.mark.parametrize("point", ["mail", "rcpt", "data"])
def test_a_line_that_breaks_before_the_dot_carried_nothing(
    server: SmtpStandIn, email: SmtpEmail, point: str
) -> None:
    server.fault(point, times=1)

    assert type(failure(email)) is TryLater
    assert server.accepted == []


@pytest.mark.parametrize(("point", "taken"), [("dot", 0), ("dot_after", 1)])
def test_a_line_that_breaks_after_the_dot_is_uncertain_and_nothing_is_sent_again(
    server: SmtpStandIn, email: SmtpEmail, point: str, taken: int
) -> None:
    server.fault(point, times=1)

    assert type(failure(email)) is Uncertain
    assert len(server.accepted) == taken


def test_silence_after_the_dot_is_uncertain_and_before_it_is_not(server: SmtpStandIn) -> None:
    email = channel(server.url, reply=0.3)
    server.fault("dot_after", seconds=1.0, reply="slow", times=1)

    assert type(failure(email)) is Uncertain

    server.fault("rcpt", seconds=1.0, reply="slow", times=1)
    assert type(failure(email)) is TryLater
    email.close()


def test_a_failed_talk_leaves_nothing_behind_for_the_next(
    server: SmtpStandIn, email: SmtpEmail
) -> None:
    server.fault("rcpt", to="gone@customer.example", reply="550 5.1.1 no such user")
    failure(email, letter(address="gone@customer.example"))

    email.send(letter())

    assert [mail["to"] for mail in server.accepted] == [[ADDRESS]]


def test_one_connection_serves_one_letter_after_another(
    server: SmtpStandIn, email: SmtpEmail
) -> None:
    for _ in range(5):
        email.send(letter())

    assert (len(server.accepted), server.connections) == (5, 1)


def test_a_connection_that_the_server_closed_is_made_again(
    server: SmtpStandIn, email: SmtpEmail
) -> None:
    email.send(letter())
    server.hang_up()

    email.send(letter())

    assert (len(server.accepted), server.connections) == (2, 2)


def test_each_thread_has_a_connection_of_its_own(server: SmtpStandIn, email: SmtpEmail) -> None:
    together = threading.Barrier(3)

    def send(number: int) -> None:
        together.wait(10)
        email.send(letter(message_id=f"{number:032x}"))

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(send, range(3)))

    assert (len(server.accepted), server.connections) == (3, 3)


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:1", "smtp://nowhere.invalid:25?starttls=none"])
def test_a_server_out_of_reach_has_nothing(url: str) -> None:
    error = failure(channel(url))

    assert (type(error), error.code) == (TryLater, "not_connected")


def test_a_greeting_that_refuses_us_is_our_own_fault() -> None:
    assert type(failure(channel(greeting(b"554 5.7.1 go away\r\n")))) is Misconfigured
    assert type(failure(channel(greeting(b"421 4.3.2 busy\r\n")))) is TryLater
    assert type(failure(channel(greeting(b"hello?\r\n")))) is TryLater


def greeting(words: bytes) -> str:
    """The address of a server that says this to the first that calls, and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        with server, server.accept()[0] as connection:
            connection.sendall(words)

    threading.Thread(target=greet).start()
    return f"smtp://127.0.0.1:{server.getsockname()[1]}"


def test_mail_is_not_handed_over_in_the_open_where_starttls_is_required(
    server: SmtpStandIn,
) -> None:
    error = failure(channel(f"{server.url}?starttls=required"))

    assert (type(error), error.code) == (Misconfigured, "unsupported")
    assert server.accepted == []


def test_mail_goes_encrypted_to_a_server_whose_certificate_we_trust() -> None:
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(CERTIFICATE)
    with SmtpStandIn(tls=ours) as server:
        url = f"{server.url}?starttls=required"
        trusting = channel(url, tls=ssl.create_default_context(cafile=str(CERTIFICATE)))
        doubting = channel(url)

        trusting.send(letter())
        error = failure(doubting)

        assert (type(error), len(server.accepted)) == (TryLater, 1)
        trusting.close()


def test_a_wrong_password_is_our_own_fault() -> None:
    with SmtpStandIn(login=("us", "right")) as server:
        right = channel(server.url.replace("://", "://us:right@"))
        wrong = channel(server.url.replace("://", "://us:wrong@"))

        right.send(letter())
        error = failure(wrong)

        assert (type(error), len(server.accepted)) == (Misconfigured, 1)
        right.close()


def test_a_password_for_a_server_without_logins_is_our_own_fault(server: SmtpStandIn) -> None:
    email = channel(server.url.replace("://", "://us:password@"))

    assert type(failure(email)) is Misconfigured


@pytest.mark.parametrize(
    "address",
    ["", "dana", "@bank.example", "a b@bank.example", "a@b@bank.example", "דנה@bank.example",
     "dana@bank.example\r\nRCPT TO:<other@bank.example>", "<dana@bank.example>", "a@" + "b" * 70],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_any_call(address: str) -> None:
    error = failure(channel("smtp://127.0.0.1:1"), letter(address=address))

    assert isinstance(error, Refused)
    assert (error.code, error.bad_address) == ("address", True)


def test_a_domain_in_hebrew_is_written_as_smtp_takes_it(
    server: SmtpStandIn, email: SmtpEmail
) -> None:
    email.send(letter(address="dana@בנק.example"))

    assert server.accepted[0]["to"] == ["dana@xn--5db4av.example"]


def test_no_error_and_no_log_quotes_the_address_or_the_text(
    server: SmtpStandIn, email: SmtpEmail, caplog: pytest.LogCaptureFixture
) -> None:
    server.fault("rcpt", reply=f"550 5.1.1 <{ADDRESS}> is unknown", times=1)
    with caplog.at_level("DEBUG", "worker"):
        error = failure(email)

    told = "".join(traceback.format_exception(error)) + repr(error)
    assert ADDRESS not in told
    assert caplog.records == [r for r in caplog.records if not r.name.startswith("worker")]
