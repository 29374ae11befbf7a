"""Do the schemas for editors say of a file's shape what the readers say?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_docs import FILE, LANGUAGE, SHOWN, TEXT
from tests.triggers.configurations import HELLO, bank
from tests.triggers.test_reading_mistakes import cases
from triggers.calendars.hours import parse_hours, parse_nights, parse_wall_time
from triggers.clock import instant
from triggers.configuration import ConfigurationRefused, read_configuration
from triggers.durations import parse_duration
from triggers.editors import forms
from triggers.editors.files import PLACES, schemas
from triggers.editors.vocabulary import vocabulary
from triggers.nodes import plain
from triggers.paths import Path as EventPath
from triggers.reading.quantities import parse_rate, parse_share
from triggers.reading.waits import parse_wait
from triggers.yamls import documents
from worker.folder import read_folders

ROOT = Path(__file__).parents[2]
SHAPE = re.compile(
    r"unknown (?:key|event type|category|queue|channel|priority|mode|word|schema word|type|format"
    r"|day|consent|time zone)\b"
    r"|is missing$|is wanted|the list is empty|is no name|is not a (?:duration|rate;|share)"
    r"|is not a time of day"
    r"|is no country|are no working hours|is no night|a route says|an expectation names"
    r"|either 'since' or 'within'|a \$ref must stay|is not a path"
)
Validators = Mapping[str, Any]


def validators(files: Mapping[str, str]) -> Validators:
    return {
        place: jsonschema_rs.Draft202012Validator(schema)
        for place, schema in zip(PLACES.values(), schemas(files).values(), strict=True)
    }


def misfits(files: Mapping[str, str], known: Validators) -> dict[str, list[str]]:
    """What the schemas say of each file that can be read as YAML; [] where it fits."""
    found = {}
    for name, text in files.items():
        place = next((place for place in known if fnmatch(name, place)), None)
        nodes, mistakes = documents(name, text)
        if place is None or mistakes:
            continue
        written = [plain(node) for node in nodes if plain(node) is not None]
        found[name] = [error.message for one in written for error in known[place].iter_errors(one)]
    return found


def wrong(files: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: told for name, told in misfits(files, validators(files)).items() if told}


def refused(files: Mapping[str, str]) -> dict[str, list[str]]:
    """File -> what the readers say against it."""
    told: dict[str, list[str]] = {}
    try:
        read_configuration(files)
    except ConfigurationRefused as error:
        for one in error.mistakes:
            if one.severity == "error":
                told.setdefault(one.file, []).append(one.message)
    return told


GALLERY = [pytest.param(bank(changes), id=name) for name, changes, _ in cases()]


RIGHT = [
    pytest.param(read_folders(ROOT / "config", ROOT / "templates")[0], id="shipped"),
    pytest.param(bank(), id="small"),
]


@pytest.mark.parametrize("files", RIGHT)
def test_every_right_file_fits(files: dict[str, str]) -> None:
    fitting = misfits(files, validators(files))

    assert len(fitting) >= 6
    assert wrong(files) == {}


@pytest.mark.parametrize(("document", "text", "name"), SHOWN)
def test_every_trigger_shown_in_a_document_fits(document: Path, text: str, name: str) -> None:
    files, _ = read_folders(ROOT / "config", ROOT / "templates")
    texts = dict.fromkeys(file for file, _ in TEXT.findall(document.read_text("utf-8")))
    types = {file: written for file, written in FILE.findall(LANGUAGE) if "/events/" in file}
    shown = {**files, **types, **dict.fromkeys(texts, "x")}

    assert wrong({**shown, f"config/triggers/{name}.yaml": text}) == {}


@pytest.mark.parametrize("files", GALLERY)
def test_what_the_readers_have_nothing_against_fits(files: dict[str, str]) -> None:
    against = refused(files)

    assert {name for name in wrong(files) if name not in against} == set()


@pytest.mark.parametrize("files", GALLERY)
def test_what_is_refused_for_its_shape_does_not_fit(files: dict[str, str]) -> None:
    readable = misfits(files, validators(files)).keys()
    shapeless = {
        name
        for name, told in refused(files).items()
        if name in readable and any(SHAPE.search(one) for one in told)
    }

    assert shapeless - wrong(files).keys() == set()


def test_a_message_without_texts_is_refused_where_it_is_named() -> None:
    helo = HELLO.replace("message: hello", "message: helo")

    assert wrong(bank({"config/triggers/hello.yaml": helo})).keys() == {
        "config/triggers/hello.yaml"
    }


def test_the_gallery_has_enough_that_is_refused_for_its_shape() -> None:
    told = [one for _, changes, _ in cases() for one in refused(bank(changes)).values()]

    assert sum(any(SHAPE.search(one) for one in some) for some in told) >= 40


def test_the_names_are_those_of_the_configuration() -> None:
    words = vocabulary(bank())

    assert words.categories == ("marketing", "service")
    assert words.segments == ("senior",)
    assert words.queues == ("retention",)
    assert words.languages == ("he", "en")
    assert words.messages == ("hello", "plan_ending")
    assert {"plan.updated", "customer.updated", "outreach.sent"} <= set(words.events)
    trigger = schemas(bank())["trigger.schema.json"]["properties"]
    assert trigger["limits"]["properties"]["category"]["enum"] == ["marketing", "service"]
    assert "plan.updated" in trigger["on"]["enum"]


def test_names_are_told_though_something_else_is_wrong() -> None:
    words = vocabulary(bank({"config/triggers/hello.yaml": "a: [", "config/customer.yaml": "5"}))

    assert words.categories == ("marketing", "service")


def test_what_cannot_be_read_lets_every_name_pass() -> None:
    trigger = schemas(bank({"config/outreach.yaml": "a: ["}))["trigger.schema.json"]

    assert "enum" not in trigger["properties"]["limits"]["properties"]["category"]


def test_a_form_described_otherwise_than_it_is_read_is_an_error() -> None:
    with pytest.raises(KeyError):
        forms.mapping(("a", "b"), a={})
    with pytest.raises(KeyError):
        forms.mapping(("a",), a={}, b={})


LETTERS = st.text("0123456789wdhms: perto%untilbfa.evnx-,Z+T", max_size=24)
DURATIONS = st.from_regex(r"\A(?:\d{1,2}w)?(?:\d{1,2}d)?(?:\d{1,2}h)?(?:\d{1,2}m)?\Z")
TIMES = st.from_regex(r"\A\d{1,2}:\d\d\Z")
TEXTS = st.one_of(
    LETTERS,
    DURATIONS,
    TIMES,
    st.builds("{} per {}".format, st.integers(0, 99), DURATIONS),
    st.builds("{}%".format, st.integers(0, 120)),
    st.builds("{} to {}".format, TIMES, TIMES),
    st.builds("sun-{} {} to {}".format, st.sampled_from(["thu", "Fri", "x"]), TIMES, TIMES),
    st.builds(
        "{} {} event.data.x at {}".format, DURATIONS, st.sampled_from(["before", "on"]), TIMES
    ),
    st.builds("{} at {}".format, DURATIONS, TIMES),
    st.builds("until {}".format, TIMES),
    st.builds("event.{}".format, st.text("abc.", max_size=9)),
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
)
READERS = [
    pytest.param(forms.duration, parse_duration, id="duration"),
    pytest.param(forms.rate, parse_rate, id="rate"),
    pytest.param(forms.share, parse_share, id="share"),
    pytest.param(forms.wall_time, parse_wall_time, id="time"),
    pytest.param(forms.nights, parse_nights, id="nights"),
    pytest.param(forms.hours, parse_hours, id="hours"),
    pytest.param(forms.path, EventPath.parse, id="path"),
    pytest.param(forms.wait, lambda text: parse_wait(text, EventPath.parse), id="wait"),
    pytest.param(forms.moment, instant, id="moment"),
]


@pytest.mark.parametrize(("describe", "read"), READERS)
@given(text=TEXTS)
def test_no_text_is_refused_that_its_reader_takes(describe: Any, read: Any, text: str) -> None:
    try:
        read(text)
    except (ValueError, OverflowError):
        return

    assert jsonschema_rs.is_valid(describe(""), text)


@pytest.mark.parametrize(
    ("describe", "text"),
    [
        (forms.duration, "7"), (forms.duration, ""), (forms.duration, "7 days"),
        (forms.rate, "200"), (forms.rate, "x per 1h"), (forms.rate, "2 per hour"),
        (forms.share, "10"), (forms.wall_time, "25:00"), (forms.wall_time, "9"),
        (forms.nights, "21:00"), (forms.hours, "always"), (forms.path, "data.x"),
        (forms.path, "event."), (forms.wait, "1"), (forms.wait, "7d befor event.data.x"),
        (forms.wait, "until"), (forms.moment, "2026-11-01"), (forms.condition, " "),
        (forms.text, ""),
    ],
)  # fmt: skip
def test_a_text_that_no_reader_takes_is_refused(describe: Any, text: str) -> None:
    assert not jsonschema_rs.is_valid(describe(""), text)
