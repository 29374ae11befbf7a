"""What does the people's queue say, and the page of one call?"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "queue.title": ("People's queue", "תור לנציגים"),
    "queue.views": ("What to show", "מה להציג"),
    "queue.queues": ("Queues", "תורים"),
    "queue.every": ("All queues", "כל התורים"),
    "queue.view.waiting": ("Waiting", "ממתינות"),
    "queue.view.open": ("Nobody has them", "עוד לא נלקחו"),
    "queue.view.mine": ("Mine", "שלי"),
    "queue.view.done": ("Done", "הושלמו"),
    "queue.view.failed": ("Not reached", "לא הושלמו"),
    "queue.empty": ("No calls here.", "אין כאן שיחות."),
    "queue.due": ("due", "עד"),
    "queue.late": ("overdue by {n}", "באיחור של {n}"),
    "queue.nobody": ("a customer nobody knows", "לקוח לא מוכר"),
    "queue.state.open": ("open", "פתוחה"),
    "queue.state.taken": ("taken", "בטיפול"),
    "queue.state.done": ("done", "הושלמה"),
    "queue.state.failed": ("not reached", "לא הושלמה"),
    "queue.call": ("Call to {id}", "שיחה אל {id}"),
    "queue.back_to": ("Back to the queue", "חזרה לתור"),
    "queue.dial": ("Call", "להתקשר אל"),
    "queue.his_clock": ("It is {time} there", "השעה שם {time}"),
    "queue.wrote": ("What was written to us", "מה נכתב אלינו"),
    "queue.words": ("What you may say", "מה אפשר לומר"),
    "queue.note": ("Note for whoever reads it later", "הערה למי שיקרא אחר כך"),
    "queue.is_refusal": (
        "Does the customer ask for no more messages?",
        "האם הלקוח מבקש לא לקבל עוד הודעות?",
    ),
    "queue.refused_yes": (
        "Yes: nothing is sent there any more",
        "כן: לא יישלח לשם עוד דבר",
    ),
    "queue.refused_no": (
        "No: messages may go there again",
        "לא: אפשר שוב לשלוח לשם הודעות",
    ),
    "queue.say_refused": (
        "Say first whether the text is a refusal.",
        "יש לומר תחילה אם הטקסט הוא סירוב.",
    ),
    "queue.take": ("Take", "לקחת לטיפול"),
    "queue.done_it": ("Done", "הושלם"),
    "queue.failed_it": ("Not reached", "לא הושג"),
    "queue.give_back": ("Give back", "להחזיר לתור"),
    "queue.free_it": ("Give it back for others", "להחזיר לתור עבור אחרים"),
    "queue.has_it": ("{name} has it since", "בטיפול של {name} מאז"),
    "queue.somebody_else": (
        "Nothing was changed: {name} has this call.",
        "דבר לא השתנה: השיחה בטיפול של {name}.",
    ),
    "queue.has_ended": (
        "Nothing was changed: this call has ended ({state}, {name}).",
        "דבר לא השתנה: השיחה הסתיימה ({state}, {name}).",
    ),
    "queue.changed": (
        "Nothing was changed: look again, this call is not what it was.",
        "דבר לא השתנה: השיחה כבר אינה כפי שהייתה, יש להסתכל שוב.",
    ),
    "queue.done.asked": (
        "It is in the queue; whoever is free takes it.",
        "השיחה בתור, ונציג פנוי ייקח אותה.",
    ),
    "queue.done.take": ("It is yours now.", "השיחה עכשיו בטיפולך."),
    "queue.done.back": ("Given back to the queue.", "השיחה הוחזרה לתור."),
    "queue.done.done": ("Noted as done.", "נרשם שהושלמה."),
    "queue.done.failed": ("Noted as not reached.", "נרשם שהלקוח לא הושג."),
    "queue.whole_story": ("The whole story", "הסיפור המלא"),
    "queue.unknown_writer": (
        "Nobody we know, or more than one customer, has this number: there is no story to show.",
        "המספר אינו של לקוח מוכר, או שהוא של כמה לקוחות: אין סיפור להציג.",
    ),
    "queue.why.person": ("Asks for a person", "מבקש לדבר עם נציג"),
    "queue.why.wrong_number": (
        "Says that the number is not the customer's",
        "אומר שהמספר אינו של הלקוח",
    ),
    "queue.why.may_refuse": (
        "May be a refusal: nothing is sent until somebody has read it",
        "אולי סירוב: דבר לא יישלח עד שמישהו יקרא",
    ),
    "queue.why.help": ("Asks for help", "מבקש עזרה"),
    "queue.why.unclear": ("Nobody has understood it yet", "עדיין לא הובן"),
    "wrong.no_call": ("There is no such call.", "אין שיחה כזאת."),
}
