"""Does a log line hold what happened, and nobody's data?"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from worker.logs import PATTERNS, begin_logging, cleaned_text
from worker.told import Told

SECRET = "Ploni-Almoni"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    begin_logging(stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def line(stream: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(stream.getvalue().splitlines()[-1])
    return found


def test_a_line_is_one_json_object_with_its_time_in_utc(written: io.StringIO) -> None:
    structlog.get_logger("worker.steps.claim").info("claimed", messages=3, trigger="low_checkbook")
    assert line(written) | {"timestamp": ""} == {
        "event": "claimed",
        "level": "info",
        "logger": "worker.steps.claim",
        "messages": 3,
        "timestamp": "",
        "trigger": "low_checkbook",
    }
    assert line(written)["timestamp"].endswith("Z")


def test_the_lines_of_libraries_are_json_and_cleaned_too(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("could not reach %s", "dana@mail.example")
    assert line(written)["event"] == "could not reach [redacted]"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("to +972501234567 now", "to [redacted] now"),
        ("call 050-123-4567", "call [redacted]"),
        ("call 0501234567.", "call [redacted]."),
        ("00972 50 123 4567", "[redacted]"),
        ("whatsapp:+15005550006", "whatsapp:[redacted]"),
        ("from Dana <dana.b+x@mail.bank.example>", "from Dana <[redacted]>"),
        ("redis://:hush@redis:6379/0", "redis://[redacted]@redis:6379/0"),
        ("postgresql+psycopg://u:p@db/outreach", "postgresql+psycopg://[redacted]@db/outreach"),
        ("at 2026-11-21T21:34:33.476786Z", "at 2026-11-21T21:34:33.476786Z"),
        ("took 0.00012345678 s", "took 0.00012345678 s"),
        ("message 0123456789abcdef0123456789abcdef", "message 0123456789abcdef0123456789abcdef"),
        ("x\nDETAIL:  row contains (דנה, שלום)\ny", "x\nDETAIL: [redacted]\ny"),
        ("x\nCONTEXT:  JSON data, line 1: ...שלום דנה...\ny", "x\nCONTEXT: [redacted]\ny"),
        ("x\n[parameters: {'text': 'שלום'}]", "x\n[parameters: [redacted]"),
        ("seq 1234567890", "seq 1234567890"),
    ],
)
def test_what_looks_personal_or_secret_is_taken_out(text: str, cleaned: str) -> None:
    assert cleaned_text(text) == cleaned


PIECES = (
    "+", "@", "0", "00", "05", "972501234567", "50-123-4567", "1234567", "dana", "mail.example",
    "DETAIL: ", "CONTEXT: ", "[parameters: ", "://", ":", ".", "-", " ", "(", ")", "\n", "\u0660",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_not_searched_whole_holds_nothing_that_would_be_found(text: str) -> None:
    searched = text
    for pattern, instead in PATTERNS:
        searched = pattern.sub(instead, searched)

    assert cleaned_text(text) == searched


@pytest.mark.parametrize("name", ["phone", "email", "text", "body", "authorization", "customer_id"])
def test_what_stands_under_a_personal_name_is_taken_out(written: io.StringIO, name: str) -> None:
    structlog.get_logger().info("told", **{name: "שלום דנה"}, inside={name: "שלום דנה"})
    assert line(written)[name] == "[redacted]"
    assert line(written)["inside"] == {name: "[redacted]"}
    assert "דנה" not in written.getvalue()


@pytest.mark.parametrize("logger", ["worker.steps.deliver", "uvicorn.error", "celery.worker"])
def test_of_an_error_its_class_and_its_place_are_told_and_nothing_it_says(
    written: io.StringIO, logger: str
) -> None:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as missing:
            raise ValueError(f"hello {SECRET}") from missing
    except ValueError:
        logging.getLogger(logger).exception("failed")
    found = line(written)["exception"]
    assert [one for one in found.splitlines() if not one.startswith(" ")] == [
        "KeyError",
        "ValueError",
    ]
    assert "test_logs.py" in found
    assert SECRET not in written.getvalue()


def test_what_is_below_the_level_is_not_written_whoever_says_it(written: io.StringIO) -> None:
    for name in ("worker.steps.claim", "some.library"):
        structlog.get_logger(name).debug("details")
        logging.getLogger(name).debug("details")
    assert written.getvalue() == ""


def test_nobodys_work_ends_because_a_line_cannot_be_written(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    written.close()

    structlog.get_logger().info("told", name=SECRET, which=SECRET)

    said = capsys.readouterr().err
    assert "Logging error" in said
    assert SECRET not in said


def test_what_is_neither_text_nor_number_is_cleaned_as_text(written: io.StringIO) -> None:
    structlog.get_logger().info(
        "told", error=KeyError("dana@mail.example"), items=["+972501234567"]
    )
    assert line(written)["error"] == "'[redacted]'"
    assert line(written)["items"] == ["[redacted]"]


def test_what_celery_quotes_of_a_message_is_not_written(written: io.StringIO) -> None:
    try:
        raise TypeError(f"publish() got an unexpected argument {SECRET}")
    except TypeError as wrong:
        logging.getLogger("celery.worker.consumer.consumer").error(
            "Received %r, %d times: %s", SECRET, 3, wrong, exc_info=True
        )
    assert SECRET not in written.getvalue()
    assert line(written)["event"] == "Received '[redacted]', 3 times: TypeError"
    assert "test_logs.py" in line(written)["exception"]
    assert line(written)["exception"].endswith("\nTypeError")


def test_a_failed_task_is_told_by_its_name_and_the_kind_of_its_error(
    written: io.StringIO,
) -> None:
    context = {"name": "outreach.publish", "id": "7", "description": "raised", "exc": SECRET}
    context["args"] = SECRET
    text = "Task %(name)s[%(id)s] %(description)s: %(exc)s"
    logging.getLogger("celery.app.trace").error(text, context, extra={"data": context})
    assert SECRET not in written.getvalue()
    assert line(written)["event"] == "Task outreach.publish[7] raised: [redacted]"


def test_why_a_worker_cannot_start_is_told_whole(written: io.StringIO) -> None:
    try:
        raise Told("OUTREACH_SMS: is wrong")
    except Told:
        logging.getLogger("celery.app.trace").exception("failed")
    assert "OUTREACH_SMS: is wrong" in line(written)["exception"]


def test_a_logger_whose_name_only_begins_alike_is_left_alone(written: io.StringIO) -> None:
    logging.getLogger("kombucha").warning("brewing %s", "tea")
    assert line(written)["event"] == "brewing tea"
