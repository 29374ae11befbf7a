"""Is the month of `outreach demo` whole, the same every time, and nowhere but where it may be?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, Table, insert, text

from tests import servers
from tests.worker.http.conftest import Open, Street
from tests.worker.http.console.visiting import Visitor, with_users
from tests.worker.http.house import House, build
from tests.worker.months import Kinds, filled, rows, settings, told, values
from triggers.effect import Finding
from triggers.report import Question
from worker.clock import utc_now
from worker.following import Following
from worker.hashing import Hasher
from worker.month.fill import NotEmpty, Wish, fill
from worker.month.filling import MONTH
from worker.month.truth import TRUTHS
from worker.settings import SettingsWrong
from worker.steps.checking import check
from worker.steps.report import report
from worker.store import tables
from worker.store.demo import FILLED, Fixed, demo_state, is_demo, mark
from worker.store.engine import in_transaction, make_engine, reading, snapshot
from worker.store.house_key import hashing_key
from worker.store.migrations import upgrade
from worker.wiring import make_parts

END = datetime(2026, 11, 18, 12, tzinfo=UTC)
WISH = Wish(customers=110, seed=4, now=END)
HREF = re.compile(r'href="(/console[^"#]*)')
MOST_PAGES = 60

pytestmark = [pytest.mark.xdist_group("month"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = filled(f"sqlite:///{tmp_path_factory.mktemp('month')}/month.db", WISH)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def on_postgres(postgres_server: str, session_name: str) -> Iterator[Engine]:
    name = f"month_{session_name}"
    engine = filled(servers.fresh_database(postgres_server, name), WISH)
    yield engine
    engine.dispose()
    servers.drop_database(postgres_server, name)


@pytest.fixture(params=["on_sqlite", pytest.param("on_postgres", marks=pytest.mark.full)])
def month(request: pytest.FixtureRequest) -> Engine:
    engine: Engine = request.getfixturevalue(request.param)
    return engine


SAME = (
    tables.events, tables.customers, tables.occurrences, tables.decisions, tables.messages,
    tables.receipts, tables.suppressions, tables.answers, tables.clicks, tables.outbox,
    tables.alerts, tables.spent, tables.refused_events, tables.attempts,
)  # fmt: skip


@pytest.mark.full
@pytest.mark.parametrize("table", SAME, ids=lambda table: table.name)
def test_the_same_seed_makes_the_same_month_on_either_database(
    on_sqlite: Engine, on_postgres: Engine, table: Table
) -> None:
    one, other = told(on_sqlite, table), told(on_postgres, table)

    assert one
    assert one == other


def test_it_holds_something_of_everything_that_happens(month: Engine) -> None:
    states = {row.state for row in rows(month, tables.messages)}
    assert {"delivered", "failed", "parked"} <= states
    assert {"open", "taken", "done"} <= {row.state for row in rows(month, tables.handoffs)}
    outcomes = {row.state for row in rows(month, tables.occurrences)}
    assert {"pending", "called_off", "messaged", "handed_over", "skipped", "held_out"} <= outcomes
    verdicts = values(month, tables.decisions, "verdict", "reason")
    assert {("later", "quiet"), ("later", "breaker"), ("later", "paused")} <= verdicts
    assert {("skipped", "no_consent"), ("held_out", "holdout")} <= verdicts
    assert {"stop", "answer"} <= {row.meaning for row in rows(month, tables.inbound)}
    assert {"customer.updated", "support.contacted", "survey.answered", "outreach.clicked"} <= {
        row.type for row in rows(month, tables.events)
    }
    assert {row.state for row in rows(month, tables.refused_events)} == {"refused"}
    assert [row for row in rows(month, tables.alerts) if row.closed_at is None]
    languages = {row.language for row in rows(month, tables.messages)}
    channels = {row.channel for row in rows(month, tables.messages)}
    assert (languages, channels) == ({"he", "en"}, {"sms", "email"})


def test_everybody_in_it_is_invented(month: Engine) -> None:
    for row in rows(month, tables.customers):
        assert row.phone is None or row.phone.startswith("+9725000")
        assert row.profile.get("email", "x@customer.example").endswith("@customer.example")
    assert {row.sender for row in rows(month, tables.attempts)} == {"demo:sms", "demo:email"}


def test_at_its_end_nothing_is_unread_unknown_or_overdue(month: Engine) -> None:
    facts = reading(month, lambda c: check(c, timedelta(0)))

    assert facts["demo"]
    assert [facts[name]["count"] for name in ("unread", "set_aside", "unknown")] == [0, 0, 0]
    assert not [row for row in rows(month, tables.messages) if row.state in ("sending", "unknown")]
    pending = [row for row in rows(month, tables.occurrences) if row.state == "pending"]
    assert pending
    assert [row for row in pending if row.due <= END] == []
    assert {row.state for row in rows(month, tables.receipts)} == {"applied"}
    assert {row.state for row in rows(month, tables.inbound)} == {"read"}
    assert [row for row in rows(month, tables.activations) if row.recomputed_at is None] == []
    assert reading(month, demo_state) == FILLED


def test_all_of_it_happened_in_the_month_and_in_its_order(month: Engine) -> None:
    begin = END - MONTH
    moments = [
        *(row.received_at for row in rows(month, tables.events)),
        *(row.at for row in rows(month, tables.decisions)),
        *(row.claimed_at for row in rows(month, tables.attempts)),
        *(row.at for row in rows(month, tables.outbox)),
        *(row.at for row in rows(month, tables.actions)),
    ]
    assert begin <= min(moments)
    assert max(moments) <= END
    came = {(row.source, row.id): row.received_at for row in rows(month, tables.events)}
    assert all(
        came[row.start_source, row.start_id] <= row.claimed_at
        for row in rows(month, tables.messages)
    )


def test_the_report_finds_the_known_effect_and_says_where_a_sample_is_too_small(
    month: Engine,
) -> None:
    rules = Following(month).active()
    assert rules is not None
    asked = Question(END - MONTH - timedelta(days=1), END, END)
    with snapshot(month) as connection:
        found = {one.trigger: one.effect for one in report(connection, rules, asked).triggers}

    cart, truth = found["abandoned_checkout"], TRUTHS["abandoned_checkout"]
    assert cart.finding is Finding.FEWER_CALLS
    assert cart.difference is not None
    assert cart.difference.low <= truth.without - truth.messaged <= cart.difference.high
    assert found["low_checkbook"].finding is Finding.TOO_SMALL


@pytest.fixture
def house(month: Engine, street: Street) -> House:
    if not rows(month, tables.console_users):
        with_users(month)
    secret = in_transaction(month, lambda c: hashing_key(c, None))
    made = build(month, public_url=street.url)
    made.current, made.hasher = Following(month).active(), Hasher(secret)
    return made


def test_every_page_of_the_console_shows_it_and_says_that_it_is_a_demo(
    house: House, open_doors: Open
) -> None:
    """Whatever a page leads to is opened as well, a few of each kind."""
    url = str(open_doors(house, key=None, now=utc_now).base_url)
    with httpx.Client(base_url=url, timeout=60) as client:
        visitor = Visitor(client)
        assert "Demo data" in visitor.get("/console/sign-in?language=en").text
        assert visitor.sign_in("admin").status_code == 303
        coming, seen = ["/console"], Kinds()
        while coming and len(seen) < MOST_PAGES:
            path = coming.pop(0)
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.text[-2000:])
            if "text/html" in answer.headers["content-type"] and 'class="skip"' in answer.text:
                assert "Demo data" in answer.text, path
            found = map(unescape, HREF.findall(answer.text))
            coming += [one for one in found if seen.wants(one)]

    assert {"/console", "/console/queue", "/console/duty", "/console/record"} <= seen.plain


def one_customer() -> Mapping[str, Any]:
    return {"id": "c1", "profile": {}, "field_orders": {}, "updated_at": END}


def test_a_database_with_anything_in_it_is_left_as_it_is(database_url: str, engine: Engine) -> None:
    in_transaction(engine, lambda c: c.execute(insert(tables.customers).values(**one_customer())))

    with pytest.raises(NotEmpty, match="is not empty"):
        fill(settings(database_url), WISH, lambda _done: None)

    assert not reading(engine, is_demo)
    assert rows(engine, tables.activations) == []
    assert len(rows(engine, tables.customers)) == 1


def test_a_database_of_somebody_else_gets_no_tables_of_ours(bare_database_url: str) -> None:
    engine = make_engine(bare_database_url)
    in_transaction(engine, lambda c: c.execute(text("CREATE TABLE ledger (entry INTEGER)")))

    with pytest.raises(NotEmpty):
        fill(settings(bare_database_url), WISH, lambda _done: None)

    with pytest.raises(Exception, match="house"):
        reading(engine, is_demo)
    engine.dispose()


def test_a_second_month_is_not_put_on_top_of_the_first(month: Engine) -> None:
    before = len(rows(month, tables.event_ids))
    url = month.url.render_as_string(hide_password=False)

    with pytest.raises(NotEmpty, match=r"holds a demo already \(filled\)"):
        fill(settings(url), WISH, lambda _done: None)

    assert len(rows(month, tables.event_ids)) == before


@pytest.mark.parametrize(
    "real",
    [
        {
            "sms": "twilio",
            "twilio_account_sid": "AC0",
            "twilio_auth_token": (SecretStr("token"),),
            "twilio_from": "+15005550006",
        },
        {
            "email": "smtp",
            "smtp_url": SecretStr("smtp://127.0.0.1:1?starttls=none"),
            "email_from": "Example Bank <hello@bank.example>",
        },
    ],
    ids=["sms", "email"],
)
def test_real_senders_refuse_to_start_over_demo_data(
    bare_database_url: str, real: Mapping[str, Any]
) -> None:
    engine = make_engine(bare_database_url)
    upgrade(engine)
    given = settings(bare_database_url, **real)
    make_parts(given).close()
    in_transaction(engine, lambda c: mark(c, Fixed("k" * 32, "s" * 32)))
    engine.dispose()

    with pytest.raises(SettingsWrong, match="demo data"):
        make_parts(given)
