"""Is it told over HTTP why a trigger stayed silent, and only to readers?"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.worker.http.house import NOW, WRITER, House, bearer
from tests.worker.http.test_lookups import publish
from worker.store.engine import in_transaction
from worker.store.tables import activations, bundles


@pytest.fixture
def client(client: httpx.Client, house: House) -> httpx.Client:
    """The house's configuration is in force."""
    assert house.current is not None
    digest = house.current.hash
    row = {"bundle": digest, "at": NOW, "by": "test"}

    def work(connection: object) -> None:
        connection.execute(bundles.insert().values(hash=digest, files={}, created_at=NOW))  # type: ignore[attr-defined]
        connection.execute(activations.insert().values(**row))  # type: ignore[attr-defined]

    in_transaction(house.engine, work)
    return client


def ask(client: httpx.Client, **asked: str) -> httpx.Response:
    return client.get("/v1/explain", params={"customer": "c1", **asked})


def test_every_trigger_has_its_sentence(client: httpx.Client) -> None:
    publish(client)

    told = ask(client).json()

    assert (told["customer"], told["lang"]) == ("c1", "en")
    [trigger] = told["triggers"]
    [point] = trigger["points"]
    assert trigger["trigger"] == "plan_ending"
    assert trigger["sentence"] == point["sentence"]
    assert (point["outcome"], point["why"]) == ("silent", "unread")


def test_the_sentences_come_in_hebrew_too(client: httpx.Client) -> None:
    publish(client)

    told = ask(client, lang="he", trigger="plan_ending").json()

    assert told["triggers"][0]["sentence"].startswith("הטריגר עוד לא אמר דבר")


@pytest.mark.parametrize(
    ("asked", "status", "word"),
    [
        ({"customer": "nobody"}, 404, "nobody named 'nobody' was ever heard of"),
        ({"customer": "a\x00b"}, 404, "none of this name"),
        ({"trigger": "plan_endin"}, 404, "did you mean 'plan_ending'?"),
        ({"at": "2020-01-01T00:00:00Z"}, 404, "no configuration was in force"),
        ({"at": "yesterday"}, 400, "distance from UTC"),
        ({"at": "2026-11-01T12:00:00"}, 400, "distance from UTC"),
        ({"at": "99999-01-01T00:00:00Z"}, 400, "distance from UTC"),
        ({"lang": "fr"}, 400, "en or he"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    client: httpx.Client, asked: dict[str, str], status: int, word: str
) -> None:
    publish(client)

    answer = ask(client, **asked)

    assert answer.status_code == status
    assert word in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_readers_are_told(client: httpx.Client) -> None:
    publish(client)

    assert ask(client).status_code == 200
    refused = client.get("/v1/explain", params={"customer": "c1"}, headers=bearer(WRITER))
    assert refused.status_code == 403


def test_what_the_document_shows_is_answered(client: httpx.Client) -> None:
    document = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
    shown = re.search(r'curl .*"http://127\.0\.0\.1:8000(/v1/explain\?[^"]+)"', document)
    publish(client)

    assert shown is not None
    assert client.get(shown[1]).json()["lang"] == "he"
