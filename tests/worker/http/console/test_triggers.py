"""Does a page tell what became of a trigger, and does it stop, go on and try it?"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.worker.http.console.busy import TRIGGER, busy
from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.world import EVIL, event_row, store
from tests.worker.http.house import FILES, House
from triggers.verdicts import Outcome
from worker.bells import Bell
from worker.http.console.funnel import read_funnel
from worker.steps.apply import apply
from worker.steps.trying import Lately, TooMuch, plan_now, try_lately
from worker.store.clock import read_now
from worker.store.engine import in_transaction, reading
from worker.store.pauses import read_paused
from worker.store.tables import actions, decisions, events

PAGE = f"/console/triggers/{TRIGGER}"
STEP = re.compile(r'<tr class="(\w+)"><th scope="row">[^<]*</th><td class="n">([\d,]+)</td>')


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_every_trigger_is_told_in_a_sentence_with_what_waits_and_what_was_sent(
    house: House, visit: Visit
) -> None:
    busy(house)

    page = text_of(visit("viewer").get("/console/triggers?language=en").text)

    assert "When checkout.started comes" in page
    assert "waiting: 30 messages in 7 days: 40" in page
    assert page.count("Paused") == 1
    assert "a trigger is silent" in page


def test_the_list_is_narrowed_by_a_part_of_a_name(house: House, visit: Visit) -> None:
    busy(house)

    page = visit("viewer").get("/console/triggers?language=en&show=CHECKB").text

    assert re.findall(r'href="/console/triggers/(\w+)"', page) == ["low_checkbook"]


def test_the_funnel_tells_each_step_and_what_held_the_rest_back(house: House, visit: Visit) -> None:
    busy(house)

    page = visit("viewer").get(f"{PAGE}?language=en").text

    assert dict(STEP.findall(page)) == {
        "started": "60",
        "waiting": "30",
        "called_off": "5",
        "held_back": "11",
        "sent": "39",
        "not_sent": "1",
        "delivered": "38",
        "clicked": "9",
        "answered": "2",
        "called": "4",
    }
    told = text_of(page)
    assert "Held back 11 control group 8 enough messages for now 3" in told
    assert "Waiting now 30 quiet hours 1" in told


def test_the_funnel_goes_only_so_far_back_as_is_asked(house: House, visit: Visit) -> None:
    busy(house)

    steps = dict(STEP.findall(visit("viewer").get(f"{PAGE}?days=1").text))

    assert (steps["started"], steps["sent"], steps["waiting"]) == ("0", "0", "30")


def test_of_many_days_it_is_kept_a_while_and_that_is_said(house: House, visit: Visit) -> None:
    busy(house)
    viewer = visit("viewer")
    first = viewer.get(f"{PAGE}?days=28&language=en").text
    with house.engine.begin() as connection:
        connection.execute(decisions.delete())

    again = viewer.get(f"{PAGE}?days=28").text

    assert dict(STEP.findall(again))["started"] == "60"
    assert "It is counted anew after 1 min." in text_of(first)
    assert dict(STEP.findall(viewer.get(PAGE).text))["started"] == "0"


def test_of_many_messages_the_newest_are_followed_and_that_is_said(house: House) -> None:
    busy(house)
    assert house.current is not None
    policy = house.current.policy

    told = reading(house.engine, lambda c: read_funnel(c, TRIGGER, policy, 7, most=7))

    assert (told.followed, told.whole) == (7, 39)
    assert {step.name: step.of for step in told.steps}["delivered"] == 7


def test_what_waits_is_listed_in_its_order_and_no_more_than_fits(
    house: House, visit: Visit
) -> None:
    busy(house)

    page = visit("viewer").get(f"{PAGE}?language=en").text

    rows = re.findall(r'<a href="/console/customers\?id=([^"]*)">', page)
    assert len(rows) == 25
    assert rows[1:3] == ["c9001", "c9002"]
    assert EVIL not in page
    assert "<img src=x" not in page


def test_the_page_says_where_a_trigger_is_written_and_how_to_change_it(
    house: House, visit: Visit
) -> None:
    busy(house)

    page = visit("viewer").get(f"{PAGE}?language=en").text

    assert "config/triggers/abandoned_checkout.yaml:1" in page
    assert "about: " in page.partition("<pre")[2]
    assert "outreach apply" in page
    assert '<form method="post" action="/console/triggers' not in page


def test_an_operator_pauses_a_trigger_and_lets_it_go_on(house: House, visit: Visit) -> None:
    busy(house)
    operator = visit("operator")

    answer = operator.post("/console/triggers/pause", PAGE, trigger=TRIGGER, why="a reason")

    assert answer.headers["location"] == f"{PAGE}?done=paused"
    paused = {row.scope: (row.by, row.why) for row in reading(house.engine, read_paused)}
    assert paused[f"trigger:{TRIGGER}"] == ("operator", "a reason")
    assert "a reason" in operator.get(PAGE).text

    answer = operator.post("/console/triggers/resume", PAGE, trigger=TRIGGER)

    assert answer.headers["location"] == f"{PAGE}?done=resumed&n=0"
    assert f"trigger:{TRIGGER}" not in {row.scope for row in reading(house.engine, read_paused)}
    assert Bell.CLAIM in house.rung
    assert [row.by for row in house.rows(actions) if row.action == "resume"] == ["operator"]


@pytest.mark.parametrize("name", ["pause", "resume", "backtest"])
def test_a_trigger_that_is_not_in_force_is_not_acted_on(
    house: House, visit: Visit, name: str
) -> None:
    apply(house.engine, FILES, "dana")

    answer = visit("operator").post(f"/console/triggers/{name}", "/console/account", trigger=EVIL)

    assert answer.status_code == 404
    assert list(reading(house.engine, read_paused)) == []


def _came_in(house: House, many: int) -> None:
    """One a minute, the last of them a minute ago."""
    apply(house.engine, FILES, "dana")

    def work(connection: Connection) -> None:
        now = read_now(connection)
        for number in range(many):
            data = {"plan_id": f"p{number}", "amount": 200}
            profile = {"phone": f"+97250123{number:04}"}
            row = event_row(
                number, now - timedelta(minutes=many - number),
                data=data | {"customer": profile}, writes_customer=True,
            )  # fmt: skip
            store(connection, events, **row)

    in_transaction(house.engine, work)


def test_a_backtest_tells_what_would_have_become_of_it(house: House, visit: Visit) -> None:
    _came_in(house, 5)

    page = visit("operator").post(
        "/console/triggers/backtest", "/console/triggers/plan_ending",
        trigger="plan_ending", days="7",
    ).text  # fmt: skip

    told = text_of(page)
    assert "sent 5" in told
    assert "Your plan p4 ends soon." in told
    assert "More than" not in told


def test_a_backtest_over_very_many_events_takes_the_newest_and_says_so(house: House) -> None:
    _came_in(house, 6)
    assert house.current is not None
    lately = Lately("plan_ending", timedelta(days=30), most=2)

    tried = try_lately(house.engine, house.hasher, house.current, lately)

    assert tried.shortened
    assert tried.account.outcomes[Outcome.SENT] == 3


def test_one_that_is_short_enough_goes_back_as_far_as_is_asked(house: House) -> None:
    _came_in(house, 6)
    assert house.current is not None
    lately = Lately("plan_ending", timedelta(minutes=3, seconds=30))

    tried = try_lately(house.engine, house.hasher, house.current, lately)

    assert not tried.shortened
    assert tried.account.outcomes[Outcome.SENT] == 3


def _folder(house: House, tmp_path: Path, **changes: str) -> None:
    for name, text in {**FILES, **changes}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    own = {"config_dir": tmp_path / "config", "templates_dir": tmp_path / "templates"}
    house.settings = house.settings.model_copy(update=own)


def test_a_plan_tells_what_the_folder_would_change(
    house: House, visit: Visit, tmp_path: Path
) -> None:
    apply(house.engine, FILES, "dana")
    name = "config/triggers/plan_ending.yaml"
    _folder(house, tmp_path, **{name: FILES[name].replace(">= 100", ">= 200")})

    page = (
        visit("operator")
        .post("/console/triggers/plan", "/console/account", trigger="plan_ending")
        .text
    )

    told = text_of(page)
    assert name in told
    assert "plan_ending changed waiting: 0" in told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "in force as it is"),
        ({"config/triggers/plan_ending.yaml": "trigger: plan_ending\n"}, "cannot be put in force"),
    ],
)
def test_a_plan_says_where_the_folder_is_in_force_or_wrong(
    house: House, visit: Visit, tmp_path: Path, changes: dict[str, str], told: str
) -> None:
    apply(house.engine, FILES, "dana")
    _folder(house, tmp_path, **changes)

    page = visit("operator").post("/console/triggers/plan", "/console/account").text

    assert told in text_of(page)


def test_a_plan_that_would_take_too_long_is_left_to_the_command(house: House) -> None:
    busy(house)

    with pytest.raises(TooMuch) as much:
        plan_now(house.engine, house.hasher, house.current, FILES, most=29)

    assert much.value.number == 30
