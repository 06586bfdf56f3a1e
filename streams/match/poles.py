"""Words with an opposite: "begin withdrawing" and "begin deploying" are two happenings, however alike the rest is."""

from __future__ import annotations

from streams.match.outcomes import OUTCOMES
from streams.match.phrases import Kind

_Words = dict[str, dict[Kind, str]]
OPPOSITES: tuple[tuple[str, _Words, str, _Words], ...] = (
    (
        "withdraw",
        {
            "en": {
                Kind.VERB: "withdraw/withdrew/withdrawn, pull out, pull back, recall",
                Kind.COMMON: "withdrawal, pullout",
            },
            "ar": {Kind.VERB: "انسحب/ينسحب, سحب/يسحب", Kind.COMMON: "انسحاب, سحب"},
        },
        "deploy",
        {
            "en": {
                Kind.VERB: "deploy, reinforce, dispatch",
                Kind.COMMON: "deployment, reinforcement",
                Kind.EXACT: "digs in, dig in, digging in, dug in, stays put, stay put",
            },
            "ar": {
                Kind.VERB: "نشر/ينشر, عزز/يعزز, انتشر/ينتشر, تحصن/يتحصن, تمركز/يتمركز",
                Kind.COMMON: "نشر, تعزيز, تعزيزات, انتشار",
            },
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
            "en": {
                Kind.VERB: "end, stop, halt, suspend, cancel, call off, complete, finish, conclude",
                Kind.COMMON: "suspension, cancellation, completion",
            },
            "ar": {
                Kind.VERB: "انتهى/ينتهي, أنهى/ينهي, أوقف/يوقف, علق/يعلق, ألغى/يلغي, أكمل/يكمل, استكمل/يستكمل, "
                "اكتمل/يكتمل",
                Kind.COMMON: "إنهاء, إلغاء, تعليق, انتهاء, استكمال, اكتمال",
                Kind.EXACT: "بالكامل",
            },
        },
    ),
    (
        "enter",
        {
            "en": {
                Kind.VERB: "enter, arrive, capture, seize, advance",
                Kind.COMMON: "entry, arrival, capture",
                Kind.EXACT: "moves into, moving into, moved into, move into",
            },
            "ar": {
                Kind.VERB: "دخل/يدخل, أدخل/يدخل, وصل/يصل, تقدم/يتقدم, سيطر/يسيطر",
                Kind.COMMON: "دخول, إدخال, وصول, تقدم, سيطرة",
            },
        },
        "leave",
        {
            "en": {
                Kind.VERB: "leave/left, exit, depart, retreat, quit/quit, evacuate, vacate",
                Kind.COMMON: "departure, exit, retreat",
            },
            "ar": {
                Kind.VERB: "غادر/يغادر, خرج/يخرج, أخرج/يخرج, تراجع/يتراجع, أخلى/يخلي",
                Kind.COMMON: "مغادرة, خروج, إخراج, تراجع, إخلاء",
            },
        },
    ),
    (
        "raise",
        {
            "en": {
                Kind.VERB: "rise/rose/risen, raise, increase, grow/grew/grown, surge, boost, expand",
                Kind.COMMON: "increase",
            },
            "ar": {
                Kind.VERB: "ارتفع/يرتفع, زاد/يزيد, رفع/يرفع, تصاعد/يتصاعد, ضاعف/يضاعف, وسع/يوسع",
                Kind.COMMON: "ارتفاع, زيادة, رفع, تصاعد",
            },
        },
        "lower",
        {
            "en": {
                Kind.VERB: "fall/fell/fallen, lower, decrease, reduce, drop, cut/cut, halve, slash",
                Kind.COMMON: "decrease, reduction",
            },
            "ar": {
                Kind.VERB: "انخفض/ينخفض, خفض/يخفض, هبط/يهبط, قلص/يقلص",
                Kind.COMMON: "انخفاض, خفض, تخفيض, هبوط, تقليص",
            },
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
        "take",
        {
            "en": {
                Kind.VERB: "retake/retook/retaken, recapture, regain, capture, seize",
                Kind.EXACT: "takes control, took control, take control",
                Kind.COMMON: "takeover",
            },
            "ar": {Kind.VERB: "استعاد/يستعيد, انتزع/ينتزع, سيطر/يسيطر", Kind.COMMON: "استعادة, سيطرة"},
        },
        "yield",
        {
            "en": {Kind.VERB: "lose/lost, cede, yield", Kind.EXACT: "loses control, lost control, falls to, fell to"},
            "ar": {Kind.VERB: "خسر/يخسر, فقد/يفقد", Kind.COMMON: "خسارة, فقدان"},
        },
    ),
    (
        "storm",
        {
            "en": {Kind.VERB: "storm, advance, overrun/overran/overrun, capture, seize"},
            "ar": {Kind.VERB: "اقتحم/يقتحم, تقدم/يتقدم, سيطر/يسيطر", Kind.COMMON: "اقتحام"},
        },
        "repel",
        {
            "en": {
                Kind.VERB: "repel, repulse, thwart, foil",
                Kind.EXACT: "fends off, fended off, fights off, fought off",
            },
            "ar": {Kind.VERB: "صد/يصد, أحبط/يحبط, أفشل/يفشل", Kind.COMMON: "إحباط"},
        },
    ),
    (
        "allow",
        {"en": {Kind.VERB: "allow, permit"}, "ar": {Kind.VERB: "سمح/يسمح", Kind.COMMON: "سماح"}},
        "bar",
        {"en": {Kind.VERB: "bar, ban, prohibit"}, "ar": {Kind.VERB: "منع/يمنع, حظر/يحظر", Kind.COMMON: "منع, حظر"}},
    ),
    (
        "praise",
        {
            "en": {Kind.VERB: "praise, welcome, hail", Kind.COMMON: "praise"},
            "ar": {Kind.VERB: "أشاد/يشيد, رحب/يرحب", Kind.COMMON: "إشادة, ترحيب"},
        },
        "condemn",
        {
            "en": {Kind.VERB: "condemn, denounce, criticise, criticize, slam", Kind.COMMON: "condemnation"},
            "ar": {Kind.VERB: "أدان/يدين, استنكر/يستنكر, ندد/يندد, انتقد/ينتقد", Kind.COMMON: "إدانة, استنكار, تنديد"},
        },
    ),
    (
        "demand",
        {
            "en": {
                Kind.VERB: "demand, urge, insist",
                Kind.EXACT: "calls for, called for, call for, calls on, called on",
            },
            "ar": {Kind.VERB: "طالب/يطالب, دعا/يدعو, اشترط/يشترط"},
        },
        "refuse",
        {
            "en": {
                Kind.VERB: "refuse, rebuff",
                Kind.EXACT: "rules out, ruled out, rule out",
                Kind.COMMON: "refusal",
            },
            "ar": {Kind.VERB: "رفض/يرفض, استبعد/يستبعد", Kind.COMMON: "رفض"},
        },
    ),
    (
        "hold",
        {
            "en": {
                Kind.VERB: "extend",
                Kind.EXACT: "holds, holding, takes effect, took effect, take effect, comes into force, into force",
            },
            "ar": {
                Kind.VERB: "صمد/يصمد, مدد/يمدد",
                Kind.COMMON: "صمود, تمديد, سريان",
                Kind.EXACT: "حيز التنفيذ, يسري, تسري",
            },
        },
        "collapse",
        {
            "en": {
                Kind.VERB: "collapse, break/broke/broken, violate, breach, unravel",
                Kind.COMMON: "collapse, violation, breach",
            },
            "ar": {Kind.VERB: "انهار/ينهار, خرق/يخرق, انتهك/ينتهك", Kind.COMMON: "انهيار, خرق, خروقات, انتهاك"},
        },
    ),
    (
        "stay",
        {"en": {Kind.VERB: "stay, remain"}, "ar": {Kind.VERB: "بقي/يبقى", Kind.COMMON: "بقاء"}},
        "go",
        {
            "en": {
                Kind.VERB: "leave/left, withdraw/withdrew/withdrawn, quit/quit, depart",
                Kind.COMMON: "withdrawal",
                Kind.EXACT: "must go, should go, has to go, have to go, to go, get out, gets out",
            },
            "ar": {
                Kind.VERB: "انسحب/ينسحب, غادر/يغادر, رحل/يرحل, خرج/يخرج",
                Kind.COMMON: "انسحاب, مغادرة, رحيل, خروج",
            },
        },
    ),
    (
        "grow",
        {"en": {Kind.VERB: "escalate, intensify"}, "ar": {Kind.VERB: "تصاعد/يتصاعد", Kind.COMMON: "تصاعد, تصعيد"}},
        "ease",
        {
            "en": {Kind.VERB: "ease, subside, abate", Kind.COMMON: "lull"},
            "ar": {Kind.VERB: "تراجع/يتراجع, هدأ/يهدأ, انحسر/ينحسر", Kind.COMMON: "تراجع, هدوء, انحسار"},
        },
    ),
    (
        "go-on",
        {
            "en": {
                Kind.VERB: "resume, continue, begin/began/begun, start",
                Kind.COMMON: "resumption",
                Kind.EXACT: "goes on, going on, went on, go on",
            },
            "ar": {
                Kind.VERB: "استأنف/يستأنف, استمر/يستمر, تواصل/يتواصل",
                Kind.COMMON: "استئناف, استمرار, تواصل, مستمر, متواصل",
            },
        },
        "stop",
        {
            "en": {Kind.VERB: "stop, halt, cease, end", Kind.COMMON: "halt"},
            "ar": {Kind.VERB: "توقف/يتوقف, انتهى/ينتهي", Kind.COMMON: "توقف, انتهاء"},
        },
    ),
    *OUTCOMES,
)
"""Poles by language and kind of phrase (see `streams.match.phrases`); of each row the left one opposes the right."""
