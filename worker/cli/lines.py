"""Which lines does the file hold, and how far have we come in it?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from worker.told import Told

Line = tuple[int, bytes]
"""A line's number, from 1, and its text without its end."""

MOST_LINES = 500
MOST_BYTES = 900_000
MARK = b"\xef\xbb\xbf"


class NoSuchFile(Told):
    """The file named cannot be opened."""


@contextmanager
def opened(file: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The file, or what comes in for `-`, and its size where that is known."""
    if file == "-":
        yield sys.stdin.buffer, None
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(file).open("rb"))
        except OSError as error:
            raise NoSuchFile(f"{file}: {error.strerror}") from None
        yield stream, os.fstat(stream.fileno()).st_size or None


def bare(line: bytes, number: int) -> bytes:
    """Without its end, and the first without the mark that some editors put before it."""
    return line.strip().removeprefix(MARK) if number == 1 else line.strip()


def portions(stream: BinaryIO) -> Iterator[list[Line]]:
    """Lines with something in them, in portions of one transaction or request each."""
    portion: list[Line] = []
    size = 0
    for number, raw in enumerate(stream, 1):
        line = bare(raw, number)
        if not line:
            continue
        if portion and (len(portion) == MOST_LINES or size + len(line) > MOST_BYTES):
            yield portion
            portion, size = [], 0
        portion.append((number, line))
        size += len(line) + 1
    if portion:
        yield portion


@contextmanager
def bar(title: str, size: int | None) -> Iterator[Progress]:
    """A progress bar on the terminal's error side; nothing where there is no terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn(title), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[told]}"), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        progress.add_task(title, total=size, told="")
        yield progress


def advance(progress: Progress, portion: list[Line], told: str) -> None:
    done = sum(len(line) + 1 for _, line in portion)
    progress.update(progress.task_ids[0], advance=done, told=told)
