"""Does every ready trigger of the gallery keep its word, alone and beside all the others?"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from triggers.configuration import Configuration, read_configuration
from triggers.customers import Customer
from triggers.definitions import (
    AgentRoute,
    DateWait,
    ElapsedWait,
    MessageRoute,
    Mode,
    Priority,
    Trigger,
    UntilWait,
)
from triggers.events import OWN_SOURCE, Event
from triggers.examples import play_examples
from triggers.nodes import plain
from triggers.texts.context import build
from triggers.yamls import documents
from worker.folder import read_folders

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "config" / "gallery"
ENTRIES = sorted(path.name for path in GALLERY.iterdir() if path.is_dir())
PAGE = ROOT / "docs" / "gallery.md"
POLICY = "config/outreach.yaml"
LEAST = 14


def shipped() -> dict[str, str]:
    files, mistakes = read_folders(ROOT / "config", ROOT / "templates")
    assert mistakes == []
    return files


def mapping(text: str) -> dict[str, Any]:
    nodes, mistakes = documents("a policy", text)
    assert mistakes == []
    found = plain(nodes[0])
    assert isinstance(found, dict)
    return found


def merged(policy: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """As a person adds the lines: a name that stands already must stand there just so."""
    whole = dict(policy)
    for section, lines in fragment.items():
        there = dict(whole.get(section, {}))
        assert {name: there[name] for name in lines if name in there}.items() <= lines.items()
        whole[section] = {**there, **lines}
    return whole


def copied(entries: Iterable[str]) -> dict[str, str]:
    """What is shipped, with these entries copied into it."""
    files = shipped()
    policy = mapping(files[POLICY])
    for entry in entries:
        for path in sorted((GALLERY / entry).rglob("*.*")):
            name, text = path.relative_to(GALLERY / entry).as_posix(), path.read_text("utf-8")
            if name == "policy.yaml":
                policy = merged(policy, mapping(text))
                continue
            place = name if name.startswith("templates/") else f"config/{name}"
            assert files.get(place, text) == text, f"{place} stands there with other words"
            files[place] = text
    return {**files, POLICY: json.dumps(policy, ensure_ascii=False)}


def read(*entries: str) -> Configuration:
    return read_configuration(copied(entries))


def own(configuration: Configuration, entry: str) -> list[Trigger]:
    file = f"config/triggers/{entry}.yaml"
    return [one for one in configuration.triggers.values() if one.place.file == file]


def test_the_gallery_is_passed_over_where_a_configuration_is_read() -> None:
    assert len(ENTRIES) >= LEAST
    assert [name for name in shipped() if "gallery" in name] == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_copied_beside_what_is_shipped_is_right_and_keeps_its_word(entry: str) -> None:
    configuration = read(entry)

    assert configuration.warnings == ()
    assert [one for one in play_examples(configuration) if not one.holds] == []
    assert own(configuration, entry)


def test_all_entries_live_side_by_side() -> None:
    configuration = read(*ENTRIES)

    assert configuration.warnings == ()
    assert [one for one in play_examples(configuration) if not one.holds] == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_text_of_an_entry_stands_in_hebrew_and_in_english(entry: str) -> None:
    languages: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in (GALLERY / entry / "templates").rglob("*.*"):
        channel, language, part = path.name.split(".", 2)
        languages[path.parent.name, f"{channel}.{part}"].add(language)

    assert languages
    assert {text: has for text, has in languages.items() if has != {"he", "en"}} == {}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_message_is_an_sms_and_a_whole_email_that_shows_a_way_to_a_person(entry: str) -> None:
    for trigger in own(read(entry), entry):
        for route in trigger.send:
            if isinstance(route, MessageRoute):
                folder = GALLERY / entry / "templates" / route.message
                letters = [path for path in folder.iterdir() if not path.name.startswith("agent.")]
                bodies = [path.read_text("utf-8") for path in letters if "subject" not in path.name]

                assert len(letters) == 8, "SMS, and subject, text and HTML, in two languages"
                assert all("links." in body and "brand.phone" in body for body in bodies)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_trigger_is_explained_and_shown_in_both_languages_and_silent(entry: str) -> None:
    for trigger in own(read(entry), entry):
        spoken = {
            one.story["customer"]["language"] for one in trigger.examples if one.story["expect"]
        }

        assert trigger.about
        assert len(trigger.examples) >= 3
        assert spoken == {"he", "en"}
        assert any(not one.story["expect"] for one in trigger.examples)


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_text_comes_out_whole_for_the_starts_that_speak_in_examples(entry: str) -> None:
    configuration = read(entry)
    policy = configuration.policy

    for trigger in own(configuration, entry):
        for start in starts(trigger):
            seen = build(
                start,
                Customer("c1", {}),
                policy,
                zone=ZoneInfo(policy.timezone),
                trigger=trigger.name,
                now=start.time,
                count={"value": 3.0, "events": 3, "first": start.time} if trigger.count else {},
                extra_links={
                    "unsubscribe": f"https://unsubscribe.example/u/{'k' * 40}",
                    "answer": f"https://outreach.example/l/{'k' * 12}",
                },
            )
            for (message, channel), language in product(letters(trigger), policy.languages):
                text = configuration.texts.render(message, channel, language, seen)
                assert text.language == language
                assert text.segments <= policy.sms.max_segments


def starts(trigger: Trigger) -> Iterable[Event]:
    for example in (one.story for one in trigger.examples if one.story["expect"]):
        for number, written in enumerate(example["events"]):
            if written["type"] == trigger.on:
                at = datetime.fromisoformat(written["at"])
                yield Event(
                    source="example",
                    id=str(number),
                    type=trigger.on,
                    time=at,
                    customer="c1",
                    data=written["data"],
                    received=at,
                )


def letters(trigger: Trigger) -> Iterable[tuple[str, str]]:
    """Each message with each channel by which it may go."""
    for route in trigger.send:
        by = route.by if isinstance(route, MessageRoute) else ("agent",)
        yield from ((route.message, channel) for channel in by)


def words(trigger: Trigger) -> list[str]:
    """The words of the language that an entry teaches, beside those that every trigger has."""
    return [
        *_starting(trigger),
        *_counting(trigger),
        *_waiting(trigger),
        *_sending(trigger),
        *_limiting(trigger),
    ]


def _starting(trigger: Trigger) -> Iterable[str]:
    if trigger.on.startswith(f"{OWN_SOURCE}.") or trigger.on == "survey.answered":
        yield f"on: {trigger.on}"
    if trigger.key is None:
        yield "no key"
    if trigger.when and "now" in trigger.when.roots:
        yield "now"


def _counting(trigger: Trigger) -> Iterable[str]:
    if trigger.count:
        words = ("since", "within", "distinct", "sum")
        yield from (f"count {word}" for word in words if getattr(trigger.count, word) is not None)


def _waiting(trigger: Trigger) -> Iterable[str]:
    match trigger.wait:
        case DateWait(before=before):
            yield "wait before a date" if before else "wait after a date"
        case UntilWait():
            yield "wait until"
        case ElapsedWait(at=at) if at:
            yield "wait at a time of day"
    if str(trigger.again) == "restart" or (trigger.key and str(trigger.again) == "each"):
        yield f"again: {trigger.again}"
    if any(way.key for way in trigger.unless):
        yield "unless with its own key"


def _sending(trigger: Trigger) -> Iterable[str]:
    for route in trigger.send:
        if isinstance(route, AgentRoute):
            yield "agent"
        elif route.survey:
            yield "survey"
        if route.when:
            yield "segment" if "segment" in route.when.roots else "route when"


def _limiting(trigger: Trigger) -> Iterable[str]:
    limits = trigger.limits
    yield from (f"category {name}" for name in [limits.category] if name != "service")
    yield from (word for word in ("cooldown", "pace", "holdout") if getattr(limits, word))
    if limits.ramp < 1:
        yield "ramp"
    if limits.mode is not Mode.LIVE:
        yield f"mode: {limits.mode}"
    if limits.priority is not Priority.NORMAL:
        yield f"priority: {limits.priority.name.lower()}"


def table() -> str:
    """As docs/gallery.md shows it."""
    configuration = read(*ENTRIES)
    rows = ["| entry | what its triggers do | words it shows |", "|---|---|---|"]
    for entry in ENTRIES:
        triggers = own(configuration, entry)
        about = "<br>".join(one.about for one in triggers)
        shown = dict.fromkeys(word for one in triggers for word in words(one))
        link = f"[{entry}](../config/gallery/{entry}/triggers/{entry}.yaml)"
        rows.append(f"| {link} | {about} | {', '.join(f'`{word}`' for word in shown)} |")
    return "\n".join(rows)


def test_the_page_shows_every_entry_as_it_is_and_says_whom_it_helps() -> None:
    page = PAGE.read_text("utf-8")

    assert table() in page
    assert sorted(re.findall(r"^- \*\*(\w+)\*\*", page, re.MULTILINE)) == ENTRIES
