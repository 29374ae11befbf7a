"""May each role do what the one table says, and nothing that stands nowhere?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from tests.worker.http.console.conftest import Visit
from worker.http.console.roles import OPEN, ROLES
from worker.http.console.routes import PAGES, rest
from worker.store.console_users import Role


def routes() -> Iterator[tuple[str, str]]:
    for one in (*(page.router for page in PAGES), rest):
        for route in one.routes:
            assert isinstance(route, APIRoute)
            yield from ((method, route.path) for method in route.methods)


def test_every_route_stands_in_the_table_of_roles_and_every_row_has_a_route() -> None:
    assert set(routes()) == set(ROLES) | OPEN
    assert not set(ROLES) & OPEN


@pytest.mark.parametrize(("method", "path"), sorted(ROLES))
def test_a_role_may_do_what_the_table_says(visit: Visit, method: str, path: str) -> None:
    where = path.replace("{rest:path}", "nowhere").replace("{name}", "x")

    def heard(role: str | None) -> int:
        visitor = visit(role)
        if method == "GET":
            return visitor.get(where).status_code
        return visitor.post(where, "/console/account", sure="0").status_code

    assert heard(None) == 303
    for role in Role:
        assert (heard(role.value) != 403) == role.may(ROLES[method, path]), role
