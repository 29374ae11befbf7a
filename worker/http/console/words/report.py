"""What does the page of the report say?"""

from __future__ import annotations

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "nav.report": ("Report", "דוח"),
    "report.title": ("Report on {name}", "דוח על {name}"),
    "report.question": (
        "How many calls did the triggers prevent? A call is {event} within {within} of the moment"
        " a customer was written to, or held out instead to compare with.",
        "כמה פניות נמנעו בזכות הטריגרים? פנייה היא {event} בתוך {within} מהמועד שבו נכתב ללקוח, או"
        " שבו הוא נכלל במקום זאת בקבוצת הביקורת.",
    ),
    "report.shortened": (
        "What happened before is kept no longer; counted since",
        "מה שקרה קודם כבר אינו שמור; הספירה היא מאז",
    ),
    "report.points": ("Fewer contacts, in points of a hundred", "הירידה בפניות, בנקודות אחוז"),
    "report.chart": (
        "Each bar is the estimate; the line on it is the range in which the truth lies, 95 times"
        " of 100. A line that crosses zero says nothing either way.",
        "כל עמודה היא האומדן, והקו שעליה הוא הטווח שבו האמת נמצאת, ב־95 מקרים מתוך 100. קו שחוצה"
        " את האפס אינו אומר דבר לכאן או לכאן.",
    ),
    "report.finding": ("What can be said", "מה אפשר לומר"),
    "report.prevented": ("Calls prevented", "פניות שנמנעו"),
    "report.net": ("Worth less cost", "התועלת פחות העלות"),
    "report.messages": ("Messages", "הודעות"),
    "report.objected": ("Objections", "התנגדויות"),
    "report.range": ("{low} to {high}", "{low} עד {high}"),
    "report.of": ("{n} of {whole} contacted us:", "{n} מתוך {whole} פנו אלינו:"),
    "report.messaged": ("Written to", "נכתב להם"),
    "report.held_out": ("Held out", "קבוצת ביקורת"),
    "report.open": ("Time not over yet", "הזמן עוד לא תם"),
    "report.fewer": ("Fewer contacts (points)", "ירידה בפניות (נקודות אחוז)"),
    "report.worth": ("Worth", "תועלת"),
    "report.cost": ("Cost", "עלות"),
    "report.unpriced": ("without a price: {n}", "ללא מחיר: {n}"),
    "report.small_short": ("small sample", "מדגם קטן"),
    "report.small": (
        "The sample is too small, and the range will still move: it takes {messaged} written to"
        " and {held_out} held out.",
        "המדגם קטן מדי, והטווח עוד ישתנה: נדרשים {messaged} לקוחות שנכתב להם ו־{held_out} בקבוצת"
        " הביקורת.",
    ),
    "report.small_unknown": (
        "The sample is too small; nobody held out has contacted you, so none can say how small.",
        "המדגם קטן מדי; איש מקבוצת הביקורת לא פנה, ולכן אי אפשר לומר כמה הוא קטן.",
    ),
    "report.uneven_short": ("uneven groups", "קבוצות לא מאוזנות"),
    "report.uneven": (
        "The groups do not stand as {share} held out would make them: the holdout was changed"
        " meanwhile, or something is missing.",
        "הקבוצות אינן ביחס שקבוצת ביקורת של {share} הייתה יוצרת: היחס השתנה בינתיים, או שמשהו חסר.",
    ),
    "report.time": ("Over time", "לאורך זמן"),
    "report.buckets": ("How time is divided", "חלוקת הזמן"),
    "report.by.week": ("By week", "לפי שבוע"),
    "report.by.month": ("By month", "לפי חודש"),
    "report.from": ("From", "החל מ־"),
    "report.scale": ("The other side of the scale", "הצד השני של המאזניים"),
    "report.asked_for": ("Asked for a person", "ביקשו נציג"),
    "objected.opted_out": ("Opted out", "ביקשו להפסיק"),
    "objected.complained": ("Complained", "התלוננו"),
    "objected.wrong_number": ("Wrong number", "מספר שגוי"),
    "report.surveys": ("Surveys", "סקרים"),
    "report.answered": ("{n} of {whole} answered.", "{n} מתוך {whole} ענו."),
    "report.mean": ("Mean: {mean}", "ממוצע: {mean}"),
    "report.ways": ("From a link to a person", "מהקישור אל נציג"),
    "report.ways_about": (
        "Who followed a link and contacted us after all: what the page behind it does not solve.",
        "מי שפתח קישור ובכל זאת פנה אלינו: מה שהעמוד שמאחוריו אינו פותר.",
    ),
    "report.followed": (
        "{n} followed it, {after} contacted us after all.",
        "{n} פתחו אותו, {after} פנו אלינו בכל זאת.",
    ),
    "report.way_open": ("Not yet known of {n}.", "עוד לא ידוע על {n}."),
    "report.no_topic": ("without a topic", "ללא נושא"),
    "report.counted": ("Counted at", "נספר בשעה"),
    "report.kept": (
        "It is counted anew after {length}; the same in a terminal: outreach report.",
        "הספירה מתחדשת אחרי {length}; אותו דוח במסוף: outreach report.",
    ),
    "finding.no_control": ("nobody can know", "אי אפשר לדעת"),
    "finding.not_yet": ("not yet", "עוד לא"),
    "finding.too_small": ("cannot tell yet", "עוד אי אפשר לומר"),
    "finding.cannot_tell": ("no difference seen", "לא נראה הבדל"),
    "finding.fewer_calls": ("fewer calls", "פחות פניות"),
    "finding.more_calls": ("more calls", "יותר פניות"),
    "finding.says.no_control": (
        "Nobody was held out, so there is nothing to compare with: set holdout in its limits.",
        "אין קבוצת ביקורת, ולכן אין למה להשוות: אפשר להגדיר holdout תחת limits.",
    ),
    "finding.says.not_yet": (
        "In one of the groups nobody's time is over.",
        "באחת הקבוצות הזמן של איש עוד לא תם.",
    ),
    "finding.says.too_small": (
        "The range holds zero, among fewer customers than it takes.",
        "הטווח כולל את האפס, ויש פחות לקוחות מהנדרש.",
    ),
    "finding.says.cannot_tell": (
        "No difference is seen among as many customers as it takes to see one.",
        "לא נראה הבדל, אף שיש די לקוחות כדי לראות אותו.",
    ),
    "finding.says.fewer_calls": (
        "Who was written to contacts us less.",
        "מי שנכתב לו פונה אלינו פחות.",
    ),
    "finding.says.more_calls": (
        "It makes customers call: who was written to contacts us more.",
        "ההודעה גורמת לפניות: מי שנכתב לו פונה אלינו יותר.",
    ),
}
