"""How does JSON Schema say what the readers' forms and texts are?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from triggers.calendars.hours import WALL_TIME
from triggers.conditions.tokens import LONGEST_TEXT
from triggers.durations import FORM
from triggers.reading.quantities import BUDGET, HIGHEST_PRICE, PERCENT, RATE
from triggers.schemas import DIALECT

Schema = dict[str, Any]

DRAFT = DIALECT
_TIME = f"(?:{WALL_TIME.pattern})"
# what may be written may not be empty, which the form alone would allow
_LENGTH = f"(?=[0-9])(?:{FORM.pattern})"
_PATH = r"event(?:\.[^\s.]+)+"


def mapping(
    known: Collection[str], required: Sequence[str] = (), /, **properties: Schema
) -> Schema:
    """The form of a mapping whose keys a reader knows; KeyError where one is not described."""
    if undescribed := set(known) ^ properties.keys():
        raise KeyError(f"described otherwise than read: {sorted(undescribed)}")
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {name: properties[name] for name in known},
    }


def named(schema: Schema) -> Schema:
    """A mapping whose keys are names given by its writer."""
    names = {"pattern": "^[a-z][a-z0-9_]{0,99}$"}
    return {"type": "object", "propertyNames": names, "additionalProperties": schema}


def one_of(words: Collection[str] | None, about: str = "") -> Schema:
    """One of the words; any text where they could not be read. No word at all fits nothing."""
    return told(text() if words is None else {"enum": list(words)}, about)


def items(schema: Schema, *, unique: bool = False) -> Schema:
    return {"type": "array", "minItems": 1, "items": schema} | (
        {"uniqueItems": True} if unique else {}
    )


def told(schema: Schema, about: str) -> Schema:
    """What editors show beside the word."""
    return {**schema, "description": about} if about else schema


def text(about: str = "", *examples: str) -> Schema:
    shown: Mapping[str, Any] = {"examples": list(examples)} if examples else {}
    return told({"type": "string", "pattern": r"\S", **shown}, about)


def _written(pattern: str, about: str, *examples: str) -> Schema:
    whole = {"type": "string", "pattern": rf"^\s*(?:{pattern})\s*$", "examples": list(examples)}
    return told(whole, about)


def duration(about: str) -> Schema:
    return _written(_LENGTH, about, "7d", "1h30m", "20s")


def rate(about: str) -> Schema:
    some = RATE.pattern.replace(r"(\S+)", _LENGTH)
    return _written(f"(?!0+ ){some}", about, "200 per 1h")


def budget(about: str) -> Schema:
    some = BUDGET.pattern.replace(r"(\S+)", _LENGTH)
    return _written(f"(?![0.]+ ){some}", about, "500 per 1d")


def share(about: str) -> Schema:
    return _written(PERCENT.pattern, about, "10%")


def wall_time(about: str) -> Schema:
    return _written(_TIME, about, "09:00")


def nights(about: str) -> Schema:
    return _written(rf"{_TIME} to {_TIME}", about, "21:00 to 08:30")


def hours(about: str) -> Schema:
    days = r"(?:[A-Za-z][A-Za-z, -]*?\s+)?"
    return _written(rf"{days}{_TIME}\s+to\s+{_TIME}", about, "sun-thu 08:30 to 17:00")


def path(about: str) -> Schema:
    return _written(_PATH, about, "event.data.id")


def moment(about: str) -> Schema:
    # to the offset only: which days a month has, the reader knows
    form = r"\d{4}-?\d{2}-?\d{2}.\d{2}.*(?:[Zz]|[+-]\d{2}.*)"
    return _written(form, about, "2026-11-01T09:00+02:00")


def wait(about: str) -> Schema:
    at = rf"(?:\s+at\s+{_TIME})?"
    dated = rf"{_LENGTH}\s+(?:before|after)\s+{_PATH}{at}"
    forms = rf"until\s+{_TIME}|{_LENGTH}{at}|{dated}"
    return _written(forms, about, "1h", "1d at 11:00", "until 10:00", "7d before event.data.date")


def condition(about: str) -> Schema:
    return text(about, 'event.data.status == "active"') | {"maxLength": LONGEST_TEXT}


def whole(about: str) -> Schema:
    return told({"type": "integer", "minimum": 1}, about)


def price(about: str) -> Schema:
    return told({"type": "number", "minimum": 0, "maximum": HIGHEST_PRICE}, about)
