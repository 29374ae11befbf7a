"""Why did each trigger write to a customer, or stay silent?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from triggers.explaining.told import Asked, Explained, OfTrigger, Part, Point, as_mapping
from triggers.explaining.tongue import shown
from worker.cli.operating import opened
from worker.cli.publish import Format, Told_
from worker.cli.terminal import tell
from worker.steps.explain import Question
from worker.steps.explain import explain as asked_why

app = typer.Typer(add_completion=False)
DIGITS = 12


class Lang(StrEnum):
    EN = "en"
    HE = "he"


@app.command()
def explain(
    customer: Annotated[str, typer.Option(help="The customer's id.")],
    trigger: Annotated[str | None, typer.Option(help="Only this trigger.")] = None,
    at: Annotated[
        str | None, typer.Option(help="As it was known then: a time, or so long ago, such as 2h.")
    ] = None,
    lang: Annotated[Lang, typer.Option(help="The language of the sentences.")] = Lang.EN,
    format_: Told_ = Format.TEXT,
) -> None:
    """Why each trigger wrote to a customer or stayed silent: a sentence for each, and its proof."""
    with opened() as house:
        question = Question(customer, trigger, house.moment(at), lang.value)
        found = asked_why(house.engine, house.hasher(), house.configuration, question)
    if format_ is Format.JSON:
        typer.echo(json.dumps(as_mapping(found), ensure_ascii=False))
        return
    for line in _lines(found):
        tell(line)


def _lines(found: Explained) -> Iterator[str]:
    zone = ZoneInfo(found.zone)
    yield f"times: {zone.key}, the customer's clock"
    yield from found.notes
    for one in found.triggers:
        yield f"{one.trigger}  {one.place}  version {one.bundle[:DIGITS]}"
        yield from _of_trigger(one, zone)


def _of_trigger(one: OfTrigger, zone: ZoneInfo) -> Iterator[str]:
    for point in one.points:
        yield f"  {point.sentence}"
        yield from (f"      {line}" for line in _proof(point, one.bundle, zone))
    if one.more:
        yield f"  and {one.more} older"


def _proof(point: Point, bundle: str, zone: ZoneInfo) -> Iterator[str]:
    """What the sentence rests on, on the clock that it tells."""
    for one in point.conditions:
        yield from _condition(one)
    for decision in point.decisions:
        until = f"until {_on(zone, decision.moment)}" if decision.moment else ""
        at = _on(zone, decision.at)
        facts = (at, decision.verdict, decision.reason, decision.detail, until)
        yield "  ".join(fact for fact in facts if fact)
    for attempt in point.message.attempts if point.message else ():
        words = (attempt.code, attempt.said)
        said = "  ".join(word for word in words if word)
        head = f"{_on(zone, attempt.at)}  attempt {attempt.number} by {attempt.channel}"
        yield f"{head}: {attempt.state}{'  ' + said if said else ''}"
    if point.bundle and point.bundle != bundle:
        yield f"by version {point.bundle[:DIGITS]}, which is not the one in force"


def _on(zone: ZoneInfo, moment: datetime) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _condition(one: Asked) -> Iterator[str]:
    place = f"  {one.place}" if one.place else ""
    yield f"{one.word} {one.text}: {one.answer}{place}"
    for part in one.parts:
        yield from _parts(part, "  ")
    if one.unknown:
        yield f"  unknown: {', '.join(one.unknown)}"
    if one.open:
        yield f"  asked only then: {', '.join(one.open)}"


def _parts(part: Part, indent: str) -> Iterator[str]:
    """Each on its line, but literals: they are what they say."""
    if part.answer is None and not part.parts and part.text == shown(part.value):
        return
    yield f"{indent}{part.text}: {part.answer or shown(part.value)}"
    for one in part.parts:
        yield from _parts(one, f"{indent}  ")
