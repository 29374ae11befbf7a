"""Can the operations be read by a browser that reaches nothing but us?"""

from __future__ import annotations

import re

import httpx
import jsonschema_rs

from tests.worker.http.conftest import HERE, Open
from tests.worker.http.house import House
from worker.http.describing import page


def test_the_page_names_every_operation_that_the_document_has(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()

    shown = client.get("/docs").text

    operations = [
        f"{method.upper()} {path}" for path, ways in document["paths"].items() for method in ways
    ]
    assert "POST /v1/events" in operations
    assert re.findall("<h2>([A-Z]+ [^<]+)</h2>", shown) == operations
    assert "<code>Idempotency-Key</code> (header, optional)" in shown
    assert "Take CloudEvents 1.0" in shown


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(client: httpx.Client) -> None:
    answer = client.get("/docs")

    assert not re.search(r"<(script|img|link|iframe)|://|url\(|@import", answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")


def test_the_front_door_leads_there(house: House, open_doors: Open) -> None:
    answer = open_doors(house, key=None, caller=HERE).get("/", follow_redirects=True)

    assert (answer.status_code, answer.url.path) == (200, "/docs")


def test_what_a_description_says_is_shown_and_never_obeyed() -> None:
    operation = {"description": "<script>", "parameters": [{"name": "<b>", "in": "query"}]}
    document = {
        "info": {"title": "<i>", "description": "&"},
        "paths": {"/<u>": {"get": operation}},
    }

    shown = page(document)

    assert not re.search("<(script|b|i|u)>", shown)
    assert "GET /&lt;u&gt;" in shown


def test_the_document_promises_what_doors_answer(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()

    operations = [one for path in document["paths"].values() for one in path.values()]
    answer = client.get("/v1/events")

    assert operations
    assert {tuple(one["responses"]["default"]["content"]) for one in operations} == {
        (answer.headers["content-type"],)
    }
    assert not [one["operationId"] for one in operations if "422" in one["responses"]]
    schema = document["components"]["schemas"]["Problem"]
    assert jsonschema_rs.validator_for(schema).is_valid(answer.json())
    assert document["paths"]["/v1/customers/{customer}"]["put"]["security"] == [{"key": []}]
