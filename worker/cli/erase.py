"""Who shall be forgotten, and what is held of him until then?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

import typer

from worker.cli.database import tell_database
from worker.cli.operating import hasher_of
from worker.cli.publish import Format, Told_
from worker.cli.signing import By, named
from worker.following import Following
from worker.settings import read_settings
from worker.steps.erase import Erasure, contact_of
from worker.store.engine import make_engine
from worker.store.erasure import Whose
from worker.wiring import RECEIPT_READERS

app = typer.Typer(add_completion=False)

NOT_YET = "nothing is done yet: --yes does it, for good"
KEPT = "kept: that so much was sent and decided, and the keyed hashes of what was said and refused"


@app.command()
def erase(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only shown.")] = False,
    by: By = "",
    format_: Told_ = Format.TEXT,
) -> None:
    """Forget a customer: contact, payloads and texts, everywhere; what waits is called off."""
    settings = read_settings()
    tell_database(settings)
    engine = make_engine(settings.database_url)
    whose = Whose(customer, tuple(RECEIPT_READERS))
    try:
        hasher = hasher_of(settings, engine)
        contact = contact_of(Following(engine).active())
        who = named(by) if yes else ""
        erasure = Erasure(engine, whose, who, hasher=hasher, contact=contact)
        found = erasure.run() if yes else erasure.preview()
    finally:
        engine.dispose()
    typer.echo(_told(found, yes=yes, format_=format_))


def _told(found: Mapping[str, int], *, yes: bool, format_: Format) -> str:
    if format_ is Format.JSON:
        return json.dumps({"done": yes, "rows": dict(found)})
    lines = [f"{table}: {count}" for table, count in sorted(found.items())]
    return "\n".join([*lines, *((KEPT, "erased") if yes else (NOT_YET,))])
