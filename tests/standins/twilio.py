"""What would Twilio answer, what has it accepted, and what does it tell us afterwards?

In this process: `with TwilioStandIn() as twilio: …`. As a process of its own:
`python -m tests.standins.twilio --port 8090`, which prints one line of JSON with its address, and
    GET  /_accepted      every message it took, oldest first
    GET  /_receipts      every callback it made, with our answer
    GET  /_connections   how many connections were opened
    POST /_faults        {"kind": …, "to": "*", "times": 1, "seconds": 0, "status": 400, "code": …}
    POST /_receipts      {"to": "*", "plan": [{"status": "delivered", "after": 0.1}]}
    POST /_inbound       {"url": …, "from": …, "to": …, "body": …}
    POST /_reset         forget faults, plans, messages and what is still to be posted
Kinds of faults: `error` (status and code), `html` (a page with that status), `429`, `500_before`,
`502_html`, `drop`; `500_after`, `accept_then_drop`, `accept_then_html`, `accept_then_silence` (of
so many seconds, then it hangs up); `delay` (then as usual), `freeze` (until `/_reset`).
"""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.standins.faults import EVERYBODY, Fault, Faults
from tests.standins.receipts import DELIVERED, Postman, Receipt
from tests.standins.twilio_answers import (
    ROOT,
    error,
    matches,
    new_message,
    page_of,
    public,
    refused,
    told,
)
from tests.standins.web import Answer, Call, DropConnection, Server, as_json

SID = "AC" + "0" * 32
TOKEN = "token-of-the-stand-in"
NUMBER = "+15005550006"
LOST = {"failed", "undelivered"}
Plan = Sequence[Receipt] | Callable[[dict[str, Any]], Sequence[Receipt]]
LEFT = ("sent", "delivered", "undelivered")
ACCEPTING = ("500_after", "accept_then_drop", "accept_then_html", "accept_then_silence")


class TwilioStandIn:
    """Everything by the same names as over HTTP."""

    def __init__(
        self, *, port: int = 0, sid: str = SID, token: str = TOKEN, hands: int = 1
    ) -> None:
        self.sid = sid
        self.token = token
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.shown: Callable[[dict[str, Any]], dict[str, Any]] = dict
        """What the list says of a message it has."""
        self.faults = Faults()
        self.postman = Postman(token, hands=hands)
        self.arrivals: list[tuple[str, float]] = []
        """The callback's address and the moment of every request for a message, taken or not."""
        self.server = Server(port, self._answer)
        self._messages: list[dict[str, Any]] = []
        self._by_number: dict[str, list[dict[str, Any]]] = {}
        self._plans: dict[str, Plan] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thaw = threading.Event()
        self.server.start()

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def accepted(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(message) for message in self._messages]

    def fault(self, kind: str, **words: Any) -> None:
        if kind == "freeze":
            self._thaw.clear()
        self.faults.add(kind=kind, **words)

    def thaw(self) -> None:
        """Whoever is frozen is answered now; nobody is frozen from here on."""
        self.faults.clear()
        self._thaw.set()

    def receipts(self, plan: Plan, *, to: str = EVERYBODY) -> None:
        """An empty plan: none at all. A status may come twice, and in any order.

        Where it is a function, it is asked for each message.
        """
        self._plans[to] = plan

    def inbound(self, url: str, *, sender: str, to: str, body: str) -> int:
        """A customer's text to us, signed; the HTTP status of our answer."""
        sid = f"SM{secrets.token_hex(16)}"
        words = {"MessageSid": sid, "SmsSid": sid, "AccountSid": self.sid, "NumMedia": "0"}
        form = {**words, "From": sender, "To": to, "Body": body, "ApiVersion": "2010-04-01"}
        return self.postman.post(url, form)

    def reset(self) -> None:
        self.thaw()
        self.postman.clear()
        self._plans.clear()
        with self._lock:
            self._messages.clear()
            self._by_number.clear()
            self.arrivals.clear()

    def close(self) -> None:
        self._stopping.set()
        self._thaw.set()
        self.postman.close()
        self.server.close()

    def __enter__(self) -> TwilioStandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, call: Call) -> Answer:
        path = urlsplit(call.path).path
        if path.startswith("/_"):
            return self._control(call, path)
        if not self._authorized(call):
            return error(401, 20003, "Authenticate")
        if not path.startswith(f"{ROOT}{self.sid}/Messages"):
            return error(404, 20404, f"The requested resource {path} was not found")
        if call.command == "GET":
            return self._read(call, path)
        return self._create(call)

    def _authorized(self, call: Call) -> bool:
        wanted = "Basic " + base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        return hmac.compare_digest(wanted, call.headers.get("Authorization", ""))

    def _create(self, call: Call) -> Answer:
        form = {name: values[-1] for name, values in parse_qs(call.body.decode()).items()}
        self.arrivals.append((form.get("StatusCallback", ""), time.time()))
        fault = self.faults.take(form.get("To", ""))
        if fault is not None:
            return self._failing(fault, form)
        return self.take(form)

    def _failing(self, fault: Fault, form: dict[str, str]) -> Answer:
        if fault.kind in ACCEPTING:
            self.take(form)
        match fault.kind:
            case "drop" | "accept_then_drop":
                raise DropConnection
            case "accept_then_silence":
                self._stopping.wait(fault.seconds)
                raise DropConnection
            case "delay":
                self._stopping.wait(fault.seconds)
                return self.take(form)
            case "freeze":
                self._thaw.wait()
                return self.take(form)
        return told(fault)

    def take(self, form: dict[str, str]) -> Answer:
        wrong = refused(form)
        if wrong:
            return wrong
        message = new_message(self.sid, form, self.now())
        with self._lock:
            self._messages.append(message)
            self._by_number.setdefault(message["to"], []).append(message)
        callback = form.get("StatusCallback")
        plan = self._plans.get(form["To"], self._plans.get(EVERYBODY, DELIVERED))
        receipts = plan(message) if callable(plan) else plan
        message["failed"] = any(receipt.status in LOST for receipt in receipts)
        for receipt in receipts if callback else ():
            self._promise(str(callback), message, receipt)
        return as_json(201, public(message))

    def _promise(self, url: str, message: dict[str, Any], receipt: Receipt) -> None:
        status = {"MessageStatus": receipt.status, "SmsStatus": receipt.status}
        ids = {"MessageSid": message["sid"], "SmsSid": message["sid"], "AccountSid": self.sid}
        whom = {"To": message["to"], "From": message["from"] or "", "ApiVersion": "2010-04-01"}
        code = {"ErrorCode": str(receipt.code)} if receipt.code else {}
        message["status"] = receipt.status
        if receipt.status in LEFT:
            message["date_sent"] = message["date_sent"] or format_datetime(self.now())
        filled = {**status, **ids, **whom, **code}
        if receipt.after < 0:
            self.postman.post(url, filled)
        else:
            self.postman.later(receipt.after, url, filled)

    def _read(self, call: Call, path: str) -> Answer:
        """One message, or the newest first, filtered as Twilio can: To, From and DateSent."""
        query = {name: values[-1] for name, values in parse_qs(urlsplit(call.path).query).items()}
        with self._lock:
            named = self._by_number.get(query["To"], []) if "To" in query else self._messages
            found = [self.shown(one) for one in reversed(named) if matches(one, query)]
        last = path.rpartition("/")[2].removesuffix(".json")
        if last != "Messages":
            one = [message for message in found if message["sid"] == last]
            return as_json(200, public(one[0])) if one else error(404, 20404, "Not found")
        return as_json(200, page_of(found, path, query))

    def _control(self, call: Call, path: str) -> Answer:
        match call.command, path:
            case "GET", "/_accepted":
                return as_json(200, self.accepted)
            case "GET", "/_receipts":
                return as_json(200, self.postman.answers)
            case "GET", "/_connections":
                return as_json(200, self.server.connections)
            case "POST", "/_faults":
                self.fault(**call.json())
            case "POST", "/_receipts":
                words = call.json()
                plan = [Receipt(**receipt) for receipt in words["plan"]]
                self.receipts(plan, to=words.get("to", EVERYBODY))
            case "POST", "/_inbound":
                words = call.json()
                sender = words.pop("from")
                return as_json(200, {"answer": self.inbound(sender=sender, **words)})
            case "POST", "/_reset":
                self.reset()
            case _:
                return as_json(404, {})
        return as_json(200, {})


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--sid", default=SID)
    options.add_argument("--token", default=TOKEN)
    given = options.parse_args()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    with TwilioStandIn(port=given.port, sid=given.sid, token=given.token) as twilio:
        sys.stdout.write(json.dumps({"url": twilio.url}) + "\n")
        sys.stdout.flush()
        stopped.wait()


if __name__ == "__main__":
    main()
