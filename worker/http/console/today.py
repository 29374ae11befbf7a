"""What came in today, what became of it, what waits, and what needs a person?"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from worker.http.console.pages import page
from worker.http.console.visits import Visiting
from worker.store.clock import read_now

router = APIRouter()


@router.get("/console")
def today(visit: Visiting) -> Response:
    return page(visit, "today", now=visit.read(read_now))
