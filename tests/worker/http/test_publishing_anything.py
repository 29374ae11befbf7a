"""Does any request at all get an answer that is no error of ours?"""

from __future__ import annotations

import json

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.worker.http.house import event
from worker.http.envelopes import BATCHED, STRUCTURED

HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "ce-id", "ce-source", "ce-type", "ce-time", "ce-x", "ce-"]),
    st.sampled_from([STRUCTURED, BATCHED, "application/json", "%", '"', "a", "\\", "", ";"]),
)
BODIES = st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*event(), "x"]), inner),
).map(lambda value: json.dumps(value).encode())


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers=HEADERS, body=BODIES)
def test_whatever_is_sent_gets_an_answer_that_is_no_failure_of_ours(
    client: httpx.Client, headers: dict[str, str], body: bytes
) -> None:
    answer = client.post("/v1/events", content=body, headers=headers)

    assert answer.status_code in {200, 202, 400, 413, 415, 422}
    if not answer.is_success:
        assert answer.headers["content-type"] == "application/problem+json"
