"""Does `outreach check` print every mistake, in the form asked for, and end as it should?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.triggers.configurations import HELLO, bank
from worker.cli.check import app

WRONG = {
    "config/triggers/hello.yaml": HELLO.replace("call.ended", "call.endd"),
    "templates/old/sms.en.txt": "Old, 100 % so.",
}


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def check(folder: Path, *options: str) -> Result:
    folders = ["--config", str(folder / "config"), "--templates", str(folder / "templates")]
    return CliRunner().invoke(app, [*folders, *options])


def test_what_is_right_ends_with_0_and_says_so(tmp_path: Path) -> None:
    lay(tmp_path, bank())

    result = check(tmp_path)

    assert result.exit_code == 0
    assert result.output.startswith("right: 2 triggers, configuration ")


def test_a_mistake_ends_with_1_and_is_printed_with_its_real_place(tmp_path: Path) -> None:
    lay(tmp_path, bank(WRONG))

    result = check(tmp_path)

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{tmp_path}/config/triggers/hello.yaml:2:5:"
        " unknown event type 'call.endd', did you mean 'call.ended'?",
        f"{tmp_path}/templates/old/sms.en.txt:1:1: warning: no trigger sends 'old'",
    ]


def test_json_is_one_object_a_line(tmp_path: Path) -> None:
    lay(tmp_path, bank(WRONG))

    result = check(tmp_path, "--format", "json")

    assert [json.loads(line) for line in result.output.splitlines()][1] == {
        "file": f"{tmp_path}/templates/old/sms.en.txt",
        "line": 1,
        "column": 1,
        "severity": "warning",
        "message": "no trigger sends 'old'",
    }


def test_annotations_are_shown_by_code_hosts(tmp_path: Path) -> None:
    wrong = {"config/triggers/hello.yaml": HELLO.replace("service", "5%, or so")}
    lay(tmp_path, bank({**WRONG, **wrong}))

    result = check(tmp_path, "--format", "annotations")

    assert result.output.splitlines() == [
        f"::error file={tmp_path}/config/triggers/hello.yaml,line=4,col=20::"
        "unknown category '5%25': write service or marketing",
        f"::error file={tmp_path}/config/triggers/hello.yaml,line=4,col=24::unknown key 'or so';"
        " known here: category, expires, cooldown, holdout, priority, pace, mode, ramp",
        f"::warning file={tmp_path}/templates/old/sms.en.txt,line=1,col=1::no trigger sends 'old'",
    ]


def test_a_file_that_cannot_be_read_refuses_the_whole(tmp_path: Path) -> None:
    lay(tmp_path, bank())
    (tmp_path / "config/outreach.yaml").write_bytes(b"\xff")

    result = check(tmp_path)

    assert result.exit_code == 1
    assert result.output == (
        f"{tmp_path}/config/outreach.yaml:1:1: cannot be read: byte 1 is not UTF-8\n"
    )


def test_folders_may_be_named_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, bank())
    monkeypatch.setenv("OUTREACH_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("OUTREACH_TEMPLATES_DIR", str(tmp_path / "templates"))

    assert CliRunner().invoke(app).exit_code == 0


def test_a_path_below_the_working_folder_is_relative_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, bank(WRONG))
    (tmp_path / "config").rename(tmp_path / "settings")
    monkeypatch.chdir(tmp_path)

    for named in ("settings", "./settings", str(tmp_path / "settings")):
        monkeypatch.setenv("OUTREACH_CONFIG_DIR", named)
        result = CliRunner().invoke(app, ["--format", "annotations"])

        first, second = result.output.splitlines()
        assert first.startswith("::error file=settings/triggers/hello.yaml,line=2,col=5::")
        assert second.startswith("::warning file=templates/old/sms.en.txt,line=1,")


def test_what_is_shipped_is_right() -> None:
    root = Path(__file__).parents[2]

    result = check(root)

    assert result.exit_code == 0, result.output
