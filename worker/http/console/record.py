"""Who of us did what? The record of every action, by page or by command, the newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from worker.http.console.pages import page
from worker.http.console.visits import Visiting
from worker.store.actions import actions_before
from worker.store.clock import read_now

SHOWN = 50
Number = Annotated[int | None, Query(ge=0, lt=2**62)]
router = APIRouter()


@router.get("/console/record")
def record(visit: Visiting, before: Number = None) -> Response:
    """`before`: the number of the last one that was shown."""

    def work(connection: Connection) -> Response:
        rows = actions_before(connection, before, most=SHOWN + 1)
        more = rows[SHOWN - 1].seq if len(rows) > SHOWN else None
        return page(visit, "record", now=read_now(connection), rows=rows[:SHOWN], more=more)

    return visit.read(work)
