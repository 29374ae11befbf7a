"""What does one language say in which words?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triggers.replies.meanings import Meaning

Said = Mapping[Meaning, str]


@dataclass(frozen=True, slots=True)
class Table:
    """Phrases, one a line, in the notation of triggers/replies/phrases.py.

    `joined` writes two words as one that means the same, in all else of the table too. Of
    `courtesies` a clause may have any number at both ends.

    `alone` means it when nothing else but courtesy is said, `as_clause` when it is a whole clause,
    `anywhere` wherever it stands and no negation stands just before. `innocent` phrases hold a word
    of refusal that is none; `doubtful` ones may refuse, `doubtful_alone` only with nothing else.
    `near` are words whose misspelling is doubtful, `not_near` the good words beside them.
    """

    families: Mapping[str, str]
    joined: str
    courtesies: str
    negations: str
    alone: Said
    as_clause: Said
    anywhere: Said
    innocent: str
    doubtful: str
    doubtful_alone: str
    near: str = ""
    not_near: str = ""
