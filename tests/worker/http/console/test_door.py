"""Who comes into the console, how long does he stay, and what does a stranger learn?"""

from __future__ import annotations

import re
from datetime import timedelta
from time import process_time

import pytest
from sqlalchemy import Engine, update

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.visiting import PASSWORD
from tests.worker.http.house import House
from tests.worker.operators import on_record
from worker.clock import utc_now
from worker.steps.signing_in import FREE_TRIES, FREE_TRIES_ADDRESS, IDLE, LONGEST, add_user
from worker.store.console_users import Role
from worker.store.engine import in_transaction
from worker.store.tables import console_attempts, console_sessions, console_users


def age(engine: Engine, **columns: timedelta) -> None:
    """As if the sessions had been begun, or used last, so long ago."""
    values = {name: utc_now() - length for name, length in columns.items()}
    in_transaction(engine, lambda c: c.execute(update(console_sessions).values(**values)))


def test_a_stranger_is_led_to_the_door_and_back_to_where_he_wanted(visit: Visit) -> None:
    stranger = visit()

    sent = stranger.get("/console/duty?x=1")

    assert sent.status_code == 303
    assert sent.headers["location"] == "/console/sign-in?to=%2Fconsole%2Fduty%3Fx%3D1"
    entered = stranger.sign_in("viewer", to="/console/duty?x=1")
    assert entered.headers["location"] == "/console/duty?x=1"
    assert stranger.get("/console/duty?x=1").status_code == 200


@pytest.mark.parametrize("name", ["viewer", "nobody", "", "x" * 300, "a\x00b", "ויקי"])
def test_a_wrong_password_and_an_unknown_name_hear_the_same(visit: Visit, name: str) -> None:
    answer = visit().sign_in(name, "a wrong password")

    assert answer.status_code == 403
    assert "The name or the password is not right." in answer.text
    assert "session" not in str(answer.headers.get("set-cookie"))


def test_an_unknown_name_takes_as_long_as_a_wrong_password(visit: Visit, house: House) -> None:
    add_user(house.engine, "dear", Role.VIEWER, PASSWORD, by="test")
    stranger = visit()

    def lasts(name: str) -> float:
        # of this process, in which the door is, too: the database's work is another's
        begun = process_time()
        stranger.sign_in(name, "a wrong password")
        return process_time() - begun

    lasts("warm")
    known = min(lasts("dear") for _ in range(3))
    unknown = min(lasts(f"nobody{turn}") for turn in range(3))

    # without the work a name that nobody has takes a small part of it
    assert unknown > known / 2


def test_the_database_knows_neither_passwords_nor_tokens(visit: Visit, house: House) -> None:
    visitor = visit("viewer")
    visit().sign_in("typed the password here", "a wrong password")
    stored = repr([house.rows(one) for one in (console_users, console_sessions, console_attempts)])

    assert "$argon2id$" in stored
    for secret in (PASSWORD, "typed the password", *visitor.client.cookies.values()):
        assert secret not in stored


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(visit: Visit) -> None:
    [session] = [
        one for one in visit().sign_in("viewer").headers.get_list("set-cookie") if "session" in one
    ]

    assert "HttpOnly" in session
    assert "samesite=lax" in session.lower()
    assert "Path=/" in session
    assert "Secure" not in session


def test_where_there_is_https_the_cookie_never_leaves_without_it(
    visit: Visit, house: House
) -> None:
    house.settings = house.settings.model_copy(update={"public_url": "https://bank.example"})

    cookies = visit().get("/console/sign-in").headers.get_list("set-cookie")

    assert [one for one in cookies if one.startswith("__Host-outreach-guest=")] == cookies
    assert all("Secure" in one for one in cookies)


@pytest.mark.parametrize(
    "columns",
    [{"seen_at": IDLE}, {"created_at": LONGEST}],
    ids=["nobody was there", "begun long ago"],
)
def test_a_session_ends(visit: Visit, house: House, columns: dict[str, timedelta]) -> None:
    visitor = visit("viewer")
    age(house.engine, **columns)

    sent = visitor.get("/console")

    assert sent.headers["location"].endswith("news=expired")
    assert "You were signed out" in visitor.get(sent.headers["location"]).text


def test_who_is_at_work_stays_and_a_page_that_renews_itself_keeps_nobody(
    visit: Visit, house: House
) -> None:
    visitor = visit("viewer")
    almost = IDLE - timedelta(minutes=1)
    age(house.engine, seen_at=almost)

    def rests() -> timedelta:
        return utc_now() - house.rows(console_sessions)[0].seen_at

    assert visitor.get("/console", **{"X-Renewed": "1"}).status_code == 200
    assert rests() >= almost
    assert visitor.get("/console").status_code == 200
    assert rests() < timedelta(minutes=1)


def test_signing_out_ends_this_session_and_everywhere_ends_all(visit: Visit) -> None:
    one, two, three = visit("viewer"), visit("viewer"), visit("viewer")

    one.post("/console/sign-out", "/console/account")
    assert [each.get("/console").status_code for each in (one, two, three)] == [303, 200, 200]

    two.post("/console/sign-out", "/console/account", everywhere="1")
    assert three.get("/console").status_code == 303


def test_a_new_password_ends_every_session_and_the_old_one_opens_nothing(visit: Visit) -> None:
    visitor, other = visit("viewer"), visit("viewer")

    def change(old: str, new: str) -> int:
        return visitor.post(
            "/console/account/password", "/console/account", old=old, new=new
        ).status_code

    assert change("a wrong password", "another good one") == 422
    assert change(PASSWORD, "short") == 422
    assert change(PASSWORD, "another good one") == 303
    assert other.get("/console").status_code == 303
    assert visitor.sign_in("viewer").status_code == 403
    assert visitor.sign_in("viewer", "another good one").status_code == 303


def test_who_guesses_waits_longer_and_longer_and_his_guess_is_not_looked_at(visit: Visit) -> None:
    stranger = visit()
    heard = [stranger.sign_in("viewer", f"guess number {n}").status_code for n in range(8)]

    assert heard[:FREE_TRIES] == [403] * FREE_TRIES
    assert 429 in heard
    right = stranger.sign_in("viewer")
    assert right.status_code == 429
    assert 1 <= int(right.headers["retry-after"]) <= 60


def test_who_has_signed_in_here_before_is_not_locked_out_by_who_guesses(visit: Visit) -> None:
    mine = visit("viewer")
    mine.post("/console/sign-out", "/console/account")
    stranger = visit()
    while stranger.sign_in("viewer", "a wrong password").status_code != 429:
        pass

    assert mine.sign_in("viewer").status_code == 303


def test_many_names_from_one_address_wait_too(visit: Visit) -> None:
    stranger = visit()
    heard = [
        stranger.sign_in(f"name{n}", "a wrong password").status_code
        for n in range(FREE_TRIES_ADDRESS + 1)
    ]

    assert heard == [403] * FREE_TRIES_ADDRESS + [429]


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/console//evil.example", "/consolex",
           "/console\\evil.example", "javascript:alert(1)", "/u/x", "/console/a\r\nb"]
)  # fmt: skip
def test_nobody_is_led_elsewhere(visit: Visit, to: str) -> None:
    assert visit().sign_in("viewer", to=to).headers["location"] == "/console"


def test_a_form_without_the_pages_own_token_does_nothing(visit: Visit, house: House) -> None:
    visitor = visit("viewer")
    other = visit("viewer")

    def leave(**fields: str) -> int:
        return visitor.client.post("/console/sign-out", data=fields).status_code

    theirs = other.get("/console/account").text.partition('form_token" value="')[2][:64]
    assert [leave(), leave(form_token=""), leave(form_token=theirs)] == [403, 403, 403]
    assert visitor.client.post(
        "/console/sign-out", content=b"\xff", headers={"content-type": "text/plain"}
    ).status_code == 403  # fmt: skip
    assert visitor.get("/console").status_code == 200


def test_a_form_that_another_site_sends_does_nothing(visit: Visit) -> None:
    visitor = visit("viewer")
    token = visitor.get("/console/account").text.partition('form_token" value="')[2][:64]

    sent = visitor.client.post(
        "/console/sign-out", data={"form_token": token}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert sent.status_code == 403
    assert visitor.get("/console").status_code == 200


def test_a_removed_user_is_out_at_once(visit: Visit, house: House) -> None:
    visitor = visit("viewer")
    removed = update(console_users).values(removed_at=utc_now())
    in_transaction(house.engine, lambda c: c.execute(removed))

    assert visitor.get("/console").status_code == 303
    assert visitor.sign_in("viewer").status_code == 403


def test_coming_and_going_is_on_record(visit: Visit, house: House) -> None:
    visit("viewer").post("/console/sign-out", "/console/account")

    told = [(by, what) for by, what, _ in on_record(house.engine)]
    assert told[-2:] == [("viewer", "sign in"), ("viewer", "sign out")]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("en-US,en;q=0.9", "en"), ("fr,he-IL;q=0.9,en;q=0.5", "he"), ("fr", "en"), ("", "en")],
)
def test_the_page_speaks_what_the_browser_asks_for_else_the_house_s_first_language(
    visit: Visit, accepted: str, language: str
) -> None:
    answer = visit().client.get("/console/sign-in", headers={"accept-language": accepted})

    assert f'<html lang="{language}"' in answer.text


def test_the_icon_is_one_of_ours(visit: Visit) -> None:
    client = visit().client
    [icon] = re.findall(r'rel="icon" href="([^"]+)"', client.get("/console/sign-in").text)

    assert client.get(icon).headers["content-type"] == "image/svg+xml"
