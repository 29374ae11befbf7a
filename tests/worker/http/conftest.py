"""Through which client do the doors' tests knock? A real server on loopback, one a session."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cache

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.worker.http.house import ALL, NOW, House, bearer, build
from worker.http.app import create_app
from worker.http.bodies import PATIENCE
from worker.store.engine import make_engine

HERE, ELSEWHERE = "127.0.0.1", "203.0.113.9"


@cache
def certificates() -> ssl.SSLContext:
    """All the world's, read once: a client of its own would read them anew, 20 ms each time."""
    return ssl.create_default_context()


class Street:
    """Serves whichever application stands there now, to callers from where the test says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.app: ASGIApp | None = None
        self.caller = ELSEWHERE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope | {"client": (self.caller, 40_000)}, receive, send)


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    listening = socket.create_server((HERE, 0), backlog=512)
    street = Street(f"http://{HERE}:{listening.getsockname()[1]}")
    server = uvicorn.Server(
        uvicorn.Config(street, lifespan="off", ws="none", log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield street
    server.should_exit = True
    thread.join()
    listening.close()


Open = Callable[..., httpx.Client]

OFTEN = ({"language": "he", "width": "phone", "look": "dark"},
         {"language": "en", "width": "desk", "look": "light"})  # fmt: skip
"""A page is looked at in both directions and both widths each time, in every way by `make full`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        given = dict(getattr(getattr(item, "callspec", None), "params", {}))
        given["width"] = given.get("window", given.get("page"))
        if given["width"] in {"phone", "desk"} and not any(_is(way, given) for way in OFTEN):
            item.add_marker(pytest.mark.full)
        often = item.get_closest_marker("often_on")
        if often and given.get("database_url") not in often.args:
            item.add_marker(pytest.mark.full)


def _is(way: Mapping[str, str], given: Mapping[str, object]) -> bool:
    return all(given[name] == way[name] for name in way.keys() & given.keys())


@pytest.fixture
def open_doors(street: Street) -> Iterator[Open]:
    """Let a house stand in the street; answers a client for it."""
    with ExitStack() as stack:

        def open_(
            house: House,
            *,
            key: str | None = ALL,
            caller: str = ELSEWHERE,
            now: Callable[[], datetime] = lambda: NOW,
            patience: timedelta = PATIENCE,
        ) -> httpx.Client:
            app = create_app(house, now=now, patience=patience)
            stack.callback(app.state.doors.gatherer.close)
            street.app, street.caller = app, caller
            headers = {} if key is None else bearer(key)
            return stack.enter_context(
                httpx.Client(
                    base_url=street.url, headers=headers, timeout=30, verify=certificates()
                )
            )

        yield open_


@pytest.fixture
def house(engine: Engine) -> House:
    return build(engine)


@pytest.fixture
def client(house: House, open_doors: Open) -> httpx.Client:
    """A caller from elsewhere with a key for everything."""
    return open_doors(house)


@pytest.fixture
def engine_of() -> Iterator[Callable[[str], Engine]]:
    """An engine for one database's URL: for what need not be tried on both."""
    with ExitStack() as stack:

        def make(url: str) -> Engine:
            made = make_engine(url)
            stack.callback(made.dispose)
            return made

        yield make


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not for longer: while it lives, nothing else in this process may begin an event loop."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None and not os.environ.get("CI"):
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
