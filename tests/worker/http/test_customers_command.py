"""What becomes of a file of customers, line by line?"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from tests.worker.http import test_commands as commands
from tests.worker.http.test_commands import Run, written
from tests.worker.small_world import rows
from worker.cli import customers as customers_command
from worker.store.tables import events, refused_events

run = commands.run


def test_customers_are_imported_as_events(run: Run, engine: Engine, tmp_path: Path) -> None:
    file = written(
        tmp_path / "customers", {"id": "c1", "age": 71}, {"id": "c2", "phone": None},
        {"age": 5}, b"nonsense", [1], {"id": "c3", "age": -1}, {"id": 7},
    )  # fmt: skip

    result = run(customers_command, "import", file)

    assert result.exit_code == 1
    assert result.stdout == "accepted 2, duplicates 0, refused 5\n"
    stored = {row.customer_id: row for row in rows(engine, events)}
    assert stored["c1"].data == {"id": "c1", "age": 71}
    assert (stored["c2"].type, stored["c2"].door) == ("customer.updated", "customers")
    reasons = {row.raw[-12:]: row.reasons for row in rows(engine, refused_events)}
    assert len(reasons) == 5
    assert "line 3: /id must not be empty\n" in result.stderr
    assert "line 7: /id must be a text" in result.stderr
    assert "line 6: /age the value is less than the minimum of 0\n" in result.stderr


def test_of_one_customer_in_a_file_the_last_line_counts(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    file = written(tmp_path / "customers", *({"id": "c1", "age": age} for age in (1, 3, 2)))

    run(customers_command, "import", file)

    ages = {(row.time, row.source, row.id): row.data["age"] for row in rows(engine, events)}
    assert [ages[place] for place in sorted(ages)] == [1, 3, 2]


def test_a_customer_taken_with_a_doubt_is_told_by_its_line(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "customers", {"id": "c1", "age": 7}, {"id": "c2", "fone": "x"})

    result = run(customers_command, "import", file)

    assert result.stdout == "accepted 2, duplicates 0, refused 0\n"
    assert result.stderr.splitlines()[1:] == [
        "line 2: warning: /fone is no field that anything reads, did you mean 'phone'?"
    ]
