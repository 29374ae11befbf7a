"""Through real processes, in Hebrew and English: does what a customer does change what is next?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests import servers
from tests.journeys.situations import SITUATIONS
from tests.journeys.stage import Stage, stage, start_separately
from tests.journeys.talking import (
    LANGUAGES,
    OPERATOR,
    SECRET,
    Listener,
    Somebody,
    choose,
    follow,
    link_in,
    page_of,
    telling,
)
from tests.worker.returned import away, complaint, delivery_report

# one stage for all of them: it is started once, and each has customers of his own
pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("talking back")]

PLAN, CHECKS, CLAIM, SURVEY = (SITUATIONS[number] for number in (0, 2, 3, 4))
MAIL = {"content-type": "message/rfc822"}
PREVIEW = "WhatsApp/2.24.20.81 A"
BOOK = {"he": "נותרו מעט שיקים", "en": "few checks are left"}
SAYS_FIVE, SAYS_ONE = {"he": "חמש", "en": "5"}, {"he": "אחת", "en": "one"}
NOTE = "דיברנו, הכול ברור · all is clear now"


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.server.close()


@pytest.fixture(scope="module")
def one(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: str,
    session_name: str,
    redis_url: str,
    listener: Listener,
) -> Iterator[Stage]:
    database = f"talking_{session_name}"
    url = servers.fresh_database(postgres_server, database)
    folder = tmp_path_factory.mktemp("talking")
    with stage(folder, url, redis_url, configure=lambda folder: telling(folder, listener)) as made:
        hooks = {"OUTREACH_WEBHOOK_SECRETS": f"crm=whsec_{SECRET}"}
        made.environment = {**made.environment, **hooks}
        start_separately(made)
        yield made
        assert set(made.stop().values()) == {0}
    servers.drop_database(postgres_server, database)


def test_mail_that_comes_back_and_a_complaint_change_the_next_message(one: Stage) -> None:
    both = ["email", "sms"]
    bounced = [Somebody.known(one, "bounced", name, channels=both) for name in LANGUAGES]
    complained = [Somebody.known(one, "complained", name, channels=["email"]) for name in LANGUAGES]
    absent = [Somebody.known(one, "absent", name, channels=["email"]) for name in LANGUAGES]
    back: dict[str, Callable[[str], bytes]] = {
        "bounced": delivery_report, "complained": complaint, "absent": away
    }  # fmt: skip
    everybody = [*bounced, *complained, *absent]
    for who in everybody:
        one.publish(*PLAN.ripe(f"plan-{who.id}", who.id))

    for who in everybody:
        [letter] = who.letters()
        assert PLAN.words[who.language] in letter["subject"] + letter["text"]
        mail = back[who.id.partition("-")[0]](letter["from"])
        told = httpx.post(
            f"{one.url}/webhooks/email", content=mail, headers={**MAIL, **OPERATOR}, timeout=20
        )
        assert told.status_code == 204
    for who in bounced:
        (text,) = who.texts()
        assert PLAN.words[who.language].lower() in text.lower(), "the same message by the next way"
    for who in everybody:
        one.until(lambda: who.story("receipt")[0]["state"] != "new", "the mail read")  # noqa: B023
        one.publish(*CHECKS.ripe(f"book-{who.id}", who.id))

    for who in bounced:
        assert BOOK[who.language] in who.texts(2)[1], "the bad address is used no more"
        assert len(one.mail_to(who.email)) == 1
    for who in complained:
        who.refused()
        assert len(one.mail_to(who.email)) == 1
    for who in absent:
        letter = who.letters(2)[1]
        assert CHECKS.words[who.language] in letter["subject"] + letter["text"]


def test_what_is_chosen_on_the_preference_page_is_how_the_next_message_comes(one: Stage) -> None:
    both = ["email", "sms"]
    chosen = [Somebody.known(one, "chosen", name, channels=both) for name in LANGUAGES]
    called = [Somebody.known(one, "called", name, channels=both) for name in LANGUAGES]
    left = [Somebody.known(one, "left", name, channels=["email"]) for name in LANGUAGES]
    clicked = [Somebody.known(one, "oneclick", name, channels=["email"]) for name in LANGUAGES]
    everybody = [*chosen, *called, *left, *clicked]
    other = dict(zip(LANGUAGES, reversed(LANGUAGES), strict=True))
    for who in everybody:
        one.publish(*PLAN.ripe(f"plan-{who.id}", who.id))

    pages = {who.id: page_of(who.letters()[0], one) for who in everybody}
    for who in chosen:
        choose(pages[who.id], order=["sms-email"], language=[other[who.language]])
    for who in called:
        choose(pages[who.id], person=["1"])
    for who in left:
        httpx.post(pages[who.id], data={"action": "leave"}, timeout=20)
    for who in clicked:
        assert follow(pages[who.id]).status_code == 200, "which only shows it"
        click = {"List-Unsubscribe": "One-Click"}
        assert httpx.post(pages[who.id], data=click, timeout=20).status_code == 200
    for who in everybody:
        one.publish(*CHECKS.ripe(f"book-{who.id}", who.id))

    for who in chosen:
        assert BOOK[other[who.language]] in who.texts()[0]
    for who in called:
        [call] = who.calls()
        assert (call["trigger"], call["state"]) == ("low_checkbook", "open")
    for who in [*left, *clicked]:
        who.refused()
    assert {len(one.mail_to(who.email)) for who in everybody} == {1}


def test_a_click_calls_off_what_waits_and_a_preview_does_not(one: Stage) -> None:
    readers = [Somebody.known(one, "reader", name) for name in LANGUAGES]
    for who in readers:
        one.publish(*CLAIM.ripe(f"claim-{who.id}", who.id))

    for who in readers:
        [text] = who.texts()
        link = link_in(text, one)
        one.until(lambda: waits(who) == {"pending"}, "a call that waits")  # noqa: B023
        assert follow(link, PREVIEW).status_code == 302
        assert waits(who) == {"pending"}
        assert follow(link).headers["location"].endswith(f"/claims/claim-{who.id}")
    for who in readers:
        one.until(lambda: waits(who) == {"called_off"}, "the call called off")  # noqa: B023


def waits(who: Somebody) -> set[str]:
    found = who.story("occurrence")
    return {str(each["state"]) for each in found if each["trigger"] == "nobody_looked"}


def test_a_survey_is_answered_by_sms_and_a_low_answer_asks_for_a_call(one: Stage) -> None:
    glad = {Somebody.known(one, "glad", name): words for name, words in SAYS_FIVE.items()}
    angry = {Somebody.known(one, "angry", name): words for name, words in SAYS_ONE.items()}
    for who in [*glad, *angry]:
        one.publish(*SURVEY.ripe(f"call-{who.id}", who.id))

    for who, words in [*glad.items(), *angry.items()]:
        assert SURVEY.words[who.language] in who.texts()[0]
        who.write(words)
    for who in angry:
        [call] = who.calls()
        assert (call["trigger"], call["queue"]) == ("call_unsettled", "retention")
        assert [said["score"] for said in who.story("answer")] == [1]
    for who in glad:
        [said] = one.until(lambda: who.story("answer"), "the answer")  # noqa: B023
        assert (said["score"], said["channel"]) == (5, "sms")
        assert who.story("handoff") == []


def test_who_asks_for_a_person_or_is_not_understood_is_taken_up_and_done_with(one: Stage) -> None:
    asked = {"he": "נציג", "en": "agent"}
    unclear = {"he": "הסל הכחול בבקשה", "en": "the blue one on Tuesday"}
    people = {
        Somebody.known(one, kind, name): words[name]
        for kind, words in (("asks", asked), ("unclear", unclear))
        for name in LANGUAGES
    }
    for who in people:
        one.publish(*PLAN.ripe(f"plan-{who.id}", who.id))
    for who, words in people.items():
        [sent] = who.texts()
        who.write(words)
        [call] = who.calls()

        assert (call["queue"], call["inbound"]["text"]) == ("retention", words)
        assert settle(one, call, "taken", "noa").json()["taken_by"] == "noa"
        assert settle(one, call, "taken", "omer").status_code == 409
        done = settle(one, call, "done", "noa", note=NOTE)

        assert done.json()["state"] == "done"
        [told], [wrote] = who.story("handoff"), who.story("reply")
        assert (told["state"], told["note"], told["text"]) == ("done", NOTE, words)
        assert wrote["meaning"] == ("person" if who.id.startswith("asks") else "unclear")
        [message] = who.story("message")
        assert [each["text"] for each in message["attempts"]] == [sent]
    one.heard.append(NOTE)


def settle(one: Stage, call: dict[str, object], state: str, by: str, **more: str) -> httpx.Response:
    said = {"state": state, "by": by, **more}
    return httpx.post(
        f"{one.url}/v1/handoffs/{call['id']}", json=said, headers=OPERATOR, timeout=20
    )


def test_another_system_that_failed_is_told_again_and_can_tell_that_it_is_us(
    one: Stage, listener: Listener
) -> None:
    """The listener refuses every first telling, and whatever is not rightly signed."""
    told = {Somebody.known(one, "told", name): words for name, words in SAYS_ONE.items()}
    for who in told:
        one.publish(*SURVEY.ripe(f"call-{who.id}", who.id))
    for who, words in told.items():
        who.texts()
        who.write(words)

    for who in told:
        for type_ in ("survey.answered", "outreach.handed_over"):
            first, *again = one.until(lambda: listener.told(type_, who.id), type_)  # noqa: B023
            assert again == [first]
            assert first["specversion"] == "1.0"
        [answered, _] = listener.told("survey.answered", who.id)
        assert (answered["data"]["score"], answered["data"]["channel"]) == (1, "sms")
