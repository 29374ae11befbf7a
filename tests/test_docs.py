"""Does what the documents show really work?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from triggers.configuration import read_configuration
from triggers.examples import run_examples
from triggers.verdicts import Reason
from worker.folder import read_folders
from worker.lifecycle import EventState, MessageState, OccurrenceState
from worker.settings import Settings

ROOT = Path(__file__).parents[1]
YAML = re.compile(r"^```yaml\n(trigger: (\w+)\n.*?)^```$", re.MULTILINE | re.DOTALL)
TEXT = re.compile(r"`(templates/[\w./]+)`:\n\n```jinja\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLAIN = ("twilio_from", "twilio_messaging_service_sid")
DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "triggers.md"]
SHOWN = [
    pytest.param(document, found[1], found[2], id=f"{document.name}:{found[2]}")
    for document in DOCUMENTS
    if document.exists()
    for found in YAML.finditer(document.read_text("utf-8"))
]


@pytest.mark.parametrize(("document", "text", "name"), SHOWN)
def test_a_trigger_shown_in_a_document_is_right_and_does_what_its_examples_say(
    document: Path, text: str, name: str
) -> None:
    files, _ = read_folders(ROOT / "config", ROOT / "templates")
    shown = dict(TEXT.findall(document.read_text("utf-8")))
    mine = {file: content for file, content in shown.items() if f"/{name}/" in file}

    configuration = read_configuration({**files, **mine, f"config/triggers/{name}.yaml": text})

    assert configuration.triggers[name].examples, "what is not tried proves nothing"
    assert [one for one in run_examples(configuration) if one] == []


def test_every_reason_is_explained() -> None:
    document = (ROOT / "docs" / "triggers.md").read_text("utf-8")

    assert [reason for reason in Reason if f"`{reason.value}`" not in document] == []


def test_every_state_is_explained() -> None:
    document = (ROOT / "docs" / "operations.md").read_text("utf-8")
    states = [*EventState, *OccurrenceState, *MessageState]

    assert [state for state in states if f"| `{state.value}` |" not in document] == []


def test_every_setting_is_explained() -> None:
    document = (ROOT / "README.md").read_text("utf-8")
    names = [
        name if name.startswith("twilio_a") or name in PLAIN else f"outreach_{name}"
        for name in Settings.model_fields
    ]

    assert [name.upper() for name in names if f"`{name.upper()}`" not in document] == []
