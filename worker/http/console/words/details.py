"""How are the details of alarms and refusals told?"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "detail.silence": (
        "nothing since {at}; at these hours of other weeks {n} or more",
        "דבר לא נשלח מאז {at}; באותן שעות בשבועות אחרים {n} או יותר",
    ),
    "detail.runaway": (
        "{n} in an hour; the most in five weeks was {most}",
        "{n} בשעה; לכל היותר היו {most} בחמישה שבועות",
    ),
    "detail.repeats": (
        "{n} went to somebody who had one that day; the most was {most}",
        "{n} נשלחו למי שכבר קיבל באותו יום; לכל היותר היו {most}",
    ),
    "detail.none_wait": ("none wait", "אין ממתינים"),
    "detail.lapse": (
        "{n} wait; the first lapses at {at}, the last at {last}",
        "{n} ממתינים; תוקפו של הראשון פג ב־{at}, ושל האחרון ב־{last}",
    ),
    "detail.spent": ("{n} of {most}", "{n} מתוך {most}"),
    "detail.tried_again": ("{code}; tried again at {at}", "{code}; ניסיון נוסף ב־{at}"),
    "detail.differ": ("{n} differ", "{n} הבדלים"),
    "detail.unread": ("more than {n} events are unread", "יותר מ־{n} אירועים לא נקראו"),
    "detail.disk": (
        "the disk of the database is nearly full",
        "הדיסק של בסיס הנתונים כמעט מלא",
    ),
    "detail.fuse": ("more than {most}", "יותר מ־{most}"),
    "detail.no_phone": (
        "not a phone number that we can read",
        "אין זה מספר טלפון שאפשר לקרוא",
    ),
    "detail.bad_length": ("too short or too long for a phone number", "המספר קצר או ארוך מדי"),
    "detail.no_country": ("a number of no country", "מספר שאינו שייך לאף מדינה"),
    "detail.dear": (
        "a number at whose holder's rate others pay",
        "מספר שהתעריף שלו נקבע בידי בעליו",
    ),
    "detail.country": (
        "numbers of {code} are not among the countries we write to",
        "{code} אינה בין המדינות שאליהן נשלחות הודעות",
    ),
    "detail.no_email": ("not an email address", "אין זו כתובת דוא״ל"),
    "detail.bad_local": (
        "the part before @ is not one we can write to",
        "לא ניתן לכתוב לחלק שלפני @",
    ),
    "detail.bad_domain": (
        "the part after @ is not a domain",
        "החלק שאחרי @ אינו שם מתחם",
    ),
    "detail.no_sender": (
        "no sender is set up for {code}",
        "לא מוגדר שולח עבור {code}",
    ),
    "detail.no_text": (
        "{code} has no text for this kind of address",
        "ל־{code} אין נוסח לסוג הכתובת הזה",
    ),
    "detail.refused": (
        "this address has refused to be written to",
        "בעל הכתובת הזאת ביקש שלא יכתבו לו",
    ),
}
