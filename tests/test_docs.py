"""Does what the documents show really work?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.pictures import PAGES
from triggers.configuration import read_configuration
from triggers.customers import Customer
from triggers.definitions import Policy, Quiet
from triggers.durations import parse_duration
from triggers.events import Event
from triggers.examples import play_examples
from triggers.reading import policy, queues, spending, watching
from triggers.reading.examples import KINDS, MOMENTS
from triggers.reading.quantities import parse_rate
from triggers.texts.context import build
from triggers.texts.filters import FILTERS
from triggers.texts.texts import Texts
from triggers.texts.variables import ROOTS
from triggers.verdicts import Reason
from worker.folder import read_folders
from worker.lifecycle import EventState, MessageState, OccurrenceState
from worker.settings import Settings
from worker.store.alerts import Alarm

ROOT = Path(__file__).parents[1]
YAML = re.compile(r"^```yaml\n(trigger: (\w+)\n.*?)^```$", re.MULTILINE | re.DOTALL)
TEXT = re.compile(r"`(templates/[\w./]+)`:\n\n```jinja\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`(config/[\w./]+)`:\n\n```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(.+?)` \| (.*?) \|", re.MULTILINE)
LANGUAGE = (ROOT / "docs" / "triggers.md").read_text("utf-8")
PLAIN = ("twilio_from", "twilio_messaging_service_sid", "mailgun_signing_key")
DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "triggers.md"]
SHOWN = [
    pytest.param(document, found[1], found[2], id=f"{document.name}:{found[2]}")
    for document in DOCUMENTS
    if document.exists()
    for found in YAML.finditer(document.read_text("utf-8"))
]


@pytest.mark.parametrize(("document", "text", "name"), SHOWN)
def test_a_trigger_shown_in_a_document_is_right_and_does_what_its_examples_say(
    document: Path, text: str, name: str
) -> None:
    files, _ = read_folders(ROOT / "config", ROOT / "templates")
    shown = dict(TEXT.findall(document.read_text("utf-8")))
    mine = {file: content for file, content in shown.items() if f"/{name}/" in file}
    types = {file: content for file, content in FILE.findall(LANGUAGE) if "/events/" in file}

    configuration = read_configuration(
        {**files, **types, **mine, f"config/triggers/{name}.yaml": text}
    )

    assert configuration.triggers[name].examples, "what is not tried proves nothing"
    assert [one for one in play_examples(configuration) if not one.holds] == []


def test_every_reason_is_explained() -> None:
    document = (ROOT / "docs" / "triggers.md").read_text("utf-8")

    assert [reason for reason in Reason if f"`{reason.value}`" not in document] == []


def test_every_state_is_explained() -> None:
    document = (ROOT / "docs" / "operations.md").read_text("utf-8")
    states = [*EventState, *OccurrenceState, *MessageState]

    assert [state for state in states if f"| `{state.value}` |" not in document] == []


def test_every_alarm_is_explained() -> None:
    document = (ROOT / "docs" / "operations.md").read_text("utf-8")

    assert [alarm for alarm in Alarm if f"`{alarm.value}`" not in document] == []


def test_every_setting_is_explained() -> None:
    document = (ROOT / "README.md").read_text("utf-8")
    names = [
        name
        if name.startswith(("twilio_a", "twilio_backup")) or name in PLAIN
        else f"outreach_{name}"
        for name in Settings.model_fields
    ]

    assert [name.upper() for name in names if f"`{name.upper()}`" not in document] == []


def section(title: str) -> str:
    """What stands under a heading, to the next of its depth."""
    depth, _, _ = title.partition(" ")
    return LANGUAGE.partition(f"\n{title}\n")[2].partition(f"\n{depth} ")[0]


def test_the_policy_shown_is_right_and_shows_every_word() -> None:
    files, _ = read_folders(ROOT / "config", ROOT / "templates")
    others = {
        file: text
        for file, text in files.items()
        if file.startswith("config/events/") or file == "config/customer.yaml"
    }
    [text] = [text for file, text in FILE.findall(LANGUAGE) if file == "config/outreach.yaml"]

    configuration = read_configuration({**others, "config/outreach.yaml": text})

    assert configuration.policy.approval_required
    written = set(re.findall(r"(\w+): ", text.replace("\n", " \n")))
    assert {*policy.KEYS, *policy.SMS_KEYS, "customer", "trigger", "event", "within"} <= written


def test_every_word_of_the_policy_is_explained() -> None:
    explained = {
        word for row, _ in ROW.findall(section("## The policy")) for word in row.split("`")
    }
    parts = {
        "fuse": ("customer", "trigger"),
        "spend": spending.SPEND_KEYS,
        "outcome": policy.OUTCOME_KEYS,
        "sms": policy.SMS_KEYS,
        "email": policy.EMAIL_KEYS,
        "delivery": policy.DELIVERY_KEYS,
        "replies": queues.REPLY_KEYS,
        "watch": watching.WATCH_KEYS,
    }
    words = {f"{word}.{part}" for word, several in parts.items() for part in several}

    assert words | set(policy.KEYS) - set(parts) <= explained


def test_the_defaults_shown_are_the_defaults() -> None:
    shown = {row: default.strip("`") for row, default in ROW.findall(section("## The policy"))}
    standard = Policy(languages=(), categories={})

    assert parse_duration(shown["lateness"]).elapsed == standard.lateness
    assert parse_duration(shown["grace"]).elapsed == standard.grace
    assert parse_duration(shown["quiet.spread"]).elapsed == Quiet().spread
    assert parse_rate(shown["fuse.customer"]) == standard.fuse_customer
    assert (
        parse_duration(shown["delivery.unknown_after"]).elapsed == standard.delivery_unknown_after
    )
    assert parse_duration(shown["replies.window"]) == parse_duration("3d")
    assert standard.replies.window == timedelta(days=3)
    assert shown["timezone"] == standard.timezone
    assert shown["sms.max_segments"] == str(standard.sms.max_segments)
    assert f"`{standard.outcome_event}`" in section("## The policy")


TEXTS = section("## Texts")
FILTERED = [(row.replace("\\|", "|"), shows) for row, shows in ROW.findall(TEXTS) if "{{" in row]


@pytest.mark.parametrize(("written", "shows"), FILTERED, ids=[row for row, _ in FILTERED])
def test_a_filter_shows_what_the_document_says(written: str, shows: str) -> None:
    texts = Texts.from_files({"templates/m/sms.en.txt": written}, ("en",))
    data = {"total": 1234.5, "due_date": "2026-12-01", "invoice_id": "i1", "kind": "paper",
            "lines": ["phone", "net"]}  # fmt: skip
    now = datetime(2026, 11, 3, 10, 30, tzinfo=UTC)
    event = Event("billing", "e1", "invoice.issued", now, "c1", data, now)
    customer = Customer("c1", {"first_name": "Dana", "phone": "+972501234567"})
    context = build(event, customer, Policy(languages=("en",), categories={}, country="IL"),
                    zone=ZoneInfo("Asia/Jerusalem"), trigger="t", now=now)  # fmt: skip

    assert texts.render("m", "sms", "en", context).text == shows


def test_every_filter_and_every_name_of_a_text_is_explained() -> None:
    filters = {found for row, _ in FILTERED for found in re.findall(r"\| (\w+)", row)}
    names = {word for row, _ in ROW.findall(TEXTS) for word in row.split("`, `")}

    assert filters == set(FILTERS)
    assert names >= ROOTS


def test_every_word_of_an_expectation_is_explained() -> None:
    rows = ROW.findall(section("### Examples, and what they may expect"))

    assert {word for row, _ in rows for word in row.split("`, `")} == {*MOMENTS, *KINDS}


def test_every_picture_is_shown_and_every_page_has_one() -> None:
    folder = ROOT / "docs"
    shown = re.findall(r"!\[.+?\]\((pictures/.+?)\)", (folder / "console.md").read_text("utf-8"))

    assert sorted(shown) == sorted(f"pictures/{one.name}" for one in folder.glob("pictures/*"))
    assert {name for name in PAGES if f"pictures/{name}.png" not in shown} == set()


def test_every_decision_that_is_named_has_its_note() -> None:
    notes = {one.name: one.read_text("utf-8") for one in (ROOT / "docs" / "decisions").iterdir()}
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    texts = [one.read_text("utf-8") for one in documents]

    named = {each for text in texts for each in re.findall(r"decisions/(\d{4}-[\w-]+\.md)", text)}
    listed = [one for text in texts for one in re.findall(r"decisions/(\d{4}(?:, \d{4})*)", text)]
    # among themselves they say the number alone
    listed += [
        one for text in notes.values() for one in re.findall(r"(?<!migration )\b00\d\d\b", text)
    ]

    assert named <= notes.keys()
    assert {each for one in listed for each in one.split(", ")} <= {name[:4] for name in notes}
