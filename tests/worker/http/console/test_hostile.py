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
from worker.steps.signing_in import FREE_TRIES, FREE_TRIES_ADDRESS

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


@pytest.mark.often_on("postgres")
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


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/console/sign-in", 200), ("GET", "/console/nowhere", 303), ("GET", "/console", 303),
     ("HEAD", "/console", 405), ("OPTIONS", "/console/duty", 405), ("DELETE", "/console/x", 405),
     ("POST", "/console/sign-in", 403), ("GET", "/console/static/console.js", 200),
     ("GET", "/console/static/none", 404), ("GET", "/console/record?before=x", 303)],
)  # fmt: skip
def test_every_answer_forbids_what_no_page_needs(
    visit: Visit, method: str, path: str, status: int
) -> None:
    answer = visit().client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    if status not in {303} and "static/console" not in path:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [{"Accept-Language": "x" * 5_000}, {"Accept-Language": "he;q=\x01, *;q=a"},
     {"Cookie": "outreach-session=; outreach-guest=\"\\"}, {"Cookie": "a=" + "b" * 7_000},
     {"Cookie": "outreach-session=\xff\xfe; outreach-language=../../x; outreach-look=<b>"},
     {"X-Forwarded-For": "1.1.1.1, \xff"}, {"X-Renewed": "1"}],
    ids=range(7),
)  # fmt: skip
def test_whatever_a_browser_says_of_itself_the_door_stands(
    visit: Visit, headers: dict[str, str]
) -> None:
    sent = [(name.encode(), text.encode("latin-1")) for name, text in headers.items()]
    assert visit().client.get("/console/sign-in", headers=sent).status_code in {200, 400}


def test_what_a_proxy_is_said_to_have_heard_counts_only_where_one_stands(visit: Visit) -> None:
    """The house has none: whoever writes another address each time is counted all the same."""
    stranger = visit()
    heard = []
    for number in range(FREE_TRIES_ADDRESS + 1):
        stranger.client.headers["X-Forwarded-For"] = f"198.51.100.{number}"
        heard.append(stranger.sign_in(f"name{number}", "a wrong password").status_code)

    assert heard[-1] == 429


def test_a_form_that_is_no_form_and_a_token_of_before_do_nothing(visit: Visit) -> None:
    visitor = visit()
    page = visitor.get("/console/sign-in").text
    before = page.partition('form_token" value="')[2][:64]
    assert visitor.sign_in("operator").status_code == 303

    def sent(**how: object) -> int:
        return visitor.client.post("/console/sign-out", **how).status_code  # type: ignore[arg-type]

    assert sent(data={"form_token": before}) == 403
    assert sent(json={"form_token": before}) == 403
    assert sent(files={"form_token": (None, before)}) == 403
    assert visitor.get("/console").status_code == 200
