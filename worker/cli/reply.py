"""What happens when a customer answers? Played here, where nothing is sent to anybody."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from secrets import token_hex
from threading import Event
from typing import Annotated, Any

import typer
from sqlalchemy import Row

from triggers.addresses import SMS, Phone, phone_of
from triggers.mistakes import quoted
from worker.app import make_app
from worker.bells import Bell, Ringer
from worker.channels.outbox import SENDER
from worker.channels.twilio_receipts import PROVIDER
from worker.cli.operating import House, opened
from worker.cli.publish import Format, Told_
from worker.cli.terminal import tell
from worker.lifecycle import InboundState
from worker.store import lookups, merging
from worker.store.addresses import Address
from worker.store.arrivals import find_inbound, keep_inbound
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.told import Told

app = typer.Typer(add_completion=False)

LONGEST = 1600
"""Twilio brings no more."""
LOOKS_EVERY_SECONDS = 0.1


class NotPlayed(Told):
    """Nobody's answer can be played."""


@app.command()
def reply(
    who: Annotated[str, typer.Argument(help="A customer's id, or a phone number.")],
    text: Annotated[str, typer.Argument(help='What he writes, such as STOP or "call me".')],
    wait: Annotated[
        float, typer.Option(help="So many seconds for somebody to read it.", min=0, max=60)
    ] = 10,
    format_: Told_ = Format.TEXT,
) -> None:
    """Play a customer's answer by SMS. Only where OUTREACH_SMS is outbox: nobody is written to."""
    with opened() as house:
        if house.settings.sms != "outbox":
            raise NotPlayed("OUTREACH_SMS is not outbox: here customers answer themselves")
        if not text.strip() or len(text) > LONGEST:
            raise NotPlayed(f"an answer has 1 to {LONGEST} signs")
        ref = _keep(house, _number(house, who), text.replace("\x00", ""))
        if not house.settings.in_process:
            ringer = Ringer(make_app(house.settings))
            ringer.ring(Bell.ANSWER)
            ringer.close()
        found = _read(house, ref, wait)
    told = _told(found)
    if format_ is Format.JSON:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for line in _lines(told):
        tell(line)


def _number(house: House, who: str) -> str:
    """A customer's, by his id; else what is written is the number."""

    def work(connection: Any) -> str | None:
        if "\x00" in who:
            return None
        profile = lookups.find_customer(connection, merging.survivor_of(connection, who))
        return str(profile["phone"]) if profile and profile.get("phone") else None

    known = reading(house.engine, work)
    found = phone_of(known or who, house.configuration.policy.country)
    if not isinstance(found, Phone):
        why = "has a number that cannot be written to" if known else "is neither a customer who has"
        more = f": {found.reason}" if known else " a phone number nor a phone number"
        raise NotPlayed(f"{quoted(who)} {why}{more}")
    return found.e164


def _keep(house: House, number: str, text: str) -> str:
    """As the provider's webhook keeps it; nothing leaves for that number until it is read."""
    ref = f"SM{token_hex(16)}"
    fields = {"MessageSid": ref, "From": number, "To": f"{SENDER}{SMS}", "Body": text}
    sender = Address(house.hasher().address(SMS, number), SMS)
    in_transaction(
        house.engine,
        lambda c: keep_inbound(c, PROVIDER, fields, ref=ref, sender=sender, now=read_now(c)),
    )
    return ref


def _read(house: House, ref: str, seconds: float) -> Row[Any] | None:
    """What has become of it, once somebody has read it or the time is over."""
    end, never = time.monotonic() + seconds, Event()
    while True:
        found = reading(house.engine, lambda c: find_inbound(c, PROVIDER, ref))
        left = end - time.monotonic()
        if found is None or found.state != InboundState.NEW or left <= 0:
            return found
        never.wait(min(LOOKS_EVERY_SECONDS, left))


def _told(found: Row[Any] | None) -> dict[str, Any]:
    if found is None:
        return {"state": None, "meaning": None, "customer": None, "message": None, "queue": None}
    return {
        "state": found.state,
        "meaning": found.meaning,
        "customer": found.customer_id,
        "message": found.message,
        "queue": found.queue,
    }


def _lines(told: dict[str, Any]) -> Iterator[str]:
    if told["state"] == InboundState.SET_ASIDE:
        yield "our own code failed on it: a person reads it (docs/operations.md, reply_failed)"
        return
    if told["state"] != InboundState.READ:
        yield "kept, and not read yet: is `outreach run`, or a worker, up?"
        return
    yield f"read as: {(told['meaning'] or 'nothing').replace('_', ' ')}"
    whose = told["customer"] or "nobody we know, or more than one customer"
    yield f"whose: {whose}" + (f", about {told['message']}" if told["message"] else "")
    if told["queue"]:
        yield f"a person is asked to call: queue {told['queue']}"
