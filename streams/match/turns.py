"""Words by which a title becomes another one: negations, days, hours of the day; closed classes in both languages."""

from __future__ import annotations

from streams.match.phrases import Kind

_Words = dict[str, dict[Kind, str]]

NEGATORS: _Words = {
    "en": {
        Kind.EXACT: "not, no, never, without, cannot, won't, don't, doesn't, didn't, isn't, aren't, wasn't, weren't, "
        "hasn't, haven't, can't, unable, far from, no longer, yet to, rules out, ruled out, rule out, calls off, "
        "called off, call off",
        Kind.VERB: "fail, deny, refuse, reject, block, prevent, bar, ban, cancel, suspend, postpone, delay, halt, "
        "veto, thwart, foil, oppose, abandon, avert, ignore, defy, flout",
        Kind.COMMON: "refusal, denial, failure, rejection, suspension",
    },
    "ar": {
        Kind.EXACT: "لم يعد, لم تعد, لا, ولا, لم, ولم, لن, ولن, ليس, ليست, دون, بدون",
        Kind.COMMON: "عدم, نفي, رفض, منع, فشل, إلغاء, تعليق, إحباط, تأجيل",
        Kind.VERB: "نفى/ينفي, رفض/يرفض, منع/يمنع, فشل/يفشل, ألغى/يلغي, علق/يعلق, أوقف/يوقف, عرقل/يعرقل, "
        "أحبط/يحبط, أرجأ/يرجئ, تجاهل/يتجاهل, تحدى/يتحدى, تعثر/يتعثر, استبعد/يستبعد, تعذر/يتعذر",
    },
}
"""Words that turn what is said beside them into its opposite, verbs of refusing and preventing among them."""

DAYS: dict[str, _Words] = {
    "monday": {"en": {Kind.EXACT: "Monday"}, "ar": {Kind.EXACT: "الاثنين, الإثنين"}},
    "tuesday": {"en": {Kind.EXACT: "Tuesday"}, "ar": {Kind.EXACT: "الثلاثاء"}},
    "wednesday": {"en": {Kind.EXACT: "Wednesday"}, "ar": {Kind.EXACT: "الأربعاء"}},
    "thursday": {"en": {Kind.EXACT: "Thursday"}, "ar": {Kind.EXACT: "الخميس"}},
    "friday": {"en": {Kind.EXACT: "Friday"}, "ar": {Kind.EXACT: "الجمعة"}},
    "saturday": {"en": {Kind.EXACT: "Saturday"}, "ar": {Kind.EXACT: "السبت"}},
    "sunday": {"en": {Kind.EXACT: "Sunday"}, "ar": {Kind.EXACT: "الأحد"}},
}

HOURS: dict[str, _Words] = {
    "dawn": {"en": {Kind.EXACT: "dawn, early hours"}, "ar": {Kind.EXACT: "فجر, فجرا, الفجر"}},
    "morning": {"en": {Kind.EXACT: "morning"}, "ar": {Kind.EXACT: "صباح, صباحا, الصباح"}},
    "noon": {"en": {Kind.EXACT: "noon, midday, afternoon"}, "ar": {Kind.EXACT: "ظهر, ظهرا, الظهر, العصر"}},
    "evening": {"en": {Kind.EXACT: "evening, tonight"}, "ar": {Kind.EXACT: "مساء, المساء"}},
    "yesterday": {
        "en": {Kind.EXACT: "yesterday, last night, the day before, a day earlier"},
        "ar": {Kind.EXACT: "أمس, البارحة, الليلة الماضية"},
    },
    "night": {"en": {Kind.EXACT: "night, overnight, midnight"}, "ar": {Kind.EXACT: "ليل, ليلا, ليلة, الليل, الليلة"}},
}
"""From dawn to night; the neighbours are said for each other. Yesterday has the hours of another day."""
