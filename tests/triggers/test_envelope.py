"""Is every CloudEvent read as the official SDK reads it, and every mistake told at once?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.envelope import (
    Envelope,
    Kind,
    Problem,
    Refusal,
    read_envelope,
    read_time,
)

MOMENTS = st.integers(0, 2**32 * 10**6).map(
    lambda micros: datetime(1971, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
GOOD = {
    "specversion": "1.0",
    "id": "e1",
    "source": "billing",
    "type": "payment_plan.updated",
    "subject": "c1",
    "time": "2026-11-01T09:00:00+02:00",
    "data": {"plan_id": "p1"},
}


def problems_of(value: Any) -> dict[str, str]:
    with pytest.raises(Refusal) as refused:
        read_envelope(value)
    assert refused.value.kind is Kind.MALFORMED
    return {one.pointer: one.detail for one in refused.value.problems}


def test_a_cloud_event_is_read_with_its_time_in_utc() -> None:
    envelope = read_envelope(GOOD | {"traceparent": "00-ab-cd-01", "dataschema": "urn:x"})

    assert envelope == Envelope(
        source="billing",
        id="e1",
        type="payment_plan.updated",
        subject="c1",
        time=datetime(2026, 11, 1, 7, tzinfo=UTC),
        data={"plan_id": "p1"},
        extensions={"traceparent": "00-ab-cd-01"},
    )


def test_what_may_be_left_out_may_be_null_or_left_out() -> None:
    least = {"specversion": "1.0", "id": "e1", "source": "s", "type": "t"}

    assert read_envelope(least) == Envelope(source="s", id="e1", type="t")
    nulls = {"subject": None, "time": None, "datacontenttype": None, "sequence": None}
    assert read_envelope(least | nulls) == Envelope(source="s", id="e1", type="t")


def test_receivedat_is_the_moment_that_simulate_takes_as_receipt() -> None:
    envelope = read_envelope(GOOD | {"receivedat": "2026-11-02T00:00:00Z"})

    assert envelope.received == datetime(2026, 11, 2, tzinfo=UTC)
    assert read_envelope(GOOD).received is None


@pytest.mark.parametrize(
    ("change", "pointer", "detail"),
    [
        ({"specversion": None}, "/specversion", 'is missing: write "1.0"'),
        ({"specversion": "0.3"}, "/specversion", 'must be "1.0"'),
        ({"specversion": 1.0}, "/specversion", 'must be "1.0"'),
        ({"id": None}, "/id", "is missing"),
        ({"id": ""}, "/id", "must not be empty"),
        ({"id": "  "}, "/id", "must not be empty"),
        ({"id": 7}, "/id", "must be a text"),
        ({"id": "x" * 501}, "/id", "is longer than 500 bytes"),
        ({"id": "א" * 251}, "/id", "is longer than 500 bytes"),
        ({"id": "a\nb"}, "/id", "holds a control character"),
        ({"source": None}, "/source", "is missing"),
        ({"source": "s" * 501}, "/source", "is longer than 500 bytes"),
        ({"type": None}, "/type", "is missing"),
        ({"type": "t" * 201}, "/type", "is longer than 200 bytes"),
        ({"subject": ""}, "/subject", "must not be empty"),
        ({"subject": ["c1"]}, "/subject", "must be a text"),
        ({"subject": "c\x85"}, "/subject", "holds a control character"),
        ({"time": 1761984000}, "/time", "must be a time with an offset"),
        ({"time": "yesterday"}, "/time", "must be a time with an offset"),
        ({"datacontenttype": "text/xml"}, "/datacontenttype", "must be application/json"),
        ({"datacontenttype": 1}, "/datacontenttype", "must be application/json"),
        ({"dataschema": 1}, "/dataschema", "must be a text"),
        ({"data_base64": "e30="}, "/data_base64", "is not taken: send a JSON object"),
        ({"data": [1]}, "/data", "must be a JSON object"),
        ({"data": None}, "/data", "must be a JSON object"),
        ({"data": "{}"}, "/data", "must be a JSON object"),
        ({"Trace": "x"}, "/Trace", "is no name of an attribute"),
        ({"a/b": "x"}, "/a~1b", "is no name of an attribute"),
        ({"x" * 65: "x"}, f"/{'x' * 65}", "is no name of an attribute"),
        ({"trace": {"a": 1}}, "/trace", "must be a text, a number or a boolean"),
        ({"trace": "a\x00"}, "/trace", "is too long or holds a control character"),
        ({"receivedat": "soon"}, "/receivedat", "must be a time with an offset"),
    ],
)
def test_each_mistake_is_told_with_its_place(
    change: dict[str, Any], pointer: str, detail: str
) -> None:
    found = problems_of(GOOD | change)

    assert list(found) == [pointer]
    assert found[pointer].startswith(detail)


@pytest.mark.parametrize(
    "text",
    ["2026-11-01T09:00:00", "2026-02-30T09:00:00", "2026-11-01T24:00:00", "2026-11-01T09:60:00",
     "2026-12-31T23:59:60", "1969-11-01T09:00:00", "2201-11-01T09:00:00", "2026-11-01T09:00:00.5",
     "2026-11-01T09:00:00.1234567", "2026-11-01 09:00:00", "٢026-11-01T09:00:00"],
)  # fmt: skip
def test_a_time_in_utc_is_read_the_same_however_it_says_so(text: str) -> None:
    def said(time: str) -> str:
        try:
            return repr(read_time(time))
        except ValueError as error:
            return str(error)

    assert said(f"{text}Z") == said(f"{text}+00:00") == said(f"{text}z")


@pytest.mark.parametrize("value", [None, 1, "text", [GOOD], True])
def test_what_is_no_object_is_no_event(value: Any) -> None:
    assert problems_of(value) == {"": "must be a JSON object, a CloudEvent"}


def test_all_mistakes_are_told_at_once() -> None:
    found = problems_of({"specversion": "2", "time": "x", "data": 1, "Bad": 1})

    assert sorted(found) == ["/Bad", "/data", "/id", "/source", "/specversion", "/time", "/type"]


def test_a_refusal_can_be_moved_into_its_batch() -> None:
    refusal = Refusal(Kind.MALFORMED, (Problem("/id", "is missing"), Problem("", "is odd")))

    moved = refusal.within(3)

    assert moved.problems == (Problem("/3/id", "is missing"), Problem("/3", "is odd"))
    assert str(moved) == "/3/id is missing; /3 is odd"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01T09:00:00Z", datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ("2026-11-01t09:00:00z", datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ("2026-11-01T09:00:00.5-00:30", datetime(2026, 11, 1, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-11-01T00:00:00.123456789+02:00", datetime(2026, 10, 31, 22, 0, 0, 123456, UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_rfc_3339_has_it(text: str, moment: datetime) -> None:
    assert read_time(text) == moment


@pytest.mark.parametrize(
    "text",
    ["2026-11-01T09:00:00", "2026-11-01 09:00:00Z", "2026-11-01T09:00Z", "2026-11-01",
     "20261101T090000Z", "2026-W44-7T09:00:00Z", "2026-02-29T00:00:00Z", "2026-11-01T24:00:00Z",
     "2026-11-01T09:00:61Z", "2026-11-01T09:00:00+2:00", "2026-11-01T09:00:00+24:00",
     "1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59",
     "٢٠٢٦-11-01T09:00:00Z", "2026-11-01T09:00:00Z\n", "", None, 5],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match=r"must be|is no day"):
        read_time(text)


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_a_time_written_at_any_offset_is_the_same_moment(moment: datetime, minutes: int) -> None:
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))

    assert read_time(local.isoformat()) == moment
    assert read_time(local.isoformat()).tzinfo is UTC


# What the official SDK writes, in both modes, is what we read.
