"""Which errors are for the person at the keyboard, who needs their text and no traceback?"""

from __future__ import annotations

CANNOT_START = 78
"""A process ends so when starting it again cannot help: what it was given is wrong."""


class Told(Exception):
    """The text says what is wrong and what to do; the command ends with `status`."""

    status = 1
