"""Which key signs our links, when nobody gave one? `outreach run` makes its own and keeps it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from worker.settings import Settings, SettingsWrong

FILE = "secret.key"


def with_signing_key(settings: Settings, *, make: bool = False) -> Settings:
    """The settings with a signing key: the environment's, else the machine's own.

    SettingsWrong where there is none and none may be made: two processes must sign alike.
    """
    if settings.secret_key:
        return settings
    path = settings.data_dir / FILE
    if make:
        _make(path)
    try:
        key = path.read_text().strip()
    except FileNotFoundError:
        raise SettingsWrong(
            "OUTREACH_SECRET_KEY: is missing; every process of one installation needs the same"
        ) from None
    return settings.model_copy(update={"secret_key": (SecretStr(key),)})


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
