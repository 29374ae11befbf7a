"""Which role does each page and each action of the console ask for? The one table of them all."""

from __future__ import annotations

from collections.abc import Mapping

from worker.store.console_users import Role

# Who is nobody yet may come here; every other route of the console stands in ROLES.
OPEN = frozenset(
    {
        ("GET", "/console/sign-in"),
        ("POST", "/console/sign-in"),
        ("GET", "/console/static/{name}"),
    }
)

ROLES: Mapping[tuple[str, str], Role] = {
    ("GET", "/console"): Role.VIEWER,
    ("GET", "/console/duty"): Role.VIEWER,
    ("GET", "/console/account"): Role.VIEWER,
    ("POST", "/console/account/password"): Role.VIEWER,
    ("POST", "/console/sign-out"): Role.VIEWER,
    ("POST", "/console/duty/parked"): Role.OPERATOR,
    ("POST", "/console/duty/refused"): Role.OPERATOR,
    ("POST", "/console/duty/set-aside"): Role.OPERATOR,
    ("POST", "/console/duty/pause"): Role.OPERATOR,
    ("POST", "/console/duty/holds"): Role.OPERATOR,
    ("POST", "/console/duty/resume"): Role.OPERATOR,
    ("POST", "/console/duty/alarm"): Role.OPERATOR,
    ("GET", "/console/record"): Role.ADMIN,
    ("GET", "/console/users"): Role.ADMIN,
    ("POST", "/console/users/add"): Role.ADMIN,
    ("POST", "/console/users/role"): Role.ADMIN,
    ("POST", "/console/users/password"): Role.ADMIN,
    ("POST", "/console/users/remove"): Role.ADMIN,
    ("GET", "/console/customers"): Role.VIEWER,
    ("POST", "/console/customers"): Role.VIEWER,
    ("GET", "/console/customers/mail"): Role.VIEWER,
    ("POST", "/console/customers/erase"): Role.ADMIN,
    ("POST", "/console/customers/call"): Role.OPERATOR,
    ("GET", "/console/queue"): Role.VIEWER,
    ("GET", "/console/queue/{call}"): Role.VIEWER,
    ("POST", "/console/queue/{call}"): Role.OPERATOR,
    ("GET", "/console/triggers"): Role.VIEWER,
    ("GET", "/console/triggers/{name}"): Role.VIEWER,
    ("POST", "/console/triggers/pause"): Role.OPERATOR,
    ("POST", "/console/triggers/resume"): Role.OPERATOR,
    ("POST", "/console/triggers/backtest"): Role.OPERATOR,
    ("POST", "/console/triggers/plan"): Role.OPERATOR,
    ("GET", "/console/messages"): Role.VIEWER,
    ("POST", "/console/messages"): Role.VIEWER,
    ("GET", "/console/messages/mail"): Role.VIEWER,
    ("POST", "/console/messages/mail"): Role.VIEWER,
    ("POST", "/console/messages/send"): Role.OPERATOR,
    ("GET", "/console/report"): Role.VIEWER,
    ("GET", "/console/{rest:path}"): Role.VIEWER,
}
"""(method, path as the route spells it) -> the least role."""
