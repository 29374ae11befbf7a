"""What does the page of a message say?"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "messages.title": ("Message {name}", "ההודעה {name}"),
    "messages.all": ("Every message that a trigger sends", "כל ההודעות שטריגרים שולחים"),
    "messages.customer": (
        "Customer's id (empty: sample values)",
        "מזהה לקוח (ריק: ערכים לדוגמה)",
    ),
    "messages.show": ("Show", "להציג"),
    "messages.data": ("With an event of your own", "עם אירוע משלך"),
    "messages.json": ("The event's data, as JSON", "נתוני האירוע, כ־JSON"),
    "messages.sample": (
        "With sample values, as {trigger} would send it.",
        "עם ערכים לדוגמה, כפי ש־{trigger} ישלח אותה.",
    ),
    "messages.with": (
        "With what is known of {customer}, as {trigger} would send it.",
        "עם מה שידוע על {customer}, כפי ש־{trigger} ישלח אותה.",
    ),
    "messages.by.sms": ("SMS", "מסרון (SMS)"),
    "messages.by.email": ("Email", "דוא״ל"),
    "messages.by.agent": ("What a person reads who calls", "מה שהנציג קורא כשהוא מתקשר"),
    "messages.in.he": ("Hebrew", "עברית"),
    "messages.in.en": ("English", "אנגלית"),
    "messages.in.ar": ("Arabic", "ערבית"),
    "messages.in.ru": ("Russian", "רוסית"),
    "messages.falls_back": ("not written: {language} is sent", "לא נכתב: נשלח ב{language}"),
    "messages.failed": ("This would be parked:", "ההודעה הייתה מושהית:"),
    "messages.missing": ("Without a value here:", "ללא ערך כאן:"),
    "messages.fill_frame": ("Show the email in the frame", "להציג את הדוא״ל במסגרת"),
    "messages.plain": ("The same as plain text", "אותו תוכן כטקסט פשוט"),
    "messages.length": ("characters: {n}", "תווים: {n}"),
    "messages.segments": ("segments: {n}", "חלקים: {n}"),
    "messages.cost": ("cost:", "עלות:"),
    "messages.longest": (
        "at its longest: {n} characters, {segments} segments",
        "לכל היותר: {n} תווים, {segments} חלקים",
    ),
    "messages.send": ("Send it to my own phone", "לשלוח אליי לטלפון"),
    "messages.send_about": (
        "To a phone or an email of one of us, marked as a preview. It is on record in your name,"
        " and no cap or report counts it.",
        "לטלפון או לדוא״ל של מישהו מאיתנו, עם סימון שזו תצוגה מקדימה. הפעולה נרשמת על שמך, ואינה"
        " נספרת במכסות ובדוחות.",
    ),
    "messages.to": ("Phone or email", "טלפון או דוא״ל"),
    "messages.send_do": ("Send", "לשלוח"),
    "messages.sent": ("Sent.", "נשלח."),
    "messages.not_sent": ("Not sent:", "לא נשלח:"),
    "messages.unknown": ("No trigger sends such a message.", "אף טריגר אינו שולח הודעה כזאת."),
    "messages.nobody": (
        "Nobody of this id was ever heard of.",
        "לא ידוע על לקוח עם מזהה כזה.",
    ),
    "messages.no_language": (
        "This is none of the policy's languages.",
        "זו אינה אחת משפות המדיניות.",
    ),
    "messages.not_json": (
        "The data are not one JSON object.",
        "הנתונים אינם אובייקט JSON אחד.",
    ),
    "action.preview": ("sent a preview", "שליחת תצוגה מקדימה"),
}
