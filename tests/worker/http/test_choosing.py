"""Does the preference page do what its reader chose, no more, and in whatever order it is read?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.worker.http.choosing import PHONE, Reader, house_of
from tests.worker.http.conftest import Open
from tests.worker.http.house import KEYS, NOW
from tests.worker.sending import rules
from tests.worker.small_world import rows
from triggers.customers import Customer
from triggers.preferences import wished, wishes_of
from triggers.profiles import consents_of, has_consent
from worker.clock import utc_now
from worker.store.engine import in_transaction
from worker.store.keys import take_in
from worker.store.suppressions import OptOut, suppress
from worker.store.tables import customer_history, events, refusals

POLICY = rules().policy
ALL = ["service", "nightly", "marketing"]


@pytest.fixture
def reader(engine: Engine, open_doors: Open) -> Reader:
    house = house_of(engine)
    in_transaction(engine, lambda c: take_in(c, KEYS, now=NOW))
    reader = Reader(house, open_doors(house, key=None, now=utc_now))
    reader.known_as()
    reader.written_to()
    return reader


def test_a_category_left_is_refused_at_that_address_alone(reader: Reader) -> None:
    page = reader.save(welcome=["service"])

    assert reader.refused == {"nightly"}
    assert 'role="status"' in page
    [word] = rows(reader.house.engine, refusals, "seq")
    assert (word.said, word.category, word.source) == ("refused", "nightly", "preference page")
    assert word.proof["shown"] == "Send me by email: nightly"
    told = [one.type for one in rows(reader.house.engine, events, "seq")]
    assert told.count("customer.updated") == 1


def test_agreeing_again_lifts_it_with_proof(reader: Reader) -> None:
    reader.save(welcome=["service"])

    reader.save(welcome=["service", "nightly"])

    assert reader.refused == set()
    assert [one.said for one in rows(reader.house.engine, refusals, "seq")] == ["refused", "agreed"]


def test_agreeing_to_one_thing_after_leaving_all_leaves_the_rest_refused(reader: Reader) -> None:
    reader.client.post(reader.path)

    reader.save(welcome=["nightly"])

    assert reader.refused == {"service", "marketing"}


def test_advertising_comes_only_after_a_tick_and_that_tick_is_its_proof(reader: Reader) -> None:
    reader.save(welcome=ALL, language="he")

    [word] = consents_of(reader.profile())
    assert (word.category, word.channel, word.given) == ("marketing", "email", True)
    assert word.wording == "לשלוח אליי בדואר אלקטרוני: הצעות ופרסומות"
    assert word.source == "preference page"
    assert word.time is not None
    assert has_consent([word], "marketing", "email")
    assert not has_consent([word], "marketing", "sms")


def test_a_refusal_in_the_profile_is_lifted_by_the_readers_own_tick(reader: Reader) -> None:
    reader.known_as(consent=[{"category": "service", "given": False}, "marketing"])
    assert 'value="service" checked' not in reader.client.get(reader.path).text

    reader.save(welcome=ALL)

    consents = consents_of(reader.profile())
    assert has_consent(consents, "service", "email")
    assert has_consent(consents, "marketing", "sms"), "what was agreed before stays"


def test_what_a_complaint_has_stopped_no_tick_opens_and_the_page_says_so(reader: Reader) -> None:
    blocked = OptOut(reader.hashed, "provider complaint", utc_now())
    in_transaction(reader.house.engine, lambda c: suppress(c, [blocked]))

    page = reader.save(welcome=ALL)

    assert "*" in reader.refused
    assert "consent" not in reader.profile()
    assert "only a person" in page
    assert " checked" not in page.partition("</fieldset>")[0]


def test_own_wishes_become_the_profiles_by_an_event_as_a_put_does(reader: Reader) -> None:
    reader.save(welcome=["service", "nightly"], order="email", resting="1")
    reader.save(welcome=["service", "nightly"], order="sms-email", person="1")

    profile = reader.profile()
    assert profile["channels"] == ["sms", "email"]
    assert profile["quiet"] == {"shabbat": False, "holidays": False}
    assert Customer("c1", profile).agent_only
    assert rows(reader.house.engine, customer_history, "seq")[-1].source == "customers-api"


def test_what_was_not_changed_is_not_said(reader: Reader) -> None:
    before = reader.profile()

    reader.save(welcome=["service", "nightly"], order="")

    assert reader.profile() == before
    assert len(rows(reader.house.engine, events, "seq")) == 1


def test_a_category_that_the_page_did_not_show_stays_as_it_was(reader: Reader) -> None:
    reader.save(welcome=["service"], shown=["service", "unheard-of"])

    assert reader.refused == set()


def test_an_address_of_two_customers_changes_the_profile_of_neither(reader: Reader) -> None:
    reader.known_as("c2")

    page = reader.save(welcome=["service"], person="1", order="sms")

    assert "More than one customer" in page
    assert 'name="order"' not in page
    assert reader.refused == {"nightly", "marketing"}
    assert [reader.profile(one).get("agent_only") for one in ("c1", "c2")] == [None, None]


def test_an_address_that_is_nobodys_any_more_still_refuses(reader: Reader) -> None:
    reader.known_as(email="other@mail.example")

    page = reader.save(welcome=["service"], person="1")

    assert reader.refused == {"nightly", "marketing"}
    assert "agent_only" not in reader.profile()
    assert 'name="person"' not in page


def test_one_click_leaves_all_of_that_channel_and_says_so(reader: Reader) -> None:
    answer = reader.client.post(reader.path, data={"List-Unsubscribe": "One-Click"})

    assert reader.refused == {"*"}
    assert "You are unsubscribed" in answer.text
    assert "set-cookie" not in answer.headers
    by_sms = Reader(reader.house, reader.client, "sms", PHONE)
    assert by_sms.refused == set()


@pytest.mark.parametrize(
    ("asked", "known", "shown"),
    [("", "he", "he"), ("", "he-IL", "he"), ("en", "he", "en"), ("he", "en", "he"),
     ("fr", "en", "en"), ("", "fr", "he")],
)  # fmt: skip
def test_the_page_speaks_the_customers_language_and_the_other_is_one_click_away(
    reader: Reader, asked: str, known: str, shown: str
) -> None:
    reader.known_as(language=known)

    page = reader.client.get(reader.path, params={"language": asked}).text

    assert f'<html lang="{shown}" dir="{"rtl" if shown == "he" else "ltr"}">' in page
    assert f'href="?language={"en" if shown == "he" else "he"}"' in page


def test_before_anything_is_configured_one_may_leave(reader: Reader) -> None:
    reader.house.current = None

    assert "<form" in reader.client.get(reader.path).text
    assert reader.client.post(reader.path, data={"action": "save"}).status_code == 200
    assert reader.refused == {"*"}


def test_the_page_shows_nobodys_name_number_or_address(reader: Reader) -> None:
    page = reader.client.get(reader.path).text

    assert all(word not in page for word in (PHONE, "dana@", "c1", reader.hashed.hash))


FORMS = st.dictionaries(
    st.sampled_from(["welcome", "shown", "own", "order", "language", "resting", "person", "x"]),
    st.lists(st.sampled_from([*ALL, "sms", "sms-email", "he", "en", "", "1", "<b>", "*"])),
)


@given(form=FORMS)
def test_whatever_a_form_says_only_known_things_are_wished(form: dict[str, list[str]]) -> None:
    before = wishes_of({"consent": ["marketing"]}, POLICY, "email", ())

    after = wished(form, POLICY, before)

    assert after.welcome <= set(ALL)
    assert before.welcome - after.welcome <= set(form.get("shown", ()))
    assert after.order in ("", "sms", "sms-email")
    assert after.language in ("", "en")
