"""What does the stand-in Twilio say of a message and of a request that it will not take?"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from tests.standins.faults import Fault
from tests.standins.web import Answer, as_json

ROOT = "/2010-04-01/Accounts/"
OURS = {"form", "failed"}
"""What only tests may see; `failed`: we are told, or ought to be, that it did not arrive."""


def told(fault: Fault) -> Answer:
    page = b"<html><body>A page of somebody else's</body></html>"
    answers = {
        "error": error(fault.status, fault.code, "Refused by the stand-in"),
        "html": (fault.status, "text/html", page),
        "429": error(429, 20429, "Too Many Requests"),
        "500_before": error(500, 20500, "Internal Server Error"),
        "500_after": error(500, 20500, "Internal Server Error"),
        "502_html": (502, "text/html", page),
        "accept_then_html": (201, "text/html", page),
    }
    return answers[fault.kind]


def refused(form: dict[str, str]) -> Answer | None:
    to, body = form.get("To", ""), form.get("Body", "")
    if not to.startswith("+") or not to[1:].isdecimal() or not 8 <= len(to) <= 16:
        return error(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return error(400, 21603, "A 'From' phone number is required.")
    if not body:
        return error(400, 21602, "Message body is required.")
    if len(body) > 1600:
        return error(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    return None


def new_message(sid: str, form: dict[str, str], moment: datetime) -> dict[str, Any]:
    now = format_datetime(moment)
    ours = f"SM{secrets.token_hex(16)}"
    return {
        "sid": ours, "account_sid": sid, "api_version": "2010-04-01", "direction": "outbound-api",
        "to": form["To"], "from": form.get("From"), "body": form["Body"], "status": "queued",
        "messaging_service_sid": form.get("MessagingServiceSid"), "num_media": "0",
        "num_segments": "1", "price": None, "price_unit": None, "error_code": None,
        "error_message": None, "date_created": now, "date_updated": now, "date_sent": None,
        "uri": f"{ROOT}{sid}/Messages/{ours}.json", "subresource_uris": {}, "form": form,
        "failed": False,
    }  # fmt: skip


def public(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in OURS}


def matches(message: dict[str, Any], query: dict[str, str]) -> bool:
    wanted = (("To", message["to"]), ("From", message["from"]))
    if any(query.get(name, value) != value for name, value in wanted):
        return False
    days = {name[8:]: day for name, day in query.items() if name.startswith("DateSent")}
    if not days or not message["date_sent"]:
        return not days
    day = parsedate_to_datetime(message["date_sent"]).date()
    return all(_within(day, sign, date.fromisoformat(given[:10])) for sign, given in days.items())


def _within(day: date, sign: str, given: date) -> bool:
    """On and before for <, on and after for >, as Twilio means them: whole days."""
    return {"<": day <= given, ">": day >= given, "": day == given}[sign]


def page_of(found: Sequence[dict[str, Any]], path: str, query: dict[str, str]) -> dict[str, Any]:
    """One page of a list, and where the next one is."""
    size, number = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
    shown = found[number * size : (number + 1) * size]
    more = len(found) > (number + 1) * size
    after = f"{path}?{urlencode({**query, 'Page': str(number + 1)})}" if more else None
    page = {"page": number, "page_size": size, "next_page_uri": after, "uri": path}
    return {**page, "messages": [public(message) for message in shown]}


def error(status: int, code: int | None, message: str) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more, "status": status}
    return as_json(status, body)
