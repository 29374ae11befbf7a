"""Does every kind of silence have its reason, in both languages, with the place of the word?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.triggers.accounts import NOON, call, dossier, occurred, plan, told
from tests.triggers.worlds import at, event
from triggers.conditions import Condition, Env
from triggers.events import Order
from triggers.explaining.asked import HIDDEN, asked
from triggers.explaining.known import Dossier, Seen
from triggers.explaining.told import SILENT, Cause, Count, Decision, Silence
from triggers.facts import Spent
from triggers.shapes import ANY, Scope

MARKS = re.compile("[\u2066-\u2069]")
PLACE = "config/triggers/plan_ending.yaml"
CALLS = "config/triggers/calls.yaml"
OLD = replace(plan(), received=at("2026-10-01 12:00"))
UNKEYED = event("plan.updated", NOON, "e9", data={"status": "active"})
NO_KEY = Decision(
    NOON, "noted", "no_key", "event.data.plan_id", None, "b" * 32, (Cause("shop", "e9"),)
)

SILENCES: list[tuple[Silence, Dossier, str, str]] = [
    (
        Silence.NO_EVENT,
        dossier("plan_ending"),
        f"It stayed silent: no plan.updated has come for this customer (on, {PLACE}:3).",
        f"הטריגר שתק: לא התקבל אף אירוע plan.updated עבור הלקוח (on, {PLACE}:3).",
    ),
    (
        Silence.ERASED,
        dossier("plan_ending", erased=NOON),
        "It stayed silent: no plan.updated is known of this customer, and what came before"
        f" 2026-11-03 12:00 was erased (on, {PLACE}:3).",
        "הטריגר שתק: לא ידוע על אירוע plan.updated של הלקוח, ומה שהתקבל לפני 3.11.2026 12:00 נמחק"
        f" (on, {PLACE}:3).",
    ),
    (
        Silence.WHEN_FALSE,
        dossier("plan_ending", [plan(amount=40)]),
        "It stayed silent about p1: the plan.updated of 2026-11-03 12:00 did not meet its"
        " condition, because event.data.amount >= 100 is false (event.data.amount is 40)"
        f" (when, {PLACE}:5).",
        "הטריגר שתק לגבי p1: אירוע plan.updated מ־3.11.2026 12:00 לא עמד בתנאי, כי"
        " event.data.amount >= 100 לא מתקיים (הערך של event.data.amount הוא 40)"
        f" (when, {PLACE}:5).",
    ),
    (
        Silence.WHEN_UNKNOWN,
        dossier("plan_ending", [plan(amount=None)]),
        "It stayed silent about p1: nobody can say whether the plan.updated of 2026-11-03 12:00 met"
        " its condition, because event.data.amount >= 100 is unknown (event.data.amount is not"
        f" known) (when, {PLACE}:5).",
        "הטריגר שתק לגבי p1: אי אפשר לדעת אם אירוע plan.updated מ־3.11.2026 12:00 עמד בתנאי, כי לא"
        " ידוע אם event.data.amount >= 100 (הערך של event.data.amount לא ידוע)"
        f" (when, {PLACE}:5).",
    ),
    (
        Silence.NO_KEY,
        dossier("plan_ending", notes=[NO_KEY], starts=[Seen(UNKEYED, "read")]),
        "It stayed silent: the plan.updated of 2026-11-03 12:00 has no value at event.data.plan_id,"
        f" which tells one case from another (key, {PLACE}:4).",
        "הטריגר שתק: באירוע plan.updated מ־3.11.2026 12:00 אין ערך בשדה event.data.plan_id, שמבדיל"
        f" בין מקרה למקרה (key, {PLACE}:4).",
    ),
    (
        Silence.NO_DATE,
        dossier("plan_ending", [plan(end_date=None)]),
        "It stayed silent about p1: the plan.updated of 2026-11-03 12:00 has no date at"
        " event.data.end_date that can be read (wait: 7d before event.data.end_date at 10:00,"
        f" {PLACE}:6).",
        "הטריגר שתק לגבי p1: באירוע plan.updated מ־3.11.2026 12:00 אין בשדה event.data.end_date"
        f" תאריך שאפשר לקרוא (wait: 7d before event.data.end_date at 10:00, {PLACE}:6).",
    ),
    (
        Silence.COUNTING,
        dossier("calls", [call("e1", "2026-11-01 12:00"), call("e2"), call("e3")]),
        "It stayed silent about c1: the call.ended of 2026-11-03 12:00 brought its count to 3 of 4"
        f" (count: {{reach: 4, within: 30d, distinct: event.data.call_id}}, {CALLS}:4).",
        "הטריגר שתק לגבי c1: אירוע call.ended מ־3.11.2026 12:00 הביא את הספירה ל־3 מתוך 4"
        f" (count: {{reach: 4, within: 30d, distinct: event.data.call_id}}, {CALLS}:4).",
    ),
    (
        Silence.NOT_COUNTED,
        dossier("calls", [call("e1"), call("e2", "2026-11-04 12:00", call_id=None)]),
        "It stayed silent about c1: the call.ended of 2026-11-04 12:00 was not counted, because"
        " event.data.call_id has no value that can be used"
        f" (count: {{reach: 4, within: 30d, distinct: event.data.call_id}}, {CALLS}:4).",
        "הטריגר שתק לגבי c1: אירוע call.ended מ־4.11.2026 12:00 לא נספר, כי בשדה"
        " event.data.call_id אין ערך שאפשר להשתמש בו"
        f" (count: {{reach: 4, within: 30d, distinct: event.data.call_id}}, {CALLS}:4).",
    ),
    (
        Silence.HISTORY,
        dossier("plan_ending", [replace(plan(), history=True)]),
        "It stayed silent about p1: the plan.updated of 2026-11-03 12:00 was published as history,"
        " which starts nothing.",
        "הטריגר שתק לגבי p1: אירוע plan.updated מ־3.11.2026 12:00 פורסם כהיסטוריה, והיסטוריה אינה"
        " מפעילה דבר.",
    ),
    (
        Silence.BEFORE_TRIGGER,
        dossier("plan_ending", [OLD], born=NOON),
        "It stayed silent about p1: the plan.updated of 2026-11-03 12:00 came before the trigger"
        " was put in force at 2026-11-03 12:00.",
        "הטריגר שתק לגבי p1: אירוע plan.updated מ־3.11.2026 12:00 התקבל לפני שהטריגר נכנס לתוקף"
        " ב־3.11.2026 12:00.",
    ),
    (
        Silence.WITHDRAWN,
        dossier("plan_ending", starts=[Seen(plan(), "withdrawn")]),
        "It stayed silent: the plan.updated of 2026-11-03 12:00 was withdrawn.",
        "הטריגר שתק: אירוע plan.updated מ־3.11.2026 12:00 נמשך בחזרה.",
    ),
    (
        Silence.UNREAD,
        dossier("plan_ending", starts=[Seen(plan(), "new")]),
        "It has said nothing yet: the plan.updated of 2026-11-03 12:00 waits to be read.",
        "הטריגר עוד לא אמר דבר: אירוע plan.updated מ־3.11.2026 12:00 ממתין לקריאה.",
    ),
    (
        Silence.SET_ASIDE,
        dossier("plan_ending", starts=[Seen(plan(), "set_aside")]),
        "It has said nothing yet: the plan.updated of 2026-11-03 12:00 could not be read and was"
        " set aside, until somebody replays or dismisses it.",
        "הטריגר עוד לא אמר דבר: אירוע plan.updated מ־3.11.2026 12:00 לא ניתן היה לקריאה והונח בצד,"
        " עד שמישהו יריץ אותו שוב או יבטל אותו.",
    ),
    (
        Silence.SPENT,
        dossier(
            "once_only",
            [call("e1"), call("e2", "2026-11-04 12:00")],
            spent=[Spent("once", Order(NOON, "shop", "e1"))],
        ),
        "It said nothing more about c1: what the call.ended of 2026-11-04 12:00 asks for was"
        " decided before, and nothing is decided twice (again is not written and so is"
        " once, config/triggers/once_only.yaml:1).",
        "הטריגר לא הוסיף דבר לגבי c1: מה שאירוע call.ended מ־4.11.2026 12:00 מבקש כבר הוכרע קודם,"
        " ושום דבר אינו מוכרע פעמיים (again לא נכתב, ולכן once,"
        " config/triggers/once_only.yaml:1).",
    ),
    (
        Silence.FORGOTTEN,
        dossier(
            "once_only",
            [call("e1")],
            spent=[Spent("once", Order(NOON, "shop", "e1"))],
            starts=[Seen(call("e1"), "read")],
        ),
        "Nothing is known about c1 any more: what was decided on the call.ended of 2026-11-03 12:00"
        " is no longer kept.",
        "דבר אינו ידוע עוד לגבי c1: מה שהוכרע בעקבות אירוע call.ended מ־3.11.2026 12:00 כבר אינו"
        " שמור.",
    ),
]


@pytest.mark.parametrize(
    ("why", "of", "english", "hebrew"), SILENCES, ids=[why for why, *_ in SILENCES]
)
def test_a_silence_has_its_reason_in_both_languages(
    why: Silence, of: Dossier, english: str, hebrew: str
) -> None:
    point, he = told(of).points[0], told(of, "he").points[0]

    assert (point.outcome, point.why) == (SILENT, why)
    assert point.sentence == english
    assert MARKS.sub("", he.sentence) == hebrew
    assert replace(he, sentence=english) == point, "all else is the same in every language"


def test_every_kind_of_silence_is_in_the_table() -> None:
    assert {why for why, *_ in SILENCES} == set(Silence)


def test_values_of_another_direction_are_kept_apart_in_hebrew() -> None:
    [point] = told(dossier("plan_ending", [plan(amount=40)]), "he").points

    assert "\u2068event.data.amount\u2069 הוא \u206840\u2069" in point.sentence


def test_hostile_values_take_over_neither_line_nor_terminal() -> None:
    mean = 'p\x1b[2J\u202e{0.__class__}"\n'
    [point] = told(dossier("plan_ending", [plan(plan_id=mean, status="x\x1b\n")])).points

    assert point.sentence.isprintable()
    assert "{0.__class__}" in point.sentence
    assert point.key == mean, "the value itself is as it was"


def test_a_long_value_is_cut_in_the_sentence_only() -> None:
    [point] = told(dossier("plan_ending", [plan(status="x" * 500)])).points

    assert "x" * 70 not in point.sentence
    [when] = point.conditions
    assert when.parts[0].parts[0].value == "x" * 500


def test_a_phone_in_a_condition_is_not_told() -> None:
    condition = Condition('starts_with(customer.phone, "+972")', Scope({"customer": ANY}))
    found = asked("when", condition, Env(customer={"phone": "+972501234567"}))

    assert found.parts[0].value == HIDDEN
    assert "+972501234567" not in repr(found)


def test_a_newer_event_that_started_nothing_is_told_before_an_older_case() -> None:
    cases = [occurred("messaged")]
    of = dossier(
        "plan_ending",
        [plan(), plan("e2", "2026-11-04 12:00", plan_id="p2", status="ended")],
        cases=cases,
    )

    assert [(one.key, one.why) for one in told(of).points] == [
        ("p2", Silence.WHEN_FALSE),
        ("p1", None),
    ]


def test_what_started_something_is_not_told_as_silence() -> None:
    of = dossier("plan_ending", [plan()], cases=[occurred("pending", due=NOON)])

    assert [one.outcome for one in told(of).points] == ["pending"]


def test_what_was_decided_is_forgotten_only_where_it_was_read_and_nothing_is_left() -> None:
    unread = [Seen(call("e1"), "new"), Seen(call("e2"), "new")]
    waits = dossier("once_only", [call("e1")], starts=unread)
    assert [one.why for one in told(waits).points] == [Silence.UNREAD]

    gone = dossier("once_only", [call("e1")], starts=[Seen(call("e1"), "read")])
    assert [one.why for one in told(gone).points] == [Silence.FORGOTTEN]

    case = occurred("pending", "once_only", key="c1", epoch="once")
    kept = replace(gone, cases=[case], decided=frozenset({"c1"}))
    assert [one.outcome for one in told(kept).points] == ["pending"]


def test_an_event_that_left_no_trace_is_not_denied() -> None:
    [point] = told(dossier("plan_ending", starts=[Seen(plan(), "read")])).points

    assert (point.why, point.causes[0].id) == (Silence.FORGOTTEN, "e1")


def test_what_started_a_case_that_is_too_old_to_be_told_is_no_silence() -> None:
    spent = [Spent("once", Order(NOON, "shop", "e1"))]
    newer = occurred("pending", "once_only", key="c2", epoch="once")
    of = dossier("once_only", [call("e1")], spent=spent, cases=[newer], older=1)

    known = replace(of, started=frozenset({("shop", "e1")}), decided=frozenset({"c1", "c2"}))

    assert [one.outcome for one in told(known).points] == ["pending"]


def test_what_came_before_the_trigger_is_not_counted() -> None:
    calls = [call("e1", "2026-11-01 12:00"), call("e2")]

    [point] = told(dossier("calls", calls, born=at("2026-11-02 12:00"))).points

    assert point.count == Count(1, 4)
