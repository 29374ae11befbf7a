"""How do templates reach values? Only as fields of mappings, and a missing one is a failure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from triggers.texts.filters import FILTERS
from triggers.texts.printing import PathLexer, PathParser
from triggers.texts.values import shown

LOOP_FIELDS = frozenset({"first", "last", "index", "length"})
TESTS = ("defined", "undefined")


class FieldsOnly(ImmutableSandboxedEnvironment):
    """The sandbox, narrower: no Python attribute is within reach, and None is not there at all."""

    @cached_property
    def lexer(self) -> PathLexer:
        return PathLexer(self)

    def getattr(self, obj: Any, attribute: str) -> Any:
        # an ABC's isinstance costs more than all the rest: most values are plain dicts
        if type(obj) is dict or isinstance(obj, Mapping):
            value = obj.get(attribute)
            # null is missing: otherwise a text would greet "None"
            if value is not None:
                return value
        elif isinstance(obj, LoopContext) and attribute in LOOP_FIELDS:
            return getattr(obj, attribute)
        return self.undefined(name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.getattr(obj, str(argument))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The tree alone: only what compiles it asks its nodes for their environment."""
        return nodes.Template(PathParser(self, source, name, filename).subparse(), lineno=1)

    def _generate(self, source: nodes.Template, *others: Any, **more: Any) -> str:
        source.set_environment(self)
        return super()._generate(source, *others, **more)


def make_environment(*, html: bool) -> FieldsOnly:
    """An environment with our filters and none of Jinja's globals, tests and filters."""
    environment = FieldsOnly(
        undefined=StrictUndefined,
        autoescape=html,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
    )
    environment.globals.clear()
    environment.filters = dict(FILTERS)
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


TEXT = make_environment(html=False)
HTML = make_environment(html=True)
