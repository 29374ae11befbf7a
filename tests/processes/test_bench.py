"""Do the benchmarks still run, and is what they measure told as it is?"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bench import brief, plan
from bench.__main__ import PAGES
from bench.measuring import Sample, Watch, interleaved, megabytes, ratio, tree
from bench.recording import KEPT, Record, this_machine
from bench.results import Ratio, Result, at_least, at_most, from_json, to_json
from bench.table import BEGIN, END, tables, write
from bench.workloads import WORKLOADS
from tests.processes.compose import ROOT

RESULT = Result(
    "stream", "accept → decided", "events/s", [6100.0, 5900.0, 6400.0], at_least(6000),
    cpu={"worker": 0.12, "PostgreSQL": 0.05}, memory={"worker": 300.0},
    ratios=[Ratio("the usual design", [8.5, 7.0, 9.0], at_least(8))], note="In the morning.",
)  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        ("bench.accept_to_decided", "--sqlite", "--events", "200"),
        ("bench.deciding", "--events", "200", "--triggers", "20"),
        ("bench.reporting", "--events", "2000", "--times", "1"),
    ],
)
def test_a_benchmark_runs_to_its_end_and_prints_figures(command: tuple[str, ...]) -> None:
    assert "events/s" in run(*command)


def test_the_benchmark_of_explaining_runs_to_its_end_and_prints_how_long_it_took() -> None:
    assert run("bench.explaining", "--sqlite", "--events", "50").count("median") == 3


@pytest.mark.full
@pytest.mark.timeout(500)
def test_the_yardsticks_run_beside_ours_and_what_they_showed_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"

    told = run("bench", "--quick", "--only", "stream,pipeline", "--into", str(kept))

    assert "x the usual Celery design" in told
    found = {row.result.figure: row.result for row in Record(kept).rows()}
    assert {one.workload for one in found.values()} == {"stream", "pipeline"}
    assert [one.to for one in found["accept → decided, from the stream, PostgreSQL"].ratios] == [
        "the usual Celery design", "the raw loop",
    ]  # fmt: skip


def test_every_workload_is_there() -> None:
    modules = [import_module(entry.module) for entry in WORKLOADS.values()]

    assert [one.__name__ for one in modules if not callable(getattr(one, "workload", None))] == []


def test_a_result_is_read_as_it_was_kept(tmp_path: Path) -> None:
    record = Record(tmp_path / "kept.jsonl")

    record.add(RESULT, load=0.25)

    [row] = record.rows()
    assert row.result == RESULT
    assert row.load == 0.25
    assert from_json(to_json(RESULT)) == RESULT


def test_a_workload_s_rows_are_replaced_and_others_stay(tmp_path: Path) -> None:
    record = Record(tmp_path / "kept.jsonl")
    record.add(RESULT, load=0)
    record.add(Result("idle", "idle", "%", [0.5]), load=0)

    record.forget("stream")
    record.add(Result("stream", "anew", "events/s", [7000.0]), load=0)

    assert [row.result.figure for row in record.rows()] == ["idle", "anew"]


def test_the_table_says_whether_a_goal_is_met_by_the_median(tmp_path: Path) -> None:
    record = Record(tmp_path / "kept.jsonl")
    record.add(RESULT, load=0)
    record.add(Result("idle", "idle", "% of a core", [1.5], at_most(1)), load=0)

    told = tables(record)

    assert "| ≥ 6,000 events/s | 6,100 (5,900–6,400) events/s |" in told
    assert "8.50 × the usual design (7.00–9.00) (goal ≥ 8.00: met) | met |" in told
    assert "| ≤ 1.00 % of a core | 1.50 % of a core |  | **not met** |" in told
    assert "| accept → decided | 0.12 (300) | 0.05 |" in told


def test_a_workload_measured_anew_keeps_its_place(tmp_path: Path) -> None:
    record = Record(tmp_path / "kept.jsonl")
    for name in ("idle", "stream"):
        record.add(replace(RESULT, workload=name, figure=name), load=0)

    told = tables(record)

    assert told.index("| stream.") < told.index("| idle.")


def test_only_what_stands_between_the_marks_of_the_document_changes(tmp_path: Path) -> None:
    document, record = tmp_path / "performance.md", Record(tmp_path / "kept.jsonl")
    document.write_text(f"before\n{BEGIN}old\n{END}after\n")
    record.add(RESULT, load=0)

    write(record, document)

    assert document.read_text() == f"before\n{BEGIN}{tables(record)}{END}after\n"


def test_the_documents_show_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    record = Record(KEPT)

    for page in PAGES:
        copy = tmp_path / page.DOCUMENT.name
        copy.write_text(page.DOCUMENT.read_text("utf-8"), "utf-8")
        page.write(record, copy)
        assert copy.read_text("utf-8") == page.DOCUMENT.read_text("utf-8")


def test_the_plan_is_the_measured_cost_at_three_times_the_average() -> None:
    costs = {"worker": 0.12, "PostgreSQL": 0.06, "Redis": 0.01, "api": 0.05, "sender": 0.4}
    rows = {name: Result("x", name, "", [1.5], cpu=costs) for name in plan.NEEDED}

    told = plan.told(rows)

    # 34,722 a second, a core busy to six tenths; of messages one for twenty events
    assert "| 1,000 million | 34,722 | 7 | 3, 3 | 2 | 4 | 45.0 |" in told
    # what events and messages cost PostgreSQL is added up before it is cores
    assert "| 1 million | 35 | 1 | 1, 1 | 1 | 1 |" in told


def test_without_measurements_there_is_no_plan() -> None:
    assert plan.told({}) == plan.NOTHING


def test_the_readme_shows_the_medians_and_what_they_are_beside(tmp_path: Path) -> None:
    record, document = Record(tmp_path / "kept.jsonl"), tmp_path / "README.md"
    document.write_text(f"{BEGIN}old\n{END}")
    for name in brief.SHOWN:
        assert document.read_text() == f"{BEGIN}old\n{END}"
        record.add(replace(RESULT, figure=name), load=0)
        brief.write(record, document)

    row = "| 6,100 (5,900–6,400) events/s | 8.50 × the usual design |"
    assert document.read_text().count(row) == len(brief.SHOWN)


def test_the_machine_is_described_without_its_name_or_a_path() -> None:
    told = json.dumps(this_machine(postgres="18", redis="9"))

    assert os.uname().nodename not in told
    assert "/" not in told


def busy(seconds: float, done: Any) -> None:
    """A child that computes; it waits to be looked at."""
    while time.process_time() < seconds:
        pass
    done.send("done")
    done.recv()


def test_cpu_and_memory_are_those_of_a_tree_and_all_below_it() -> None:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    child = multiprocessing.get_context("spawn").Process(target=busy, args=(0.3, theirs))

    with Watch({"all": [os.getpid()], "none": []}, seconds=0.05) as watch:
        child.start()
        assert ours.recv() == "done"
        assert child.pid in tree(os.getpid())
        alone = megabytes(os.getpid())
    ours.send("end")
    child.join()

    assert 0.3 <= watch.cpu["all"] < 60
    assert watch.peak["all"] > alone > 0
    assert watch.cpu["none"] == 0
    assert watch.sample(1.0, per=100).cpu["all"] == pytest.approx(10 * watch.cpu["all"])


def test_by_turns_each_comes_first_and_pairs_are_of_one_round() -> None:
    said: list[str] = []

    def runs(name: str) -> Sample:
        said.append(name)
        return Sample(float(len(said)))

    found = interleaved(2, {"ours": lambda: runs("ours"), "usual": lambda: runs("usual")})

    assert said == ["ours", "usual", "usual", "ours"]
    assert ratio(found["ours"], "usual", found["usual"]).samples == [1 / 2, 4 / 3]


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, check=False, timeout=400
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
