"""How long can a text become, and in which alphabet? Every branch and long values taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from jinja2 import nodes

from triggers.definitions import Policy
from triggers.kinds import MOMENT, Kind
from triggers.shapes import PathUnknown, Shape
from triggers.surveys import ANSWER
from triggers.texts import isolation
from triggers.texts.brand import Localised
from triggers.texts.filters import readable_phone
from triggers.texts.known import Known
from triggers.texts.languages import Reader, writing
from triggers.texts.links import PLACEHOLDER
from triggers.texts.moments import date_text, time_text
from triggers.texts.money import CURRENCIES, money_text
from triggers.texts.segments import segments, ucs2_segments
from triggers.texts.variables import dotted

LONG_WORD = "n" * 24
LONG_NUMBER = "9999.99"
LONG_LINK = "https://outreach.example/u/" + "k" * 40
SHORT_LINK = "https://outreach.example/l/" + "k" * 12
"""As it leaves instead of a tracked link; a forecast shows the link itself, so both are taken."""
LONG_DAY = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)
LONG_DAYS = (LONG_DAY, datetime(2026, 12, 30, 22, 30, tzinfo=UTC))
"""The longest by its month's name, and the longest in digits."""
ROUNDS = 3
"""How often a loop is taken to go round."""


@dataclass(frozen=True, slots=True)
class Longest:
    """`free`: somebody else's words are in it, so one Hebrew letter may make it UCS-2."""

    text: str
    free: bool = False

    def __add__(self, other: Longest) -> Longest:
        return Longest(self.text + other.text, self.free or other.free)

    @property
    def segments(self) -> int:
        return ucs2_segments(self.text) if self.free else segments(self.text)


NOTHING = Longest("")


def longest(  # noqa: PLR0911 - one answer for each kind of node
    node: nodes.Node, known: Known, reader: Reader
) -> Longest:
    match node:
        case nodes.TemplateData(data=data):
            return Longest(data)
        case nodes.If(body=body, elif_=others, else_=last):
            ways = [_all(body, known, reader), _all(last, known, reader)]
            return _longer([*ways, *(longest(other, known, reader) for other in others)])
        case nodes.CondExpr(expr1=one, expr2=two):
            ways = [longest(way, known, reader) for way in (one, two) if way is not None]
            return _longer(ways)
        case nodes.For(body=body, else_=last):
            once = _all(body, known, reader)
            # nobody knows how long the list will be: the cap on a text answers for the rest
            rounds = Longest(once.text * ROUNDS, once.free)
            return _longer([rounds, _all(last, known, reader)])
        case nodes.Filter(node=inner) if inner is not None:
            return _through(node, longest(inner, known, reader), known, reader)
        case nodes.Const(value=value):
            return Longest(str(value))
        case nodes.Template(body=body) | nodes.Output(nodes=body):
            return _all(body, known, reader)
        case nodes.Name() | nodes.Getattr():
            return _value(dotted(node) or "", known, reader)
        case _:
            return Longest(LONG_NUMBER)


def _all(body: Sequence[nodes.Node], known: Known, reader: Reader) -> Longest:
    return sum((longest(node, known, reader) for node in body), NOTHING)


def _longer(ways: list[Longest]) -> Longest:
    """A short way in Hebrew may take more segments than a long one in English."""
    best = max(ways, key=lambda way: (way.segments, len(way.text)))
    return Longest(best.text, any(way.free for way in ways))


def _through(node: nodes.Filter, inner: Longest, known: Known, reader: Reader) -> Longest:
    """What a filter makes of `inner`."""
    match node.name:
        case "isolate":
            # in an English line the marks stand only round Hebrew, which somebody else may write
            if inner.text[:1] == isolation.LEFT_TO_RIGHT:
                return inner
            strict = replace(reader, rtl=reader.rtl or inner.free)
            return Longest(isolation.own(inner.text, strict), inner.free)
        case "default":
            return _longer([inner, *(longest(other, known, reader) for other in node.args)])
        case "phone" if node.node and (dotted(node.node) or "").startswith("brand."):
            # ours is known, and a short code is no long number
            return Longest(isolation.ltr(readable_phone(inner.text, reader.country), reader))
        case name:
            sample = _filtered(name, reader)
            return Longest(sample) if sample else inner


def _filtered(name: str, reader: Reader) -> str:
    days = (date_text(day, reader.language, reader.zone) for day in LONG_DAYS)
    day = max(days, key=len)
    hour = time_text(LONG_DAY, reader.zone)
    match name:
        case "money":
            currency = CURRENCIES.get(reader.country, "USD")
            plain = money_text(LONG_NUMBER, reader.language, currency)
        case "date":
            plain = day
        case "time":
            plain = hour
        case "datetime":
            apart = writing(reader.language).moment.format(date=day, time=hour)
            return isolation.ltr("", reader) + isolation.ltr(apart, reader)
        case "number" | "length":
            plain = f"{LONG_NUMBER},"
        case "phone":
            plain = readable_phone("+12025550123", reader.country)
        case _:
            return ""
    return isolation.ltr(plain, reader)


def _value(path: str, known: Known, reader: Reader) -> Longest:
    root, _, name = path.partition(".")
    if root == "brand":
        return Longest(_brand(name, known.policy, reader.language))
    if root == "links":
        return Longest(_link(name, known.policy))
    try:
        shapes = known.shapes(path)
    except PathUnknown:
        shapes = []
    samples = [_sample(shape, known.longest) for shape in shapes]
    return _longer(samples or [Longest(LONG_WORD, free=True)])


def _link(name: str, policy: Policy) -> str:
    if name == ANSWER:
        return SHORT_LINK
    plain = PLACEHOLDER.sub(LONG_WORD, policy.links.get(name, LONG_LINK))
    return max(plain, SHORT_LINK, key=len) if name in policy.tracked else plain


def _brand(name: str, policy: Policy, language: str) -> str:
    return Localised(policy.brand, (language, *policy.languages)).get(name, LONG_WORD)


def _sample(shape: Shape, most: int) -> Longest:
    if shape.choices:
        return _longer([Longest(str(choice)) for choice in shape.choices])
    if shape.kinds & ~Kind.NULL in (Kind.NUMBER, Kind.NUMBER | Kind.BOOLEAN):
        return Longest(LONG_NUMBER)
    if not shape.kinds & ~(MOMENT | Kind.NULL):
        return Longest(LONG_DAY.isoformat())
    length = len(LONG_WORD) if shape.longest is None else min(shape.longest, most)
    return Longest("n" * length, free=True)
