"""Words by which reports agree on what was done, and with what; see `streams.match.scenes`.

Kinds exclude each other: a shell and a bomb in a parked car are two happenings in one street.
"""

from __future__ import annotations

from streams.match.phrases import Kind

_Words = dict[str, dict[Kind, str]]

KINDS: dict[str, _Words] = {
    "bombardment": {
        "en": {
            Kind.VERB: "shell, bombard, pound, pummel, hammer, strafe, flatten, blitz",
            Kind.COMMON: "air strike, airstrike, air raid, strike, raid, shelling, bombardment, barrage, rocket, "
            "missile, artillery, mortar, warplane, jet, aircraft, barrel bomb, drone, cluster munition, bombing, "
            "bombing raid, cluster bomb, shellfire, howitzer, gunship, salvo, plane, bomber, fighter plane, chopper, "
            "helicopter, projectile, warhead, munition, tank fire, tank shell, grad, katyusha, sortie, phosphorus, "
            "incendiary, napalm, vacuum bomb, UAV, double tap",
            Kind.EXACT: "bombed, bombs fell, dropped bombs, drops bombs",
        },
        "ar": {
            Kind.VERB: "قصف/يقصف, أغار/يغير",
            Kind.COMMON: "غارة, غارات, غارتان, غارتين, قصف, قذيفة, قذائف, قذيفتان, صاروخ, صواريخ, صاروخي, صاروخية, "
            "صاروخين, طائرة, طائرات, طيران, مدفعية, مدفعي, مدافع, هاون, برميل, براميل, راجمة, راجمات, مسيرة, مسيرات, "
            "مقاتلات, مروحية, مروحيات, قنابل عنقودية, قنابل فراغية, ضربة جوية, ضربات جوية, ضربة روسية, ضربات روسية, "
            "رشقة, رشقات, طائرتان, طائرتين, حوامة, حوامات, طوافة, طوافات, سوخوي, سيخوي, ميغ, درون, صاروخان, صاروخيا, "
            "رماية, رمايات, غراد, كاتيوشا, باليستي, بالستي, باليستية, بالستية, عنقودي, عنقودية, فراغي, فراغية, "
            "ارتجاجي, ارتجاجية, فوسفور, فوسفوري, فوسفورية, فسفورية, نابالم, حارقة, متفجرة, كراسنوبول, دبابة, دبابات, "
            "رشاش, رشاشات, ليزرية, ليزريا",
        },
    },
    "planted": {
        "en": {
            Kind.COMMON: "car bomb, motorcycle bomb, truck bomb, roadside bomb, bomb attack, explosive device, "
            "landmine, suicide bomber, suicide bombing, land mine, booby trap, sticky bomb, hand grenade, "
            "explosive belt, suicide vest, unexploded ordnance, war remnant",
            Kind.EXACT: "IED, IEDs, booby trapped, bomb went off, bomb kills, bomb exploded, bomb explodes, "
            "mine exploded",
        },
        "ar": {
            Kind.COMMON: "مفخخة, مفخخات, عبوة, عبوات, عبوتين, ناسفة, ناسف, لغم, ألغام, لغمين, انتحاري, ملغمة, "
            "ملغومة, تفخيخ, مخلفات, لاصقة",
        },
    },
    "ground": {
        "en": {
            Kind.VERB: "clash, capture, recapture, seize, retake/retook/retaken, storm, overrun/overran/overrun, "
            "infiltrate, ambush, repel",
            Kind.COMMON: "clash, battle, capture, fighting, assault, counter-attack, offensive, ambush, firefight, "
            "gun battle, gunfight, skirmish, infiltration, infighting, ground attack",
            Kind.EXACT: "took control, takes control, take control, attack government lines",
        },
        "ar": {
            Kind.VERB: "سيطر/يسيطر, استعاد/يستعيد, حرر/يحرر, تصدى/يتصدى, اقتحم/يقتحم, هاجم/يهاجم, اشتبك/يشتبك, "
            "تسلل/يتسلل, انتزع/ينتزع, كمن/يكمن",
            Kind.COMMON: "اشتباك, اشتباكات, معركة, معارك, سيطرة, هجوم, هجوما, استعادة, اقتحام, تسلل, كمين, كمائن, "
            "مواجهات, قتال, اقتتال, انغماسي, انغماسيين, انغماسيون, إغارة, اشتباكا",
        },
    },
    "killing": {
        "en": {
            Kind.VERB: "assassinate, kidnap, abduct, behead, execute, murder, stab, gun down",
            Kind.COMMON: "assassination, gunman, gunmen, kidnapping, abduction, sniper, execution, murder, shooting",
            Kind.EXACT: "shot dead, opened fire, open fire, opens fire, shot and killed",
        },
        "ar": {
            Kind.VERB: "اغتال/يغتال, خطف/يخطف, اختطف/يختطف, أعدم/يعدم, ذبح/يذبح, طعن/يطعن, قنص/يقنص",
            Kind.COMMON: "اغتيال, اغتيالات, خطف, اختطاف, إعدام, إعدامات, قنص, قناص, قناصة, مجهولون, مجهولين",
            Kind.EXACT: "إطلاق نار, إطلاق النار, أطلقوا النار, أطلق النار, بالرصاص, رميا بالرصاص",
        },
    },
}
"""What was done."""

MEANS: dict[str, _Words] = {
    "air": {
        "en": {
            Kind.COMMON: "air strike, airstrike, air raid, raid, warplane, jet, aircraft, helicopter, barrel bomb, "
            "drone, bombing raid, gunship, fighter jet, plane, bomber, fighter plane, chopper, sortie, UAV",
        },
        "ar": {
            Kind.COMMON: "غارة, غارات, غارتان, غارتين, طائرة, طائرات, طيران, برميل, براميل, مروحية, مروحيات, جوي, "
            "جوية, مسيرة, مسيرات, مقاتلات, طائرتان, طائرتين, حوامة, حوامات, طوافة, طوافات, سوخوي, سيخوي, ميغ, درون",
        },
    },
    "guns": {
        "en": {
            Kind.VERB: "shell",
            Kind.COMMON: "shelling, artillery, mortar, howitzer, rocket, rocket launcher, shellfire, tank fire, "
            "tank shell, grad, katyusha",
        },
        "ar": {
            Kind.COMMON: "مدفعية, مدفعي, مدفعيا, مدافع, راجمة, راجمات, قذيفة, قذائف, قذيفتان, هاون, صاروخي, صاروخية, "
            "صاروخيا, غراد, كاتيوشا, كراسنوبول, دبابة, دبابات",
        },
    },
}
"""Whence it was bombarded."""
