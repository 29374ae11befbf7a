"""Why did a text not come out?"""

from __future__ import annotations


class TextFailed(Exception):
    """A text could not be rendered: the message is parked with the variable's name.

    Holds names of our own files and fields only, never a value.
    """

    def __init__(self, template: str, reason: str, variable: str | None = None) -> None:
        super().__init__(
            f"{template}: {variable} {reason}" if variable else f"{template}: {reason}"
        )
        self.template = template
        self.reason = reason
        self.variable = variable


class Unwritable(Exception):
    """A value that no text may show: its place in the context is found by whoever catches this."""

    def __init__(self, value: object, reason: str) -> None:
        super().__init__(reason)
        self.value = value
        self.reason = reason


class UnfitField(Exception):
    """A field that was needed on the way to a value, such as a link's placeholder."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} {reason}")
        self.path = path
        self.reason = reason
