"""What do the console's tests stand on? A house with a user of each role, and visitors to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import Engine

from tests.worker.http.conftest import Open, Street
from tests.worker.http.console.visiting import Visitor, with_users
from tests.worker.http.house import House, build
from worker.clock import utc_now

Visit = Callable[..., Visitor]

OFTEN = ({"language": "he", "window": "phone", "look": "dark"},
         {"language": "en", "window": "desk", "look": "light"})  # fmt: skip
"""Every page is looked at in both directions and both widths each time, in all eight ways by
`make full`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        if "window" in given and not any(_is_one_of(way, given) for way in OFTEN):
            item.add_marker(pytest.mark.full)


def _is_one_of(way: Mapping[str, str], given: Mapping[str, object]) -> bool:
    return all(given[name] == way[name] for name in way.keys() & given.keys())


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
            visitor = Visitor(stack.enter_context(httpx.Client(base_url=url, timeout=30)))
            if role is not None:
                answer = visitor.sign_in(role)
                assert answer.status_code == 303, answer.text
            return visitor

        yield come
