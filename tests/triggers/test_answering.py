"""Is everything done that a text asks for, and nothing that it does not?"""

from __future__ import annotations

import pytest

from triggers.answering import Call, Deeds, Objection, deeds_of, heard
from triggers.replies.meanings import Meaning, Scale
from triggers.replies.understanding import understand

HERS = {
    "STOP": Deeds(refuses=Objection.REPLY),
    "הסר": Deeds(refuses=Objection.REPLY),
    "stop. call me": Deeds(refuses=Objection.REPLY, call=Call.PERSON),
    "start": Deeds(lifts=True),
    "התחל": Deeds(lifts=True),
    "stop start": Deeds(refuses=Objection.UNCLEAR, call=Call.MAY_REFUSE),
    "נציג": Deeds(call=Call.PERSON),
    "wrong number": Deeds(refuses=Objection.WRONG_NUMBER, call=Call.WRONG_NUMBER),
    "wrong number, stop": Deeds(refuses=Objection.WRONG_NUMBER, call=Call.WRONG_NUMBER),
    "כבר שילמתי": Deeds(),
    "עזרה": Deeds(call=Call.HELP),
    "what is the weather": Deeds(call=Call.UNCLEAR),
    "": Deeds(call=Call.UNCLEAR),
    "enough with this already": Deeds(refuses=Objection.UNCLEAR, call=Call.MAY_REFUSE),
}


@pytest.mark.parametrize(("text", "deeds"), HERS.items())
def test_what_a_text_asks_for_is_done(text: str, deeds: Deeds) -> None:
    assert deeds_of(understand(text)) == deeds


def test_help_that_the_provider_has_given_needs_no_person() -> None:
    assert deeds_of(understand("HELP"), answered=True) == Deeds()


@pytest.mark.parametrize(
    ("text", "keyword", "deeds"),
    [
        ("arrêt", Meaning.STOP, Deeds(refuses=Objection.REPLY)),
        ("call me", Meaning.STOP, Deeds(refuses=Objection.REPLY, call=Call.PERSON)),
        ("bonjour", Meaning.START, Deeds(lifts=True)),
        ("enough with this already", Meaning.START,
         Deeds(refuses=Objection.UNCLEAR, call=Call.MAY_REFUSE)),
        ("STOP", Meaning.START, Deeds(refuses=Objection.REPLY)),
        ("call me", Meaning.HELP, Deeds(call=Call.PERSON)),
    ],
)  # fmt: skip
def test_a_keyword_of_the_providers_counts_but_lifts_no_doubt(
    text: str, keyword: Meaning, deeds: Deeds
) -> None:
    assert deeds_of(heard(understand(text), keyword)) == deeds


@pytest.mark.parametrize(
    ("text", "deeds"),
    [
        ("4", Deeds(answers=True)),
        ("ארבע", Deeds(answers=True)),
        ("the queue at the branch was long", Deeds(answers=True)),
        ("2, call me", Deeds(answers=True, call=Call.PERSON)),
        ("enough with this already", Deeds(refuses=Objection.UNCLEAR, call=Call.MAY_REFUSE)),
        ("STOP", Deeds(refuses=Objection.REPLY)),
    ],
)
def test_while_a_question_is_open_its_answer_is_nobodys_work(text: str, deeds: Deeds) -> None:
    reply = understand(text, Scale(1, 5))

    assert deeds_of(reply, open_question=True) == deeds
