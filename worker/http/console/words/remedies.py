"""What is to be done about each alarm, in a sentence or two? docs/operations.md says more."""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "remedy.sender_broken": (
        "The provider refuses our account or sender. Mend the account or its settings and restart"
        " the workers; one success closes this.",
        "הספק מסרב לחשבון או לשולח שלנו. יש לתקן את החשבון או את ההגדרות ולהפעיל מחדש את התהליכים;"
        " הצלחה אחת סוגרת את ההתראה.",
    ),
    "remedy.sender_failing": (
        "The provider fails. Look at its status page; it is tried again, and this closes itself.",
        "הספק נכשל. כדאי לבדוק את עמוד המצב שלו; ייעשו ניסיונות נוספים, וההתראה תיסגר מעצמה.",
    ),
    "remedy.fuse_blown": (
        "The trigger is paused. Is it wrong? Withdraw its events (outreach withdraw). Is it right?"
        " Resume it, under Paused, and raise fuse.trigger.",
        "הטריגר מושהה. אם זו טעות, יש למשוך את האירועים (outreach withdraw). אם זה תקין, יש לחדש"
        " אותו תחת ״מושהה״ ולהגדיל את fuse.trigger.",
    ),
    "remedy.spend_near": (
        "Raise the limit, or pause what matters less.",
        "אפשר להגדיל את התקציב, או להשהות את מה שפחות חשוב.",
    ),
    "remedy.spend_reached": (
        "Nothing that costs money leaves. Raise the limit, or pause what matters less.",
        "דבר שעולה כסף אינו נשלח. אפשר להגדיל את התקציב, או להשהות את מה שפחות חשוב.",
    ),
    "remedy.unknown_parked": (
        "Nobody knows whether they left. Look for them at the provider, then decide under Parked.",
        "לא ידוע אם הן יצאו. יש לחפש אותן אצל הספק, ואז להחליט תחת ״מושהות״.",
    ),
    "remedy.sent_twice": (
        "A customer got a message twice. Say sorry if it matters, and keep both references for us.",
        "לקוח קיבל הודעה פעמיים. כדאי להתנצל אם זה חשוב, ולשמור עבורנו את שני המזהים.",
    ),
    "remedy.event_set_aside": (
        "Our own code failed, and holds these customers. Try them again below, or dismiss them; it"
        " needs a new version.",
        "הקוד שלנו נכשל, והלקוחות האלה מעוכבים. אפשר לנסות שוב למטה, או להסיר; נדרשת גרסה חדשה.",
    ),
    "remedy.ledger_differs": (
        "What the provider has and what we have differ: outreach doctor tells in what.",
        "מה שרשום אצל הספק ומה שרשום אצלנו שונים: outreach doctor מפרט במה.",
    ),
    "remedy.claim_failed": (
        "Our own code failed on what is due; it is tried again every ten minutes, and needs a new"
        " version.",
        "הקוד שלנו נכשל במה שמועדו הגיע; ייעשה ניסיון כל עשר דקות, ונדרשת גרסה חדשה.",
    ),
    "remedy.reply_failed": (
        "Our own code failed on what somebody wrote: a person has to read it. Nothing is sent there"
        " until then.",
        "הקוד שלנו נכשל במה שמישהו כתב: אדם צריך לקרוא אותו. עד אז לא יישלח לשם דבר.",
    ),
    "remedy.back_pressure": (
        "More comes in than is read, or the disk is full: add workers or room. Publishers are told"
        " to come again.",
        "נכנס יותר ממה שנקרא, או שהדיסק מלא: יש להוסיף תהליכים או מקום. המפרסמים מתבקשים לחזור.",
    ),
    "remedy.webhook_failing": (
        "This subscriber could not be told for three days. Mend it; the next success closes this.",
        "במשך שלושה ימים לא ניתן היה לדווח למנוי הזה. יש לתקן אותו; ההצלחה הבאה סוגרת את ההתראה.",
    ),
    "remedy.silence": (
        "Do its events still come? Was its condition or its text changed?",
        "האם האירועים שלו עדיין מגיעים? האם התנאי או הנוסח שלו שונו?",
    ),
    "remedy.runaway": (
        "If it is wrong: pause it, then withdraw its events (outreach withdraw).",
        "אם זו טעות: להשהות אותו, ואז למשוך את האירועים (outreach withdraw).",
    ),
}
