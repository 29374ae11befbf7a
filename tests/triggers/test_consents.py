"""Is a customer's word on being written to read in every form, and does a refusal weigh more?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.consents import as_written
from triggers.customers import Consent
from triggers.profiles import consents_of, has_consent, is_refused

START = datetime(2026, 11, 1, tzinfo=UTC)
PROOF = {"wording": "Yes, write to me", "source": "branch form"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"marketing": True}, [Consent("marketing", True)]),
        ({"marketing": False}, [Consent("marketing", False)]),
        (["marketing"], [Consent("marketing", True)]),
        (False, [Consent("*", False)]),
        ({"marketing": {"given": False, "channel": "sms"}}, [Consent("marketing", False, "sms")]),
        (
            {"marketing": {"given": True, "channels": ["sms", "email"]}},
            [Consent("marketing", True, "sms"), Consent("marketing", True, "email")],
        ),
        ({"marketing": {"given": True, "channels": []}}, []),
        ({"marketing": {"given": False, "channels": []}}, [Consent("marketing", False)]),
        (
            {"marketing": {"sms": True, "email": {"given": False}}},
            [Consent("marketing", True, "sms"), Consent("marketing", False, "email")],
        ),
        (
            {"marketing": {**PROOF, "time": "2026-11-01T02:00:00+02:00"}},
            [Consent("marketing", True, None, PROOF["wording"], PROOF["source"], START)],
        ),
        (
            [{"category": "survey", "given": True, "channel": "email", "time": "yesterday"}],
            [Consent("survey", True, "email")],
        ),
        # what says nothing
        (None, []),
        (True, []),
        ("marketing", []),
        (7, []),
        ({"marketing": None}, []),
        ({"marketing": "yes"}, []),
        ({"marketing": {}}, []),
        ({"marketing": {"given": "true"}}, []),
        ({"marketing": {"given": None, "sms": "true"}}, []),
        ([7, None, {"given": True}, {"category": 5, "given": True}], []),
        (
            {"marketing": {"given": True, "time": "2026-11-01T00:00:00"}},
            [Consent("marketing", True)],
        ),
        (
            {"marketing": {"given": True, "time": "0001-01-01T00:00:00+14:00"}},
            [Consent("marketing", True)],
        ),
    ],
)
def test_consent_is_read_in_whichever_form_it_comes(
    written: object, expected: list[Consent]
) -> None:
    assert list(consents_of({"consent": written})) == expected


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=5)
        | st.sampled_from(["sms", "x"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["marketing", "given", "sms", "channel", "channels", "time", "category"]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_no_form_of_consent_breaks_the_reading_and_written_words_read_the_same(
    written: object,
) -> None:
    words = consents_of({"consent": written})

    assert set(consents_of({"consent": as_written(words)})) == set(words)


EARLY, LATE = START, START + timedelta(days=1)
GIVEN = Consent("marketing", True)
PROVEN = Consent("marketing", True, None, "Yes", "web", LATE)


@pytest.mark.parametrize(
    ("words", "consents", "refuses"),
    [
        ([], False, False),
        ([GIVEN], True, False),
        ([Consent("survey", True)], False, False),
        ([Consent("marketing", True, "sms")], True, False),
        ([Consent("marketing", True, "email")], False, False),
        ([Consent("marketing", False, "email"), GIVEN], True, False),
        ([Consent("marketing", False, "sms"), GIVEN], False, True),
        ([Consent("marketing", False), GIVEN], False, True),
        ([Consent("*", False), GIVEN], False, True),
        ([Consent("marketing", False, time=EARLY), PROVEN], True, False),
        ([Consent("marketing", False, time=LATE), PROVEN], False, True),
        ([Consent("marketing", False), PROVEN], False, True),
        ([Consent("*", False, time=EARLY), PROVEN], True, False),
        (
            [Consent("marketing", False, time=EARLY), Consent("marketing", True, time=LATE)],
            False,
            True,
        ),
        (
            [
                Consent("marketing", False, time=EARLY),
                Consent("marketing", True, None, None, "web", LATE),
            ],
            False,
            True,
        ),
    ],
)
def test_a_refusal_wins_but_over_a_later_consent_with_proof(
    words: list[Consent], consents: bool, refuses: bool
) -> None:
    assert has_consent(words, "marketing", "sms") is consents
    assert is_refused(words, "marketing", "sms") is refuses
