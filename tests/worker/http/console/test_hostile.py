"""Does anything a browser may send break a page, lead out of it, or leave its policy behind?"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from fastapi.routing import APIRoute

from tests.worker.http.console.busy import TRIGGER, busy
from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.lives import DANA, PLAN, lived
from tests.worker.http.console.visiting import PASSWORD
from tests.worker.http.console.world import EVIL, troubled
from tests.worker.http.house import House
from worker.http.console.routes import PAGES as PAGE_MODULES
from worker.steps.signing_in import FREE_TRIES

HUGE = "9" * 25
ODD = ("", "a\x00b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), EVIL, HUGE,
       f"-{HUGE}", "%", "_", "\u202e", "a" * 5_000, "0001-01-01T00:00:00Z",
       "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00", "9999-12-31T23:59:59", "../..",
       f"2026-01-01T00:00:00Z~event~{HUGE}", f"2026-01-01T00:00:00Z~decision~{HUGE}",
       f"2026-01-01T00:00:00Z~inbound~-{HUGE}", "0001-01-01T00:00:00Z~message~a",
       "9999-12-31T23:59:59.999999Z~message~\ud800".replace("\ud800", "\ufffd"))  # fmt: skip
EVERYWHERE = ("language", "look")
PAGES = {
    route.path: {one.name for one in route.dependant.query_params}
    for page in PAGE_MODULES
    for route in page.router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
}
"""Of each page, what it reads from its address."""


def fill(house: House, path: str) -> None:
    if "triggers" in path:
        busy(house)
    elif "duty" in path:
        troubled(house.engine)
    else:
        lived(house)


@pytest.mark.parametrize("path", sorted(PAGES))
def test_whatever_stands_in_the_address_no_page_breaks(
    house: House, visit: Visit, path: str
) -> None:
    fill(house, path)
    visitor = visit("admin")
    where = path.replace("{name}", TRIGGER).replace("{call}", PLAN)

    def heard(place: str, text: str) -> int:
        return visitor.get(f"{where}?{urlencode({'id': DANA, place: text})}").status_code

    places = sorted({*PAGES[path], *EVERYWHERE})
    broken = [(place, text[:60]) for place in places for text in ODD if heard(place, text) >= 500]

    assert broken == []


def test_who_finds_a_screen_open_cannot_guess_the_password_there(visit: Visit) -> None:
    visitor = visit("viewer")

    def guess(old: str) -> int:
        new = {"old": old, "new": "another good one"}
        return visitor.post("/console/account/password", "/console/account", **new).status_code

    heard = [guess(f"guess number {n}") for n in range(FREE_TRIES)]

    assert heard == [422] * FREE_TRIES
    assert guess(PASSWORD) == 429
    assert visit("viewer").get("/console").status_code == 200
