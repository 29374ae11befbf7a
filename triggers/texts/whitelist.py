"""Which template syntax is allowed? What is not on the list here never compiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from triggers.mistakes import meant
from triggers.texts.breaks import with_breaks
from triggers.texts.environment import LOOP_FIELDS, TESTS, TEXT, FieldsOnly
from triggers.texts.filters import FILTERS
from triggers.texts.trees import children
from triggers.texts.variables import ROOTS, dotted, loop_field

LONGEST_SOURCE = 128 * 1024
DEEPEST = 30
NAMES = ROOTS | {"loop"}

HARMLESS: frozenset[type[nodes.Node]] = frozenset(
    {
        nodes.Template,
        nodes.Output,
        nodes.If,
        nodes.CondExpr,
        nodes.Compare,
        nodes.Operand,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.Add,
        nodes.Sub,
        nodes.Neg,
        nodes.Tuple,
        nodes.List,
    }
)
"""Allowed, and nothing in themselves can be wrong with them; ASKED has those with which it can."""

WORDS: dict[type[nodes.Node], str] = {
    nodes.Mul: "*",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.FloorDiv: "//",
    nodes.Div: "/",
    nodes.Concat: "~",
    nodes.Call: "calling something",
    nodes.Getitem: "[...]",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Dict: "{...}",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter blocks",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.With: "with",
}


@dataclass(frozen=True, slots=True)
class Objection:
    """What is not allowed, on which line, and the word to point at where there is one."""

    line: int
    reason: str
    word: str = ""


class NotAllowed(Exception):
    """A template that is not compiled; carries every objection to it.

    `tree` None: it cannot be read at all, or is too deep to be walked.
    """

    def __init__(self, objections: list[Objection], tree: nodes.Template | None = None) -> None:
        super().__init__("; ".join(objection.reason for objection in objections))
        self.objections = objections
        self.tree = tree


def parsed(source: str, environment: FieldsOnly = TEXT) -> nodes.Template:
    """The tree of an allowed template; else NotAllowed."""
    if len(source) > LONGEST_SOURCE:
        raise NotAllowed([Objection(1, f"is longer than {LONGEST_SOURCE} characters")])
    try:
        tree = environment.parse(with_breaks(source))
    except TemplateSyntaxError as error:
        hint = "; to compare, write ==" if "got '='" in str(error.message) else ""
        why = f"cannot be read: {error.message}{hint}"
        raise NotAllowed([Objection(error.lineno, why)]) from None
    except SyntaxError:
        # Python's own, of a number with a point whose digits are those of another script
        raise NotAllowed([Objection(1, "cannot be read: a number has the digits 0 to 9")]) from None
    except (RecursionError, ValueError, MemoryError):
        raise NotAllowed([Objection(1, "cannot be read: too deep or too large")]) from None
    objections = list(objections_to(tree))
    if objections:
        raise NotAllowed(objections, tree)
    return tree


def objections_to(tree: nodes.Template) -> Iterator[Objection]:
    """NotAllowed at once for a tree that nobody may walk any further."""
    # a stack of our own: a chain of a thousand operators must not end our recursion
    waiting: list[tuple[nodes.Node, int, frozenset[str]]] = [(tree, 0, frozenset())]
    while waiting:
        node, depth, names = waiting.pop()
        kind = type(node)
        if depth > DEEPEST:
            raise NotAllowed([Objection(node.lineno, f"is nested deeper than {DEEPEST}")])
        if kind in ASKED:
            yield from ASKED[kind](node, names)
            names |= _targets(node)
        elif kind not in HARMLESS:
            word = WORDS.get(kind, kind.__name__.lower())
            # what Jinja puts in by itself has no line
            yield Objection(node.lineno or 1, f"{word} is not allowed in a text", word)
        waiting += [(child, depth + 1, names) for child in children(node)]


def _name(node: nodes.Name, names: frozenset[str]) -> Iterable[Objection]:
    if node.ctx != "load" or node.name in NAMES or node.name in names:
        return ()
    hint = meant(node.name, ROOTS | names)
    return [Objection(node.lineno, f"there is no {node.name!r} in a text{hint}", node.name)]


def _path(node: nodes.Getattr, _: frozenset[str]) -> Iterable[Objection]:
    path = dotted(node) or ""
    if not path.startswith("loop.") or loop_field(path):
        return ()
    return [Objection(node.lineno, f"a loop has only {', '.join(sorted(LOOP_FIELDS))}", path)]


def _words(node: nodes.TemplateData | nodes.Const, _: frozenset[str]) -> Iterable[Objection]:
    text = node.data if isinstance(node, nodes.TemplateData) else node.value
    if isinstance(text, str) and "\x00" in text:
        return [Objection(node.lineno, "holds a NUL character")]
    return ()


def _test(node: nodes.Test, _: frozenset[str]) -> Iterable[Objection]:
    if node.name in TESTS:
        return ()
    return [Objection(node.lineno, f"'is {node.name}' is not allowed in a text", node.name)]


def _filter(node: nodes.Filter, _: frozenset[str]) -> Iterator[Objection]:
    if node.name not in FILTERS:
        hint = meant(node.name, FILTERS)
        yield Objection(node.lineno, f"there is no filter {node.name!r}{hint}", node.name)
    if node.kwargs or node.dyn_args or node.dyn_kwargs:
        yield Objection(node.lineno, "a filter takes plain values only", node.name)
    for argument in node.args:
        if not isinstance(argument, nodes.Const) and dotted(argument) is None:
            yield Objection(node.lineno, "a filter takes plain values only", node.name)


def _loop(node: nodes.For, names: frozenset[str]) -> Iterator[Objection]:
    """One loop deep, over a list of the event or the customer; its name hides nothing of ours."""
    path = dotted(node.iter) or ""
    if names:
        yield Objection(node.lineno, "a loop inside a loop is not allowed in a text", "for")
    if path.partition(".")[0] not in {"event", "customer"} or "." not in path:
        yield Objection(node.lineno, "a loop goes over a list of the event or the customer", "for")
    if node.recursive or not isinstance(node.target, nodes.Name):
        yield Objection(node.lineno, "a loop has one plain name", "for")
    if _targets(node) & NAMES:
        yield Objection(node.lineno, "a loop's name must not hide a name of the text", "for")


def _targets(node: nodes.Node) -> frozenset[str]:
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        return frozenset({node.target.name})
    return frozenset()


ASKED: dict[type[nodes.Node], Callable[[Any, frozenset[str]], Iterable[Objection]]] = {
    nodes.TemplateData: _words,
    nodes.Const: _words,
    nodes.Name: _name,
    nodes.Getattr: _path,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.For: _loop,
}
"""Allowed, but not with everything: by the names that the loops around have given."""
