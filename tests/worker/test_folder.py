"""Which files of the two folders are read, and what is said of those that cannot be?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.folder import MAX_FILE, read_folders


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config/events").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "config/outreach.yaml").write_text("languages: [he]\n")
    return tmp_path / "config"


def read(config: Path) -> tuple[dict[str, str], list[str]]:
    files, mistakes = read_folders(config, config.parent / "templates")
    return files, [str(one) for one in mistakes]


def test_files_have_names_from_their_folder_on(config: Path) -> None:
    (config / "events/a.b.yaml").write_text("event: a.b\n")
    (config.parent / "templates/hello").mkdir()
    (config.parent / "templates/hello/sms.he.txt").write_text("שלום", "utf-8")

    assert read(config) == (
        {
            "config/outreach.yaml": "languages: [he]\n",
            "config/events/a.b.yaml": "event: a.b\n",
            "templates/hello/sms.he.txt": "שלום",
        },
        [],
    )


@pytest.mark.parametrize(
    "name", [".hidden.yaml", ".git/x.yaml", "samples/x.yaml", "a.yaml~", "#a.yaml#"]
)
def test_what_is_hidden_or_a_sample_or_an_editors_is_passed_over(config: Path, name: str) -> None:
    (config / name).parent.mkdir(exist_ok=True)
    (config / name).write_text("x")

    assert read(config) == ({"config/outreach.yaml": "languages: [he]\n"}, [])


def test_line_ends_and_byte_order_marks_of_other_systems_change_nothing(config: Path) -> None:
    (config / "outreach.yaml").write_bytes(b"\xef\xbb\xbflanguages: [he]\r\n")

    assert read(config)[0] == {"config/outreach.yaml": "languages: [he]\n"}


def test_a_link_inside_is_read_and_one_that_leads_out_is_told(config: Path) -> None:
    (config.parent / "secret.txt").write_text("secret")
    (config / "events/inside.yaml").symlink_to(config / "outreach.yaml")
    (config / "events/outside.yaml").symlink_to(config.parent / "secret.txt")
    (config / "events/folder").symlink_to(config.parent / "templates")
    (config / "events/again").symlink_to(config / "events")
    (config / "events/nowhere.yaml").symlink_to(config / "gone")

    files, mistakes = read(config)

    assert files["config/events/inside.yaml"] == "languages: [he]\n"
    assert "secret" not in "".join(files.values())
    assert mistakes == [
        "config/events/again:1:1: cannot be read: a link to a folder, or no file",
        "config/events/folder:1:1: cannot be read: a link that leads out of the folder",
        "config/events/nowhere.yaml:1:1: cannot be read: No such file or directory",
        "config/events/outside.yaml:1:1: cannot be read: a link that leads out of the folder",
    ]


def test_what_is_no_text_or_too_large_or_no_file_is_told(config: Path) -> None:
    (config / "events/a.yaml").write_bytes(b"abc\xff")
    (config / "events/b.yaml").write_bytes(b" " * (MAX_FILE + 1))
    os.mkfifo(config / "events/c.yaml")

    _, mistakes = read(config)

    assert mistakes == [
        "config/events/a.yaml:1:1: cannot be read: byte 4 is not UTF-8",
        f"config/events/b.yaml:1:1: cannot be read: larger than {MAX_FILE} bytes",
        "config/events/c.yaml:1:1: cannot be read: a link to a folder, or no file",
    ]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    files, mistakes = read_folders(tmp_path / "nothing", tmp_path)

    assert files == {}
    assert [one.file for one in mistakes] == ["config"]
