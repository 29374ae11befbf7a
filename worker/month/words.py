"""What do the month's customers write, and what do the people who call them note?"""

from __future__ import annotations

THANKS = {"he": ("תודה", "תודה רבה, סודר"), "en": ("Thanks", "thank you, done")}
STOPS = {"he": ("הסר", "תפסיקו לשלוח לי"), "en": ("STOP", "please stop texting me")}
PERSONS = {
    "he": ("תתקשרו אליי בבקשה", "אפשר לדבר עם נציג?"),
    "en": ("Please call me", "can I talk to a person?"),
}
UNCLEAR = {
    "he": ("לא הבנתי מה צריך לשלוח", "כבר שילמתי אתמול בסניף"),
    "en": ("which papers do you need?", "I paid this at the branch yesterday"),
}
DOUBTFUL = {
    "he": ("נמאס לי כבר מההודעות האלה",),
    "en": ("enough of these messages already",),
}
WRONG = {"he": ("טעות במספר",), "en": ("wrong number",)}
REPLIES = (
    (0.30, THANKS), (0.16, STOPS), (0.22, PERSONS), (0.20, UNCLEAR), (0.07, DOUBTFUL), (0.05, WRONG)
)  # fmt: skip
"""What is written, and how often among those who write."""

REMARKS = {
    "he": {True: "פתרו לי את העניין, תודה", False: "חיכיתי הרבה זמן ולא קיבלתי תשובה"},
    "en": {True: "It was settled at once", False: "I waited long and nothing was settled"},
}
"""By language, of who was content and who was not."""

NOTES = ("Renewed on the phone.", "Explained; wants to think.", "Settled.", "Sent the form again.")
NO_ANSWER = "No answer, twice."
