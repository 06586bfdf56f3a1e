"""The fixed words of messages, in every language that receivers can be told in. What is quoted stays as it was written.

One value of `Words` for each language; a language lacks nothing, or mypy and the tests say what. `{...}` are filled in
by `streams.notify.wording`, each with the same names in every language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from streams.alerts import HeldBy, Reason
from streams.messages import Severity

Language = Literal["ar", "en"]
Category = Literal["zero", "one", "two", "few", "many", "other"]


@dataclass(frozen=True, slots=True)
class Counted:
    """A phrase with a number `{n}` in it, in the categories that its language parts (CLDR's cardinal plurals)."""

    other: str
    one: str = ""
    two: str = ""
    few: str = ""
    many: str = ""
    zero: str = ""

    def form(self, category: Category) -> str:
        """The phrase for a category; that of `other` where the language does not part it."""
        form: str = getattr(self, category)
        return form or self.other


def plural_en(n: int) -> Category:
    """https://cldr.unicode.org/index/cldr-spec/plural-rules, English."""
    return "one" if n == 1 else "other"


def plural_ar(n: int) -> Category:
    """The same, Arabic: 0, 1, 2, 3 to 10, 11 to 99, and hundreds with at most 2 over."""
    by_value: dict[int, Category] = {0: "zero", 1: "one", 2: "two"}
    if n in by_value:
        return by_value[n]
    rest = n % 100
    return "few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other"  # noqa: PLR2004  # CLDR's


@dataclass(frozen=True, slots=True)
class Words:
    """What messages say in one language."""

    direction: Literal["ltr", "rtl"]
    plural: Callable[[int], Category]
    comma: str
    severities: Mapping[Severity, str]
    news: Mapping[Reason, str]  # what a telling that is not the first one tells; `repeat` has the number of the telling
    slots: Mapping[str, str]  # what rules usually ask for; a slot of another name is shown under its own
    notice: str
    test: str
    about_itself: str
    no_title: str
    published: str
    revised: str  # of an article that says something else than when it was published first
    footer: str
    more_sentences: Counted
    more_items: Counted
    independent: Counted
    articles: Counted
    origins: Counted
    outlets: Counted
    minutes: Counted
    hours: Counted
    days: Counted
    within: str  # after how many there are
    usual: str  # of the same hours in the weeks before
    counted: str  # over a list of articles
    counted_last: str  # over the last article, where none came after it
    more_articles: Counted
    sources: str
    largest_number: str
    updated: str
    open_article: str
    held: Mapping[HeldBy, str]
    held_title: Mapping[HeldBy, Counted]
    held_why: Mapping[HeldBy, str]
    held_rule: Counted
    silence_ended: Counted
    held_back: str  # over what a silence held back
    test_title: str
    test_text: str


_ALERTS_EN = Counted("{n} alerts", one="{n} alert")
_ALERTS_AR = Counted(
    "{n} تنبيه", one="تنبيه واحد", two="تنبيهان", few="{n} تنبيهات", many="{n} تنبيهًا", zero="لا تنبيهات"
)

EN = Words(
    direction="ltr",
    plural=plural_en,
    comma=", ",
    severities={
        Severity.LOW: "LOW",
        Severity.MEDIUM: "MEDIUM",
        Severity.HIGH: "HIGH",
        Severity.CRITICAL: "CRITICAL",
    },
    news={
        Reason.HIGHER_SEVERITY: "more severe",
        Reason.NUMBER_GROWN: "a number has grown",
        Reason.NEW_PLACE: "a new place",
        Reason.NEW_ACTOR: "a new name",
        Reason.NEW_ORIGIN: "confirmed",
        Reason.REPEAT: "again, {n}",
    },
    slots={
        "who": "who",
        "whose": "whose",
        "where": "where",
        "whom": "whom",
        "what": "what",
        "when": "when",
        "number": "number",
    },
    notice="NOTICE",
    test="TEST",
    about_itself="Marsad, about itself ({cause})",
    no_title="(no title)",
    published="published {time}",
    revised="changed since",
    footer="rule {rule}, seen {time}, alert {alert}",
    more_sentences=Counted("and {n} more sentences", one="and {n} more sentence"),
    more_items=Counted("and {n} more", one="and {n} more"),
    independent=Counted("reported by {n} independent texts", one="reported by {n} text"),
    articles=Counted("{n} articles", one="{n} article"),
    origins=Counted("{n} independent texts", one="{n} independent text"),
    outlets=Counted("{n} sources", one="{n} source"),
    minutes=Counted("{n} minutes", one="{n} minute"),
    hours=Counted("{n} hours", one="{n} hour"),
    days=Counted("{n} days", one="{n} day"),
    within="{count} within {span}",
    usual="usual in these hours of the week: {usual} (weeks before: {before})",
    counted="what was counted",
    counted_last="the last one before that",
    more_articles=Counted("and {n} more", one="and {n} more"),
    sources="sources",
    largest_number="largest number",
    updated="updated {time}: {news}",
    open_article="open the article",
    held={HeldBy.STORM: "STORM", HeldBy.QUIET_HOURS: "QUIET HOURS", HeldBy.DIGEST: "DIGEST"},
    held_title={
        HeldBy.STORM: Counted("{n} alerts at once", one="{n} alert more"),
        HeldBy.QUIET_HOURS: _ALERTS_EN,
        HeldBy.DIGEST: _ALERTS_EN,
    },
    held_why={
        HeldBy.STORM: "More than {limit} alerts within ten minutes: held back from {start} to {end}, and listed here.",
        HeldBy.QUIET_HOURS: "Held back in quiet hours, from {start} to {end}, and listed here.",
        HeldBy.DIGEST: "All alerts from {start} to {end}.",
    },
    held_rule=Counted("{title}: {n} alerts", one="{title}: {n} alert"),
    silence_ended=Counted(
        "Silence {about} is over: it held back {n} alerts", one="Silence {about} is over: it held back {n} alert"
    ),
    held_back="What it held back",
    test_title="Test of the receiver {receiver}",
    test_text="Nothing has happened: somebody is trying out whether messages arrive here.",
)

AR = Words(
    direction="rtl",
    plural=plural_ar,
    comma="، ",
    severities={
        Severity.LOW: "منخفض",
        Severity.MEDIUM: "متوسط",
        Severity.HIGH: "مرتفع",
        Severity.CRITICAL: "حرج",
    },
    news={
        Reason.HIGHER_SEVERITY: "أشد خطورة",
        Reason.NUMBER_GROWN: "ارتفع العدد",
        Reason.NEW_PLACE: "مكان جديد",
        Reason.NEW_ACTOR: "اسم جديد",
        Reason.NEW_ORIGIN: "تأكيد من مصدر مستقل",
        Reason.REPEAT: "من جديد، {n}",
    },
    slots={
        "who": "مَن",
        "whose": "قوات مَن",
        "where": "أين",
        "whom": "لِمَن",
        "what": "ماذا",
        "when": "متى",
        "number": "العدد",
    },
    notice="إشعار",
    test="تجربة",
    about_itself="مرصد، عن نفسه ({cause})",
    no_title="(بلا عنوان)",
    published="نُشر {time}",
    revised="وعُدّل بعد نشره",
    footer="القاعدة {rule}، رُصد {time}، التنبيه {alert}",
    more_sentences=Counted(
        "و{n} جملة أخرى",
        one="وجملة أخرى",
        two="وجملتان أخريان",
        few="و{n} جمل أخرى",
        many="و{n} جملة أخرى",
        zero="ولا جملة أخرى",
    ),
    more_items=Counted(
        "و{n} تنبيه آخر",
        one="وتنبيه آخر",
        two="وتنبيهان آخران",
        few="و{n} تنبيهات أخرى",
        many="و{n} تنبيهًا آخر",
        zero="ولا تنبيه آخر",
    ),
    independent=Counted(
        "أورده {n} نص مستقل",
        one="أورده نص واحد",
        two="أورده نصان مستقلان",
        few="أوردته {n} نصوص مستقلة",
        many="أورده {n} نصًا مستقلًا",
        zero="لم يورده أي نص",
    ),
    articles=Counted("{n} مقال", one="مقال واحد", two="مقالان", few="{n} مقالات", many="{n} مقالًا", zero="لا مقالات"),
    origins=Counted(
        "{n} نص مستقل",
        one="نص مستقل واحد",
        two="نصان مستقلان",
        few="{n} نصوص مستقلة",
        many="{n} نصًا مستقلًا",
        zero="لا نصوص مستقلة",
    ),
    outlets=Counted("{n} مصدر", one="مصدر واحد", two="مصدران", few="{n} مصادر", many="{n} مصدرًا", zero="لا مصادر"),
    minutes=Counted(
        "{n} دقيقة", one="دقيقة واحدة", two="دقيقتين", few="{n} دقائق", many="{n} دقيقة", zero="أقل من دقيقة"
    ),
    hours=Counted("{n} ساعة", one="ساعة واحدة", two="ساعتين", few="{n} ساعات", many="{n} ساعة", zero="أقل من ساعة"),
    days=Counted("{n} يوم", one="يوم واحد", two="يومين", few="{n} أيام", many="{n} يومًا", zero="أقل من يوم"),
    within="{count} خلال {span}",
    usual="المعتاد في هذه الساعات من الأسبوع: {usual} (الأسابيع السابقة: {before})",
    counted="ما عُدّ من مقالات",
    counted_last="آخر مقال قبل ذلك",
    more_articles=Counted(
        "و{n} مقال آخر",
        one="ومقال آخر",
        two="ومقالان آخران",
        few="و{n} مقالات أخرى",
        many="و{n} مقالًا آخر",
        zero="ولا مقال آخر",
    ),
    sources="المصادر",
    largest_number="أكبر عدد",
    updated="حُدِّث {time}: {news}",
    open_article="افتح المقال",
    held={HeldBy.STORM: "سيل", HeldBy.QUIET_HOURS: "ساعات الهدوء", HeldBy.DIGEST: "موجز"},
    held_title={
        HeldBy.STORM: Counted(
            "{n} تنبيه دفعة واحدة",
            one="تنبيه واحد آخر",
            two="تنبيهان دفعة واحدة",
            few="{n} تنبيهات دفعة واحدة",
            many="{n} تنبيهًا دفعة واحدة",
            zero="لا تنبيهات",
        ),
        HeldBy.QUIET_HOURS: _ALERTS_AR,
        HeldBy.DIGEST: _ALERTS_AR,
    },
    held_why={
        HeldBy.STORM: "تجاوز عدد التنبيهات {limit} خلال عشر دقائق، فأُجّل ما ورد من {start} إلى {end} وجُمع هنا.",
        HeldBy.QUIET_HOURS: "أُجّل ما ورد خلال ساعات الهدوء من {start} إلى {end} وجُمع هنا.",
        HeldBy.DIGEST: "كل التنبيهات من {start} إلى {end}.",
    },
    held_rule=Counted(
        "{title}: {n} تنبيه",
        one="{title}: تنبيه واحد",
        two="{title}: تنبيهان",
        few="{title}: {n} تنبيهات",
        many="{title}: {n} تنبيهًا",
        zero="{title}: لا تنبيهات",
    ),
    silence_ended=Counted(
        "انتهى الكتم {about} وقد حجب {n} تنبيه",
        one="انتهى الكتم {about} وقد حجب تنبيهًا واحدًا",
        two="انتهى الكتم {about} وقد حجب تنبيهين",
        few="انتهى الكتم {about} وقد حجب {n} تنبيهات",
        many="انتهى الكتم {about} وقد حجب {n} تنبيهًا",
        zero="انتهى الكتم {about} ولم يحجب تنبيهًا",
    ),
    held_back="ما حجبه",
    test_title="تجربة المستقبِل {receiver}",
    test_text="لم يحدث شيء: يجرّب أحدهم وصول الرسائل إلى هنا.",
)

WORDS: Mapping[Language, Words] = {"ar": AR, "en": EN}
