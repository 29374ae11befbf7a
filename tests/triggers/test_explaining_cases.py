"""Does every occurrence say what became of it, by which word, in both languages?"""

from __future__ import annotations

import re
from datetime import timedelta
from string import Formatter

import pytest

from tests.triggers.accounts import LATER, NOON, call, dossier, occurred, plan, told
from tests.triggers.worlds import event
from triggers.explaining import english, hebrew
from triggers.explaining.known import Occurred
from triggers.explaining.told import Attempt, Message, Person, Point
from triggers.facts import Spent
from triggers.verdicts import Reason

MARKS = re.compile("[\u2066-\u2069]")
PLACE = "config/triggers/plan_ending.yaml"
POLICY = "config/outreach.yaml"
PAID = event("plan.renewed", "2026-11-03 13:00", "e2", data={"plan_id": "p1"})
OFF = event("plan.updated", "2026-11-03 13:00", "e2", data={"plan_id": "p1", "status": "ended"})
HOUR = timedelta(hours=1)


def message(state: str | None, why: str | None = None, *attempts: Attempt) -> Message:
    return Message("m" * 32, "plan_ending", "sms", state, why, attempts)


def person(state: str, by: str | None = None) -> Person:
    return Person("h" * 32, "retention", state, LATER, by)


def pointed(case: Occurred, *more: object, lang: str = "en", **profile: object) -> Point:
    facts = [plan(), *more]
    of = dossier("plan_ending", facts, cases=[case], profile=dict(profile))  # type: ignore[arg-type]
    return told(of, lang).points[0]


SETTINGS: list[tuple[Reason, str, str]] = [
    (Reason.EXPIRED, "", f"(limits.expires: 5d, {PLACE}:11)"),
    (Reason.COOLDOWN, "", f"(limits.cooldown: 7d, {PLACE}:11)"),
    (Reason.RAMP, "", f"(limits.ramp: 50%, {PLACE}:11)"),
    (Reason.HOLDOUT, "", f"(limits.holdout: 10%, {PLACE}:11)"),
    (Reason.PACE, "", f"(limits.pace: 9 per 1h, {PLACE}:11)"),
    (Reason.PACE, "calls wait: retention", f"(agents.retention.open: 20, {POLICY}:12)"),
    (Reason.MODE_OFF, "", f"(limits.mode is not written and so is live, {PLACE}:11)"),
    (Reason.NO_ADDRESS, "sms: none", f"(send, {PLACE}:8)"),
    (Reason.QUIET, "", f"(quiet.nightly: {{nights: 21:00 to 08:30}}, {POLICY}:10)"),
    (Reason.RATE, "", f"(sms.rate: 10 per 1s, {POLICY}:13)"),
    (Reason.FUSE, "customer", f"(fuse.customer: 6 per 1h, {POLICY}:14)"),
    (Reason.FUSE, "trigger", f"(fuse.trigger: 1000 per 1h, {POLICY}:14)"),
    (Reason.SPEND, "", f"(spend: {{total: 500 per 1d}}, {POLICY}:15)"),
    (Reason.PAUSED, "trigger:plan_ending", "."),
    (Reason.SUPPRESSED, "sms", "."),
    (Reason.BREAKER, "", "."),
]


@pytest.mark.parametrize(("reason", "detail", "setting"), SETTINGS)
def test_a_gate_names_its_word_with_file_and_line(
    reason: Reason, detail: str, setting: str
) -> None:
    point = pointed(occurred("skipped", reason=reason, detail=detail))

    assert point.why == reason
    assert point.sentence.removesuffix(".").endswith(setting.removesuffix(".")), point.sentence
    assert (point.setting is None) == (setting == ".")


def test_a_cap_and_a_consent_are_words_of_the_category() -> None:
    case = occurred(
        "skipped", "once_only", key="c1", epoch="once", reason="cap", detail="marketing"
    )
    [point] = told(dossier("once_only", [call("e1")], cases=[case])).points

    assert point.sentence == (
        "It kept silent about c1 for good at 2026-11-03 12:00: the customer has had as many"
        f" messages of the category marketing as he may (categories.marketing.caps: [2 per 1d,"
        f" 5 per 7d], {POLICY}:6)."
    )


CASES: list[tuple[Occurred, tuple[object, ...], str, str]] = [
    (
        occurred("pending", due=LATER),
        (),
        "It waits about p1 until 2026-11-20 12:00; then it asks everything once more.",
        "הטריגר ממתין לגבי p1 עד 20.11.2026 12:00, ואז יבדוק הכול שוב.",
    ),
    (
        occurred("pending", due=LATER - HOUR),
        (),
        "It has been due about p1 since 2026-11-20 11:00, and asks everything once more as its turn"
        " comes.",
        "המועד הגיע לגבי p1 ב־20.11.2026 11:00, והטריגר יבדוק הכול שוב כשיגיע תורו.",
    ),
    (
        occurred("pending", due=LATER, reason="quiet"),
        (),
        "It was put off about p1 until 2026-11-20 12:00: it is a quiet time for the customer"
        f" (quiet.nightly: {{nights: 21:00 to 08:30}}, {POLICY}:10).",
        "ההודעה נדחתה לגבי p1 עד 20.11.2026 12:00: זו שעת שקט אצל הלקוח"
        f" (quiet.nightly: {{nights: 21:00 to 08:30}}, {POLICY}:10).",
    ),
    (
        occurred("called_off", reason="called_off", at=NOON + HOUR),
        (PAID,),
        "It was called off about p1 at 2026-11-03 13:00 by the plan.renewed of 2026-11-03 13:00"
        f" (unless, {PLACE}:7).",
        "ההודעה בוטלה לגבי p1 ב־3.11.2026 13:00 בעקבות אירוע plan.renewed מ־3.11.2026 13:00"
        f" (unless, {PLACE}:7).",
    ),
    (
        occurred("skipped", reason="expired", at=LATER),
        (plan(),),
        "It kept silent about p1 for good at 2026-11-20 12:00: its time had run out, for it was of"
        f" use only until 2026-11-29 10:00 (limits.expires: 5d, {PLACE}:11).",
        "הטריגר החליט סופית לשתוק לגבי p1 ב־20.11.2026 12:00: תם הזמן שבו היה בה טעם, עד"
        f" 29.11.2026 10:00 (limits.expires: 5d, {PLACE}:11).",
    ),
    (
        occurred("called_off", reason="trigger_removed"),
        (),
        "It was called off about p1 at 2026-11-03 12:00: the trigger was removed.",
        "ההודעה בוטלה לגבי p1 ב־3.11.2026 12:00: הטריגר הוסר.",
    ),
    (
        occurred("held_out", reason="holdout"),
        (),
        "It kept silent about p1 on purpose at 2026-11-03 12:00: the customer is one of those held"
        f" out, so that the effect can be measured (limits.holdout: 10%, {PLACE}:11).",
        "הטריגר שתק לגבי p1 בכוונה ב־3.11.2026 12:00: הלקוח בקבוצת הביקורת, כדי שאפשר יהיה למדוד את"
        f" ההשפעה (limits.holdout: 10%, {PLACE}:11).",
    ),
    (
        occurred("messaged", message=message("delivered")),
        (),
        "It wrote about p1 at 2026-11-03 12:00 by sms: it has arrived.",
        "הטריגר כתב ללקוח לגבי p1 ב־3.11.2026 12:00 באמצעות sms: ההודעה הגיעה.",
    ),
    (
        occurred("messaged", message=message("failed", "30003")),
        (),
        "It wrote about p1 at 2026-11-03 12:00 by sms: it failed for good (30003).",
        "הטריגר כתב ללקוח לגבי p1 ב־3.11.2026 12:00 באמצעות sms: ההודעה נכשלה סופית (30003).",
    ),
    (
        occurred("messaged", message=message("parked", "missing: customer.name")),
        (),
        "It meant to write about p1 at 2026-11-03 12:00, but the message waits for one of us to"
        " decide (missing: customer.name).",
        "הטריגר התכוון לכתוב ללקוח לגבי p1 ב־3.11.2026 12:00, אבל ההודעה ממתינה להחלטה שלנו"
        " (missing: customer.name).",
    ),
    (
        occurred("messaged", message=message(None)),
        (),
        "It wrote about p1 at 2026-11-03 12:00 by sms; how that stood at the moment asked about is"
        " not kept.",
        "הטריגר כתב ללקוח לגבי p1 ב־3.11.2026 12:00 באמצעות sms; מה היה מצב ההודעה במועד שעליו"
        " נשאל, לא נשמר.",
    ),
    (
        occurred("handed_over", person=person("taken", "Noa")),
        (),
        "It asked a person of retention to call about p1 at 2026-11-03 12:00: Noa has taken the"
        " call, which is due by 2026-11-20 12:00.",
        "הטריגר ביקש מנציג בתור retention להתקשר לגבי p1 ב־3.11.2026 12:00: בטיפול של Noa, ויש"
        " להתקשר עד 20.11.2026 12:00.",
    ),
]


@pytest.mark.parametrize(("case", "more", "en", "he"), CASES)
def test_a_case_is_told_in_both_languages(
    case: Occurred, more: tuple[object, ...], en: str, he: str
) -> None:
    assert pointed(case, *more).sentence == en
    assert MARKS.sub("", pointed(case, *more, lang="he").sentence) == he


def test_of_a_time_that_is_not_known_any_more_nothing_is_made_up() -> None:
    case = occurred("skipped", reason="expired", at=LATER)

    [point] = told(dossier("plan_ending", cases=[case])).points

    assert point.sentence == (
        "It kept silent about p1 for good at 2026-11-20 12:00: its time had run out"
        f" (limits.expires: 5d, {PLACE}:11)."
    )


def test_a_condition_is_told_part_by_part_with_what_its_segments_rest_on() -> None:
    case = occurred("handed_over", person=person("open"))
    when, route, segment = pointed(case, age=75).conditions

    assert (when.word, when.answer, str(when.place)) == ("when", "yes", f"{PLACE}:5")
    assert [(one.text, one.answer) for one in when.parts] == [
        ('event.data.status == "active"', "yes"),
        ("event.data.amount >= 100", "yes"),
    ]
    assert when.parts[1].parts[0].value == 200
    assert (route.word, route.answer, str(route.place)) == ("send 1 when", "yes", f"{PLACE}:9")
    assert (segment.word, segment.text, segment.answer) == (
        "segment.senior", "customer.age >= 70", "yes",
    )  # fmt: skip


def test_what_was_unknown_of_the_customer_is_named() -> None:
    case = occurred("messaged", message=message("sent"))
    _, route, segment = pointed(case).conditions

    assert (route.answer, route.unknown) == ("unknown", ("segment.senior",))
    assert segment.unknown == ("customer.age",)


def test_an_event_that_no_longer_qualifies_shows_the_condition_it_missed() -> None:
    case = occurred("called_off", reason="disarmed", at=NOON + HOUR)
    point = pointed(case, OFF)

    assert [(one.word, one.answer) for one in point.conditions] == [("when", "no")]
    assert [one.id for one in point.causes] == ["e2", "e1"]


def test_what_ended_a_case_is_no_silence_beside_it() -> None:
    case = occurred("called_off", reason="disarmed", at=NOON + HOUR)

    [point] = told(dossier("plan_ending", [plan(), OFF], cases=[case])).points

    assert point.outcome == "called_off"


def test_facts_that_came_after_the_decision_change_nothing_in_it() -> None:
    later = plan("e2", "2026-11-10 12:00", amount=7)
    of = dossier("plan_ending", [plan(), later], cases=[occurred("messaged")])
    _, case = told(of).points

    assert case.outcome == "messaged"
    assert case.conditions[0].parts[1].parts[0].value == 200


def test_the_provider_s_code_is_told_and_no_address() -> None:
    tried = Attempt(1, "sms", "refused", NOON, "21610", "opted out")
    point = pointed(occurred("messaged", message=message("failed", "21610", tried)))

    assert point.message is not None
    assert point.message.attempts == (tried,)
    assert not hasattr(tried, "address")


def test_only_the_newest_cases_are_told_and_the_others_counted() -> None:
    cases = [
        occurred("messaged", key=f"p{number}", at=NOON + number * HOUR, message=message("sent"))
        for number in range(5)
    ]
    found = told(dossier("plan_ending", cases=cases, older=7))

    assert [one.key for one in found.points] == ["p4", "p3", "p2", "p1", "p0"]
    assert found.more == 7
    assert found.sentence == found.points[0].sentence


def fields(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("table", ["SENTENCES", "REASONS", "MESSAGES", "CALLS"])
def test_both_languages_say_the_same_things(table: str) -> None:
    en, he = getattr(english, table), getattr(hebrew, table)

    assert {name: fields(words) for name, words in en.items()} == {
        name: fields(words) for name, words in he.items()
    }


def test_every_reason_has_words() -> None:
    assert english.REASONS.keys() >= set(Reason)


def test_a_count_is_told_as_it_went_on_from_the_one_before() -> None:
    """One that came late, of before the first, moves nothing that was decided."""
    calls = [call(f"e{day}", f"2026-11-0{day} 12:00") for day in range(1, 9)]
    late = call("e0", "2026-10-31 12:00")
    spent = [Spent("e4", calls[3].order), Spent("e8", calls[7].order)]
    case = occurred("messaged", "calls", key="c1", epoch="e8", at=LATER)

    [point] = told(dossier("calls", [late, *calls], spent=spent, cases=[case])).points

    assert [one.id for one in point.causes] == ["e8"]
