"""Does a short link lead where it was written, count people only, and take a survey's answer?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, update

from tests.worker.http.conftest import Open
from tests.worker.http.house import House, build
from tests.worker.sending import POLICY, Post, counted, dana, left, rules, trigger
from tests.worker.small_world import rows
from worker.store.engine import in_transaction
from worker.store.tables import answers, clicks, links

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
LINKS = """
links:
  cart: "https://shop.example/carts/{event.data.cart}?ה=1"
surveys:
  asked:
    question: {he: "איך היה <אצלנו>?", en: "How was it & why?"}
    scale: 0 to 10
"""
TEXTS = {
    "templates/hello/sms.en.txt": "Your cart: {{ links.cart }}",
    "templates/asked/sms.en.txt": "How was it? {{ links.answer }}",
    "templates/listens/agent.en.txt": "Call.",
    "templates/asked/sms.he.txt": "איך היה? {{ links.answer }}",
}
ASKS = trigger("asks", send="[{survey: asked, by: [sms]}]")
LISTENS = """
trigger: listens
on: {event}
key: event.data.message_id
send: [{{agent: desk}}]
limits: {{category: service}}
"""


class Sent:
    """A message that went out, and the link in it."""

    def __init__(self, engine: Engine, *triggers: str, **profile: Any) -> None:
        configuration = rules(*triggers, policy=POLICY + LINKS, **TEXTS)
        self.post = Post(engine, configuration)
        self.post.told(dana(**profile), left(cart="k 1"))
        self.post.send()
        self.house = build(engine)
        self.house.current = configuration
        # the doors have the database's clock, the story has its own
        self.ends(datetime(2900, 1, 1, tzinfo=UTC))
        [link] = rows(engine, links)
        self.path = f"/l/{link.token}"

    def ends(self, at: datetime) -> None:
        in_transaction(self.post.engine, lambda c: c.execute(update(links).values(expires_at=at)))

    @property
    def kept(self) -> list[str]:
        return [row.by for row in self.house.rows(clicks)]

    @property
    def told(self) -> list[tuple[str, Any]]:
        """What our own triggers may have heard, but that the message was sent."""
        found = self.post.own_events
        return [(row.id.partition(":")[2], row.data) for row in found if "sent" not in row.id]


def visitor(open_doors: Open, house: House, agent: str = PHONE) -> httpx.Client:
    client = open_doors(house, key=None)
    client.headers["user-agent"] = agent
    return client


def test_a_click_leads_on_and_is_told_once(engine: Engine, open_doors: Open) -> None:
    sent = Sent(engine, trigger(), LISTENS.format(event="outreach.clicked"))
    client = visitor(open_doors, sent.house)

    first = client.get(sent.path)
    client.get(sent.path)

    assert first.status_code == 302
    assert first.headers["location"] == "https://shop.example/carts/k%201?%D7%94=1"
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["referrer-policy"] == "no-referrer"
    assert sent.kept == ["person", "person"]
    [(id_, data)] = sent.told
    message = sent.post.message
    assert id_ == "clicked"
    assert data == {
        "trigger": "hi", "key": "k 1", "message_id": message.id, "message": "hello",
        "channel": "sms", "link": "cart", "cause": {"cart": "k 1"},
    }  # fmt: skip
    assert sent.house.rung == ["outreach.evaluate"]


SCANNERS = [
    ("GET", {"user-agent": "WhatsApp/2.24.20.81 A"}),
    ("GET", {"user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit.php)"}),
    ("GET", {"user-agent": "TelegramBot (like TwitterBot)"}),
    ("GET", {"user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}),
    ("GET", {"user-agent": f"{PHONE} facebookexternalhit/1.1 Facebot Twitterbot/1.0"}),
    ("GET", {"user-agent": "Mozilla/5.0 (compatible; Google-Safety)"}),
    ("GET", {"user-agent": "curl/8.5.0"}),
    ("GET", {"user-agent": ""}),
    ("GET", {"purpose": "prefetch"}),
    ("GET", {"sec-purpose": "prefetch;prerender"}),
    ("GET", {"x-moz": "prefetch"}),
    ("GET", {"sec-fetch-dest": "image"}),
    ("HEAD", {}),
]


@pytest.mark.parametrize(("method", "headers"), SCANNERS)
def test_what_only_looks_ahead_is_led_on_and_never_counted(
    sqlite_database_url: str, engine_of: Any, open_doors: Open, method: str, headers: dict[str, str]
) -> None:
    sent = Sent(engine_of(sqlite_database_url), trigger())
    client = visitor(open_doors, sent.house)

    answer = client.request(method, sent.path, headers=headers)

    assert answer.status_code == 302
    assert (sent.kept, sent.told, sent.house.rung) == (["scanner"], [], [])


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        "Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG) AppleWebKit/537.36 Chrome/120 Mobile",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
        f"{PHONE} [FBAN/FBIOS;FBAV/480.0]",
        "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 SamsungBrowser/25 Safari",
    ],
)
def test_a_browser_is_a_person(
    sqlite_database_url: str, engine_of: Any, open_doors: Open, agent: str
) -> None:
    sent = Sent(engine_of(sqlite_database_url), trigger())
    browser = {"sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}

    visitor(open_doors, sent.house, agent).get(sent.path, headers=browser)

    assert sent.kept == ["person"]


@pytest.mark.parametrize(
    "token", ["nothing", "A" * 12, "..%2F..", "%00", "https:%2F%2Fevil.example"]
)
def test_what_we_never_sent_leads_nowhere(engine: Engine, open_doors: Open, token: str) -> None:
    sent = Sent(engine, trigger())

    answer = visitor(open_doors, sent.house).get(f"/l/{token}")

    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert sent.kept == []


@pytest.mark.parametrize("way", ["unknown", "expired"])
def test_a_link_that_leads_nowhere_says_so_and_whom_to_call(
    engine: Engine, open_doors: Open, way: str
) -> None:
    sent = Sent(engine, trigger())
    sent.ends(LONG_AGO)
    client = visitor(open_doors, sent.house)

    answer = client.get(sent.path if way == "expired" else "/l/other")

    assert answer.status_code == (410 if way == "expired" else 404)
    assert 'lang="he" dir="rtl"' in answer.text
    assert 'lang="en" dir="ltr"' in answer.text
    assert "*5550" in answer.text
    assert "script" not in answer.text
    assert sent.kept == []


def test_a_click_costs_few_statements_and_a_million_of_them_no_room(
    engine: Engine, open_doors: Open
) -> None:
    sent = Sent(engine, trigger())
    client = visitor(open_doors, sent.house)
    client.get(sent.path)

    again = counted(engine, lambda: client.get(sent.path))
    for _ in range(105):
        client.head(sent.path)

    assert again <= 6
    assert len(sent.kept) == 100


def test_a_survey_is_asked_in_both_languages_and_answered_by_one_tap(
    engine: Engine, open_doors: Open
) -> None:
    sent = Sent(engine, ASKS, LISTENS.format(event="survey.answered"), language="he")
    client = visitor(open_doors, sent.house)

    page = client.get(sent.path)
    done = client.post(sent.path, data={"score": "2", "text": ""})

    assert page.status_code == 200
    assert '<html lang="he" dir="rtl">' in page.text
    assert "איך היה &lt;אצלנו&gt;?" in page.text
    assert "How was it &amp; why?" in page.text
    assert page.text.count('name="score"') == 11
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert done.status_code == 200
    assert "תודה" in done.text
    [row] = sent.house.rows(answers)
    assert (row.score, row.text, row.channel, row.survey) == (2, None, "page", "asked")
    (_, _), (id_, data) = sent.told
    assert id_ == "survey.answered"
    assert data == {
        "trigger": "asks", "key": "k 1", "message_id": sent.post.message.id, "message": "asked",
        "survey": "asked", "channel": "page", "score": 2, "has_text": False,
        "cause": {"cart": "k 1"},
    }  # fmt: skip


def test_the_first_number_counts_and_words_may_follow(engine: Engine, open_doors: Open) -> None:
    sent = Sent(engine, ASKS)
    client = visitor(open_doors, sent.house)

    client.post(sent.path, data={"score": "2"})
    client.post(sent.path, data={"score": "9"})
    client.post(sent.path, data={"text": "ארוך\x00 מדי"})
    again = client.get(sent.path)

    [row] = sent.house.rows(answers)
    assert (row.score, row.text) == (2, "ארוך מדי")
    assert [data["score"] for id_, data in sent.told if id_ == "survey.answered"] == [2]
    assert "Thank you" in again.text
    assert "<form" not in again.text
    assert "ארוך" not in again.text


def test_a_number_after_words_is_told_of_as_well(engine: Engine, open_doors: Open) -> None:
    sent = Sent(engine, ASKS)
    client = visitor(open_doors, sent.house)

    client.post(sent.path, data={"text": "nobody came"})
    client.post(sent.path, data={"score": "0"})

    told = [(id_, data.get("score"), data["has_text"]) for id_, data in sent.told]
    assert told == [("survey.answered:in_words", None, True), ("survey.answered", 0, True)]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"score=11", b"score=-1", b"score=%D9%A1", b"score=1.5", b"score=" + b"1" * 5000,
        b"\xff\xfe", b"text=+++", b"&".join(b"a=1" for _ in range(50)),
    ],
)  # fmt: skip
def test_what_answers_nothing_is_asked_again(
    sqlite_database_url: str, engine_of: Any, open_doors: Open, body: bytes
) -> None:
    sent = Sent(engine_of(sqlite_database_url), ASKS)

    answer = visitor(open_doors, sent.house).post(sent.path, content=body)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert sent.house.rows(answers) == []


def test_no_answer_is_taken_where_nothing_was_asked_or_after_its_time(
    engine: Engine, open_doors: Open
) -> None:
    plain = Sent(engine, trigger())
    client = visitor(open_doors, plain.house)
    assert client.post(plain.path, data={"score": "1"}).status_code == 404

    in_transaction(engine, lambda c: c.execute(update(links).values(name="answer")))
    plain.ends(LONG_AGO)
    assert client.post(plain.path, data={"score": "1"}).status_code == 410
    assert plain.house.rows(answers) == []
