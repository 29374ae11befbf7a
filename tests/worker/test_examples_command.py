"""Does `outreach test` show what does not hold, to people, to machines and to CI systems?"""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from tests.triggers.configurations import HELLO, bank
from tests.worker.test_check import lay
from worker.cli.examples import NoSuchTrigger, app
from worker.cli.junit import NotWritten

STORY = """\
  - name: "{name}"
    customer: {{id: c1, phone: "+972501234567", language: en, timezone: Asia/Jerusalem}}
    events: [{{at: 2026-11-03T12:00+02:00, type: call.ended, data: {{caller: c1}}}}]
    expect: [{{at: {at}, sms: {{contains: Hello}}}}]
"""
HOLDS = STORY.format(name="at once", at="2026-11-03T12:00+02:00")
FAILS = STORY.format(name="too <early> \\x07 & שלום", at="2026-11-03T11:00+02:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    trigger = f"{HELLO}examples:\n{HOLDS}{FAILS}"
    lay(tmp_path, bank({"config/triggers/hello.yaml": trigger}))
    return tmp_path


def run(folder: Path, *more: str) -> Result:
    folders = ["--config", str(folder / "config"), "--templates", str(folder / "templates")]
    return CliRunner().invoke(app, [*folders, *more])


def line_of_failing(folder: Path) -> str:
    lines = (folder / "config/triggers/hello.yaml").read_text().splitlines()
    [line] = [number for number, one in enumerate(lines, 1) if '- name: "too' in one]
    return str(line)


def test_people_see_what_was_expected_over_what_came(folder: Path) -> None:
    result = run(folder)
    line = line_of_failing(folder)

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{folder}/config/triggers/hello.yaml:{line}: hello: too <early> \x07 & שלום",
        '  - expected {"at": "2026-11-03T11:00+02:00", "sms": {"contains": "Hello"}}',
        "  + came     2026-11-03T12:00+02:00 sent sms +972501234567",
        "             Hello.",
        "      at another time than 2026-11-03T11:00+02:00",
        "1 example holds, 1 does not",
    ]


def test_machines_get_every_example_on_a_line(folder: Path) -> None:
    lines = [json.loads(line) for line in run(folder, "--format", "json").output.splitlines()]

    assert [(one["example"][:8], one["holds"]) for one in lines] == [
        ("at once", True),
        ("too <ear", False),
    ]
    [difference] = lines[1]["differences"]
    assert difference["came"]["at"] == "2026-11-03T10:00:00Z"
    assert difference["words"] == ["at another time than 2026-11-03T11:00+02:00"]


def test_ci_systems_get_a_well_formed_case_for_each_example(folder: Path) -> None:
    file = folder / "report.xml"

    run(folder, "--junit", str(file))

    root = ElementTree.parse(file).getroot()
    [suite] = root
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    held, failed = suite
    assert (held.get("classname"), held.get("name"), list(held)) == ("hello", "at once", [])
    assert failed.get("name") == "too <early> \ufffd & שלום"
    assert failed.get("file") == f"{folder}/config/triggers/hello.yaml"
    assert failed.get("line") == line_of_failing(folder)
    [failure] = failed
    assert failure.get("message") == "at another time than 2026-11-03T11:00+02:00"
    assert "  + came     2026-11-03T12:00+02:00 sent" in (failure.text or "")
    assert all(float(case.get("time", "-1")) >= 0 for case in suite)


def test_code_hosts_get_an_annotation_beside_the_failing_example(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)

    result = run(folder, "--format", "annotations")

    assert result.exit_code == 1
    place = f"file=config/triggers/hello.yaml,line={line_of_failing(folder)},col=1"
    [annotation] = result.output.splitlines()
    assert annotation.startswith(f"::error {place}::hello: too <early> ")
    assert annotation.endswith("%0A      at another time than 2026-11-03T11:00+02:00")


def test_paths_are_those_that_exist_whatever_the_folder_is_called(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "config").rename(folder / "settings")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OUTREACH_CONFIG_DIR", "settings")

    result = CliRunner().invoke(app, ["--junit", "report.xml"])

    assert result.output.startswith("settings/triggers/hello.yaml:")
    [suite] = ElementTree.parse("report.xml").getroot()
    assert {case.get("file") for case in suite} == {"settings/triggers/hello.yaml"}


def test_a_report_that_cannot_be_written_is_told(folder: Path) -> None:
    result = run(folder, "--junit", str(folder / "nowhere" / "report.xml"))

    assert isinstance(result.exception, NotWritten)


def test_triggers_are_chosen_by_name(folder: Path) -> None:
    result = run(folder, "plan_ending")

    assert (result.exit_code, result.output) == (0, "0 examples hold, 0 do not\n")


def test_a_name_that_is_none_is_told_with_the_one_that_was_meant(folder: Path) -> None:
    result = run(folder, "helo")

    assert isinstance(result.exception, NoSuchTrigger)
    assert str(result.exception) == "there is no trigger 'helo', did you mean 'hello'?"


def test_a_mistake_in_the_files_comes_first(folder: Path) -> None:
    (folder / "config/outreach.yaml").write_text("languages: [he]\n")

    result = run(folder)

    assert result.exit_code == 1
    assert f"{folder}/config/outreach.yaml:1:1: 'categories' is missing" in result.stderr
    annotated = run(folder, "--format", "annotations").stderr
    assert f"::error file={folder}/config/outreach.yaml,line=1,col=1::" in annotated
