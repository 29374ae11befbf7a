"""Who put which configuration in force, when, and what waits for a second person?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import typer
from sqlalchemy import Connection, Engine

from triggers.clock import instant, stamp
from worker.cli.check import Format
from worker.cli.terminal import told_at
from worker.store.bundles import Activation, newest_activations
from worker.store.engine import reading
from worker.store.proposals import Proposal, RefusedApply, last_refusal, open_proposals

MOST = 50
Entry = dict[str, Any]


def tell_history(engine: Engine, format_: Format) -> None:
    """Print it, the newest first: one object or line each."""
    for told in reading(engine, _gathered):
        typer.echo(json.dumps(told, ensure_ascii=False) if format_ is Format.JSON else _line(told))


def _gathered(connection: Connection) -> Sequence[Entry]:
    refused = last_refusal(connection)
    activations = newest_activations(connection, most=MOST)
    return [
        *([_refusal(refused)] if refused else []),
        *map(_proposal, open_proposals(connection)),
        *(_activation(one, newest=one is activations[0]) for one in activations),
    ]


def _refusal(one: RefusedApply) -> Entry:
    mistakes = list(one.mistakes)
    return {
        "state": "refused",
        "hash": None,
        "at": stamp(one.at),
        "by": one.by,
        "mistakes": mistakes,
    }


def _proposal(one: Proposal) -> Entry:
    return {"state": "proposed", "hash": one.bundle, "at": stamp(one.at), "by": one.by}


def _activation(one: Activation, *, newest: bool) -> Entry:
    return {
        "state": "in force" if newest else "replaced",
        "hash": one.bundle,
        "at": stamp(one.at),
        "by": one.by,
        "proposed_by": one.proposed_by,
        "recomputed": one.recomputed,
    }


def _line(told: Entry) -> str:
    at = told_at(instant(told["at"]))
    words = [at, f"{told['state']:<8}", told["hash"] or "-" * 32, f"by {told['by']}"]
    if told.get("proposed_by"):
        words.append(f"(proposed by {told['proposed_by']})")
    if told["state"] == "refused":
        words.append(f"(mistakes: {len(told['mistakes'])})")
    if told["state"] == "in force" and not told["recomputed"]:
        words.append("(what waits is being recomputed)")
    return "  ".join(words)
