"""Does `outreach schema` write what editors take, for the configuration at hand?"""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path

import jsonschema_rs
from typer.testing import CliRunner, Result

from tests.triggers.configurations import bank
from tests.worker.test_check import lay
from worker.cli.schema import NotWritten, app, schema


def run(folder: Path, into: Path) -> Result:
    folders = ["--config", str(folder / "config"), "--templates", str(folder / "templates")]
    return CliRunner().invoke(app, [*folders, "--dir", str(into)])


def test_each_kind_of_file_gets_its_schema_and_the_editors_settings_are_printed(
    tmp_path: Path,
) -> None:
    lay(tmp_path, bank())
    into = tmp_path / "a/b"

    result = run(tmp_path, into)

    settings = json.loads(result.output)["yaml.schemas"]
    assert settings == {
        f"{into}/trigger.schema.json": f"{tmp_path}/config/triggers/*.yaml",
        f"{into}/outreach.schema.json": f"{tmp_path}/config/outreach.yaml",
        f"{into}/event.schema.json": f"{tmp_path}/config/events/*.yaml",
        f"{into}/customer.schema.json": f"{tmp_path}/config/customer.yaml",
    }
    for file in settings:
        schema = json.loads(Path(file).read_text("utf-8"))
        assert jsonschema_rs.Draft202012Validator({"$ref": schema["$schema"]}).is_valid(schema)
        assert jsonschema_rs.validator_for(schema)


def test_the_folder_they_go_to_unless_told_is_kept_out_of_git() -> None:
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text().splitlines()

    assert f"/{signature(schema).parameters['folder'].default}/" in ignored


def test_names_are_those_of_the_folder(tmp_path: Path) -> None:
    lay(tmp_path, bank({"config/events/parcel.lost.yaml": "event: parcel.lost\ndata: {}"}))

    run(tmp_path, tmp_path)

    trigger = json.loads((tmp_path / "trigger.schema.json").read_text("utf-8"))
    assert "parcel.lost" in trigger["properties"]["on"]["enum"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    lay(tmp_path, bank())

    result = run(tmp_path, tmp_path / "config/outreach.yaml/x")

    assert isinstance(result.exception, NotWritten)
