"""Who are the customers of the month? Nobody: their names, numbers and addresses are invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from worker.month.luck import Luck

FIRST_NUMBER = 500_001_000
"""After +972; a range that is not given out. The samples' own people have lower ones."""

HEBREW = (
    ("נועה", "noa"), ("דניאל", "daniel"), ("מאיה", "maya"), ("יוסף", "yosef"), ("תמר", "tamar"),
    ("איתי", "itay"), ("שירה", "shira"), ("עומר", "omer"), ("יעל", "yael"), ("אורי", "uri"),
    ("רוני", "roni"), ("אביגיל", "avigail"), ("משה", "moshe"), ("רחל", "rachel"), ("גיא", "guy"),
    ("הילה", "hila"), ("אלון", "alon"), ("מיכל", "michal"), ("נדב", "nadav"), ("ליאור", "lior"),
)  # fmt: skip
ENGLISH = (
    "Emma", "James", "Olivia", "Samir", "Grace", "Leo", "Anna", "Victor", "Lena", "Amir", "Sofia",
    "Paul",
)  # fmt: skip
WORDING = {"he": "אני מאשר/ת לקבל הצעות", "en": "Send me offers"}
AGREED_AT = "2026-01-05T10:00:00Z"


@dataclass(frozen=True, slots=True)
class Person:
    """`unreachable`: the number is not in use, which nobody knows before the first message."""

    id: str
    profile: Mapping[str, Any]
    unreachable: bool

    @property
    def phone(self) -> str | None:
        return self.profile.get("phone")

    @property
    def email(self) -> str | None:
        return self.profile.get("email")

    @property
    def hebrew(self) -> bool:
        return bool(self.profile["language"] == "he")


def make_people(luck: Luck, number: int) -> list[Person]:
    return [_person(index, luck.of("person", str(index))) for index in range(number)]


def _person(index: int, draw: Random) -> Person:
    id_ = f"d{index + 1:04}"
    language = "he" if draw.random() < 0.7 else "en"
    name, latin = draw.choice(HEBREW) if language == "he" else _english(draw)
    profile: dict[str, Any] = {
        "id": id_,
        "first_name": name,
        "language": language,
        "age": min(95, max(18, round(draw.gauss(47, 17)))),
        "churn_score": round(draw.random() ** 2, 2),
        "tenure_days": draw.randint(20, 4000),
    }
    reached = draw.random()
    if reached < 0.93:
        profile["phone"] = f"+972{FIRST_NUMBER + index}"
    if reached > 0.25:
        profile["email"] = f"{latin}.{id_}@customer.example"
    if draw.random() < 0.85:
        given = {"wording": WORDING[language], "source": "website", "time": AGREED_AT}
        profile["consent"] = {"marketing": given}
    if language == "en" and draw.random() < 0.2:
        profile["timezone"] = "Europe/London"
    return Person(id_, profile, unreachable=draw.random() < 0.03)


def _english(draw: Random) -> tuple[str, str]:
    name = draw.choice(ENGLISH)
    return name, name.lower()
