"""Which template syntax is allowed? What is not on the list here never compiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes

from triggers.mistakes import meant
from triggers.texts.breaks import with_breaks
from triggers.texts.environment import LOOP_FIELDS, TESTS, TEXT, FieldsOnly
from triggers.texts.filters import FILTERS
from triggers.texts.trees import children
from triggers.texts.variables import ROOTS, dotted, loop_field

LONGEST_SOURCE = 128 * 1024
DEEPEST = 30

ALLOWED: frozenset[type[nodes.Node]] = frozenset(
    {
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.Getattr,
        nodes.Const,
        nodes.Filter,
        nodes.Test,
        nodes.If,
        nodes.For,
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

HARMLESS = ALLOWED - {
    nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.Filter, nodes.Test, nodes.For,
}  # fmt: skip
"""Nothing in themselves can be wrong with them."""

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
        if depth > DEEPEST:
            raise NotAllowed([Objection(node.lineno, f"is nested deeper than {DEEPEST}")])
        yield from _objections(node, names)
        inside = names | _targets(node)
        waiting.extend((child, depth + 1, inside) for child in children(node))


def _objections(node: nodes.Node, names: frozenset[str]) -> Iterator[Objection]:
    if type(node) in HARMLESS:
        return
    if type(node) not in ALLOWED:
        word = WORDS.get(type(node), type(node).__name__.lower())
        # what Jinja puts in by itself has no line
        yield Objection(node.lineno or 1, f"{word} is not allowed in a text", word)
    match node:
        case nodes.Name(ctx="load", name=name) if name not in ROOTS | names | {"loop"}:
            hint = meant(name, ROOTS | names)
            yield Objection(node.lineno, f"there is no {name!r} in a text{hint}", name)
        case nodes.TemplateData(data=str(text)) | nodes.Const(value=str(text)) if "\x00" in text:
            yield Objection(node.lineno, "holds a NUL character")
        case nodes.Filter():
            yield from _filter(node)
        case nodes.Test(name=name) if name not in TESTS:
            yield Objection(node.lineno, f"'is {name}' is not allowed in a text", name)
        case nodes.For():
            yield from _loop(node, names)
        case nodes.Getattr() if (path := dotted(node)) and path.startswith("loop."):
            if not loop_field(path):
                known = ", ".join(sorted(LOOP_FIELDS))
                yield Objection(node.lineno, f"a loop has only {known}", path)


def _filter(node: nodes.Filter) -> Iterator[Objection]:
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
    if _targets(node) & (ROOTS | {"loop"}):
        yield Objection(node.lineno, "a loop's name must not hide a name of the text", "for")


def _targets(node: nodes.Node) -> frozenset[str]:
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        return frozenset({node.target.name})
    return frozenset()
