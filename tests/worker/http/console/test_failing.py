"""Does a person read in words that a page failed, and where the log tells of it?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from tests.worker.http.conftest import Open, Street
from tests.worker.http.console.conftest import Visit
from tests.worker.http.house import House
from worker.clock import utc_now
from worker.store.engine import make_engine

SECRET = "a statement with somebody's number"
REF = re.compile(r'<code class="any">(\w{8})</code>')


@pytest.fixture
def away(house: House, open_doors: Open) -> Iterator[httpx.Client]:
    """The same house, whose database answers no more."""
    client = open_doors(house, key=None, now=utc_now)
    engine, house.engine = house.engine, make_engine("postgresql+psycopg://127.0.0.1:1/away")
    yield client
    house.engine.dispose()
    house.engine = engine


def test_while_the_database_is_away_a_page_says_so_in_words(away: httpx.Client) -> None:
    cookie = {"cookie": "outreach-session=somebody; outreach-language=he"}

    with capture_logs() as said:
        answer = away.get("/console", headers=cookie)

    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["retry-after"] == "5"
    assert 'dir="rtl"' in answer.text
    assert "בסיס הנתונים אינו עונה" in answer.text
    [ref] = REF.findall(answer.text)
    [line] = [one for one in said if one["event"] == "database_unavailable"]
    assert line["ref"] == ref


def test_its_looks_come_all_the_same(away: httpx.Client) -> None:
    cookie = {"cookie": "outreach-session=somebody"}

    answer = away.get("/console/static/console.css", headers=cookie)

    assert answer.status_code == 200


def test_programs_are_still_answered_by_a_problem_document(away: httpx.Client) -> None:
    answer = away.get("/v1/handoffs", headers={"authorization": "Bearer all-secret"})

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/console/record?before=abc", 400), ("/console/duty?n=x", 400)],
)
def test_an_address_that_cannot_be_read_is_told_on_a_page(
    visit: Visit, path: str, status: int
) -> None:
    answer = visit("admin").get(path)

    assert answer.status_code == status
    assert "cannot be read" in answer.text
    assert "<nav" in answer.text


def test_an_error_of_ours_is_told_with_the_reference_of_its_line_and_nothing_else(
    visit: Visit, street: Street
) -> None:
    visitor = visit("viewer")
    app = street.app
    assert isinstance(app, FastAPI)

    def broken() -> None:
        raise KeyError(SECRET)

    app.add_api_route("/console-of-another", broken)
    app.add_api_route("/console/", broken)
    app.router.routes.insert(0, app.router.routes.pop())

    with capture_logs() as said:
        answer = visitor.get("/console/")

    assert answer.status_code == 500
    assert "our own mistake" in answer.text
    [ref] = REF.findall(answer.text)
    assert [one for one in said if one["event"] == "page_failed" and one["ref"] == ref]
    assert SECRET not in answer.text
    assert SECRET not in str(said)
    assert answer.headers["connection"] == "close"
    elsewhere = visitor.get("/console-of-another")
    assert elsewhere.headers["connection"] == "close"
    assert elsewhere.headers["content-type"] == "application/problem+json"
