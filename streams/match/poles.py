"""Words with an opposite: "begin withdrawing" and "begin deploying" are two happenings, however alike the rest is."""

from __future__ import annotations

from functools import cache

from streams.match.fold import Folded
from streams.match.phrases import Kind, Phrase
from streams.match.vocabulary import Vocabulary

# Each pole by language and kind of phrase (see `streams.match.phrases`). The left one opposes the right one.
_Words = dict[str, dict[Kind, str]]
_OPPOSITES: tuple[tuple[str, _Words, str, _Words], ...] = (
    (
        "withdraw",
        {
            "en": {Kind.VERB: "withdraw/withdrew/withdrawn, pull out, pull back", Kind.COMMON: "withdrawal, pullout"},
            "ar": {Kind.VERB: "انسحب/ينسحب, سحب/يسحب", Kind.COMMON: "انسحاب, سحب"},
        },
        "deploy",
        {
            "en": {Kind.VERB: "deploy, reinforce", Kind.COMMON: "deployment, reinforcement"},
            "ar": {Kind.VERB: "نشر/ينشر, عزز/يعزز, انتشر/ينتشر", Kind.COMMON: "نشر, تعزيز, تعزيزات, انتشار"},
        },
    ),
    (
        "accept",
        {
            "en": {Kind.VERB: "accept, agree, approve, endorse", Kind.COMMON: "approval"},
            "ar": {Kind.VERB: "قبل/يقبل, وافق/يوافق, أيد/يؤيد", Kind.COMMON: "قبول, موافقة, تأييد"},
        },
        "reject",
        {
            "en": {Kind.VERB: "reject, refuse, oppose, rebuff", Kind.COMMON: "rejection, refusal"},
            "ar": {Kind.VERB: "رفض/يرفض, عارض/يعارض", Kind.COMMON: "رفض, معارضة"},
        },
    ),
    (
        "confirm",
        {
            "en": {Kind.VERB: "confirm, admit, acknowledge", Kind.COMMON: "confirmation"},
            "ar": {Kind.VERB: "أكد/يؤكد, أقر/يقر, اعترف/يعترف", Kind.COMMON: "تأكيد, إقرار, اعتراف"},
        },
        "deny",
        {
            "en": {Kind.VERB: "deny, dismiss", Kind.COMMON: "denial"},
            "ar": {Kind.VERB: "نفى/ينفي, كذب/يكذب", Kind.COMMON: "نفي, تكذيب"},
        },
    ),
    (
        "begin",
        {
            "en": {Kind.VERB: "begin/began/begun, start, launch, resume", Kind.COMMON: "resumption"},
            "ar": {Kind.VERB: "بدأ/يبدأ, استأنف/يستأنف, أطلق/يطلق, باشر/يباشر", Kind.COMMON: "بدء, استئناف, إطلاق"},
        },
        "end",
        {
            "en": {Kind.VERB: "end, stop, halt, suspend, cancel, call off", Kind.COMMON: "suspension, cancellation"},
            "ar": {
                Kind.VERB: "انتهى/ينتهي, أنهى/ينهي, أوقف/يوقف, علق/يعلق, ألغى/يلغي",
                Kind.COMMON: "إنهاء, إلغاء, تعليق",
            },
        },
    ),
    (
        "enter",
        {
            "en": {Kind.VERB: "enter, arrive, capture, seize, advance", Kind.COMMON: "entry, arrival, capture"},
            "ar": {Kind.VERB: "دخل/يدخل, وصل/يصل, تقدم/يتقدم, سيطر/يسيطر", Kind.COMMON: "دخول, وصول, تقدم, سيطرة"},
        },
        "leave",
        {
            "en": {Kind.VERB: "leave/left, exit, depart, retreat", Kind.COMMON: "departure, exit, retreat"},
            "ar": {Kind.VERB: "غادر/يغادر, خرج/يخرج, تراجع/يتراجع", Kind.COMMON: "مغادرة, خروج, تراجع"},
        },
    ),
    (
        "raise",
        {
            "en": {Kind.VERB: "rise/rose/risen, raise, increase, grow/grew/grown, surge", Kind.COMMON: "increase"},
            "ar": {
                Kind.VERB: "ارتفع/يرتفع, زاد/يزيد, رفع/يرفع, تصاعد/يتصاعد",
                Kind.COMMON: "ارتفاع, زيادة, رفع, تصاعد",
            },
        },
        "lower",
        {
            "en": {Kind.VERB: "fall/fell/fallen, lower, decrease, reduce, drop", Kind.COMMON: "decrease, reduction"},
            "ar": {Kind.VERB: "انخفض/ينخفض, خفض/يخفض, هبط/يهبط", Kind.COMMON: "انخفاض, خفض, تخفيض, هبوط"},
        },
    ),
    (
        "open",
        {"en": {Kind.VERB: "open, reopen", Kind.COMMON: "opening"}, "ar": {Kind.VERB: "فتح/يفتح", Kind.COMMON: "فتح"}},
        "close",
        {
            "en": {Kind.VERB: "close, shut/shut, seal", Kind.COMMON: "closure"},
            "ar": {Kind.VERB: "أغلق/يغلق", Kind.COMMON: "إغلاق"},
        },
    ),
    (
        "arrest",
        {
            "en": {Kind.VERB: "arrest, detain, jail", Kind.COMMON: "arrest, detention"},
            "ar": {Kind.VERB: "اعتقل/يعتقل, احتجز/يحتجز", Kind.COMMON: "اعتقال, احتجاز"},
        },
        "release",
        {
            "en": {Kind.VERB: "release, free, acquit", Kind.COMMON: "release"},
            "ar": {Kind.VERB: "أفرج/يفرج", Kind.COMMON: "إفراج"},
        },
    ),
    (
        "win",
        {"en": {Kind.VERB: "win/won"}, "ar": {Kind.VERB: "فاز/يفوز, هزم/يهزم", Kind.COMMON: "فوز"}},
        "lose",
        {"en": {Kind.VERB: "lose/lost"}, "ar": {Kind.VERB: "خسر/يخسر", Kind.COMMON: "خسارة, هزيمة"}},
    ),
    (
        "praise",
        {
            "en": {Kind.VERB: "praise, welcome, hail", Kind.COMMON: "praise"},
            "ar": {Kind.VERB: "أشاد/يشيد, رحب/يرحب", Kind.COMMON: "إشادة, ترحيب"},
        },
        "condemn",
        {
            "en": {Kind.VERB: "condemn, denounce", Kind.COMMON: "condemnation"},
            "ar": {Kind.VERB: "أدان/يدين, استنكر/يستنكر, ندد/يندد", Kind.COMMON: "إدانة, استنكار, تنديد"},
        },
    ),
)


@cache
def _vocabulary() -> tuple[Vocabulary, dict[int, str]]:
    """The vocabulary of all poles' words, and which pole each of its terms is; made when first asked for."""
    vocabulary, poles = Vocabulary({}, {}), {}
    for left, of_left, right, of_right in _OPPOSITES:
        for pole, words in ((f"{left}|{right}", of_left), (f"{right}|{left}", of_right)):
            for language, kinds in words.items():
                for kind, texts in kinds.items():
                    for text in texts.split(", "):
                        poles[vocabulary.number_of_phrase(Phrase(text, language, kind))] = pole
    vocabulary.freeze()
    return vocabulary, poles


def poles_of(folded: Folded) -> tuple[str, ...]:
    """The poles whose words stand in the text, sorted, each as `itself|opposite`.

    A pole whose opposite stands there too is left out: together they say nothing.
    """
    vocabulary, poles = _vocabulary()
    found = {poles[term] for term in vocabulary.scan(folded)}
    return tuple(sorted(pole for pole in found if "|".join(reversed(pole.split("|"))) not in found))
