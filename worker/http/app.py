"""Which doors from outside are there?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse

from worker.http import (
    catalog,
    customers,
    health,
    lookups,
    preferences,
    publishing,
    webhooks,
)
from worker.http.access import at_this_machine
from worker.http.parts import Doors, Parts, caller_of, clock
from worker.http.problems import answer_with_problems

ABOUT = "Reaches customers before they have to call."


def create_app(parts: Parts, *, now: Callable[[], datetime] = clock) -> FastAPI:
    """The HTTP application over the house's parts."""
    doors = Doors(parts, now=now)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        doors.gatherer.close()

    app = FastAPI(
        title="Outreach", description=ABOUT, lifespan=life,
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    app.state.doors = doors
    answer_with_problems(app)
    for door in (publishing, customers, lookups, catalog, preferences, webhooks, health):
        app.include_router(door.router)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """The OpenAPI document and its page: without a key at this machine only."""

    def known(request: Request) -> None:
        if not at_this_machine(request):
            caller_of(request)

    @app.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> JSONResponse:
        known(request)
        document: dict[str, Any] = app.openapi()
        return JSONResponse(document)

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        known(request)
        return get_swagger_ui_html(openapi_url="openapi.json", title="Outreach")
