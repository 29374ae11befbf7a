"""A person before the console: signs in, opens pages, sends the forms that stand on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import Engine

from tests.worker.http.house import NOW
from worker.store.console_users import Role, add_user

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="form_token" value="(\w*)"')


@dataclass
class Visitor:
    """`client` keeps the cookies, as a browser does."""

    client: httpx.Client

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def post(self, path: str, page: str | None = None, **fields: Any) -> httpx.Response:
        """Send a form as it stands on the page, with that page's own token."""
        shown = self.get(page or path).text
        found = TOKEN.search(shown)
        token = found[1] if found else ""
        return self.client.post(path, data={"form_token": token, **fields})

    def sign_in(self, name: str, password: str = PASSWORD, to: str = "") -> httpx.Response:
        return self.post("/console/sign-in", name=name, password=password, to=to)


@cache
def cheaply_hashed() -> str:
    """A hash says what it cost, and to compare with it costs the same: here next to nothing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def with_users(engine: Engine) -> None:
    """One of each role, each named by it."""
    with engine.begin() as connection:
        for role in Role:
            add_user(connection, role.value, role, cheaply_hashed(), now=NOW)
