"""What does a connection of each kind of database ask for, and who waits for whom?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

from tests.worker.test_store import names, put
from worker.store.bulk import Insertion
from worker.store.engine import in_transaction, make_engine, reading
from worker.store.tables import house


def test_two_processes_files_of_sqlite_wait_for_each_other(sqlite_database_url: str) -> None:
    mine, yours = make_engine(sqlite_database_url), make_engine(sqlite_database_url)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(_hundred, [mine, yours], ["a", "b"]))

    assert results == [50, 50]
    assert len(names(mine)) == 100
    mine.dispose()
    yours.dispose()


def _hundred(engine: Engine, mark: str) -> int:
    return sum(len(put(engine, f"{mark}{number}")) for number in range(50))


def test_readers_of_sqlite_see_what_is_committed_while_a_writer_writes(
    sqlite_database_url: str,
) -> None:
    engine = make_engine(sqlite_database_url)
    put(engine, "before")

    def work(connection: Connection) -> list[str]:
        Insertion(house).run(connection, [{"name": "during", "value": "v"}])
        return names(engine)

    assert in_transaction(engine, work) == ["before"]
    assert names(engine) == ["before", "during"]
    engine.dispose()


def test_who_only_reads_cannot_write_on_sqlite_unseen(sqlite_database_url: str) -> None:
    engine = make_engine(sqlite_database_url)

    reading(engine, lambda c: c.execute(house.insert().values(name="a", value="v")))

    assert names(engine) == []
    engine.dispose()


def test_sqlite_is_durable_and_its_folder_is_made(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'new' / 'folder' / 'file.db'}")
    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {one}").scalar_one() for one in
                 ("journal_mode", "synchronous")]  # fmt: skip
    engine.dispose()

    assert found == ["wal", 2]


def test_only_its_owner_reads_sqlites_files_and_one_that_is_there_is_left_as_it_is(
    tmp_path: Path,
) -> None:
    def modes(name: str) -> dict[str, int]:
        made = make_engine(f"sqlite:///{tmp_path / name}")
        with made.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE one (a)")
            found = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob(f"{name}*")}
        made.dispose()
        return found

    (tmp_path / "old.db").touch(0o640)

    assert modes("new.db") == dict.fromkeys(("new.db", "new.db-wal", "new.db-shm"), 0o600)
    assert modes("old.db")["old.db"] == 0o640


def shown(engine: Engine, *names: str) -> list[str]:
    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"SHOW {one}").scalar_one() for one in names]
    engine.dispose()
    return found


def test_postgresql_speaks_utc_and_plans_anew(postgres_database_url: str) -> None:
    engine = make_engine(postgres_database_url.replace("+psycopg", ""))

    found = shown(engine, "timezone", "jit", "plan_cache_mode", "transaction_isolation")

    assert found == ["UTC", "off", "force_custom_plan", "read committed"]


def test_what_the_url_asks_of_postgresql_stands_beside_what_we_need(
    postgres_database_url: str,
) -> None:
    asked = "-c search_path=outreach,public -c timezone=Asia/Jerusalem"
    url = make_url(postgres_database_url).update_query_dict({"options": asked})

    found = shown(make_engine(url), "search_path", "timezone")

    assert found == ["outreach,public", "UTC"]


def test_a_full_disk_is_told_and_not_tried_again(sqlite_database_url: str) -> None:
    engine = make_engine(sqlite_database_url)
    tried = []

    def work(connection: Connection) -> None:
        tried.append(1)
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        Insertion(house).run(connection, [{"name": "n" * 900_000, "value": ""}])

    with pytest.raises(OperationalError, match="full"):
        in_transaction(engine, work)
    assert len(tried) == 1
    engine.dispose()


def test_what_is_committed_is_on_disk_whatever_the_server_is_set_to(
    postgres_database_url: str,
) -> None:
    made = make_engine(postgres_database_url)
    with made.begin() as connection:
        connection.exec_driver_sql("SELECT 1")

    assert shown(made, "synchronous_commit") == ["on"], "the tests' server is set to off"


def test_who_asks_for_more_than_the_disk_gets_it(postgres_database_url: str) -> None:
    asked = {"options": "-c synchronous_commit=remote_apply"}
    url = make_url(postgres_database_url).update_query_dict(asked)

    assert shown(make_engine(url), "synchronous_commit") == ["remote_apply"]
