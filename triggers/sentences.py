"""What does a trigger do, said as one sentence to a person who reads no YAML?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import time, timedelta
from string import Formatter
from typing import NamedTuple, assert_never

from triggers import sentence_words
from triggers.definitions import (
    NO_WAIT,
    Again,
    AgentRoute,
    Count,
    DateWait,
    ElapsedWait,
    Exit,
    MessageRoute,
    Route,
    Trigger,
    UntilWait,
    Wait,
)
from triggers.durations import Duration

LANGUAGES = ("en", "he")
_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


class Piece(NamedTuple):
    """`name`: somebody has written it in a file, such as an event or a condition."""

    text: str
    name: bool = False


Said = tuple[Piece, ...]


def sentence(trigger: Trigger, language: str) -> Said:
    """In English or Hebrew; beside it stand the limits, which it does not tell."""
    tongue = _Tongue(sentence_words.WORDS[language])
    return tuple(_together(tongue.whole(trigger)))


def as_text(said: Said) -> str:
    return "".join(piece.text for piece in said)


class _Tongue:
    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def whole(self, trigger: Trigger) -> Iterator[Piece]:
        each = trigger.again is Again.EACH and trigger.count is None
        yield from self._say("each" if each else "start", event=trigger.on)
        if trigger.when is not None:
            yield from self._say("when", when=trigger.when.text)
        if trigger.key is not None:
            yield from self._say("key_each" if each else "key", key=trigger.key.text)
        if trigger.count is not None:
            yield from self._count(trigger.count)
        if trigger.wait != NO_WAIT:
            yield from self._wait(trigger.wait)
            if trigger.again is Again.RESTART:
                yield from self._say("restart")
        if trigger.unless:
            exits = [tuple(self._exit(one)) for one in trigger.unless]
            yield from self._say("unless", exits=self._joined(exits, "or"))
        yield Piece(": ")
        routes = [tuple(self._route(one)) for one in trigger.send]
        yield from self._joined(routes, "otherwise")
        yield Piece(".")

    def _count(self, count: Count) -> Iterator[Piece]:
        reach = f"{count.reach:g}"
        if count.sum is not None:
            yield from self._say("sum", reach=Piece(reach), sum=count.sum.text)
        else:
            yield from self._say("count", reach=Piece(reach))
        if count.since is not None:
            yield from self._say("since", since=count.since)
        if count.within is not None:
            yield from self._say("within", within=Piece(self._length(Duration(0, count.within))))
        if count.distinct is not None:
            yield from self._say("distinct", distinct=count.distinct.text)

    def _wait(self, wait: Wait) -> Iterator[Piece]:
        match wait:
            case ElapsedWait(duration, at):
                yield from self._say("wait", wait=Piece(self._length(duration)))
            case UntilWait(at):
                yield from self._say("wait_until", at=Piece(f"{at:%H:%M}"))
                return
            case DateWait(offset, before, path, at):
                where = "wait_before" if before else "wait_after"
                if offset.elapsed == timedelta():
                    where = "wait_on"
                yield from self._say(where, offset=Piece(self._length(offset)), path=path.text)
            case _:
                assert_never(wait)
        yield from self._at(at)

    def _at(self, at: time | None) -> Iterator[Piece]:
        if at is not None:
            yield from self._say("at", at=Piece(f"{at:%H:%M}"))

    def _exit(self, one: Exit) -> Iterator[Piece]:
        yield Piece(one.event, name=True)
        if one.key is not None:
            yield from self._say("exit_key", key=one.key.text)
        if one.when is not None:
            yield from self._say("exit_when", when=one.when.text)

    def _route(self, route: Route) -> Iterator[Piece]:
        if route.when is not None:
            yield from self._say("route_when", when=route.when.text)
        match route:
            case MessageRoute():
                ways = [(Piece(self._words[one]),) for one in route.by]
                form = "ask" if route.survey else "send"
                by = self._joined(ways, "else_by")
                yield from self._say(form, message=route.message, by=by)
            case AgentRoute():
                yield from self._say("call", queue=route.queue)
                if route.due is not None:
                    yield from self._say("due", due=Piece(self._length(route.due)))
            case _:
                assert_never(route)

    def _length(self, length: Duration) -> str:
        seconds = abs(int(length.elapsed.total_seconds()))
        parts = []
        for unit, size in _UNITS:
            number, seconds = divmod(seconds, size)
            if number:
                form = {1: f"{unit}_1", 2: f"{unit}_2"}.get(number, unit)
                parts.append(self._words[form].format(n=number))
        return self._words["and"].join(parts) or self._words["seconds"].format(n=0)

    def _joined(self, all_: Iterable[Said], word: str) -> Said:
        found: list[Piece] = []
        for number, said in enumerate(all_):
            if number:
                found.append(Piece(self._words[word]))
            found += said
        return tuple(found)

    def _say(self, form: str, **given: str | Piece | Said) -> Iterator[Piece]:
        """A text stands for a name out of a file; pieces stand as they are."""
        for text, gap, _, _ in Formatter().parse(self._words[form]):
            if text:
                yield Piece(text)
            if gap is None:
                continue
            value = given[gap]
            if isinstance(value, str):
                yield Piece(value, name=True)
            elif isinstance(value, Piece):
                yield value
            else:
                yield from value


def _together(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Words that follow each other are one piece."""
    words = ""
    for piece in pieces:
        if not piece.name:
            words += piece.text
            continue
        if words:
            yield Piece(words)
        words = ""
        yield piece
    if words:
        yield Piece(words)
