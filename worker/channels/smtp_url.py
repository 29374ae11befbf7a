"""Which mail server does OUTREACH_SMTP_URL name, and how is it spoken to?"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class SmtpUrl:
    """`implicit_tls`: encrypted from the first byte; `starttls`: no mail before it is encrypted."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    implicit_tls: bool = False
    starttls: bool = True

    @classmethod
    def parse(cls, text: str) -> SmtpUrl:
        """`smtp://user:password@host:587?starttls=required|none`, `smtps://…`; else ValueError."""
        url = urlsplit(text)
        if url.scheme not in PORTS or not url.hostname:
            raise ValueError("not an address such as smtp://user:password@mail.example:587")
        options = parse_qs(url.query, keep_blank_values=True)
        starttls = options.pop("starttls", ["none" if url.hostname in LOCAL else "required"])[-1]
        if options or starttls not in ("required", "none"):
            raise ValueError("the only option is starttls=required or starttls=none")
        return cls(
            host=url.hostname,
            port=url.port or PORTS[url.scheme],
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
            implicit_tls=url.scheme == "smtps",
            starttls=url.scheme == "smtp" and starttls == "required",
        )

    def __repr__(self) -> str:
        return f"SmtpUrl({self.host}:{self.port})"
