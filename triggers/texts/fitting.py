"""Can a filter write what it is given, or would each such message be parked?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinja2 import nodes

from triggers.kinds import MOMENT, SCALAR, Kind
from triggers.shapes import Shape
from triggers.texts.money import CODE
from triggers.texts.trees import every
from triggers.texts.variables import Variable

WRITTEN = SCALAR & ~Kind.BOOLEAN
TAKES = {
    "money": WRITTEN,
    "number": WRITTEN,
    "date": MOMENT | Kind.TEXT,
    "time": Kind.TIME | Kind.TEXT,
    "datetime": Kind.TIME | Kind.TEXT,
    "phone": WRITTEN,
    "upper": WRITTEN | MOMENT,
    "lower": WRITTEN | MOMENT,
    "capitalize": WRITTEN | MOMENT,
    "trim": WRITTEN | MOMENT,
    "join": Kind.LIST,
    "first": Kind.LIST,
    "last": Kind.LIST,
    "length": Kind.TEXT | Kind.LIST | Kind.OBJECT,
}
MEANT = {
    "money": "a number", "number": "a number", "date": "a date", "time": "a time",
    "datetime": "a time", "join": "a list", "first": "a list", "last": "a list",
}  # fmt: skip
DECIMALS = range(7)


def misfit(variable: Variable, shapes: Sequence[Shape]) -> str | None:
    """Why the first filter after a path can never write what stands there."""
    names = [name for name in variable.filters if name != "default"]
    if not names or names[0] not in TAKES:
        return None
    for shape in shapes:
        if not shape.kinds & TAKES[names[0]]:
            wanted = MEANT.get(names[0], "text or a number")
            return f"{variable.path} is {shape.kinds}: {names[0]!r} writes {wanted}"
    return None


def unfit_values(tree: nodes.Template) -> Iterator[tuple[int, str, str]]:
    """Line, word and reason of what is wrong in a filter's brackets."""
    for one in every(tree, nodes.Filter):
        for value in (given.value for given in one.args if isinstance(given, nodes.Const)):
            if one.name == "money" and not CODE.fullmatch(str(value)):
                yield one.lineno, str(value), f"{value!r} is not a currency's code, such as ILS"
            if one.name == "number" and (type(value) is not int or value not in DECIMALS):
                yield one.lineno, str(value), f"{value!r} is no number of decimals: write 0 to 6"
