"""What would a mail server answer, and which mail did it take?

In this process: `with SmtpStandIn() as server: …`. As a process of its own:
`python -m tests.standins.smtp --port 2525 --http-port 8091`, which prints one line of JSON with
both addresses and answers `GET /_accepted`, `GET /_connections`, `POST /_faults`, `POST /_reset`.
A fault's kind is the point of the talk: `mail`, `rcpt`, `data` (the command), `dot` (after the
text, which is not taken) or `dot_after` (it is). With a `reply` it answers that, with the reply
`slow` as usual, without one it hangs up; each after `seconds`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import ssl
import sys
import threading
import warnings
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.standins.faults import Faults
from tests.standins.web import Answer, Call, Server, as_json

SLOW = "slow"


class SmtpStandIn:
    """A server on loopback in a thread of its own."""

    def __init__(
        self,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.faults = Faults()
        self.connections = 0
        self._taken: list[dict[str, Any]] = []
        self._tls = tls
        self._login = login
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listening = self._call(self._loop.create_server(self._talk, "127.0.0.1", port))
        self._talks: set[Talk] = set()
        self.port: int = self._listening.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def accepted(self) -> list[dict[str, Any]]:
        return [dict(mail) for mail in self._taken]

    def fault(self, kind: str, **words: Any) -> None:
        self.faults.add(kind=kind, **words)

    def hang_up(self) -> None:
        """Close every connection, as a server does that has been idle for long."""
        self._call(self._hang_up())

    def reset(self) -> None:
        self.faults.clear()
        self._taken.clear()

    def close(self) -> None:
        # in its own thread: the loop may just be taking leave of a connection
        self._loop.call_soon_threadsafe(self._listening.close)
        self._call(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> SmtpStandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, envelope: Envelope) -> None:
        self._taken.append(read(envelope))

    def ended(self, talk: Talk) -> None:
        self._talks.discard(talk)

    def _talk(self) -> Talk:
        self.connections += 1
        words: dict[str, Any] = {"tls_context": self._tls, "loop": self._loop}
        if self._login:
            words |= {"authenticator": self._check, "auth_required": True}
        with warnings.catch_warnings():
            # it warns of passwords in the open; this server is on loopback only
            warnings.simplefilter("ignore")
            talk = Talk(self, auth_require_tls=False, hostname="standin.example", **words)
        self._talks.add(talk)
        return talk

    def _check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        same = (given.login.decode(), given.password.decode()) == self._login
        return AuthResult(success=same, handled=False)

    async def _hang_up(self) -> None:
        for talk in list(self._talks):
            talk.hang_up()
        # cancelled readers finish in the next rounds of the loop
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


class Talk(SMTP):
    """One connection."""

    def __init__(self, stand_in: SmtpStandIn, **words: Any) -> None:
        super().__init__(self, **words)
        self._stand_in = stand_in

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._fault("mail", address) or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = await self._fault("rcpt", address)
        if fault is None:
            envelope.rcpt_tos.append(address)
        return fault or "250 2.1.5 OK"

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        assert self.envelope is not None
        fault = await self._fault("data", next(iter(self.envelope.rcpt_tos), ""))
        if fault:
            await self.push(fault)
            return
        await super().smtp_DATA(arg)

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        address = next(iter(envelope.rcpt_tos), "")
        before = await self._fault("dot", address)
        if before:
            return before
        self._stand_in.take(envelope)
        after = await self._fault("dot_after", address)
        return after or f"250 2.0.0 Ok: queued as Q{len(self._stand_in.accepted):08X}"

    def connection_lost(self, error: Exception | None) -> None:
        self._stand_in.ended(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()

    async def _fault(self, point: str, address: str) -> str | None:
        fault = self._stand_in.faults.take(address, point)
        if fault is None:
            return None
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault.reply == SLOW:
            return None
        if not fault.reply:
            self.hang_up()
            raise ConnectionResetError
        return fault.reply


def read(envelope: Envelope) -> dict[str, Any]:
    """A mail as tests want to look at it."""
    raw = envelope.content
    assert isinstance(raw, bytes)
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return {
        "from": envelope.mail_from,
        "to": list(envelope.rcpt_tos),
        "subject": str(mail["Subject"]),
        "message_id": str(mail["Message-ID"]),
        "headers": {name: str(value) for name, value in mail.items()},
        "text": text.get_content().replace("\r\n", "\n") if text else None,
        "html": html.get_content().replace("\r\n", "\n") if html else None,
        "raw": raw.decode("latin-1"),
    }


def control(server: SmtpStandIn, call: Call) -> Answer:
    match call.command, call.path:
        case "GET", "/_accepted":
            return as_json(200, server.accepted)
        case "GET", "/_connections":
            return as_json(200, server.connections)
        case "POST", "/_faults":
            server.fault(**call.json())
        case "POST", "/_reset":
            server.reset()
        case _:
            return as_json(404, {})
    return as_json(200, {})


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--http-port", type=int, default=0)
    given = options.parse_args()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    with SmtpStandIn(port=given.port) as server:
        side = Server(given.http_port, lambda call: control(server, call))
        side.start()
        sys.stdout.write(json.dumps({"smtp": server.url, "http": side.url}) + "\n")
        sys.stdout.flush()
        stopped.wait()
        side.close()


if __name__ == "__main__":
    main()
