"""May an admin let people in, change what they may, and let them in no more, and nobody else?"""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import httpx
import pytest

from tests.worker.http.console.conftest import Visit
from tests.worker.http.console.visiting import PASSWORD, Visitor
from tests.worker.http.console.world import EVIL
from tests.worker.http.house import House
from tests.worker.operators import on_record
from worker.steps.first_admin import FILE
from worker.store.console_users import Role, read_users
from worker.store.engine import reading

HOME = "/console/users"
MADE = re.compile(r'<code class="password" dir="ltr">([^<]+)</code>')


@pytest.fixture
def admin(visit: Visit) -> Visitor:
    return visit("admin")


def ask(visitor: Visitor, deed: str, own: str = PASSWORD, **fields: str) -> httpx.Response:
    return visitor.post(f"{HOME}/{deed}", HOME, own=own, **fields)


def users(house: House) -> dict[str, tuple[str, bool]]:
    """By name: the role, and whether he may come in."""
    rows = reading(house.engine, read_users)
    return {row.name: (row.role, row.removed_at is None) for row in rows}


def test_somebody_is_let_in_with_a_password_that_is_shown_once(
    house: House, admin: Visitor, visit: Visit
) -> None:
    answer = ask(admin, "add", name="Noa", role="operator")

    assert answer.status_code == 200
    [made] = MADE.findall(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert made not in admin.get(HOME).text
    assert users(house)["noa"] == ("operator", True)
    assert visit().sign_in("noa", unescape(made)).status_code == 303
    assert ("admin", "add user") in {(by, what) for by, what, _ in on_record(house.engine)}
    assert made not in str(on_record(house.engine))


def test_a_new_password_ends_every_session_and_the_old_one_opens_nothing(
    house: House, admin: Visitor, visit: Visit
) -> None:
    hers = visit("operator")

    [made] = MADE.findall(ask(admin, "password", name="operator").text)

    assert hers.get("/console").status_code == 303
    assert visit().sign_in("operator").status_code == 403
    assert visit().sign_in("operator", unescape(made)).status_code == 303


def test_the_first_password_goes_from_its_file_once_it_opens_nothing(
    house: House, visit: Visit, admin: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(admin, "add", name="dana", role="admin")
    monkeypatch.chdir(tmp_path)
    folder = house.settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text("the first one")
    visitor = visit()
    [made] = MADE.findall(ask(admin, "password", name="dana").text)
    visitor.sign_in("dana", unescape(made))

    assert (folder / FILE).exists()
    ask(visitor, "password", own=unescape(made), name="admin")

    assert not (folder / FILE).exists()


def test_a_role_is_given_and_somebody_is_let_in_no_more_and_comes_back(
    house: House, admin: Visitor, visit: Visit
) -> None:
    ask(admin, "role", name="viewer", role="operator")
    assert users(house)["viewer"] == ("operator", True)

    hers = visit("viewer")
    ask(admin, "remove", name="viewer")
    assert users(house)["viewer"] == ("operator", False)
    assert hers.get("/console").status_code == 303
    assert "let in no more since" in admin.get(HOME).text

    ask(admin, "add", name="viewer", role="viewer")
    assert users(house)["viewer"] == ("viewer", True)


@pytest.mark.parametrize(
    ("deed", "fields", "why"),
    [
        ("add", {"name": "operator", "role": "viewer"}, "There is a user of this name already."),
        ("add", {"name": EVIL, "role": "viewer"}, "A name has small letters"),
        ("add", {"name": "", "role": "viewer"}, "A name has small letters"),
        ("add", {"name": "noa", "role": "king"}, "There is no such role."),
        ("role", {"name": "nobody", "role": "admin"}, "There is no user of this name."),
        ("role", {"name": "admin", "role": "viewer"}, "This is the last admin"),
        ("remove", {"name": "admin"}, "This is the last admin"),
        ("password", {"name": "nobody"}, "There is no user of this name."),
        ("add", {"name": "noa", "role": "admin", "own": "a guess"}, "Your own password is not"),
        ("remove", {"name": "viewer", "own": ""}, "Your own password is not right."),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_changed(
    house: House, admin: Visitor, deed: str, fields: dict[str, str], why: str
) -> None:
    before, recorded = users(house), on_record(house.engine)

    answer = ask(admin, deed, **fields)

    assert answer.status_code == 422
    assert why in unescape(answer.text)
    assert "<script>alert" not in answer.text
    assert users(house) == before
    assert on_record(house.engine) == recorded


def test_who_found_a_screen_open_cannot_try_one_password_after_the_other(admin: Visitor) -> None:
    for _ in range(5):
        assert ask(admin, "add", own="a guess", name="me", role="admin").status_code == 422

    answer = ask(admin, "add", name="me", role="admin")

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_only_an_admin_is_shown_the_way_there(visit: Visit) -> None:
    for role in Role:
        shown = f'href="{HOME}"' in visit(role.value).get("/console").text
        assert shown == (role is Role.ADMIN)
