"""How does a letter become mail on its way, and when may the server have it?"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from worker.channels.base import (
    Accepted,
    ChannelError,
    Letter,
    Misconfigured,
    Refused,
    TryLater,
    Uncertain,
)
from worker.channels.email_build import ADDRESS, MailSender, build
from worker.channels.smtp_answers import Point, queue_id, refusal
from worker.channels.smtp_url import SmtpUrl
from worker.clock import utc_now

CONNECT, REPLY = 5.0, 20.0
"""Seconds: to connect, and for each reply, the one to the final dot among them."""

FORWARDED = 251
LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpEmail:
    """Mail over SMTP; each thread keeps a connection of its own and uses it again."""

    name = "email"

    def __init__(  # noqa: PLR0913 - what may differ between two servers
        self,
        url: str,
        *,
        sender: str,
        tls: ssl.SSLContext | None = None,
        reply: float = REPLY,
        suffix: str = "",
        bounces: Callable[[str], str] | None = None,
        heard: bool = False,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """ValueError for an address or a sender that cannot be read.

        `bounces`: the address that failures of a message's mail go to; None: the sender's own.
        `heard`: what comes there is known to reach us.
        """
        self._server = SmtpUrl.parse(url)
        self._from = MailSender.parse(sender)
        self._bounces = bounces
        self._heard = heard and bounces is not None
        self.sender = f"smtp:{self._server.host}:{self._server.port}{suffix}"
        self._tls = tls or ssl.create_default_context()
        self._reply = reply
        self._now = now
        self._own = threading.local()
        self._open: set[smtplib.SMTP] = set()
        self._lock = threading.Lock()

    def send(self, letter: Letter) -> Accepted:
        address = _deliverable(letter.address)
        returning = self._bounces(letter.message_id) if self._bounces else self._from.address
        mail = build(letter, self._from, returning=returning, heard=self._heard, now=self._now())
        connection = self._connection()
        try:
            return _hand_over(connection, returning, address, mail)
        except ChannelError:
            # a new connection is cheaper than finding out where the talk broke off
            self._drop(connection)
            raise

    def close(self) -> None:
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            connection.close()

    def _connection(self) -> smtplib.SMTP:
        """This thread's connection, if the server still answers on it, or a new one."""
        kept: smtplib.SMTP | None = getattr(self._own, "connection", None)
        if kept is not None and self._alive(kept):
            return kept
        connection = self._connect()
        with self._lock:
            self._open.add(connection)
        self._own.connection = connection
        return connection

    def _alive(self, connection: smtplib.SMTP) -> bool:
        with suppress(OSError, smtplib.SMTPException):
            if connection.sock is not None and connection.noop()[0] == 250:
                return True
        self._drop(connection)
        return False

    def _drop(self, connection: smtplib.SMTP) -> None:
        self._own.connection = None
        with self._lock:
            self._open.discard(connection)
        connection.close()

    def _connect(self) -> smtplib.SMTP:
        connection = self._unconnected()
        try:
            self._greet(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _unconnected(self) -> smtplib.SMTP:
        if self._server.implicit_tls:
            return smtplib.SMTP_SSL(timeout=CONNECT, context=self._tls)
        return smtplib.SMTP(timeout=CONNECT)

    def _greet(self, connection: smtplib.SMTP) -> None:
        # smtplib keeps the name for the certificate only when it connects by itself
        connection._host = self._server.host  # type: ignore[attr-defined]
        try:
            code, text = connection.connect(self._server.host, self._server.port)
            if code != 220:
                raise refusal(Point.GREETING, code, text)
            if connection.sock is not None:
                connection.sock.settimeout(self._reply)
                # the dot leaves by itself: without this it waits 40 ms for the text's receipt
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.ehlo_or_helo_if_needed()
            if self._server.starttls:
                connection.starttls(context=self._tls)
                # what the server said in the open is forgotten: it is asked again
                connection.ehlo_or_helo_if_needed()
            if self._server.user:
                connection.login(self._server.user, self._server.password)
        except smtplib.SMTPNotSupportedError:
            raise Misconfigured("unsupported", "the server lacks STARTTLS or AUTH") from None
        except smtplib.SMTPResponseException as error:
            raise refusal(Point.GREETING, error.smtp_code, _bytes(error.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as error:
            raise TryLater("not_connected", type(error).__name__, failing=True) from None


def _hand_over(connection: smtplib.SMTP, sender: str, address: str, mail: bytes) -> Accepted:
    try:
        _say(Point.SENDER, connection.mail(sender, _size(connection, mail)))
        _say(Point.RECIPIENT, connection.rcpt(address))
        _say(Point.TEXT, connection.docmd("DATA"), wanted=354)
        connection.send(LINE_START_DOT.sub(b"..", mail))
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater("not_connected", type(error).__name__, failing=True) from None
    try:
        connection.send(b".\r\n" if mail.endswith(b"\r\n") else b"\r\n.\r\n")
        return Accepted(queue_id(_say(Point.DOT, connection.getreply())))
    except (OSError, smtplib.SMTPException) as error:
        raise Uncertain("no_answer", type(error).__name__) from None


def _size(connection: smtplib.SMTP, mail: bytes) -> list[str]:
    return [f"size={len(mail)}"] if connection.has_extn("size") else []


def _say(point: Point, reply: tuple[int, bytes], *, wanted: int = 250) -> bytes:
    code, text = reply
    if code != wanted and not (point is Point.RECIPIENT and code == FORWARDED):
        raise refusal(point, code, text)
    return text


def _deliverable(address: str) -> str:
    """The address as SMTP takes it: a domain in another script in its ASCII form."""
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        plain = ""
    if not ADDRESS.fullmatch(plain) or not plain.isascii():
        raise Refused("address", "not an address that mail can be sent to", bad_address=True)
    return plain


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode("ascii", "replace")
