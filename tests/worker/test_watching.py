"""Does the folder come into force, stay in force past a mistake, and is the mistake told?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.processes.household import FILES
from triggers.configuration import read_configuration
from worker.clock import utc_now
from worker.following import Following
from worker.http.parts import Doors
from worker.settings import Settings
from worker.steps.apply import apply
from worker.watching import NothingToFollow, Watch
from worker.wiring import Parts, make_parts

WRONG = "trigger: late\nwhenever: never\n"


@pytest.fixture
def parts(tmp_path: Path, sqlite_database_url: str) -> Iterator[Parts]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    made = make_parts(
        Settings(
            database_url=sqlite_database_url,
            config_dir=tmp_path / "config",
            templates_dir=tmp_path / "templates",
        )
    )
    yield made
    made.close()


def active(parts: Parts) -> str:
    found = parts.configuration()
    assert found is not None
    return found.hash


def test_the_folder_comes_into_force_at_once(parts: Parts) -> None:
    Watch(parts).look()
    assert active(parts) == read_configuration(FILES).hash
    assert parts.configuration_mistake is None


def test_a_changed_file_comes_into_force(parts: Parts, tmp_path: Path) -> None:
    watch = Watch(parts)
    watch.look()
    before = active(parts)
    (tmp_path / "templates/late/sms.en.txt").write_text("Late: {{ event.data.order }}")
    watch.look()
    assert active(parts) != before


def test_a_mistake_is_told_until_it_is_mended_and_changes_nothing(
    parts: Parts, tmp_path: Path
) -> None:
    watch = Watch(parts)
    watch.look()
    before = active(parts)

    (tmp_path / "config/triggers/late.yaml").write_text(WRONG)
    watch.look()
    assert active(parts) == before
    assert "config/triggers/late.yaml:2:1" in (parts.configuration_mistake or "")

    (tmp_path / "config/triggers/late.yaml").write_text(FILES["config/triggers/late.yaml"])
    watch.look()
    assert active(parts) == before
    assert parts.configuration_mistake is None


def test_a_folder_that_needs_a_second_person_is_not_applied_and_says_so(
    parts: Parts, tmp_path: Path
) -> None:
    policy = tmp_path / "config/outreach.yaml"
    policy.write_text(policy.read_text() + "approval: required\n")
    watch = Watch(parts)
    watch.look()
    before = active(parts)

    policy.write_text(policy.read_text() + "lateness: 10d\n")
    watch.look()

    assert active(parts) == before
    assert "needs a second person" in (parts.configuration_mistake or "")


def test_without_a_last_good_one_a_mistake_is_the_end(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "config/triggers/late.yaml").write_text(WRONG)
    with pytest.raises(NothingToFollow, match=r"config/triggers/late\.yaml:2:1"):
        Watch(parts).begin()


def test_where_there_are_no_files_it_says_where_it_looked(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "config").rename(tmp_path / "another")
    (tmp_path / "templates").rename(tmp_path / "other texts")
    with pytest.raises(NothingToFollow, match=r"config: there is no configuration"):
        Watch(parts).begin()


def test_an_applied_bundle_is_followed_by_every_process(engine: Engine) -> None:
    following = Following(engine, gap=timedelta(0))
    assert following.active() is None
    applied = apply(engine, FILES, by="test")
    found = following.active()
    assert found is not None
    assert found.hash == applied.hash
    assert following.active() is found


def test_what_is_in_force_is_not_read_at_every_question(engine: Engine) -> None:
    following = Following(engine)
    assert following.active() is None
    apply(engine, FILES, by="test")
    assert following.active() is None
    following.look_again(mistake=None)
    assert following.active() is not None


def test_who_must_not_block_hears_what_was_looked_at_last(engine: Engine) -> None:
    following = Following(engine)
    apply(engine, FILES, by="test")
    assert (following.last, following.stale) == (None, True)

    found = following.active()

    assert found is not None
    assert (following.last, following.stale) == (found, False)
    following.look_again(mistake=None)
    assert (following.last, following.stale) == (found, True)


def test_a_door_hears_of_a_new_configuration_once_it_is_time_to_look(parts: Parts) -> None:
    doors = Doors(parts, now=utc_now)
    Watch(parts).look()
    assert doors.stale

    doors.look()

    assert not doors.stale
    assert doors.active() is parts.configuration()
    parts.following.look_again(mistake=None)
    assert doors.stale
