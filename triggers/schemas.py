"""Does this data fit its JSON Schema, and where does it not?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import jsonschema_rs

from triggers.strict_json import pointer_to

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_PROBLEMS = 50
LONGEST_MESSAGE = 200
MOST_NAMED = 3
"""So many words that a value may have are named by the validator itself."""
_MASK = "the value"
_FORMS = {
    f'{_MASK} is not a "{name}"': f"{_MASK} is not of the format {name}, such as {form}"
    for name, form in (
        ("date", "2026-12-31"),
        ("date-time", "2026-12-31T09:00:00+02:00"),
        ("time", "09:00:00+02:00"),
        ("duration", "P3D"),
        ("email", "dana@customer.example"),
        ("uri", "https://bank.example/claims/7"),
        ("uuid", "3f2b8a4e-5c1d-4e7a-9b60-1f2e3d4c5b6a"),
    )
}
"""What people read instead: a format's name does not say how it is written."""
_NOT_NULL = f'{_MASK} is not of type "null"'


class SchemaRefused(ValueError):
    """This JSON Schema cannot be used; `path` leads to the place inside it."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True, slots=True)
class DataSchema:
    """A JSON Schema 2020-12, compiled once; `raw` is the schema as it was written."""

    raw: Mapping[str, Any]
    _validator: jsonschema_rs.Draft202012Validator

    @classmethod
    def compile(cls, raw: Mapping[str, Any]) -> DataSchema:
        """SchemaRefused for what is no schema, and for references that leave it."""
        try:
            validator = jsonschema_rs.Draft202012Validator(
                dict(raw),
                validate_formats=True,
                ignore_unknown_formats=False,
                mask=_MASK,
                # linear time: a pattern never backtracks on a hostile payload
                pattern_options=jsonschema_rs.RegexOptions(),
                offline=True,
            )
        except jsonschema_rs.ValidationError as error:
            raise SchemaRefused(short(error.message), tuple(error.instance_path)) from error
        return cls(raw, validator)

    def fits(self, data: object) -> bool:
        return self._validator.is_valid(data)

    def problems(self, data: object) -> list[tuple[str, str]]:
        """JSON pointer and message of each misfit; no message repeats a value of the data."""
        if self._validator.is_valid(data):
            return []
        return [(pointer_to(*path), message) for path, message in self.misfits(data)]

    def misfits(self, data: object) -> list[tuple[tuple[str | int, ...], str]]:
        """The same with the pointer's parts."""
        found: list[tuple[tuple[str | int, ...], str]] = []
        for error in chain.from_iterable(map(_causes, self._validator.iter_errors(data))):
            misfit = (tuple(error.instance_path), _told(error))
            if misfit not in found:
                found.append(misfit)
            if len(found) == MAX_PROBLEMS:
                break
        return found


def _causes(error: jsonschema_rs.ValidationError) -> Iterable[jsonschema_rs.ValidationError]:
    """What is wrong in the one way that was open; `or null` is no way worth telling."""
    if not isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        return [error]
    ways = [way for way in error.kind.context if way and way[0].message != _NOT_NULL]
    return chain.from_iterable(map(_causes, ways[0])) if len(ways) == 1 else [error]


def _told(error: jsonschema_rs.ValidationError) -> str:
    match error.kind:
        # the validator's own words name two of many
        case jsonschema_rs.ValidationErrorKind.Enum(options=options) if len(options) > MOST_NAMED:
            names = ", ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in options)
            return short(f"{_MASK} is none of {names}")
        case _:
            return _FORMS.get(error.message) or short(error.message)


def short(message: str) -> str:
    line = message.partition("\n")[0]
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"
