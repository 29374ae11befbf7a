"""How is it said in Hebrew?"""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    # nothing ever started
    "no_event": "הטריגר שתק: לא התקבל אף אירוע {event} עבור הלקוח.",
    "erased_before": "הטריגר שתק: לא ידוע על אירוע {event} של הלקוח, ומה שהתקבל לפני {time} נמחק.",
    "start_false": "הטריגר שתק{about}: אירוע {event} מ־{time} לא עמד בתנאי, כי {because}.",
    "start_unknown": "הטריגר שתק{about}: אי אפשר לדעת אם אירוע {event} מ־{time} עמד בתנאי, כי"
    " {because}.",
    "no_key": "הטריגר שתק: באירוע {event} מ־{time} אין ערך בשדה {detail}, שמבדיל בין מקרה למקרה.",
    "no_date": "הטריגר שתק{about}: באירוע {event} מ־{time} אין בשדה {detail} תאריך שאפשר לקרוא.",
    "not_counted": "הטריגר שתק{about}: אירוע {event} מ־{time} לא נספר, כי בשדה {detail} אין ערך"
    " שאפשר להשתמש בו.",
    "counting": "הטריגר שתק{about}: אירוע {event} מ־{time} הביא את הספירה ל־{reached}"
    " מתוך {reach}.",
    "history": "הטריגר שתק{about}: אירוע {event} מ־{time} פורסם כהיסטוריה, והיסטוריה אינה מפעילה"
    " דבר.",
    "before_trigger": "הטריגר שתק{about}: אירוע {event} מ־{time} התקבל לפני שהטריגר נכנס לתוקף"
    " ב־{born}.",
    "withdrawn_event": "הטריגר שתק: אירוע {event} מ־{time} נמשך בחזרה.",
    "unread": "הטריגר עוד לא אמר דבר: אירוע {event} מ־{time} ממתין לקריאה.",
    "set_aside": "הטריגר עוד לא אמר דבר: אירוע {event} מ־{time} לא ניתן היה לקריאה והונח בצד, עד"
    " שמישהו יריץ אותו שוב או יבטל אותו.",
    "spent": "הטריגר לא הוסיף דבר{about}: מה שאירוע {event} מ־{time} מבקש כבר הוכרע קודם, ושום דבר"
    " אינו מוכרע פעמיים.",
    "forgotten": "דבר אינו ידוע עוד{about}: מה שהוכרע בעקבות אירוע {event} מ־{time} כבר אינו שמור.",
    # occurrences
    "pending": "הטריגר ממתין{about} עד {due}, ואז יבדוק הכול שוב.",
    "pending_open": "הטריגר ממתין{about} עד {due}, ורק אז יבדוק את {open}.",
    "pending_due": "המועד הגיע{about} ב־{due}, והטריגר יבדוק הכול שוב כשיגיע תורו.",
    "put_off": "ההודעה נדחתה{about} עד {due}: {reason}.",
    "called_off_by": "ההודעה בוטלה{about} ב־{at} בעקבות אירוע {event} מ־{time}.",
    "called_off": "ההודעה בוטלה{about} ב־{at}: {reason}.",
    "skipped": "הטריגר החליט סופית לשתוק{about} ב־{at}: {reason}.",
    "held_out": "הטריגר שתק{about} בכוונה ב־{at}: {reason}.",
    "shadowed": "הטריגר רק עשה כאילו הוא כותב{about} ב־{at}: {reason}.",
    "messaged": "הטריגר כתב ללקוח{about} ב־{at} באמצעות {channel}: {state}.",
    "messaged_since": "הטריגר כתב ללקוח{about} ב־{at} באמצעות {channel}; מה היה מצב ההודעה במועד"
    " שעליו נשאל, לא נשמר.",
    "messaged_forgotten": "הטריגר כתב ללקוח{about} ב־{at}; ההודעה עצמה כבר אינה שמורה.",
    "parked": "הטריגר התכוון לכתוב ללקוח{about} ב־{at}, אבל ההודעה ממתינה להחלטה שלנו ({why}).",
    "handed_over": "הטריגר ביקש מנציג בתור {queue} להתקשר{about} ב־{at}: {state}.",
    "handed_over_forgotten": "הטריגר ביקש מנציג להתקשר{about} ב־{at}; השיחה עצמה כבר אינה שמורה.",
    # parts of sentences
    "about": " לגבי {key}",
    "place": " ({word}, {place})",
    "setting": " ({word}: {value}, {place})",
    "default": " ({word} לא נכתב, ולכן {value}, {place})",
    "part_no": "{text} לא מתקיים",
    "part_yes": "{text} מתקיים",
    "part_unknown": "לא ידוע אם {text}",
    "part_open": "{text} עוד לא נבדק",
    "because_segment": "הערך של {path} הוא {value}, כי {because}",
    "with_value": "הערך של {path} הוא {value}",
    "without_value": "הערך של {path} לא ידוע",
    "because_when": "התנאי אינו מתקיים, כי {because}",
    "because_expired": "תם הזמן שבו היה בה טעם, עד {expires}",
    "because_routes": "אף אחת מהדרכים להגיע אל הלקוח אינה מתאימה, כי {because}",
    # what holds for all triggers
    "note_unread": "עדיין לא מוחלט דבר חדש לגבי הלקוח: מה שהתקבל עבורו ממתין לקריאה"
    " (אירועים: {count}).",
    "note_set_aside": "לא נשלח דבר ללקוח: מה שלא ניתן היה לקריאה הונח בצד (אירועים: {count}), עד"
    " שמישהו יריץ אותו שוב או יבטל אותו.",
    "note_erased": "פרטי הלקוח נמחקו ב־{time}: מה שהיה ידוע קודם לכן איננו, ומה שנאמר כאן על אותו"
    " זמן הוא בלי שמות ובלי ערכים.",
    "note_forgotten": "אירועים, עובדות ושינויים בפרופיל שהתקבלו לפני {time} כבר אינם שמורים, ולכן"
    " אי אפשר לומר עליהם דבר.",
    "note_older": "את ההגדרות שהיו בתוקף אז כבר אי אפשר לקרוא; הטריגרים מוסברים לפי ההגדרות"
    " של היום.",
    "note_paused": "השליחה מושהית ({scope}) מאז {time} על ידי {by}.",
}
REASONS: Mapping[str, str] = {
    "called_off": "קרה משהו שמבטל אותה",
    "expired": "תם הזמן שבו היה בה טעם",
    "mode_off": "הטריגר כבוי",
    "no_route": "אף אחת מהדרכים להגיע אל הלקוח אינה מתאימה",
    "no_address": "אין כתובת שאפשר לכתוב אליה ({detail})",
    "suppressed": "הלקוח סירב לקבל הודעות באמצעות {detail}",
    "no_consent": "הלקוח לא הסכים לקבל {detail}, או סירב לכך",
    "when_false": "התנאי אינו מתקיים",
    "paused": "השליחה מושהית ({detail})",
    "quiet": "זו שעת שקט אצל הלקוח",
    "pace": "כבר יצאו כל ההודעות שמותר להוציא בבת אחת, או שלנציגים אין מקום לעוד שיחות",
    "rate": "אין כרגע מקום אצל השולח",
    "breaker": "השולח נכשל שוב ושוב, ונותנים לו לנוח",
    "cooldown": "הטריגר כתב ללקוח לא מזמן",
    "cap": "הלקוח כבר קיבל את כל ההודעות המותרות בקטגוריה {detail}",
    "ramp": "הלקוח עדיין לא בין אלה שהטריגר נפתח אליהם",
    "holdout": "הלקוח בקבוצת הביקורת, כדי שאפשר יהיה למדוד את ההשפעה",
    "shadow": "הטריגר פועל במצב צל, ודבר אינו נשלח",
    "fuse": "הפיוז נשרף, כי היו יוצאות יותר הודעות ממה שסביר",
    "spend": "התקציב שמותר להוציא נוצל",
    "our_error": "התוכנה שלנו נכשלה ({detail}) ותנסה שוב",
    "disarmed": "האירוע השתנה וכבר אינו עומד בתנאי",
    "moved": "המועד השתנה",
    "trigger_changed": "הטריגר שונה",
    "trigger_removed": "הטריגר הוסר",
    "withdrawn": "האירוע שממנו התחילה נמשך בחזרה",
    "merged": "הלקוח מוזג עם לקוח אחר",
    "erased": "פרטי הלקוח נמחקו",
    "no_key": "באירוע אין ערך בשדה {detail}",
    "no_date": "באירוע אין בשדה {detail} תאריך שאפשר לקרוא",
    "unknown_field": "הערך של {detail} לא ידוע",
    "text_failed": "לא ניתן היה לכתוב את הטקסט ({detail})",
}
MESSAGES: Mapping[str, str] = {
    "sending": "ההודעה בדרך אל הספק",
    "planned": "הספק לא קיבל את ההודעה, ויהיה ניסיון נוסף ({why})",
    "accepted": "הספק קיבל את ההודעה",
    "sent": "הספק שלח את ההודעה",
    "delivered": "ההודעה הגיעה",
    "failed": "ההודעה נכשלה סופית ({why})",
    "unknown": "תשובת הספק לא התקבלה, ואנחנו שואלים אותו",
    "expired": "לא הספקנו לשלוח אותה לפני שעבר זמנה",
    "called_off": "ההודעה בוטלה לפני ניסיון נוסף ({why})",
    "parked": "ההודעה ממתינה להחלטה שלנו ({why})",
    "delivery_unknown": "איש לא הודיע אם ההודעה הגיעה",
}
CALLS: Mapping[str, str] = {
    "open": "עדיין לא נלקחה לטיפול, ויש להתקשר עד {due}",
    "taken": "בטיפול של {by}, ויש להתקשר עד {due}",
    "done": "הלקוח קיבל שיחה מ־{by}",
    "failed": "השיחה הסתיימה בלי שהושג הלקוח",
}
NOBODY = "נציג"
AND = " וגם "
