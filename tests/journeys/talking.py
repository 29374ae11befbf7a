"""A stage on which customers talk back: what they click and write, and who is told of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.stage import KEY, Stage, configuration
from tests.standins.web import Answer, Call, Server

LANGUAGES = ("he", "en")
BROWSER = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari"
SECRET = base64.b64encode(b"a secret of the listening system").decode()
OPERATOR = {"authorization": f"Bearer {KEY}"}
NOBODY_LOOKED = """
trigger: nobody_looked
on: outreach.sent
key: event.data.message_id
when: event.data.trigger == "claim_opened"
wait: 1h
unless: outreach.clicked
send: [{agent: retention}]
limits: {category: service}
"""
_FIELD = re.compile(r'<input type="(\w+)" name="(\w+)" value="([^"]*)"( checked)?>')


class Listener:
    """Another system that is told of our events; of each it hears only at the second time."""

    def __init__(self) -> None:
        self.heard: dict[str, list[dict[str, Any]]] = defaultdict(list)
        """By the event's id: what was told, each time."""
        self.server = Server(0, self._answer)
        self.server.start()

    def told(self, type_: str, customer: str) -> list[dict[str, Any]]:
        """Both tellings of the customer's only event of this type; nothing before the second."""
        wanted = (type_, customer)
        every = list(self.heard.values())
        found = [each for each in every if (each[0]["type"], each[0]["subject"]) == wanted]
        return list(found[0]) if found and len(found[0]) > 1 else []

    def _answer(self, call: Call) -> Answer:
        id_, moment = call.headers["webhook-id"], call.headers["webhook-timestamp"]
        content = f"{id_}.{moment}.".encode() + call.body
        made = hmac.digest(base64.b64decode(SECRET), content, hashlib.sha256)
        if call.headers["webhook-signature"] != f"v1,{base64.b64encode(made).decode()}":
            return 400, "text/plain", b""
        self.heard[id_].append(json.loads(call.body))
        return (503 if len(self.heard[id_]) == 1 else 204), "text/plain", b""


def listening(folder: Path) -> None:
    """What is shipped, and a trigger that hears of clicks."""
    configuration(folder)
    (folder / "config" / "triggers" / "nobody_looked.yaml").write_text(NOBODY_LOOKED, "utf-8")
    texts = folder / "templates" / "nobody_looked"
    texts.mkdir()
    (texts / "agent.en.txt").write_text("Call.", "utf-8")
    (texts / "agent.he.txt").write_text("להתקשר.", "utf-8")


def telling(folder: Path, listener: Listener) -> None:
    """The same, and a system that is told."""
    listening(folder)
    types = "[survey.answered, outreach.handed_over]"
    hook = f"webhooks: {{crm: {{url: '{listener.server.url}/hook', events: {types}}}}}\n"
    with (folder / "config" / "outreach.yaml").open("a", encoding="utf-8") as policy:
        policy.write(hook)


@dataclass(eq=False)
class Somebody:
    """A customer with a phone, an address and a language."""

    one: Stage
    id: str
    language: str
    phone: str
    email: str

    @classmethod
    def known(cls, one: Stage, id_: str, language: str, **profile: Any) -> Somebody:
        """`channels`: in this order, those of them that he has an address for."""
        phone = f"+9725001{len(one.heard):05}"
        made = cls(one, f"{id_}-{language}", language, phone, f"{id_}.{language}@mail.example")
        channels = profile.pop("channels", ["sms"])
        has = {"sms": {"phone": made.phone}, "email": {"email": made.email}}
        addresses = {name: value for way in channels for name, value in has[way].items()}
        one.put_customer(made.id, language=language, channels=channels, **addresses, **profile)
        return made

    def texts(self, count: int = 1) -> list[str]:
        """So many SMS, at least, once they have come."""
        what = f"{count} SMS for {self.id}"
        return self.one.until(lambda: self._if(self.one.sms_to(self.phone), count), what)

    def letters(self, count: int = 1) -> list[dict[str, Any]]:
        what = f"{count} mails for {self.id}"
        return self.one.until(lambda: self._if(self.one.mail_to(self.email), count), what)

    def calls(self, count: int = 1) -> list[dict[str, Any]]:
        """What people are to do about it."""

        def found() -> list[dict[str, Any]]:
            answer = httpx.get(f"{self.one.url}/v1/handoffs", headers=OPERATOR, timeout=20)
            return [one for one in answer.json()["handoffs"] if one["customer_id"] == self.id]

        return self.one.until(lambda: self._if(found(), count), f"{count} calls for {self.id}")

    def story(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.one.timeline(self.id) if one["kind"] == kind]

    def refused(self) -> None:
        """Until a message was not sent because he had refused."""
        objection = ("skipped", "suppressed")
        self.one.until(
            lambda: (
                objection in [(one["verdict"], one["reason"]) for one in self.story("decision")]
            ),
            f"a refusal of {self.id} obeyed",
        )

    def write(self, words: str) -> None:
        self.one.write(self.phone, words)

    @staticmethod
    def _if(found: list[Any], count: int) -> list[Any]:
        return found if len(found) >= count else []


def link_in(text: str, one: Stage) -> str:
    """The short link of a text; whoever follows it is taken for the customer."""
    [found] = re.findall(rf"{re.escape(one.url)}/l/\S+", text)
    one.names.append(str(found).rpartition("/")[2])
    return str(found)


def page_of(letter: dict[str, Any], one: Stage) -> str:
    """The preference page of a mail's reader, as his mail program knows it (RFC 8058)."""
    headers = letter["headers"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = str(headers["List-Unsubscribe"]).strip(" <>")
    one.names.append(found.rpartition("/")[2])
    return found


def follow(url: str, agent: str = BROWSER) -> httpx.Response:
    return httpx.get(url, headers={"user-agent": agent}, timeout=20)


def choose(page: str, **changed: list[str]) -> httpx.Response:
    """Open the page, change these fields of its form, and save it."""
    form: dict[str, list[str]] = defaultdict(list)
    for type_, name, value, checked in _FIELD.findall(follow(page).text):
        if type_ == "hidden" or checked:
            form[name].append(value)
    answer = httpx.post(page, data={**form, **changed, "action": ["save"]}, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer
