"""Who may open the console of an installation that is new?"""

from __future__ import annotations

from sqlalchemy import Engine

from worker.settings import Settings
from worker.steps.first_admin import make_first_admin


def begin_console(engine: Engine, settings: Settings) -> None:
    """Make the console's first user, where there never was one."""
    given = settings.console_password
    make_first_admin(engine, settings.data_dir, given.get_secret_value() if given else None)
