"""Has whoever opens a customer's page the whole story, and why what did not happen did not?"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from sqlalchemy import Connection, delete, insert

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.lives import DANA, HTML, lived
from tests.worker.http.console.reading import HOME, look, one, told
from tests.worker.http.console.visiting import Visitor
from tests.worker.http.console.world import EVIL, HOUR, event_row, store
from tests.worker.http.house import House
from triggers.verdicts import Reason
from worker.http.console.customer_story import tone
from worker.http.console.words import EVERY
from worker.lifecycle import AttemptState, EventState, HandoffState, MessageState, OccurrenceState
from worker.steps.book import Ruling
from worker.store.engine import in_transaction
from worker.store.tables import activations, customers, events, refusals, suppressions


@pytest.fixture
def now(house: House) -> datetime:
    return lived(house)


@pytest.fixture
def viewer(now: datetime, visit: Visit) -> Visitor:
    return visit("viewer")


@pytest.mark.parametrize(
    "words",
    [
        "contacted us support.contacted from callcentre",
        " topic bill ",
        "arrived message plan_ending שלום דנה, התוכנית p700",
        "link opened by a person",
        "wrote to us not understood נמאס לי כבר",
        "survey plan : 2 לקח יותר מדי זמן",
        "refused messages SMS (a text that may be a refusal",
        "made one with dana-old",
        "profile from crm age 70 71 Consent marketing : yes",
        "done handed to people, queue retention · noa",
        "failed message plan_ending · did not arrive Your plan ends As it looked",
        "put off plan_ending p700 · quiet hours · until",
    ],
)
def test_every_kind_of_thing_that_happened_is_told(viewer: Visitor, words: str) -> None:
    assert one(look(viewer), words)


def test_what_is_told_beside_something_else_is_left_out_until_it_is_asked_for(
    viewer: Visitor,
) -> None:
    twice = ("arrived told by twilio", "outreach.sent")

    assert not [each for each in told(look(viewer)) if any(words in each for words in twice)]
    for words in twice:
        assert one(look(viewer, every="1"), words)


def test_why_not_stands_beside_everything_that_did_not_happen(viewer: Visitor) -> None:
    page = look(viewer)

    assert "kept silent about p701 for good" in one(page, "not sent plan_ending p701")
    assert "event.data.amount >= 100" in one(
        page, "event plan.ending from billing amount 20 plan_id p702"
    )
    assert "quiet" in one(page, "waits plan_ending p702")
    # of a case that went on since, only what was decided then can be said beside it
    assert "It wrote" not in one(page, "put off plan_ending p700")
    for each in told(page):
        if each.partition(" ")[0] in ("not", "put"):
            assert "Why not? As it was known then" in each


def test_what_is_asked_of_a_moment_is_told_as_it_was_known_then(
    viewer: Visitor, now: datetime
) -> None:
    then = (now - 47 * HOUR + timedelta(minutes=1)).isoformat()

    page = look(viewer, trigger="plan_ending", at=then)
    why = page.partition('id="why"')[2]

    assert "As it was known at" in why
    assert "put off about p700" in why
    assert "p701" not in why
    assert "never_heard" not in why


def test_a_moment_of_the_house_may_be_written_without_its_zone(viewer: Visitor) -> None:
    assert "As it was known at" in look(viewer, at="2026-11-21T10:00")
    assert "no moment that can be read" in look(viewer, at="yesterday")


def test_a_long_story_is_turned_page_by_page_and_nothing_is_told_twice_or_left_out(
    viewer: Visitor, house: House, now: datetime
) -> None:
    rows = [event_row(n, now - n * HOUR, customer_id="long", data={"n": n}) for n in range(1, 71)]
    in_transaction(house.engine, lambda c: c.execute(insert(events), rows))
    seen: list[str] = []
    page = look(viewer, "long")
    for _ in range(9):
        seen += re.findall(r"n</bdi> <bdi>(\d+)<", page)
        older = re.search(r'href="\?([^"]+)">Older', page)
        if older is None:
            break
        page = unescape(viewer.get(f"{HOME}?{older[1]}").text)

    assert seen == [str(n) for n in range(1, 71)]


def test_what_is_told_twice_is_shown_on_demand(viewer: Visitor) -> None:
    plain, every = look(viewer), look(viewer, every="1")

    assert "outreach.sent" not in plain
    assert "outreach.sent" in every
    assert one(every, "sent plan_ending p700")


def test_what_waits_what_he_refused_and_who_is_to_call_stand_at_the_top(viewer: Visitor) -> None:
    page = look(viewer)
    side = page.partition('id="who"')[2]

    assert "Refuses messages by SMS" in page.partition('<div class="around">')[0]
    assert "plan_ending" in side.partition("What waits")[2].partition("</ul>")[0]
    calls = side.partition("Calls to be made")[2].partition("</ul>")[0]
    assert calls.count("/console/queue/") == 3


def test_a_refusal_is_shown_where_the_customer_was_never_written_to(
    viewer: Visitor, house: House, now: datetime
) -> None:
    said = {"address_hash": house.hasher.address("email", "new@mail.example"), "channel": "email",
            "category": "*", "source": "provider complaint", "at": now}  # fmt: skip
    profile = {"profile": {"email": "New@mail.example"}, "field_orders": {}, "updated_at": now}

    def write(connection: Connection) -> None:
        store(connection, customers, id="new", **profile)
        store(connection, suppressions, **said)
        store(connection, refusals, **said, said="refused", proof={})

    in_transaction(house.engine, write)

    page = look(viewer, "new")
    assert "Refuses messages by email" in page
    assert "a complaint at the provider" in one(page, "refused messages email")


def test_an_email_is_shown_as_it_looked_where_nothing_of_it_can_act(viewer: Visitor) -> None:
    [frame] = re.findall(r"<iframe ([^>]+)>", look(viewer))
    source = re.search(r'src="([^"]+)"', frame)
    assert source is not None

    mail = viewer.get(source[1])

    assert " sandbox " in frame
    assert "allow" not in frame
    assert mail.text == HTML
    policy = mail.headers["content-security-policy"]
    assert policy.endswith("; sandbox")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert mail.headers["x-frame-options"] == "SAMEORIGIN"
    page_policy = viewer.get(f"{HOME}?id={DANA}").headers["content-security-policy"]
    assert "frame-src 'self'" in page_policy


@pytest.mark.parametrize(
    "query", ["", "message=x", "message=x&number=1", "message=a%00b&number=1", "number=x",
              f"message={'0' * 32}&number=99999999999999999999"]
)  # fmt: skip
def test_a_mail_there_is_not_is_404(viewer: Visitor, query: str) -> None:
    assert viewer.get(f"{HOME}/mail?{query}").status_code == 404


@pytest.mark.parametrize(
    "asked", [{"after": "x"}, {"after": "a\x00"}, {"at": "9999999"}, {"trigger": "none"},
              {"trigger": EVIL, "at": EVIL}, {"at": "0001-01-01T00:00"}]
)  # fmt: skip
def test_what_makes_no_sense_does_no_harm(viewer: Visitor, asked: dict[str, str]) -> None:
    assert told(look(viewer, **asked))


def test_whatever_others_have_written_is_shown_and_never_obeyed(viewer: Visitor) -> None:
    text = viewer.get(f"{HOME}?{urlencode({'id': EVIL})}").text

    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "{{7*7}}" in text


def test_without_a_configuration_the_story_is_told_all_the_same(
    viewer: Visitor, house: House
) -> None:
    house.current = None
    in_transaction(house.engine, lambda c: c.execute(delete(activations)))

    page = look(viewer)

    assert len(told(page)) > 15
    assert "No configuration is in force" in page


def test_every_reason_and_state_has_words_of_its_own() -> None:
    kinds = {"reason": Reason, "message": MessageState, "attempt": AttemptState}
    wanted = {f"story.{kind}.{one}" for kind, those in kinds.items() for one in those}
    wanted |= {f"story.verdict.{one}" for those in (Ruling, OccurrenceState) for one in those}
    wanted |= {f"story.event.{one}" for one in EventState if one != EventState.READ}
    wanted |= {f"queue.state.{one}" for one in HandoffState}

    assert wanted - set(EVERY) == set()
    assert {tone("delivered"), tone("failed"), tone("later"), tone("x")} == {
        " good", " bad", " warn", ""
    }  # fmt: skip
