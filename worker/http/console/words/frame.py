"""What is said around every page, at the door, and of one's own account?"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "frame.console": ("Outreach", "לוח Outreach"),
    "frame.skip": ("Skip to the content", "דילוג לתוכן"),
    "frame.demo": (
        "Demo data: the people and all that happened are invented, and nothing is sent.",
        "נתוני הדגמה: האנשים וכל מה שקרה הומצאו, ושום דבר לא נשלח.",
    ),
    "frame.pages": ("Pages", "עמודים"),
    "frame.times": ("Times: {zone}", "השעות לפי {zone}"),
    "frame.shown_at": ("Shown at", "נכון לשעה"),
    "frame.renew": ("Refresh", "רענון"),
    "frame.live": ("renews itself", "מתעדכן מעצמו"),
    "frame.back": ("Back", "חזרה"),
    "frame.none": ("None", "אין"),
    "frame.more": ("Show more", "להציג עוד"),
    "frame.table": ("The same as a table", "אותם נתונים בטבלה"),
    "nav.today": ("Today", "היום"),
    "nav.triggers": ("Triggers", "טריגרים"),
    "nav.customer": ("Customer", "לקוח"),
    "nav.message": ("Message", "הודעה"),
    "nav.queue": ("People's queue", "תור לנציגים"),
    "nav.duty": ("On duty", "תורנות"),
    "look.title": ("Colours", "צבעים"),
    "look.auto": ("As the device", "כמו במכשיר"),
    "look.light": ("Light", "בהיר"),
    "look.dark": ("Dark", "כהה"),
    "language.title": ("Language", "שפה"),
    "role.viewer": ("viewer", "צופה"),
    "role.operator": ("operator", "מפעיל"),
    "role.admin": ("admin", "מנהל"),
    "sign_in.title": ("Sign in", "כניסה"),
    "sign_in.name": ("Name", "שם"),
    "sign_in.password": ("Password", "סיסמה"),
    "sign_in.do": ("Sign in", "כניסה"),
    "sign_in.wrong": (
        "The name or the password is not right.",
        "השם או הסיסמה אינם נכונים.",
    ),
    "sign_in.wait": (
        "Too many attempts. Try again in {n} seconds.",
        "יותר מדי ניסיונות. אפשר לנסות שוב בעוד {n} שניות.",
    ),
    "sign_in.expired": (
        "You were signed out, as nobody was here for a while.",
        "יצאת מהמערכת, כי לא הייתה כאן פעילות זמן מה.",
    ),
    "sign_in.first": (
        "The first password is in the file console.password beside the data, or in"
        " OUTREACH_CONSOLE_PASSWORD.",
        "הסיסמה הראשונה נמצאת בקובץ console.password שליד הנתונים, או במשתנה"
        " OUTREACH_CONSOLE_PASSWORD.",
    ),
    "sign_out.do": ("Sign out", "יציאה"),
    "account.title": ("Your account", "החשבון שלך"),
    "account.you": ("You are {name}, {role}.", "נכנסת בשם {name}, בתפקיד {role}."),
    "account.password": ("Change the password", "החלפת סיסמה"),
    "account.old": ("The password until now", "הסיסמה עד עכשיו"),
    "account.new": ("The new password", "הסיסמה החדשה"),
    "account.rule": ("{n} signs or more.", "{n} תווים או יותר."),
    "account.ends": (
        "You are then signed out everywhere.",
        "לאחר מכן תתבצע יציאה מכל המכשירים.",
    ),
    "account.change": ("Change it", "להחליף"),
    "account.changed": (
        "The password is changed. Sign in with the new one.",
        "הסיסמה הוחלפה. יש להיכנס עם הסיסמה החדשה.",
    ),
    "account.wrong": ("The password until now is not right.", "הסיסמה הקודמת אינה נכונה."),
    "account.short": (
        "The new password is too short.",
        "הסיסמה החדשה קצרה מדי.",
    ),
    "account.everywhere": ("Sign out everywhere", "יציאה מכל המכשירים"),
    "unit.seconds": ("{n} s", "{n} שנ׳"),
    "unit.minutes": ("{n} min", "{n} דק׳"),
    "unit.hours": ("{n} h", "{n} שע׳"),
    "unit.days": ("{n} d", "{n} ימים"),
    "wrong.role": (
        "Your role may not do this. Ask an admin.",
        "התפקיד שלך אינו מאפשר זאת. אפשר לפנות למנהל.",
    ),
    "wrong.form": (
        "This form is out of date. Open the page again, and send it once more.",
        "הטופס אינו בתוקף. יש לפתוח את העמוד שוב ולשלוח פעם נוספת.",
    ),
    "wrong.unknown": ("There is no such page.", "אין עמוד כזה."),
    "wrong.title": ("This did not work", "הפעולה לא בוצעה"),
    "wrong.request": (
        "This address, or what was sent with it, cannot be read.",
        "לא ניתן לקרוא את הכתובת הזאת, או את מה שנשלח איתה.",
    ),
    "wrong.database": (
        "The database does not answer just now, so there is nothing to show. What was accepted is"
        " kept. Try again in a moment.",
        "בסיס הנתונים אינו עונה כרגע, ולכן אין מה להציג. מה שהתקבל נשמר. אפשר לנסות שוב בעוד רגע.",
    ),
    "wrong.ours": (
        "This is our own mistake, and the log has it.",
        "זו שגיאה שלנו, והיא רשומה ביומן המערכת.",
    ),
    "wrong.ref": (
        "Found in the log by this reference:",
        "השורה ביומן המערכת נמצאת לפי הסימן הזה:",
    ),
    "wrong.again": ("Try again", "לנסות שוב"),
}
