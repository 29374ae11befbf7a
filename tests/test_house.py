"""Does the project keep its own promises, those that neither ruff nor mypy can see?"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 300
# One description of all tables is read beside the migrations as one; it holds no code.
LONGER = {"worker/store/tables.py": 800}
LONGEST_FUNCTION = 45
TEXTS = frozenset(".py .toml .yml .yaml .md .txt .html .j2 .sh .cfg .ini .lock .jsonl".split())

PURE_NEEDS = frozenset(
    "astral holidays idna jinja2 jsonschema_rs markupsafe orjson phonenumbers pyluach triggers"
    " tzdata yaml".split()
)
WORLDLY = frozenset("logging multiprocessing os socket sqlite3 subprocess time urllib".split())

FORBIDDEN_IN_PRODUCT = {
    r"\bcountdown\s*=": "waits are columns, never countdowns",
    r"\beta\s*=": "waits are columns, never ETAs",
    r"\.retry\(": "retries are rows",
    r"\butcnow\(": "a time has a zone",
    r"datetime\.now\(\s*\)": "a time has a zone",
    r"\btime\.sleep\(": "nothing sleeps; wait on what wakes you",
    r"celery.*import.*\b(chain|chord|group)\b": "no canvas",
}
# Written in pieces, so that this file does not name what it forbids.
FORBIDDEN_ANYWHERE = {
    r"/wor" + r"k/(main|shared)": "a path of one machine",
    r"/tmp/t" + r"ry\b": "a path of one machine",
    r"(^|[\s\"'=])/ro" + r"ot/": "a path of one machine",
    r"/home/[a-z]+/": "a path of one machine",
    r"https?://(pypi|files\.python" + r"hosted)\b": "a package registry",
    r"--(extra-)?index" + r"-url": "a package registry",
    r"--find" + r"-links": "a package registry",
}


def tracked() -> list[Path]:
    """What is committed or about to be; every file where this is not a git checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


FILES = tracked()
PYTHON = [path for path in FILES if path.suffix == ".py"]
PRODUCT = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in ("triggers", "worker")]
NAMED = [path for path in FILES if path.suffix in TEXTS or path.suffix == ""]


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_files_are_short() -> None:
    lengths = {place(path): len(path.read_text().splitlines()) for path in PYTHON}
    long = {name: length for name, length in lengths.items() if length > LONGEST_FILE}
    assert {name for name, length in long.items() if length > LONGER.get(name, 0)} == set()


def test_every_file_opens_with_the_question_it_answers() -> None:
    texts = {place(path): path.read_text() for path in PYTHON}
    assert [
        name for name, text in texts.items() if text and not ast.get_docstring(ast.parse(text))
    ] == []


def test_functions_are_short() -> None:
    long = [
        f"{place(path)}: {function.name}"
        for path in PRODUCT
        if "migrations" not in path.parts  # what a migration does is one list
        for function in functions(ast.parse(path.read_text()))
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_no_word_stands_that_would_break_a_promise() -> None:
    found = [
        f"{place(path)}: {why}"
        for path in PRODUCT
        for word, why in FORBIDDEN_IN_PRODUCT.items()
        if re.search(word, path.read_text())
    ]
    assert found == []


def test_what_decides_needs_nothing_of_the_world() -> None:
    known = sys.stdlib_module_names - WORLDLY | PURE_NEEDS
    foreign = [
        f"{place(path)}: {name}"
        for path in PRODUCT
        if "triggers" in path.relative_to(ROOT).parts
        for name in imported(ast.parse(path.read_text()))
        if name.partition(".")[0] not in known and name != "urllib.parse"
    ]
    assert foreign == []


def test_nothing_names_one_machine_or_a_registry() -> None:
    found = [
        f"{place(path)}:{number}: {why}"
        for path in NAMED
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        for word, why in FORBIDDEN_ANYWHERE.items()
        if re.search(word, line)
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_by_hash_and_names_no_address(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pins = [line for line in lines if line and line[0] not in " #"]
    assert pins
    assert [pin for pin in pins if "==" not in pin or not pin.endswith("\\")] == []
    assert not any("://" in line or line.startswith("-") for line in lines)


def test_the_locks_agree() -> None:
    def pinned(name: str) -> dict[str, str]:
        found = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(), re.M)
        return dict(found)

    runtime, development = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert runtime.items() <= development.items()
