"""Who makes the console's first user, and may he make others?"""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from tests.worker.operators import on_record, said, told, use
from worker.cli import users
from worker.cli.users import UserRefused
from worker.passwords import hash_password, is_password
from worker.steps.first_admin import FILE, forget_first_password, make_first_admin
from worker.steps.signing_in import Asking, NotAUser, SignedIn, add_user, set_role, sign_in
from worker.store.clock import read_now
from worker.store.console_users import Role, read_user
from worker.store.engine import in_transaction, reading
from worker.store.tables import console_users

GIVEN = "given by the environment"


def opens(engine: Engine, name: str, password: str) -> bool:
    return isinstance(sign_in(engine, Asking(name, password, "192.0.2.1")), SignedIn)


def test_the_first_password_lies_in_a_file_that_only_its_owner_can_read(
    engine: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "var"
    make_first_admin(engine, folder, None)

    password = (folder / FILE).read_text().strip()
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert opens(engine, "admin", password)
    make_first_admin(engine, folder, None)
    assert (folder / FILE).read_text().strip() == password
    forget_first_password(folder)
    make_first_admin(engine, folder, None)
    assert not (folder / FILE).exists()


def test_the_environments_password_leaves_no_file_and_counts_only_at_first(
    engine: Engine, tmp_path: Path
) -> None:
    make_first_admin(engine, tmp_path / "var", GIVEN)
    make_first_admin(engine, tmp_path / "var", "another one, later")

    assert not (tmp_path / "var").exists()
    assert opens(engine, "admin", GIVEN)
    assert not opens(engine, "admin", "another one, later")


def test_processes_that_start_at_once_make_one_admin(engine: Engine, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: make_first_admin(engine, tmp_path, GIVEN), range(4)))

    assert on_record(engine) == [("outreach", "add user", {"user": "admin", "role": "admin"})]


@pytest.mark.parametrize("left", ["", "\n", "half of"])
def test_a_file_that_another_process_has_not_filled_yet_makes_no_empty_password(
    engine: Engine, tmp_path: Path, left: str
) -> None:
    (tmp_path / FILE).write_text(left)
    (tmp_path / FILE).chmod(0o644)

    make_first_admin(engine, tmp_path, None)

    password = (tmp_path / FILE).read_text().strip()
    assert not opens(engine, "admin", left.strip())
    assert opens(engine, "admin", password)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_processes_that_start_at_once_make_one_password_and_it_is_the_one_in_the_file(
    engine: Engine, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: make_first_admin(engine, tmp_path, None), range(4)))

    assert len(on_record(engine)) == 1
    assert opens(engine, "admin", (tmp_path / FILE).read_text().strip())


def test_a_link_laid_where_the_password_belongs_is_not_followed(
    engine: Engine, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("a password that others know")
    (tmp_path / FILE).symlink_to(elsewhere)

    make_first_admin(engine, tmp_path, None)

    assert reading(engine, lambda c: read_user(c, "admin")) is None


def test_where_nothing_can_be_written_it_starts_and_says_what_to_do(
    engine: Engine, tmp_path: Path
) -> None:
    taken = tmp_path / "a file"
    taken.write_text("")

    make_first_admin(engine, taken, None)

    assert reading(engine, lambda c: read_user(c, "admin")) is None


def test_a_user_is_made_changed_and_removed_by_command(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, database_url)
    said(users.app, "add", "boss", "--role", "admin", "--by", "root")
    [made] = told(users.app, "add", "dana", "--role", "operator", "--by", "boss")
    assert made == {"name": "dana", "role": "operator", "password": made["password"]}
    assert opens(engine, "dana", made["password"])

    [again] = told(users.app, "password", "dana")
    assert not opens(engine, "dana", made["password"])
    assert opens(engine, "dana", again["password"])
    said(users.app, "role", "dana", "viewer")
    said(users.app, "remove", "dana")
    assert not opens(engine, "dana", again["password"])

    listed = {one["name"]: one for one in told(users.app, "list")}
    assert listed["dana"]["role"] == "viewer"
    assert listed["dana"]["removed"]
    assert listed["boss"]["removed"] is None
    did = [(by, what) for by, what, _ in on_record(engine) if what != "sign in"]
    assert did[:2] == [("root", "add user"), ("boss", "add user")]
    assert json.dumps(listed).count("password") == 0


@pytest.mark.parametrize(
    "arguments",
    [("add", "Dana"), ("add", "dana c"), ("add", ""), ("add", "boss"), ("password", "nobody"),
     ("role", "nobody", "viewer"), ("remove", "nobody"), ("remove", "boss"),
     ("role", "boss", "viewer")],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_is_refused_and_says_why(
    engine: Engine,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    use(monkeypatch, database_url)
    add_user(engine, "boss", Role.ADMIN, GIVEN, by="test")

    with pytest.raises(UserRefused):
        said(users.app, *arguments)

    assert opens(engine, "boss", GIVEN)


def test_of_two_admins_who_remove_each_other_one_stays(engine: Engine) -> None:
    for name in ("one", "two"):
        add_user(engine, name, Role.ADMIN, GIVEN, by="test")

    def remove(name: str) -> bool:
        try:
            set_role(engine, name, None, by="test")
        except NotAUser:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, ["one", "two"])) == [False, True]


def test_who_was_removed_may_come_back_with_a_password_of_his_own(engine: Engine) -> None:
    add_user(engine, "dana", Role.ADMIN, GIVEN, by="test")
    now = reading(engine, read_now)
    in_transaction(engine, lambda c: c.execute(update(console_users).values(removed_at=now)))

    add_user(engine, "dana", Role.VIEWER, "another one, later", by="test")

    assert not opens(engine, "dana", GIVEN)
    assert opens(engine, "dana", "another one, later")


def test_a_name_without_a_password_is_opened_by_none() -> None:
    assert not is_password("anything at all", None)
    assert not is_password("anything at all", "no hash of ours")


def test_to_guess_a_password_costs_what_owasp_asks_for() -> None:
    assert hash_password("a password").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
