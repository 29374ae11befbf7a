"""Which files do the folders of configuration and templates hold?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISLNK, S_ISREG

from triggers.mistakes import Mistake, quoted

MAX_FILE = 1_000_000
MAX_FILES = 5_000
BYTE_ORDER = "\ufeff"
SKIPPED = ("gallery", "samples", "watch", "__pycache__")
"""Folders that hold no configuration."""


def read_folders(config: Path, templates: Path) -> tuple[dict[str, str], list[Mistake]]:
    """Texts by the names `config/…` and `templates/…`, and what could not be read."""
    files: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for folder, root in (("config", config), ("templates", templates)):
        if not root.is_dir():
            mistakes.append(Mistake(folder, 1, 1, f"there is no folder {quoted(root)}"))
            continue
        whole = root.resolve()
        for name, path in _files(folder, whole, mistakes):
            if len(files) >= MAX_FILES:
                mistakes.append(Mistake(folder, 1, 1, f"more than {MAX_FILES} files"))
                break
            try:
                files[name] = _text(path, whole)
            except (OSError, ValueError) as error:
                mistakes.append(Mistake(name, 1, 1, f"cannot be read: {_why(error)}"))
    return files, mistakes


def _files(folder: str, root: Path, mistakes: list[Mistake]) -> Iterator[tuple[str, str]]:
    """Every file's name and path, and those of linked folders: they are read by nobody."""
    # texts and no Paths from here on: of thousands of files, making those took half the time

    def closed(error: OSError) -> None:
        mistakes.append(Mistake(folder, 1, 1, f"cannot be read: {_why(error)}"))

    for parent, folders, names in os.walk(root, onerror=closed):
        folders[:] = sorted(one for one in folders if _shown(one))
        linked = [one for one in folders if os.path.islink(os.path.join(parent, one))]
        below = Path(folder, Path(parent).relative_to(root)).as_posix()
        for name in sorted([*filter(_shown, names), *linked]):
            yield f"{below}/{name}", os.path.join(parent, name)


def _shown(name: str) -> bool:
    # editors leave file~ and #file# beside what they edit
    return not name.startswith((".", "#")) and not name.endswith("~") and name not in SKIPPED


def _text(path: str, root: Path) -> str:
    """ValueError for links that lead outside, for what is too large, and for what is no text."""
    found = os.lstat(path)
    # the walk goes through no linked folder, so that only a link itself can lead out
    if S_ISLNK(found.st_mode):
        if not Path(path).resolve(strict=True).is_relative_to(root):
            raise ValueError("a link that leads out of the folder")
        found = os.stat(path)
    if not S_ISREG(found.st_mode):
        raise ValueError("a link to a folder, or no file")
    if found.st_size > MAX_FILE:
        raise ValueError(f"larger than {MAX_FILE} bytes")
    with open(path, "rb", buffering=0) as file:
        content = file.read()
    return content.decode().removeprefix(BYTE_ORDER).replace("\r\n", "\n")


def _why(error: Exception) -> str:
    match error:
        case UnicodeDecodeError(start=start):
            return f"byte {start + 1} is not UTF-8"
        case OSError(strerror=str(said)):
            return said
        case _:
            return str(error)
