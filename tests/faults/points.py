"""At which points of the running code may a process be killed or stopped, and when was it there?

The launcher wraps seams that are there anyway (a commit, a call of a provider, an acknowledgement
of a stream's entries), so the product holds nothing for tests. A point is armed by a file of its
name; whoever comes first to it takes the file away and does to himself what it says.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

FOLDER, ROLE = "FAULTS_FOLDER", "FAULTS_ROLE"
ANYBODY = "anybody"
STEPS = ("worker.steps.", "worker.http.", "worker.tasks", "worker.cli.")
POINTS = (
    "before-commit.gathering", "after-commit.gathering",
    "before-commit.evaluate", "after-commit.evaluate",
    "before-commit.claim", "after-commit.claim",
    "decided.letters", "claimed.letters",
    "before-call.sms", "after-call.sms",
    "before-call.email", "after-call.email",
    "before-commit.deliver", "after-commit.deliver",
    "before-commit.webhooks", "after-commit.webhooks",
    "before-commit.receive", "after-commit.receive",
    "before-commit.sweep", "after-commit.sweep",
    "before-commit.accepting", "before-ack.stream", "after-ack.stream",
)  # fmt: skip


def folder() -> Path:
    return Path(os.environ[FOLDER])


def reach(point: str) -> None:
    """Somebody is at this point now."""
    armed = folder() / "armed"
    for name in (f"{point}@{ANYBODY}", f"{point}@{os.environ.get(ROLE, '')}"):
        path = armed / name
        if path.exists():
            _do(path)


def _do(path: Path) -> None:
    mine = folder() / "fired" / f"{path.name}@{os.environ.get(ROLE, '')}@{os.getpid()}"
    with suppress(FileNotFoundError):
        action = path.read_text()
        path.rename(mine)
        os.killpg(os.getpgrp(), signal.Signals[action])


def arm(where: Path, point: str, action: str, role: str = ANYBODY) -> Path:
    """`action`: SIGKILL or SIGSTOP, for the whole process group of whoever comes there first."""
    path = where / "armed" / f"{point}@{role}"
    draft = where / f"draft.{path.name}"
    draft.write_text(action)
    return draft.rename(path)


def fired(where: Path) -> list[tuple[str, str, str]]:
    """The points that did something since this was last asked, whose role it was, and what."""
    found = []
    for path in sorted((where / "fired").iterdir()):
        point, _, role, _ = path.name.split("@")
        found.append((point, role, path.read_text()))
        path.unlink()
    return found


def watch_seams() -> None:
    """Wrap commits and calls of providers in this process."""
    _wrap(DefaultDialect, "do_commit", _commit)
    # only now: the constants are shorter by then
    from worker.channels.smtp_email import SmtpEmail  # noqa: PLC0415
    from worker.channels.twilio_sms import TwilioSms  # noqa: PLC0415
    from worker.steps import deliver  # noqa: PLC0415
    from worker.steps.book import Book  # noqa: PLC0415
    from worker.stream import Stream  # noqa: PLC0415

    _wrap(TwilioSms, "call", _shared_call)
    _wrap(Book, "write", _decided)
    _wrap(deliver, "deliver", _deliver)
    _wrap(SmtpEmail, "send", _call)
    _wrap(Stream, "let_go", _let_go)


def _wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    inner = getattr(owner, name)
    setattr(owner, name, lambda *args, **words: around(inner, *args, **words))


def _decided(inner: Callable[..., Any], book: Any, connection: Any) -> Any:
    """Letters are decided on; nothing of them is written yet."""
    if book.letters:
        reach("decided.letters")
    return inner(book, connection)


def _deliver(inner: Callable[..., Any], engine: Any, letters: Any, *more: Any, **words: Any) -> Any:
    """Letters are claimed; nobody has called yet."""
    if letters:
        reach("claimed.letters")
    return inner(engine, letters, *more, **words)


def _commit(inner: Callable[..., Any], dialect: Any, connection: Any) -> None:
    step = step_here()
    reach(f"before-commit.{step}")
    inner(dialect, connection)
    reach(f"after-commit.{step}")


def _call(inner: Callable[..., Any], channel: Any, letter: Any) -> Any:
    note_call(letter.message_id, letter.attempt)
    reach(f"before-call.{channel.name}")
    try:
        return inner(channel, letter)
    finally:
        reach(f"after-call.{channel.name}")


async def _shared_call(inner: Callable[..., Any], channel: Any, letter: Any) -> Any:
    note_call(letter.message_id, letter.attempt)
    reach(f"before-call.{channel.name}")
    try:
        return await inner(channel, letter)
    finally:
        reach(f"after-call.{channel.name}")


def _let_go(inner: Callable[..., Any], stream: Any, entries: Iterable[Any]) -> None:
    # what is to be let go is committed: noted before, so that no kill hides one
    known = list(entries)
    note("acks", [one.id.decode() for one in known])
    reach("before-ack.stream")
    inner(stream, known)
    reach("after-ack.stream")


def note_call(message_id: str, attempt: int) -> None:
    """On record before the first byte leaves."""
    note("calls", [message_id, attempt, time.time(), os.environ.get(ROLE, "")])


def note(journal: str, words: Sequence[Any]) -> None:
    """A line that is there even if this process is killed next."""
    file = os.open(folder() / f"{journal}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, json.dumps(words).encode() + b"\n")
    os.close(file)


def noted(where: Path, journal: str) -> list[list[Any]]:
    path = where / f"{journal}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def step_here() -> str:
    """The station or door that is committing."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        module = frame.f_globals.get("__name__", "")
        if module.startswith(STEPS):
            return str(module.rpartition(".")[2])
    return "start"
