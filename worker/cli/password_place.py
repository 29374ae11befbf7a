"""Where does the first password of the console stand?"""

from __future__ import annotations

from worker.settings import Settings
from worker.steps.first_admin import FILE


def password_in(settings: Settings, *, made: bool = True) -> str:
    """`made`: only where it is there already; else where it will be."""
    if settings.console_password is not None:
        return "OUTREACH_CONSOLE_PASSWORD"
    file = settings.data_dir / FILE
    return str(file) if file.exists() or not made else ""
