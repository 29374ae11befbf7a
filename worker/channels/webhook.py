"""How is an event told to another system? One POST, signed as Standard Webhooks has it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import httpx
from pydantic import SecretStr

from worker.settings import SettingsWrong

PREFIX = "whsec_"
TIMEOUT = httpx.Timeout(10.0, connect=3.0)
CONTENT_TYPE = "application/cloudevents+json"


class NoSecret(ValueError):
    """A secret is whsec_ and base64 of 24 to 64 bytes."""


def signing_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise NoSecret(NoSecret.__doc__) from None
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise NoSecret(NoSecret.__doc__)
    return key


def secrets_of(
    given: Iterable[SecretStr], setting: str = "OUTREACH_WEBHOOK_SECRETS"
) -> Mapping[str, Sequence[str]]:
    """By name, from name=secret; SettingsWrong where one is not written so."""
    found: dict[str, list[str]] = {}
    for one in given:
        name, _, secret = one.get_secret_value().partition("=")
        try:
            signing_key(secret)
        except NoSecret as wrong:
            raise SettingsWrong(f"{setting}: name=secret; {wrong}") from None
        found.setdefault(name.strip(), []).append(secret)
    return found


def signed(id_: str, body: bytes, secrets: Sequence[str], *, now: datetime) -> dict[str, str]:
    """The three headers; one signature for each secret, so that they can be changed."""
    moment = str(int(now.timestamp()))
    content = f"{id_}.{moment}.".encode() + body
    made = [hmac.digest(signing_key(one), content, hashlib.sha256) for one in secrets]
    return {
        "webhook-id": id_,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made),
    }


class Webhook:
    """Posts; answers the status, or the error's class where there was no answer.

    `secrets`: by subscription, all that are good now.

    No redirect is followed and no proxy of the environment is asked: what is signed goes where
    the policy says and nowhere else. The body of an answer is not read.
    """

    def __init__(self, secrets: Mapping[str, Sequence[str]] | None = None) -> None:
        self.secrets = secrets or {}
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int | str:
        sent = {**headers, "content-type": CONTENT_TYPE, "user-agent": "outreach"}
        try:
            with self._client.stream("POST", url, content=body, headers=sent) as answer:
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__

    def close(self) -> None:
        self._client.close()
