"""Which doors from outside are there?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from fastapi import FastAPI

from worker.channels.webhook import secrets_of
from worker.clock import utc_now
from worker.http import (
    catalog,
    customers,
    explaining,
    handoffs,
    health,
    links,
    lookups,
    mail_webhooks,
    preferences,
    publishing,
    webhooks,
)
from worker.http.bodies import PATIENCE
from worker.http.console import routes as console
from worker.http.describing import describe
from worker.http.limiting import Limiting
from worker.http.parts import Doors, Parts
from worker.http.problems import answer_with_problems

ABOUT = "Reaches customers before they have to call."


def create_app(
    parts: Parts, *, now: Callable[[], datetime] = utc_now, patience: timedelta = PATIENCE
) -> FastAPI:
    """The HTTP application over the house's parts; `patience`: how long a body may take."""
    doors = Doors(parts, now=now, patience=patience)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        doors.gatherer.close()

    app = FastAPI(
        title="Outreach", description=ABOUT, lifespan=life,
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    app.state.doors = doors
    app.state.event_secrets = secrets_of(parts.settings.event_secrets, "OUTREACH_EVENT_SECRETS")
    app.add_middleware(Limiting, settings=parts.settings, ring=lambda: doors.ring)
    answer_with_problems(app)
    console.answer_visitors(app)
    for door in (
        publishing,
        customers,
        lookups,
        explaining,
        handoffs,
        catalog,
        preferences,
        links,
        webhooks,
        mail_webhooks,
        health,
        console,
    ):
        app.include_router(door.router)
    describe(app)
    return app
