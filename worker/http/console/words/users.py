"""What does the page of the console's users say?"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "nav.users": ("Users", "משתמשים"),
    "nav.record": ("Record", "יומן"),
    "users.title": ("Users of the console", "משתמשי הלוח"),
    "users.about": (
        "Whoever is let in sees every page. An operator acts as well; an admin sees the record,"
        " erases customers and makes users. The same in a terminal: outreach users.",
        "כל מי שנכנס רואה את כל העמודים. מפעיל גם מבצע פעולות; מנהל רואה את היומן, מוחק לקוחות"
        " ומוסיף משתמשים. אותו דבר במסוף: outreach users.",
    ),
    "users.name": ("Name", "שם"),
    "users.role": ("Role", "תפקיד"),
    "users.since": ("Since", "מאז"),
    "users.is_here": ("here in the last hour", "פעיל בשעה האחרונה"),
    "users.you": ("you", "זה אתה"),
    "users.gone": ("let in no more since", "אינו מורשה להיכנס מאז"),
    "users.change": ("Change", "שינוי"),
    "users.change_which": ("Change: {name}", "שינוי: {name}"),
    "users.own": ("Your own password", "הסיסמה שלך"),
    "users.own_about": (
        "It is asked for, so that nobody who finds this screen open makes himself a user.",
        "היא נדרשת כדי שמי שמוצא מסך פתוח לא יוכל להפוך את עצמו למשתמש.",
    ),
    "users.set_role": ("Give this role", "לתת את התפקיד"),
    "users.reset": ("Make a new password", "ליצור סיסמה חדשה"),
    "users.remove": ("Let in no more", "לחסום כניסה"),
    "users.remove_about": (
        "Either ends every session of this name at once; what was done stays on record.",
        "כל אחת מהפעולות מסיימת מיד את כל הכניסות בשם הזה; מה שנעשה נשאר ביומן.",
    ),
    "users.add": ("Let somebody in", "הוספת משתמש"),
    "users.add_about": (
        "Small letters, digits and . _ @ -. A password is made, and shown once. A name that was let"
        " in no more may come back so.",
        "אותיות קטנות באנגלית, ספרות ו־. _ @ -. תיווצר סיסמה שתוצג פעם אחת. כך אפשר גם להחזיר שם"
        " שנחסם.",
    ),
    "users.add_do": ("Add", "להוסיף"),
    "users.added": ("{name} may sign in.", "{name} יכול להיכנס."),
    "users.new_password": ("{name} has a new password.", "ל־{name} יש סיסמה חדשה."),
    "users.shown_once": (
        "It is shown now and never again. Hand it over, and have it changed at once.",
        "היא מוצגת עכשיו ולא תוצג שוב. יש למסור אותה, ולבקש להחליף אותה מיד.",
    ),
    "users.role_set": ("The role is given.", "התפקיד ניתן."),
    "users.removed": ("Let in no more.", "הכניסה נחסמה."),
    "users.wrong.own": ("Your own password is not right.", "הסיסמה שלך אינה נכונה."),
    "users.wrong.name": (
        "A name has small letters, digits and . _ @ -, at most 64.",
        "שם מורכב מאותיות קטנות באנגלית, ספרות ו־. _ @ -, עד 64 תווים.",
    ),
    "users.wrong.taken": ("There is a user of this name already.", "כבר יש משתמש בשם הזה."),
    "users.wrong.nobody": ("There is no user of this name.", "אין משתמש בשם הזה."),
    "users.wrong.last_admin": (
        "This is the last admin: make another one first.",
        "זה המנהל האחרון: יש להוסיף תחילה מנהל אחר.",
    ),
    "users.wrong.short": ("The password is too short.", "הסיסמה קצרה מדי."),
    "users.wrong.role": ("There is no such role.", "אין תפקיד כזה."),
}
