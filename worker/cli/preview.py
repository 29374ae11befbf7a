"""How does a message look, before anybody gets it?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from triggers.explaining.told import as_mapping
from triggers.previewing import Preview, Written
from triggers.strict_json import NotJson, loads
from worker.cli.operating import House, opened
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.cli.terminal import tell
from worker.steps.preview import NothingToShow, Sending, Wanted, send_preview
from worker.steps.preview import preview as shown_by
from worker.wiring import make_parts

app = typer.Typer(add_completion=False)


@app.command()
def preview(  # noqa: PLR0913, PLR0917 - one option each
    message: Annotated[str, typer.Argument(help="The message's name.")],
    to: Annotated[
        str | None, typer.Option(help="Send it to this phone or email of your own, too.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option(help="With what is known of this customer, not with samples.")
    ] = None,
    event: Annotated[
        str | None, typer.Option(help="A file with one event, or its data; - reads what comes in.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Only this language.")] = None,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Show a message on every channel and in every language, with its length and its cost."""
    who = named(by) if to else ""
    data = _data(event) if event else None
    with opened() as house:
        wanted = Wanted(message, customer, data, lang)
        found = shown_by(house.engine, house.configuration, wanted)
        sent = _sent(house, found, to, who) if to else None
    if format_ is Format.JSON:
        told = as_mapping(found) | {"sent": sent}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for line in _lines(found):
        tell(line)
    if sent:
        typer.echo(f"sent by {sent['channel']} in {sent['language']}: {sent['ref'] or 'accepted'}")


def _sent(house: House, found: Preview, to: str, by: str) -> dict[str, Any]:
    parts = make_parts(house.settings)
    try:
        sending = Sending(house.engine, house.configuration, parts.hasher, parts.channels, by)
        text, accepted = send_preview(sending, found, to)
    finally:
        parts.close()
    return {"channel": text.channel, "language": text.language, "ref": accepted.ref}


def _data(file: str) -> Mapping[str, Any]:
    """The data of one event, which may stand there alone."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        found = loads(text)
    except OSError as error:
        raise NothingToShow(f"{file}: {error.strerror}") from None
    except (NotJson, UnicodeDecodeError) as wrong:
        raise NothingToShow(f"{file}: is not one JSON object: {wrong}") from None
    inner = found.get("data", {}) if isinstance(found, Mapping) and "type" in found else found
    if not isinstance(inner, Mapping):
        raise NothingToShow(f"{file}: is not one JSON object")
    return inner


def _lines(found: Preview) -> Iterator[str]:
    about = f": {found.about}" if found.about else ""
    yield f"{found.message}, sent by {found.trigger}{about}"
    yield f"for {found.customer}, with {json.dumps(found.event['data'], ensure_ascii=False)}"
    for one in found.texts:
        yield ""
        yield f"{one.channel} {one.language}{_facts(one, found.currency)}"
        if one.missing:
            yield f"  missing: {', '.join(one.missing)}"
        if one.failed:
            yield f"  would be parked: {one.failed}"
        if one.subject:
            yield f"  subject: {one.subject}"
        yield from (f"  | {line}" for line in (one.text or "").splitlines())
        if one.html:
            yield f"  and {len(one.html)} characters of HTML"


def _facts(one: Written, currency: str) -> str:
    facts = []
    if one.written_in not in (one.language, None):
        facts.append(f"falls back to {one.written_in}")
    if one.channel == "sms" and one.text is not None:
        facts.append(f"{one.characters} characters, {one.encoding}, {_segments(one.segments)}")
    if one.cost is not None:
        facts.append(f"{one.cost} {currency}".strip())
    if one.longest is not None:
        worst = one.longest
        facts.append(f"at its longest {worst.characters} characters, {_segments(worst.segments)}")
    return f"  ({'; '.join(facts)})" if facts else ""


def _segments(number: int) -> str:
    return f"{number} segment{'' if number == 1 else 's'}"
