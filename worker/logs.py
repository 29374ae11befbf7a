"""What does a log line hold? One JSON object, and nobody's phone, address, text or secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import nullcontext
from traceback import format_tb
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import ExcInfo, Processor

from worker.told import Told

PERSONAL = frozenset(
    "address addresses api_key authorization body content customer_id data email html key_value"
    " name password payload phone profile raw recipient secret subject text to token".split()
)
GONE = "[redacted]"
PATTERNS = (
    # A database's error repeats the row it was about.
    (re.compile(r"(?m)(DETAIL: |CONTEXT: |^\[parameters: ).*$"), rf"\1{GONE}"),
    (re.compile(r"(?<=://)[^/\s@]*@"), f"{GONE}@"),
    (re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"), GONE),
    (re.compile(r"\+\d[\d ().-]{6,18}\d"), GONE),
    (re.compile(r"(?<![\w.:-])00\d[\d ().-]{6,18}\d"), GONE),
    (re.compile(r"(?<![\w.:-])0\d{1,2}[- ]?\d{3}[- ]?\d{4}(?![\w-])"), GONE),
)
# Nothing of the above looks like itself without one of these: most texts are looked at once.
SUSPECT = re.compile(r"[@+]|: |(?<![\w.:-])0\d")
PLAIN = frozenset({bool, int, float, type(None)})
# What these say at INFO is one line for every bell, request or statement.
QUIET = tuple(
    "alembic amqp celery.app.trace celery.beat celery.worker.strategy httpcore httpx kombu"
    " twilio.http_client urllib3".split()
)

# These quote what came through the broker: messages, their headers, errors about both.
QUOTING = tuple(
    "billiard celery.app.trace celery.concurrency celery.pool celery.worker kombu"
    " multiprocessing".split()
)
# What our own door has put into the headers, and the words of Celery itself.
UNQUOTED = frozenset({"id", "name", "description"})


class Output(logging.StreamHandler[TextIO]):
    """Where all lines go, whole, one after the other."""

    def say(self, line: str) -> None:
        try:
            with self.lock or nullcontext():
                self.stream.write(line + self.terminator)
                self.flush()
        except Exception:  # as logging does: nobody's work ends because nobody reads of it
            self.handleError(logging.makeLogRecord({}))


class Ours:
    """A logger whose lines are ready: they need none of what logging does with a library's."""

    def __init__(self, name: str = "root") -> None:
        self.name = name

    def say(self, line: str) -> None:
        for one in logging.getLogger().handlers:
            if isinstance(one, Output):
                one.say(line)

    debug = info = warning = error = critical = say


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Of what a broker's client quotes, only the words of its own stay."""

    def format(self, record: logging.LogRecord) -> str:
        quotes = any(f"{record.name}.".startswith(f"{name}.") for name in QUOTING)
        return super().format(_unquoted(record) if quotes else record)


def begin_logging(*, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Every line of this process, ours and the libraries', as JSON to `stream` (stderr)."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.processors.ExceptionRenderer(_without_words),
        redact,
        structlog.processors.JSONRenderer(serializer=_dump),
    ]
    output = Output(stream or sys.stderr)
    foreign = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    output.setFormatter(
        Formatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()], processors=[foreign, *last]
        )
    )
    root = logging.getLogger()
    root.handlers = [output]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=Ours,
        cache_logger_on_first_use=True,
    )


def _unquoted(record: logging.LogRecord) -> logging.LogRecord:
    """The same event without its arguments."""
    plain = logging.makeLogRecord(record.__dict__)
    args = record.args
    if isinstance(args, Mapping):
        plain.args = {k: v if k in UNQUOTED else _kind(v) for k, v in args.items()}
    elif args:
        plain.args = tuple(_kind(value) for value in args)
    return plain


def _without_words(exc_info: ExcInfo) -> str:
    """Where an error was raised, and its class: whatever it says may quote what it was about."""
    return "".join(_raised(exc_info[1])).rstrip()


def _raised(error: BaseException) -> Iterator[str]:
    """And first what it came of."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _raised(before)
    yield from format_tb(error.__traceback__)
    words = f": {error}" if isinstance(error, Told) else ""
    yield f"{type(error).__name__}{words}\n"


def _kind(value: Any) -> Any:
    match value:
        case BaseException():
            return type(value).__name__
        case bool() | int() | float() | None:
            return value
        case _:
            return GONE


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out what is personal, by the name it stands under and by its looks."""
    for name, value in line.items():
        line[name] = GONE if name in PERSONAL else _cleaned(value)
    return line


def _cleaned(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return cleaned_text(value)
    return value if kind in PLAIN else _cleaned_whole(value)


def _cleaned_whole(value: Any) -> Any:
    match value:
        case str():
            return cleaned_text(value)
        case dict():
            return {k: GONE if k in PERSONAL else _cleaned(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_cleaned(item) for item in value]
        case bool() | int() | float() | None:
            return value
        case _:
            return cleaned_text(str(value))


def cleaned_text(text: str) -> str:
    return _searched(text) if SUSPECT.search(text) else text


def _searched(text: str) -> str:
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _dump(line: Any, **_options: Any) -> str:
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
