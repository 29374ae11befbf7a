"""What if a benchmark is killed? What it has started is told to end, too, by the kernel (Linux)."""

from __future__ import annotations

import ctypes
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_PARENT_DEATH_SIGNAL = 1
_LIBC = ctypes.CDLL(None)


def started(command: Sequence[str | Path], **words: Any) -> subprocess.Popen[Any]:
    """As Popen; it ends when we do, however we end."""
    # in the child, before its program is there: one call of the kernel, which no thread can disturb
    return subprocess.Popen(command, preexec_fn=_end_with_parent, **words)  # noqa: PLW1509


def _end_with_parent() -> None:
    _LIBC.prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
