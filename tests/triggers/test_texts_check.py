"""Is every mistake in the texts told at once, where it stands?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from triggers.definitions import Category, Policy, SmsPolicy
from triggers.mistakes import Mistake, Severity
from triggers.scopes import COUNT, NOW, customer_shape, event_shape
from triggers.shapes import Scope, Shape
from triggers.texts.check import check_texts

DATA = {
    "type": "object",
    "properties": {
        "plan_id": {"type": "string"},
        "note": {"type": "string", "maxLength": 40},
        "code": {"type": "string", "maxLength": 10},
        "status": {"enum": ["active", "ended"]},
        "end_date": {"type": "string", "format": "date"},
        "amount": {"type": "number"},
        "renew": {"type": "boolean"},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
    },
}
CUSTOMER = {"type": "object", "properties": {"first_name": {"type": "string"}}}
OTHER = {"type": "object", "properties": {"claim_id": {"type": "string"}}}
CATEGORIES = {
    "service": Category("service"),
    "marketing": Category("marketing", consent_required=True),
}
POLICY = Policy(
    languages=("he", "en"),
    categories=CATEGORIES,
    brand={"name": "Bank", "phone": "*5550"},
    country="IL",
    links={"plan": "https://bank.example/p/{event.data.plan_id}"},
    sms=SmsPolicy(max_segments=2),
)


def scope(data: Mapping[str, Any] = DATA) -> Scope:
    return Scope(
        {
            "event": event_shape(Shape.from_schema(data)),
            "customer": customer_shape(Shape.from_schema(CUSTOMER)),
            "count": COUNT,
            "now": NOW,
        }
    )


def check(
    files: Mapping[str, str], scopes: Sequence[Scope] = (scope(),), category: str = "service"
) -> list[Mistake]:
    placed = {f"templates/{name}": text for name, text in files.items()}
    return check_texts(
        placed, scope_of=lambda _: scopes, categories_of=lambda _: [category], policy=POLICY
    )


def told(text: str, file: str = "m/sms.en.txt", **given: Any) -> list[str]:
    return [str(mistake).removeprefix("templates/m/") for mistake in check({file: text}, **given)]


def test_texts_without_a_mistake_are_told_nothing_of() -> None:
    files = {
        "m/sms.he.txt": "שלום {{ customer.first_name }}, עד {{ event.data.end_date | date }}",
        "m/email.en.subject.txt": "{{ brand.name }}: {{ count.value }} of 25",
        "m/email.en.txt": "{% for l in event.data.lines %}{{ l.name }}{% endfor %}\n"
        "{{ links.plan }} {{ links.unsubscribe }} {{ now | date }} {{ trigger }} {{ language }}",
        "m/email.en.html": '<a href="{{ links.plan }}">{{ event.data.amount | money }}</a>.',
        "m/agent.en.txt": "{{ event.data.renew | default('?') }}",
    }

    assert check(files) == []


MISTAKES = [
    ("a\n b {{ event.data.plan_idd }}",
     "sms.en.txt:2:7: 'event.data' has no 'plan_idd', did you mean 'event.data.plan_id'?"),
    ("{{ customer.firstname }}",
     "sms.en.txt:1:4: 'customer' has no 'firstname', did you mean 'customer.first_name'?"),
    ("{{ brand.fone }}",
     "sms.en.txt:1:4: there is no 'brand.fone', did you mean 'phone'?"),
    ("{{ links.plann }}",
     "sms.en.txt:1:4: there is no 'links.plann', did you mean 'plan'?"),
    ("{% for l in event.data.lines %}{{ l.nam }}{% endfor %}",
     "sms.en.txt:1:35: there is no 'l.nam'"),
    ("{% for l in event.data.linez %}x{% endfor %}",
     "sms.en.txt:1:13: 'event.data' has no 'linez', did you mean 'event.data.lines'?"),
    ("{{ event.data.gone | default('x') }}",
     "sms.en.txt:1:4: 'event.data' has no 'gone'"),
    ("{{ event.data.renew }}",
     "sms.en.txt:1:4: event.data.renew is true or false and has no wording"),
    ("{{ event.data.lines }}",
     "sms.en.txt:1:4: event.data.lines is a list and has no wording"),
    ("ok\n{{ 'a' * 9 }}", "sms.en.txt:2:8: * is not allowed in a text"),
    ("ok\n{{ oops", "sms.en.txt:2:1: cannot be read: "),
    ("{{ event.data.end_date }}", "sms.en.txt:1:4: warning: event.data.end_date is a date: write"),
    ("see {{ links.plan }}.",
     "sms.en.txt:1:8: warning: links.plan has a space on both sides, or it may not be clickable"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "mistake"), MISTAKES)
def test_a_mistake_is_told_where_it_stands(text: str, mistake: str) -> None:
    [found] = told(text)

    assert found.startswith(mistake)


def test_a_variable_must_come_with_every_event_its_message_is_sent_for() -> None:
    [found] = told("{{ event.data.plan_id }}", scopes=[scope(), scope(OTHER)])

    assert found.startswith("sms.en.txt:1:4: 'event.data' has no 'plan_id'")


PLACES = [
    ("m/smss.he.txt", "does not begin with a channel, did you mean 'sms'?"),
    ("m/sms.heb.txt", "'heb' is not one of the policy's languages, did you mean 'he'?"),
    ("m/sms.he.html", "the name of a text of sms ends in txt"),
    ("m/sms.txt", "the name of a text of sms ends in txt"),
    ("m/email.he.tx", "of email ends in subject.txt, txt or html, did you mean 'txt'?"),
    ("sms.he.txt", "a text is written at templates/<message>/"),
    ("m/deep/sms.he.txt", "a text is written at templates/<message>/"),
]


@pytest.mark.parametrize(("file", "reason"), PLACES)
def test_a_file_that_is_no_text_is_a_mistake(file: str, reason: str) -> None:
    [mistake] = check({file: "x"})

    assert (mistake.file, mistake.line) == (f"templates/{file}", 1)
    assert reason in mistake.message


@pytest.mark.parametrize(
    ("files", "missing"),
    [(("email.en.txt",), ["email.en.subject.txt"]),
     (("email.en.subject.txt",), ["email.en.txt"]),
     (("email.en.html",), ["email.en.subject.txt", "email.en.txt"]),
     (("email.en.subject.txt", "email.en.txt", "email.he.txt"), ["email.he.subject.txt"])],
)  # fmt: skip
def test_a_letter_needs_its_subject_and_its_text_in_each_language(
    files: tuple[str, ...], missing: list[str]
) -> None:
    found = check({f"m/{name}": "x" for name in files})

    assert [mistake.message for mistake in found] == [f"{m} is missing beside it" for m in missing]


def test_a_subject_is_one_line() -> None:
    found = check({"m/email.en.subject.txt": "one\ntwo\n", "m/email.en.txt": "x"})

    assert [mistake.message for mistake in found] == ["a subject is one line"]


LENGTHS = [
    ("a" * 306, 0),
    ("a" * 307, 3),
    ("ש" * 134, 0),
    ("ש" * 135, 3),
    # the longer branch counts, and a Hebrew branch shorter in letters may count for more
    ("{% if event.data.renew %}" + "a" * 307 + "{% else %}b{% endif %}", 3),
    ("{% if event.data.renew %}" + "a" * 300 + "{% else %}" + "ש" * 135 + "{% endif %}", 3),
    ("{{ '" + "a" * 307 + "' if event.data.renew else 'b' }}", 3),
    ("{% for l in event.data.lines %}" + "a" * 110 + "{% endfor %}", 3),
    # an enum takes its longest value, a date and an amount take theirs
    ("a" * 300 + "{{ event.data.status }}", 0),
    ("a" * 301 + "{{ event.data.status }}", 3),
    ("a" * 288 + " {{ event.data.end_date | date }}", 0),
    ("a" * 289 + " {{ event.data.end_date | date }}", 3),
    # a text of at most 10 characters takes 10
    ("a" * 124 + "{{ event.data.code }}", 0),
    ("a" * 125 + "{{ event.data.code }}", 3),
    # one Hebrew name, or a shekel, makes all of it UCS-2
    ("a" * 110 + "{{ customer.first_name }}", 0),
    ("a" * 111 + "{{ customer.first_name }}", 3),
    # round which phones may need two marks
    ("a" * 108 + "{{ customer.first_name | isolate }}", 0),
    ("a" * 109 + "{{ customer.first_name | isolate }}", 3),
    # our own phone is known, another's may be any
    ("a" * 301 + "{{ brand.phone | phone }}", 0),
    ("a" * 302 + "{{ brand.phone | phone }}", 3),
    ("a" * 291 + "{{ customer.phone | phone }}", 0),
    ("a" * 292 + "{{ customer.phone | phone }}", 3),
    # what stands instead of a missing value may be longer than the value
    ("{{ event.data.status | default('" + "a" * 306 + "') }}", 0),
    ("{{ event.data.status | default('" + "a" * 307 + "') }}", 3),
    ("a" * 134 + "{{ event.data.amount | money }}", 3),
    ("a" * 150 + "{{ event.data.amount }}", 0),
]


@pytest.mark.parametrize(("text", "segments"), LENGTHS, ids=range(len(LENGTHS)))
def test_an_sms_is_measured_at_its_longest(text: str, segments: int) -> None:
    found = [one for one in told(text) if "segments" in one]

    assert [one.partition(" with")[0] for one in found] == (
        [f"sms.en.txt:1:1: takes {segments} segments"] if segments else []
    )


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        # a mark on either side of what may turn a Hebrew line around, and none twice
        ("{{ event.data.status | isolate }}", 126),
        ("{{ event.data.end_date | date | isolate }}", 122),
        ("{{ brand.phone | phone }}", 127),
    ],
)
def test_in_hebrew_the_marks_that_set_words_apart_are_counted(text: str, fits: int) -> None:
    found = [check({"m/sms.he.txt": "ש" * many + text}) for many in (fits, fits + 1)]

    assert [["segments" in one.message for one in some] for some in found] == [[], [True]]


@pytest.mark.parametrize(("letters", "warned"), [(94, []), (95, [Severity.WARNING])])
def test_what_a_schema_merely_allows_is_warned_of(letters: int, warned: list[Severity]) -> None:
    found = check({"m/sms.en.txt": "a" * letters + "{{ event.data.note }}"})

    assert [mistake.severity for mistake in found] == warned


AD = "Ad. Bank: 20 percent. STOP to leave"
ADS = [
    ("m/sms.en.txt", AD, []),
    ("m/sms.en.txt", "Advertisement. {{ links.unsubscribe }}", []),
    ("m/sms.he.txt", "פרסומת: הבנק. להסרה השיבו הסר", []),
    ("m/sms.en.txt", "Bank: add this. STOP to leave", ["the text of an advertisement says"]),
    ("m/sms.he.txt", "Ad: הסר", ["the text of an advertisement says פרסומת"]),
    ("m/sms.en.txt", "Ad. Bank. Nonstop!", ["an advertisement offers a way out"]),
    ("m/agent.en.txt", "Sell them something", []),
]


@pytest.mark.parametrize(("file", "text", "reasons"), ADS)
def test_an_advertisement_says_so_and_offers_a_way_out(
    file: str, text: str, reasons: list[str]
) -> None:
    found = check({file: text}, category="marketing")

    assert len(found) == len(reasons)
    assert all(m.message.startswith(r) for m, r in zip(found, reasons, strict=True))


def test_a_letter_that_advertises_says_so_in_its_subject_and_offers_a_link() -> None:
    letter = {"m/email.he.subject.txt": "מבצע", "m/email.he.txt": "פרסומת, השיבו הסר",
              "m/email.he.html": "<p>פרסומת</p> {{ links.preferences }}"}  # fmt: skip

    found = check(letter, category="marketing")

    assert [(m.file.rpartition("/")[2], m.message[:20]) for m in found] == [
        ("email.he.subject.txt", "the subject of an ad"),
        ("email.he.txt", "an advertisement off"),
    ]


@pytest.mark.parametrize("text", ["ok\na free gift", "ok\nהמבצע נגמר", "ok\n20% off"])
def test_promotion_in_a_message_of_service_is_warned_of(text: str) -> None:
    [mistake] = check({"m/sms.he.txt": text})

    assert (mistake.line, mistake.severity) == (2, Severity.WARNING)
    assert "sounds like an advertisement" in mistake.message


def test_all_mistakes_of_all_files_come_at_once_in_order() -> None:
    found = check({"m/sms.he.txt": "{{ a }}\n{{ b }}", "a/sms.en.txt": "{{ c }}", "x": ""})

    assert [(m.file, m.line) for m in found] == [
        ("templates/a/sms.en.txt", 1),
        ("templates/m/sms.he.txt", 1),
        ("templates/m/sms.he.txt", 2),
        ("templates/x", 1),
    ]


def test_what_is_refused_hides_no_other_mistake_of_its_text() -> None:
    found = told("{{ cusomer.x }}{{ event.data.amount | mony }}\n{{ customer.firstname }}")

    assert [one.partition(": ")[2] for one in found] == [
        "there is no 'cusomer' in a text, did you mean 'customer'?",
        "there is no filter 'mony', did you mean 'money'?",
        "'customer' has no 'firstname', did you mean 'customer.first_name'?",
    ]


def test_a_flood_of_text_is_refused_whole() -> None:
    [mistake] = check({f"m{n}/sms.en.txt": "x" * 1_000_000 for n in range(9)})

    assert "all texts together exceed" in mistake.message
