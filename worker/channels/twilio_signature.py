"""Did Twilio sign this call?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twilio.request_validator import (  # type: ignore[import-untyped]
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)


class _Form(dict[str, list[str]]):
    """Twilio's validator asks for every value of a name by this method."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def genuine(
    tokens: Iterable[str],
    *,
    url: str,
    form: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
) -> bool:
    """Whether one of the tokens signed this form for this URL: the public one, never the Host's.

    `headers` may be asked by any case of a name.
    """
    values = _Form()
    for name, value in form:
        values.setdefault(name, []).append(value)
    signature = headers.get(SIGNATURE_HEADER, "")
    algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER))
    # every token is tried, so that the time taken says nothing
    answers: list[Any] = [
        RequestValidator(token).validate(url, values, signature, algorithm) for token in tokens
    ]
    return any(answers)
