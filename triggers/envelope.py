"""Is this a CloudEvent as we take them, and if not, what is everything that is wrong with it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from triggers.clock import instant, stamp
from triggers.refusals import Kind, Problem, Refusal
from triggers.strict_json import NotJson, loads, pointer_to

__all__ = [
    "Envelope", "Kind", "Problem", "Refusal",
    "digest", "from_binary", "read_envelope", "read_time",
]  # fmt: skip

SPECVERSION = "1.0"
LONGEST = {"id": 500, "source": 500, "type": 200, "subject": 500}
"""In bytes of UTF-8: all of them together fit into one row of a PostgreSQL index."""
EXTENSION_NAME = re.compile(r"[a-z0-9]{1,64}")
"""CloudEvents advises twenty; what is published holds longer ones, as Debezium's do."""
LONGEST_EXTENSION = 1000
JSON_TYPE = re.compile(r"(application|text)/([\w.-]+\+)?json\s*(;.*)?", re.IGNORECASE | re.ASCII)
_REQUIRED = ("id", "source", "type")
_CONTEXT = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
     "data", "data_base64"}
)  # fmt: skip
_PLAIN = frozenset({"specversion", *LONGEST, "time", "data"})
_NO_HEADER = frozenset({"data", "data_base64", "datacontenttype"})
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,30})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_USUAL_TIME = re.compile(
    r"(?:19[7-9]|20\d|21\d)\d-\d\d-\d\dT\d\d:\d\d:[0-5]\d(?:\.\d{1,6})?Z", re.ASCII
)
"""In UTC already, and no leap second."""
_NO_TIME = "is no day and time that exists"
_YEARS = range(1970, 2201)
_SECONDS = slice(17, 19)
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_EXACT = 2.0**63
"""Larger integers have no place in 64 bits, the most that orjson writes: those stay floats."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A CloudEvent that is well formed; whether our catalog knows it is another question."""

    source: str
    id: str
    type: str
    subject: str | None = None
    time: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def received(self) -> datetime | None:
        """The extension `receivedat`: when it is to count as received. Only simulate asks."""
        text = self.extensions.get("receivedat")
        return None if text is None else read_time(text)


def read_envelope(value: Any) -> Envelope:
    """The CloudEvent of a structured value, or a Refusal with every problem at once."""
    if not isinstance(value, Mapping):
        raise Refusal(Kind.MALFORMED, (Problem("", "must be a JSON object, a CloudEvent"),))
    plain, time = _is_plain(value), None
    try:
        time = None if value.get("time") is None else read_time(value["time"])
        problems = () if plain else tuple(_problems(value))
    except ValueError:
        problems = tuple(_problems(value))
    if problems:
        raise Refusal(Kind.MALFORMED, problems)
    return Envelope(
        source=value["source"],
        id=value["id"],
        type=value["type"],
        subject=value.get("subject"),
        time=time,
        data=value.get("data", {}),
        extensions={} if plain else _extensions(value),
    )


def _extensions(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if name not in _CONTEXT and one is not None}


def from_binary(headers: Iterable[tuple[str, str]], body: bytes) -> Envelope:
    """The CloudEvent of a request in binary mode: attributes in ce- headers, data in the body."""
    value: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for header, text in headers:
        name = header.lower().removeprefix("ce-")
        if name != header.lower():
            try:
                value[name] = _from_header(name, text, value)
            except ValueError as error:
                problems[name] = Problem(pointer_to(name), str(error))
    try:
        value["data"] = loads(body) if body else {}
    except NotJson as error:
        problems["data"] = Problem("/data" + error.pointer, error.detail)
    if not problems:
        return read_envelope(value)
    # what could not be read is not missing as well
    known = {pointer_to(name) for name in problems}
    others = (one for one in _problems(value) if one.pointer not in known)
    raise Refusal(Kind.MALFORMED, (*problems.values(), *others))


def read_time(text: Any) -> datetime:
    """The UTC moment of a strict RFC 3339 text; ValueError says what is wrong with it."""
    if isinstance(text, str) and _USUAL_TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(_NO_TIME) from None
    if not isinstance(text, str) or _TIME.fullmatch(text) is None:
        raise ValueError("must be a time with an offset, such as 2026-11-01T09:00:00Z (RFC 3339)")
    if int(text[:4]) not in _YEARS:
        raise ValueError(f"must be in the years {_YEARS[0]} to {_YEARS[-1]}")
    written, leap = text.upper(), timedelta()
    if text[_SECONDS] == "60":
        # a leap second is a valid time: the moment after :59
        written, leap = f"{written[:17]}59{written[19:]}", timedelta(seconds=1)
    try:
        return instant(written) + leap
    except ValueError:
        raise ValueError(_NO_TIME) from None


def digest(envelope: Envelope) -> str:
    """32 hexadecimal digits: what makes two events of one (source, id) the same content."""
    time = None if envelope.time is None else stamp(envelope.time)
    content = [envelope.type, envelope.subject, time, _canonical(envelope.data)]
    text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return sha256(text).hexdigest()[:32]


def _canonical(value: Any) -> Any:
    """1 and 1.0 are one number."""
    kind = type(value)
    # most are of these; to ask whether one is a mapping costs more than all else here
    if kind in _AS_THEY_ARE:
        return value
    if kind is float:
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if kind is list:
        return [_canonical(one) for one in value]
    if kind is dict or isinstance(value, Mapping):
        return {name: _canonical(one) for name, one in value.items()}
    return value


def _from_header(name: str, text: str, others: Mapping[str, Any]) -> str:
    """CloudEvents HTTP binding, 3.1.3.2: quotes are taken off, then percent-encoding."""
    if name in _NO_HEADER:
        raise ValueError("does not belong into a header")
    if name in others:
        raise ValueError("is written twice")
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    try:
        # servers read headers as Latin-1; a raw byte beyond ASCII is no CloudEvents header
        return unquote_to_bytes(text.encode("ascii")).decode()
    except UnicodeError:
        raise ValueError("is not percent-encoded UTF-8") from None


def _is_plain(value: Mapping[str, Any]) -> bool:
    """Whether it has the commonest form: a few questions show that only its time can be wrong."""
    if not value.keys() <= _PLAIN or value.get("specversion") != SPECVERSION:
        return False
    for name, longest in LONGEST.items():
        text = value.get(name)
        if type(text) is not str or not text.isascii() or not text.isprintable():
            return False
        if not text or text.isspace() or len(text) > longest:
            return False
    return type(value.get("data")) is dict


def _problems(value: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _specversion(value.get("specversion"))
    for name in (*_REQUIRED, "subject"):
        yield from _text(name, value.get(name))
    yield from _moment("time", value.get("time"))
    yield from _content_type(value.get("datacontenttype"))
    if not isinstance(value.get("dataschema"), str | None):
        yield Problem("/dataschema", "must be a text")
    if "data_base64" in value:
        yield Problem("/data_base64", "is not taken: send a JSON object as data")
    if not isinstance(value.get("data", {}), Mapping):
        yield Problem("/data", "must be a JSON object")
    for name, one in value.items():
        if name not in _CONTEXT:
            yield from _extension(name, one)
    yield from _moment("receivedat", value.get("receivedat"))


def _specversion(value: Any) -> Iterator[Problem]:
    if value is None:
        yield Problem("/specversion", f'is missing: write "{SPECVERSION}"')
    elif value != SPECVERSION:
        yield Problem("/specversion", f'must be "{SPECVERSION}"')


def _text(name: str, value: Any) -> Iterator[Problem]:
    at = f"/{name}"
    match value:
        case None if name in _REQUIRED:
            yield Problem(at, "is missing")
        case None:
            return
        case str() if not value.strip():
            yield Problem(at, "must not be empty")
        case str() if utf8_length(value) > LONGEST[name]:
            yield Problem(at, f"is longer than {LONGEST[name]} bytes")
        case str() if CONTROL.search(value):
            yield Problem(at, "holds a control character")
        case str():
            return
        case _:
            yield Problem(at, "must be a text")


def utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _moment(name: str, value: Any) -> Iterator[Problem]:
    if value is None:
        return
    try:
        read_time(value)
    except ValueError as error:
        yield Problem(pointer_to(name), str(error))


def _content_type(value: Any) -> Iterator[Problem]:
    if value is not None and not (isinstance(value, str) and JSON_TYPE.fullmatch(value)):
        yield Problem("/datacontenttype", "must be application/json, or be left out")


def _extension(name: str, value: Any) -> Iterator[Problem]:
    if not EXTENSION_NAME.fullmatch(name):
        yield Problem(
            pointer_to(name), "is no name of an attribute: up to 64 lower-case letters and digits"
        )
    elif isinstance(value, Mapping | list):
        yield Problem(pointer_to(name), "must be a text, a number or a boolean; put it into data")
    elif isinstance(value, str) and (len(value) > LONGEST_EXTENSION or CONTROL.search(value)):
        yield Problem(pointer_to(name), "is too long or holds a control character")
