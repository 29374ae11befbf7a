"""What does the preference page say, in each of its languages?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language of the page. `{channel}` and `{name}` stand for what differs."""

    language: str
    direction: str
    name: str
    texts: Mapping[str, str]
    categories: Mapping[str, str]
    channels: Mapping[str, str]
    orders: Mapping[str, str]


HEBREW = Words(
    language="he",
    direction="rtl",
    name="עברית",
    texts={
        "title": "איך לפנות אליך",
        "lead": "כאן בוחרים אילו הודעות יגיעו אליך {channel}, ואיך.",
        "shared": "הכתובת משמשת יותר מלקוח אחד, ולכן אפשר לבחור כאן רק מה יגיע אליה.",
        "topics": "מה לשלוח אליי {channel}",
        "order": "באיזו דרך לפנות אליי",
        "any": "כפי שנוח לשולח",
        "language": "שפת ההודעות",
        "hours": "מתי ואיך",
        "resting": "לא להפריע בשבת ובחגים",
        "person": "שאדם יתקשר אליי במקום הודעות",
        "save": "לשמור את הבחירה",
        "leave_title": "להפסיק את כל ההודעות",
        "leave_text": "בלחיצה אחת לא נשלח עוד שום הודעה אל הכתובת הזאת {channel}.",
        "leave": "להסיר אותי מהכול",
        "saved": "הבחירה נשמרה.",
        "left": "הוסרת. לא נשלח עוד הודעות אל הכתובת הזאת {channel}.",
        "held": "חלק מהבחירה לא נכנס לתוקף: הכתובת נחסמה, ורק אדם יכול לפתוח אותה.",
        "unknown_title": "הקישור אינו תקין",
        "unknown": "ייתכן שהוא הועתק רק בחלקו. אפשר גם להשיב להודעה במילה הסר.",
        "call": "אפשר גם לדבר עם אדם:",
        "wording": "לשלוח אליי {channel}: {name}",
    },
    categories={
        "service": "הודעות שירות על מה שקורה אצלי",
        "marketing": "הצעות ופרסומות",
        "survey": "שאלות קצרות על השירות",
    },
    channels={"sms": "במסרון", "email": "בדואר אלקטרוני"},
    orders={
        "sms-email": "קודם מסרון, ואם אין דרך אחרת דואר אלקטרוני",
        "email-sms": "קודם דואר אלקטרוני, ואם אין דרך אחרת מסרון",
        "sms": "רק מסרון",
        "email": "רק דואר אלקטרוני",
    },
)

ENGLISH = Words(
    language="en",
    direction="ltr",
    name="English",
    texts={
        "title": "How we may write to you",
        "lead": "Choose which messages reach you {channel}, and how.",
        "shared": "More than one customer uses this address, so here you choose only what comes"
        " to it.",
        "topics": "What to send me {channel}",
        "order": "Which way to reach me",
        "any": "Whichever suits the sender",
        "language": "Language of the messages",
        "hours": "When and how",
        "resting": "Do not disturb me on the Sabbath and holidays",
        "person": "Let a person call me instead of messages",
        "save": "Save my choice",
        "leave_title": "Stop all messages",
        "leave_text": "One click, and nothing more will be sent to this address {channel}.",
        "leave": "Unsubscribe from everything",
        "saved": "Your choice is saved.",
        "left": "You are unsubscribed. Nothing more will be sent to this address {channel}.",
        "held": "Part of your choice is not in force: the address is blocked, and only a person"
        " can open it.",
        "unknown_title": "This link is not valid",
        "unknown": "Perhaps it was copied in part. You can also answer the message with STOP.",
        "call": "You can also talk to a person:",
        "wording": "Send me {channel}: {name}",
    },
    categories={
        "service": "Service messages about what happens on my account",
        "marketing": "Offers and advertisements",
        "survey": "Short questions about the service",
    },
    channels={"sms": "by text message", "email": "by email"},
    orders={
        "sms-email": "Text message first, email if there is no other way",
        "email-sms": "Email first, text message if there is no other way",
        "sms": "Text message only",
        "email": "Email only",
    },
)

WORDS: Mapping[str, Words] = {one.language: one for one in (HEBREW, ENGLISH)}

LANGUAGES: Mapping[str, str] = {
    "he": "עברית",
    "en": "English",
    "ar": "العربية",
    "ru": "Русский",
    "fr": "Français",
    "am": "አማርኛ",
    "es": "Español",
    "uk": "Українська",
}
"""The languages of messages by their own names; another one is shown by its code."""
