"""Why did each trigger write to a customer, or stay silent?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer

from triggers.explaining.told import Asked, Explained, OfTrigger, Part, Point, as_mapping
from triggers.explaining.tongue import shown
from worker.cli.operating import opened
from worker.cli.publish import Format, Told_
from worker.cli.terminal import tell
from worker.steps.book import Ruling
from worker.steps.explain import Question
from worker.steps.explain import explain as asked_why

app = typer.Typer(add_completion=False)
DIGITS = 12


class Lang(StrEnum):
    EN = "en"
    HE = "he"


class Words(NamedTuple):
    """What is said beside the sentences. States, reasons and conditions stand as written."""

    times: str
    version: str
    older: str
    until: str
    due: str
    attempt: str
    other_version: str
    unknown: str
    asked_then: str


WORDS: Mapping[Lang, Words] = {
    Lang.EN: Words(
        times="times: {zone}, the customer's clock",
        version="version {version}",
        older="and {number} older",
        until="until {moment}",
        due="due {moment}",
        attempt="attempt {number} by {channel}",
        other_version="by version {version}, which is not the one in force",
        unknown="unknown: {what}",
        asked_then="asked only then: {what}",
    ),
    Lang.HE: Words(
        times="השעות: {zone}, לפי השעון של הלקוח",
        version="גרסה {version}",
        older="ועוד {number} ישנים יותר",
        until="עד {moment}",
        due="לביצוע ב־{moment}",
        attempt="ניסיון {number} באמצעות {channel}",
        other_version="לפי גרסה {version}, שאינה הגרסה שבתוקף",
        unknown="לא ידוע: {what}",
        asked_then="נבדק רק אז: {what}",
    ),
}


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
    for line in _lines(found, WORDS[lang]):
        tell(line)


def _lines(found: Explained, words: Words) -> Iterator[str]:
    zone = ZoneInfo(found.zone)
    yield words.times.format(zone=zone.key)
    yield from found.notes
    for one in found.triggers:
        version = words.version.format(version=one.bundle[:DIGITS])
        yield f"{one.trigger}  {one.place}  {version}"
        yield from _of_trigger(one, zone, words)


def _of_trigger(one: OfTrigger, zone: ZoneInfo, words: Words) -> Iterator[str]:
    for point in one.points:
        yield f"  {point.sentence}"
        yield from (f"      {line}" for line in _proof(point, one.bundle, zone, words))
    if one.more:
        yield f"  {words.older.format(number=one.more)}"


def _proof(point: Point, bundle: str, zone: ZoneInfo, words: Words) -> Iterator[str]:
    """What the sentence rests on, on the clock that it tells."""
    for one in point.conditions:
        yield from _condition(one, words)
    for decision in point.decisions:
        # of what was put off, until when; of what was started or moved, for when
        word = words.until if decision.verdict == Ruling.LATER else words.due
        moment = word.format(moment=_on(zone, decision.moment)) if decision.moment else ""
        at = _on(zone, decision.at)
        facts = (at, decision.verdict, decision.reason, decision.detail, moment)
        yield "  ".join(fact for fact in facts if fact)
    for attempt in point.message.attempts if point.message else ():
        said = "  ".join(word for word in (attempt.code, attempt.said) if word)
        tried = words.attempt.format(number=attempt.number, channel=attempt.channel)
        yield f"{_on(zone, attempt.at)}  {tried}: {attempt.state}{'  ' + said if said else ''}"
    if point.bundle and point.bundle != bundle:
        yield words.other_version.format(version=point.bundle[:DIGITS])


def _on(zone: ZoneInfo, moment: datetime) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _condition(one: Asked, words: Words) -> Iterator[str]:
    place = f"  {one.place}" if one.place else ""
    yield f"{one.word} {one.text}: {one.answer}{place}"
    for part in one.parts:
        yield from _parts(part, "  ")
    if one.unknown:
        yield f"  {words.unknown.format(what=', '.join(one.unknown))}"
    if one.open:
        yield f"  {words.asked_then.format(what=', '.join(one.open))}"


def _parts(part: Part, indent: str) -> Iterator[str]:
    """Each on its line, but literals: they are what they say."""
    if part.answer is None and not part.parts and part.text == shown(part.value):
        return
    yield f"{indent}{part.text}: {part.answer or shown(part.value)}"
    for one in part.parts:
        yield from _parts(one, f"{indent}  ")
