"""Do we read what the official SDK writes, in every mode, and is content told apart?"""

from __future__ import annotations

import string
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from tests.triggers.test_envelope import GOOD, MOMENTS
from triggers.envelope import (
    Envelope,
    Refusal,
    digest,
    from_binary,
    read_envelope,
)
from triggers.strict_json import loads

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
    lambda text: text.strip()
)
NAMES = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20).filter(
    lambda name: name not in {"data", "subject", "time", "receivedat", "id", "source", "type"}
)
ATTRIBUTES = st.fixed_dictionaries(
    {"id": WORDS, "source": WORDS, "type": WORDS},
    optional={
        "subject": WORDS,
        "datacontenttype": st.sampled_from(["application/json", "application/x+json; a=b"]),
        "time": MOMENTS,
    },
)
DATA = st.none() | st.dictionaries(WORDS, st.integers(-(2**60), 2**60) | st.booleans() | WORDS)


def said_by_sdk(event: CloudEvent, extensions: Iterable[str]) -> Envelope:
    data = event.get_data() or {}
    assert isinstance(data, dict)
    return Envelope(
        source=event.get_source(),
        id=event.get_id(),
        type=event.get_type(),
        subject=event.get_subject(),
        time=event.get_time(),
        data=data,
        extensions={name: event.get_extension(name) for name in extensions},
    )


@given(ATTRIBUTES, DATA, st.dictionaries(NAMES, WORDS, max_size=3))
def test_what_the_sdk_writes_we_read_in_both_modes(
    attributes: dict[str, Any], data: dict[str, Any] | None, extensions: dict[str, str]
) -> None:
    event = CloudEvent(extensions | attributes, data)
    meant = said_by_sdk(event, extensions)

    structured: HTTPMessage = to_structured(event, JSONFormat())
    binary: HTTPMessage = to_binary(event, JSONFormat())

    assert read_envelope(loads(structured.body)) == meant
    assert from_binary(binary.headers.items(), binary.body) == meant
    batch = loads(b"[" + structured.body + b"," + structured.body + b"]")
    assert [read_envelope(one) for one in batch] == [meant, meant]


HEADERS = {"ce-specversion": "1.0", "ce-id": "e1", "ce-source": "s", "ce-type": "t"}


def test_headers_of_binary_mode_are_read_in_any_case_quoted_or_encoded() -> None:
    headers = {"Ce-Subject": "%D7%90%20%25", "CE-TIME": "2026-11-01T09:00:00Z", "Accept": "x"}

    envelope = from_binary((HEADERS | headers).items(), b"")

    assert envelope.subject == "א %"
    assert envelope.time == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert envelope.data == {}
    assert envelope.extensions == {}


def test_quotes_of_a_header_are_taken_off() -> None:
    envelope = from_binary((HEADERS | {"ce-id": '"a \\" b"'}).items(), b"{}")

    assert envelope.id == 'a " b'


@pytest.mark.parametrize(
    ("headers", "body", "pointer", "detail"),
    [
        ([("ce-id", "e2")], b"{}", "/id", "is written twice"),
        ([("ce-subject", "%ff")], b"{}", "/subject", "is not percent-encoded UTF-8"),
        ([("ce-subject", "é")], b"{}", "/subject", "is not percent-encoded UTF-8"),
        ([("ce-subject", "a%00")], b"{}", "/subject", "holds a control character"),
        ([("ce-data", "{}")], b"{}", "/data", "does not belong into a header"),
        ([("ce-datacontenttype", "application/json")], b"{}", "/datacontenttype", "does not"),
        ([], b"[1]", "/data", "must be a JSON object"),
        ([], b"{", "/data", "is not JSON"),
        ([], b'{"a":{"b":1,"b":2}}', "/data/a/b", "is written twice"),
    ],
)
def test_mistakes_of_binary_mode_are_told_with_their_place(
    headers: list[tuple[str, str]], body: bytes, pointer: str, detail: str
) -> None:
    with pytest.raises(Refusal) as refused:
        from_binary([*HEADERS.items(), *headers], body)

    [problem] = refused.value.problems
    assert problem.pointer == pointer
    assert problem.detail.startswith(detail)


def test_all_mistakes_of_binary_mode_are_told_at_once() -> None:
    with pytest.raises(Refusal) as refused:
        from_binary([("ce-subject", "%ff")], b"nonsense")

    pointers = [one.pointer for one in refused.value.problems]
    assert pointers == ["/subject", "/data", "/specversion", "/id", "/source", "/type"]


def with_data(**data: Any) -> Envelope:
    return read_envelope(GOOD | {"data": data})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (with_data(a=1, b=2), with_data(b=2, a=1)),
        (with_data(a=1), with_data(a=1.0)),
        (with_data(a=[{"b": -0.0}]), with_data(a=[{"b": 0}])),
        (with_data(), read_envelope(GOOD | {"data": {}, "time": "2026-11-01T07:00:00Z"})),
        (with_data(), read_envelope(GOOD | {"data": {}, "id": "e2", "source": "other"})),
        (with_data(), read_envelope(GOOD | {"data": {}, "traceparent": "x"})),
    ],
)
def test_the_same_content_has_the_same_digest(one: Envelope, other: Envelope) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    "other",
    [
        GOOD | {"type": "other"},
        GOOD | {"subject": "c2"},
        GOOD | {"subject": None},
        GOOD | {"time": "2026-11-01T09:00:00.000001+02:00"},
        GOOD | {"time": None},
        GOOD | {"data": {"plan_id": "p2"}},
        GOOD | {"data": {"plan_id": True}},
        GOOD | {"data": {}},
    ],
)
def test_other_content_has_another_digest(other: dict[str, Any]) -> None:
    assert digest(read_envelope(other)) != digest(read_envelope(GOOD))


def test_numbers_beyond_what_a_float_holds_stay_apart() -> None:
    assert digest(with_data(n=2**53)) != digest(with_data(n=2**53 + 1))
    assert len(digest(with_data(n=1e300))) == 32


def test_true_and_one_are_two_things() -> None:
    assert digest(with_data(n=True)) != digest(with_data(n=1))
