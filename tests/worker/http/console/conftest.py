"""What do the console's tests stand on? A house with a user of each role, and visitors to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import Engine

from tests.worker.http.conftest import Open, Street, certificates
from tests.worker.http.console.visiting import Visitor, with_users
from tests.worker.http.house import House, build
from worker.clock import utc_now

Visit = Callable[..., Visitor]


@pytest.fixture
def house(engine: Engine, street: Street) -> House:
    with_users(engine)
    return build(engine, public_url=street.url)


@pytest.fixture
def visit(house: House, open_doors: Open) -> Iterator[Visit]:
    """A visitor signed in as what is named; as nobody without a name."""
    url = str(open_doors(house, key=None, now=utc_now).base_url)
    with ExitStack() as stack:

        def come(role: str | None = None) -> Visitor:
            visitor = Visitor(
                stack.enter_context(httpx.Client(base_url=url, timeout=30, verify=certificates()))
            )
            if role is not None:
                answer = visitor.sign_in(role)
                assert answer.status_code == 303, answer.text
            return visitor

        yield come
