"""How does one template become text? Compiled once, streamed up to a cap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Template, UndefinedError

from triggers.texts.environment import HTML, TEXT
from triggers.texts.failures import TextFailed, UnfitField, Unwritable
from triggers.texts.variables import Variable, resolved, variables
from triggers.texts.whitelist import NotAllowed, parsed


@dataclass(frozen=True, slots=True)
class Compiled:
    file: str
    template: Template
    variables: tuple[Variable, ...]
    cap: int

    def render(self, context: Mapping[str, Any]) -> str:
        """The text; TextFailed names the variable that is missing or cannot be shown."""
        try:
            return self._stream(context)
        except TextFailed:
            raise
        except UndefinedError as error:
            raise TextFailed(self.file, "is missing", self._missing(context, error)) from None
        except UnfitField as unfit:
            raise TextFailed(self.file, unfit.reason, unfit.path) from None
        except Unwritable as wrong:
            raise TextFailed(self.file, wrong.reason, self._holding(wrong.value, context)) from None
        except Exception:
            # whatever it is, this text alone fails; such errors quote what they stumbled over
            raise TextFailed(self.file, "compares or adds what does not go together") from None

    def _stream(self, context: Mapping[str, Any]) -> str:
        pieces: list[str] = []
        size = 0
        for piece in self.template.root_render_func(self.template.new_context(dict(context))):
            size += len(piece)
            # asked of each piece: a loop over a huge list ends here and not in our memory
            if size > self.cap:
                raise TextFailed(self.file, f"is longer than {self.cap} characters")
            pieces.append(piece)
        return "".join(pieces)

    def _missing(self, context: Mapping[str, Any], error: UndefinedError) -> str | None:
        """The first needed path without a value: Jinja itself knows only its last word."""
        for variable in self.variables:
            last = variable.path.rpartition(".")[2]
            named = f"'{last}'" in str(error) or f"attribute {last!r}" in str(error)
            if named and not variable.optional and resolved(variable.path, context) is None:
                return variable.path
        return None

    def _holding(self, value: object, context: Mapping[str, Any]) -> str | None:
        for variable in self.variables:
            # the same object and not an equal one: two fields may well hold the same amount
            if resolved(variable.path, context) is value:
                return variable.path
        return None


def compiled(file: str, source: str, *, cap: int, html: bool) -> Compiled:
    """TextFailed for a template that the whitelist does not let through."""
    environment = HTML if html else TEXT
    try:
        tree = parsed(source, environment)
    except NotAllowed as refusal:
        raise TextFailed(file, str(refusal)) from None
    # the tree is walked before compiling, which moves constants about in it
    found = tuple(variables(tree))
    return Compiled(file, environment.from_string(tree), found, cap)
