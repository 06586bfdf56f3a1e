"""Words for how a thing stands or came out, with their opposites: planned or begun, extended or expired."""

from __future__ import annotations

from streams.match.phrases import Kind

_Words = dict[str, dict[Kind, str]]
_DONE_EN = "begin/began/begun, start, complete, finish, conclude, carry out"
_DONE_AR = "بدأ/يبدأ, باشر/يباشر, أكمل/يكمل, استكمل/يستكمل, أنجز/ينجز, نفذ/ينفذ"
_UNDER_WAY = "under way, underway"
"""That what was planned, or vowed, is done."""

OUTCOMES: tuple[tuple[str, _Words, str, _Words], ...] = (
    (
        "plan",
        {
            "en": {
                Kind.VERB: "plan, intend, prepare, consider, mull",
                Kind.EXACT: "to vote, will vote, set to, due to, about to, poised to, ready to, masses, massing, "
                "massed",
            },
            "ar": {
                Kind.VERB: "اعتزم/يعتزم, خطط/يخطط, استعد/يستعد, درس/يدرس, حشد/يحشد, تأهب/يتأهب",
                Kind.COMMON: "استعداد, استعدادا",
            },
        },
        "carry-out",
        {
            "en": {
                Kind.VERB: f"launch, {_DONE_EN}",
                Kind.EXACT: _UNDER_WAY,
                Kind.COMMON: "completion",
            },
            "ar": {
                Kind.VERB: f"أطلق/يطلق, شن/يشن, {_DONE_AR}",
                Kind.COMMON: "بدء, انطلاق, استكمال, اكتمال, انتهاء, إنجاز",
            },
        },
    ),
    (
        "vow",
        {
            "en": {Kind.VERB: "vow, pledge, promise, threaten, offer"},
            "ar": {Kind.VERB: "تعهد/يتعهد, توعد/يتوعد, هدد/يهدد, وعد/يعد, عرض/يعرض"},
        },
        "fulfil",
        {
            "en": {
                Kind.VERB: _DONE_EN,
                Kind.EXACT: _UNDER_WAY,
                Kind.COMMON: "completion",
            },
            "ar": {
                Kind.VERB: _DONE_AR,
                Kind.COMMON: "بدء, انطلاق, استكمال, اكتمال, إنجاز",
            },
        },
    ),
    (
        "ask",
        {
            "en": {
                Kind.VERB: "demand, urge, order, insist",
                Kind.EXACT: "calls for, called for, call for, calls on, called on",
            },
            "ar": {Kind.VERB: "طالب/يطالب, دعا/يدعو, أمر/يأمر, اشترط/يشترط"},
        },
        "comply",
        {
            "en": {Kind.VERB: "complete, finish, comply, obey, heed", Kind.COMMON: "compliance, completion"},
            "ar": {
                Kind.VERB: "استجاب/يستجيب, امتثل/يمتثل, أكمل/يكمل, استكمل/يستكمل, أنجز/ينجز",
                Kind.COMMON: "استجابة, امتثال, استكمال, اكتمال, إنجاز",
            },
        },
    ),
    (
        "extend",
        {
            "en": {Kind.VERB: "extend, prolong, renew", Kind.COMMON: "extension, renewal"},
            "ar": {Kind.VERB: "مدد/يمدد", Kind.COMMON: "تمديد"},
        },
        "expire",
        {
            "en": {Kind.VERB: "expire, lapse", Kind.COMMON: "expiry"},
            "ar": {Kind.VERB: "انتهى/ينتهي, أنهى/ينهي, انقضى/ينقضي", Kind.COMMON: "انتهاء, إنهاء, انقضاء"},
        },
    ),
    (
        "impose",
        {"en": {Kind.VERB: "impose, tighten"}, "ar": {Kind.VERB: "فرض/يفرض, شدد/يشدد", Kind.COMMON: "فرض, تشديد"}},
        "lift",
        {"en": {Kind.VERB: "lift, ease"}, "ar": {Kind.VERB: "رفع/يرفع, خفف/يخفف", Kind.COMMON: "رفع, تخفيف"}},
    ),
    (
        "adopt",
        {
            "en": {Kind.VERB: "adopt, pass, approve", Kind.COMMON: "adoption"},
            "ar": {Kind.VERB: "اعتمد/يعتمد, أقر/يقر, تبنى/يتبنى", Kind.COMMON: "اعتماد, إقرار"},
        },
        "block",
        {
            "en": {Kind.VERB: "veto, block, fail", Kind.COMMON: "veto"},
            "ar": {Kind.VERB: "عرقل/يعرقل, فشل/يفشل", Kind.COMMON: "فيتو, عرقلة, فشل", Kind.EXACT: "حق النقض"},
        },
    ),
    (
        "succeed",
        {
            "en": {Kind.VERB: "succeed, manage"},
            "ar": {Kind.VERB: "نجح/ينجح, تمكن/يتمكن", Kind.COMMON: "نجاح"},
        },
        "fail",
        {"en": {Kind.VERB: "fail"}, "ar": {Kind.VERB: "فشل/يفشل, أخفق/يخفق", Kind.COMMON: "فشل, إخفاق"}},
    ),
    (
        "flee",
        {
            "en": {Kind.VERB: "flee/fled/fled, displace", Kind.COMMON: "exodus, displacement"},
            "ar": {Kind.VERB: "نزح/ينزح, هجر/يهجر", Kind.COMMON: "نزوح, تهجير"},
        },
        "return",
        {
            "en": {Kind.VERB: "return", Kind.COMMON: "return"},
            "ar": {Kind.VERB: "عاد/يعود, رجع/يرجع", Kind.COMMON: "عودة, رجوع"},
        },
    ),
    (
        "die",
        {
            "en": {Kind.VERB: "kill, die, assassinate"},
            "ar": {Kind.VERB: "قتل/يقتل, اغتال/يغتال", Kind.COMMON: "مقتل, اغتيال"},
        },
        "survive",
        {
            "en": {Kind.VERB: "survive", Kind.EXACT: "unharmed, unhurt"},
            "ar": {Kind.VERB: "نجا/ينجو", Kind.COMMON: "نجاة"},
        },
    ),
    (
        "besiege",
        {
            "en": {Kind.VERB: "besiege, encircle, surround"},
            "ar": {Kind.VERB: "حاصر/يحاصر, طوق/يطوق", Kind.COMMON: "تطويق, محاصرة"},
        },
        "capture",
        {
            "en": {
                Kind.VERB: "capture, recapture, seize, retake/retook/retaken, liberate",
                Kind.EXACT: "takes control, took control, take control",
                Kind.COMMON: "takeover",
            },
            "ar": {Kind.VERB: "سيطر/يسيطر, استعاد/يستعيد, حرر/يحرر", Kind.COMMON: "سيطرة, استعادة, تحرير"},
        },
    ),
)
"""As `streams.match.poles.OPPOSITES`, of which they are a part."""
