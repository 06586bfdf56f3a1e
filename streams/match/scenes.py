"""Words by which reports of one happening agree across outlets and languages: to whom it was done, and where.

Each class names one thing under all its usual words, so that a raid is a strike (see `streams.match.deeds`) and سوق is
a market. `SIDES` are who fights whom.
"""

from __future__ import annotations

from streams.match.phrases import Kind

_Words = dict[str, dict[Kind, str]]

TARGETS: dict[str, _Words] = {
    "market": {"en": {Kind.COMMON: "market, bazaar, shopper"}, "ar": {Kind.COMMON: "سوق, أسواق"}},
    "school": {
        "en": {Kind.COMMON: "school, pupil, teacher, student, nursery, university, classroom"},
        "ar": {Kind.COMMON: "مدرسة, مدارس, طلاب, تلميذ, تلاميذ, معلمة, معلمين, معلمون, جامعة"},
    },
    "hospital": {
        "en": {Kind.COMMON: "hospital, clinic, medic, medical centre, health centre"},
        "ar": {Kind.COMMON: "مشفى, مستشفى, مشافي, مستشفيات, مستوصف, مسعف, مسعفين, مسعفون"},
    },
    "camp": {"en": {Kind.COMMON: "camp, tent"}, "ar": {Kind.COMMON: "مخيم, مخيمات, خيمة, خيام"}},
    "displaced": {
        "en": {Kind.COMMON: "refugee, shelter", Kind.EXACT: "displaced, uprooted"},
        "ar": {Kind.COMMON: "نازح, نازحون, نازحين, لاجئ, لاجئين, لاجئون"},
    },
    "farm": {
        "en": {Kind.COMMON: "farm, farmer, orchard, harvest, harvester, grove, olive, shepherd"},
        "ar": {
            Kind.COMMON: "مزرعة, مدجنة, مزارع, مزارعين, مزارعون, بستان, بساتين, حقل, حقول, محصول, محاصيل, حصاد, "
            "قطاف, زيتون, راعي, رعاة",
        },
    },
    "police": {
        "en": {Kind.COMMON: "police station, police post, policeman, police officer", Kind.EXACT: "policemen"},
        "ar": {Kind.COMMON: "مخفر, شرطة, شرطي, شرطيين"},
    },
    "funeral": {
        "en": {Kind.COMMON: "funeral, mourner, wedding, wedding party"},
        "ar": {Kind.COMMON: "جنازة, تشييع, عزاء, عرس, زفاف"},
    },
    "gas": {
        "en": {
            Kind.COMMON: "chemical attack, gas attack, nerve agent, chemical weapon",
            Kind.EXACT: "sarin",
        },
        "ar": {Kind.COMMON: "كيماوي, كيميائي, كيماوية, كيميائية, سارين, كلور, سامة, غاز الأعصاب, غاز سام, الغاز السام"},
    },
    "checkpoint": {"en": {Kind.COMMON: "checkpoint, roadblock"}, "ar": {Kind.COMMON: "حاجز, حواجز"}},
    "worship": {
        "en": {Kind.COMMON: "mosque, church, worshipper"},
        "ar": {Kind.COMMON: "مسجد, مساجد, كنيسة, مصلين, مصلون"},
    },
    "bakery": {"en": {Kind.COMMON: "bakery, bread queue"}, "ar": {Kind.COMMON: "فرن, مخبز, أفران"}},
    "industry": {
        "en": {Kind.COMMON: "factory, workshop, garage, mechanic, industrial zone, industrial quarter, fuel depot"},
        "ar": {Kind.COMMON: "مصنع, معمل, صناعة, صناعية, ورشة, ورشات"},
    },
    "quarry": {"en": {Kind.COMMON: "quarry, sawmill, stone mill"}, "ar": {Kind.COMMON: "منشرة, مناشر, مقلع, كسارة"}},
    "water": {
        "en": {Kind.COMMON: "water station, water plant, pumping station"},
        "ar": {Kind.COMMON: "محطة مياه, محطة المياه, محطة ضخ, خزان مياه"},
    },
    "fuel": {
        "en": {Kind.COMMON: "petrol station, gas station, fuel station, fuel market, refinery"},
        "ar": {Kind.COMMON: "محطة وقود, محطة محروقات, كازية, حراقة, حراقات, محروقات, مصفاة"},
    },
    "sport": {
        "en": {Kind.COMMON: "playground, stadium, football pitch, swimming pool"},
        "ar": {Kind.COMMON: "ملعب, ملاعب, مسبح, مسابح"},
    },
    "court": {"en": {Kind.COMMON: "court, courthouse"}, "ar": {Kind.COMMON: "محكمة, محاكم, قصر العدل"}},
    "convoy": {"en": {Kind.COMMON: "convoy, column"}, "ar": {Kind.COMMON: "رتل, أرتال, قافلة"}},
    "base": {
        "en": {
            Kind.COMMON: "airbase, air base, airport, airfield, military base, observation post, military post, "
            "camp, training camp, barracks, headquarters"
        },
        "ar": {
            Kind.COMMON: "مطار, قاعدة, قواعد, نقطة المراقبة, نقاط المراقبة, نقطة مراقبة, معسكر, معسكرات, ثكنة, ثكنات"
        },
    },
    "bus": {"en": {Kind.COMMON: "bus"}, "ar": {Kind.COMMON: "حافلة, حافلات"}},
    "prison": {"en": {Kind.COMMON: "prison, jail, prisoner"}, "ar": {Kind.COMMON: "سجن, سجون, سجناء"}},
    "helicopter": {"en": {Kind.COMMON: "helicopter"}, "ar": {Kind.COMMON: "مروحية, مروحيات"}},
    "resolution": {
        "en": {Kind.COMMON: "resolution, vote"},
        "ar": {Kind.COMMON: "قرار, قرارا, تصويت"},
    },
    "parliament": {
        "en": {Kind.COMMON: "parliament, lawmaker, member of parliament, MP"},
        "ar": {Kind.COMMON: "برلمان, نواب, نيابية, مجلس النواب"},
    },
    "protest": {
        "en": {Kind.COMMON: "protest, protester, rally, demonstrator, demonstration, crowd"},
        "ar": {Kind.VERB: "تظاهر/يتظاهر", Kind.COMMON: "تظاهرة, مظاهرة, متظاهرين, متظاهرون, احتجاج, احتجاجات"},
    },
    "deadline": {
        "en": {Kind.COMMON: "ultimatum, deadline, end of the month", Kind.EXACT: "by the end of, before the end of"},
        "ar": {
            Kind.VERB: "أمهل/يمهل",
            Kind.COMMON: "مهلة, موعد, إنذار",
            Kind.EXACT: "نهاية الشهر, قبل نهاية, حتى نهاية",
        },
    },
    "condition": {
        "en": {Kind.COMMON: "condition, talks, negotiation", Kind.EXACT: "before talks"},
        "ar": {Kind.VERB: "اشترط/يشترط", Kind.COMMON: "شرط, شرطا, محادثات, مفاوضات, مشاورات, حوار"},
    },
    "power-plant": {
        "en": {Kind.COMMON: "power plant, nuclear plant, nuclear station, nuclear power plant, power station"},
        "ar": {Kind.COMMON: "محطة نووية, محطة كهرباء, محطة الكهرباء, نووية"},
    },
    "election": {
        "en": {Kind.COMMON: "election, polls"},
        "ar": {Kind.COMMON: "انتخابات, اقتراع"},
    },
    "port": {"en": {Kind.COMMON: "port"}, "ar": {Kind.COMMON: "ميناء, موانئ, مرفأ"}},
}
"""To whom or what it was done, and of what a day rarely has two."""

SCENES: dict[str, _Words] = {
    "blast": {
        "en": {Kind.VERB: "explode, detonate", Kind.COMMON: "explosion, blast, detonation"},
        "ar": {Kind.VERB: "انفجر/ينفجر", Kind.COMMON: "انفجار, انفجارات, تفجير, تفجيرات"},
    },
    "car": {"en": {Kind.COMMON: "car, vehicle, motorcycle"}, "ar": {Kind.COMMON: "سيارة, سيارات, دراجة"}},
    "bridge": {"en": {Kind.COMMON: "bridge, highway, motorway"}, "ar": {Kind.COMMON: "جسر, طريق دولي, أوتوستراد"}},
    "drone": {"en": {Kind.COMMON: "drone"}, "ar": {Kind.COMMON: "مسيرة, مسيرات"}},
    "home": {"en": {Kind.COMMON: "home, house"}, "ar": {Kind.COMMON: "منزل, منازل, منزلا, بيت, بيوت"}},
    "workers": {
        "en": {Kind.COMMON: "worker, labourer, laborer"},
        "ar": {Kind.COMMON: "عامل, عمال, عاملا, عاملين"},
    },
    "youth": {"en": {Kind.COMMON: "youth, young man, young men"}, "ar": {Kind.COMMON: "شاب, شابا, شبان, شابين"}},
    "family": {
        "en": {Kind.COMMON: "family, couple, wife"},
        "ar": {Kind.COMMON: "عائلة, أسرة, زوجة, زوجته, زوجين, امرأته"},
    },
    "soldiers": {
        "en": {Kind.COMMON: "soldier, troop, serviceman, servicemen, fighter"},
        "ar": {Kind.COMMON: "جندي, جنود, جنديا, عسكري, عسكريين, مقاتل, مقاتلين, مقاتلا"},
    },
    "children": {
        "en": {Kind.COMMON: "child, children, girl, boy"},
        "ar": {Kind.COMMON: "طفل, طفلة, أطفال, طفلان, طفلين, رضيع"},
    },
    "women": {"en": {Kind.COMMON: "woman, women"}, "ar": {Kind.COMMON: "امرأة, سيدة, نساء"}},
    "commander": {
        "en": {Kind.COMMON: "commander, leader, senior figure"},
        "ar": {Kind.COMMON: "قيادي, قائد, قياديا, قادة"},
    },
    "journalist": {"en": {Kind.COMMON: "journalist, reporter"}, "ar": {Kind.COMMON: "صحفي, صحافي, مراسل, إعلامي"}},
    "rescuers": {
        "en": {Kind.COMMON: "rescue worker, ambulance", Kind.EXACT: "White Helmets"},
        "ar": {Kind.COMMON: "مسعف, إسعاف", Kind.EXACT: "الخوذ البيضاء"},
    },
    "dawn": {"en": {Kind.EXACT: "dawn, overnight, before dawn"}, "ar": {Kind.COMMON: "فجر, ليلا"}},
    "at-once": {
        "en": {
            Kind.EXACT: "immediately, immediate, without delay, without further delay, no delay, at once, "
            "right away, right now, straight away, forthwith, now, swift, swiftly, quickly, quick, rapid, "
            "as soon as possible",
        },
        "ar": {
            Kind.COMMON: "فورا, فوري, سريعا, حالا, عاجلا",
            Kind.EXACT: "دون تأخير, بلا تأخير, بدون تأخير, دون إبطاء, بلا إبطاء, بدون إبطاء, دون تأجيل, بلا تأجيل, "
            "دون مهلة, على الفور, في الحال, في أسرع وقت, بأسرع وقت, بأسرع ما يمكن",
        },
    },
    "border": {
        "en": {Kind.COMMON: "border, buffer zone, border crossing"},
        "ar": {Kind.COMMON: "حدود, حدودي, حدودية, معبر, منطقة عازلة"},
    },
}
"""To whom else, where, and how; found in most reports."""

SIDES: dict[str, _Words] = {
    "state": {
        "en": {
            Kind.COMMON: "army, regime, government force, government troop, regime force",
            Kind.EXACT: "government forces, government troops, regime forces, Assad's forces, government",
        },
        "ar": {
            Kind.COMMON: "جيش, نظام",
            Kind.EXACT: "قوات النظام, قوات الأسد",
        },
    },
    "rebels": {
        "en": {
            Kind.COMMON: "rebel, insurgent, militant, opposition fighter, jihadist, rebel fighter, opposition",
            Kind.EXACT: "terrorists, terrorist organisations",
        },
        "ar": {Kind.COMMON: "فصيل, فصائل, معارضة, مسلحين, إرهابيين, إرهابية"},
    },
    "people": {
        "en": {Kind.COMMON: "civilian, resident, person, villager", Kind.EXACT: "people"},
        "ar": {Kind.COMMON: "مدني, مدنيين, مدنيون, أهالي, سكان, شخص, أشخاص, شخصين"},
    },
}
"""Who fights, or suffers."""

DEAD: _Words = {
    "en": {
        Kind.VERB: "kill, die, perish, martyr, slay/slew/slain, slaughter, massacre, wipe out, gun down",
        Kind.COMMON: "death, fatality, body, corpse",
        Kind.EXACT: "dead, death toll, lost their lives, lost his life, lost her life, lose their lives, lives lost, "
        "claimed the lives of, claims the lives of, claiming the lives of, took the lives of, takes the lives of, "
        "taking the lives of, cost the lives of, costing the lives of, claimed lives, claims lives, toll",
    },
    "ar": {
        Kind.VERB: "قتل/يقتل, استشهد/يستشهد, قضى/يقضي, مات/يموت, توفي/يتوفى",
        Kind.COMMON: "قتيل, قتيلا, قتيلة, قتيلان, قتيلين, قتلى, مقتل, شهيد, شهيدا, شهيدة, شهيدان, شهيدين, شهداء, "
        "استشهاد, ضحية, ضحايا, وفاة, وفيات, جثة, جثث, جثامين, مصرع",
        Kind.EXACT: "حتفه, حتفها, حتفهم, فارق الحياة, فارقوا الحياة, فارقت الحياة, فقد حياته, فقدوا حياتهم, "
        "فقد الحياة, أودى, أودت, يودي, تودي, حصيلة",
    },
}
HURT: _Words = {
    "en": {Kind.VERB: "wound, injure, maim, hurt/hurt", Kind.COMMON: "casualty, injury"},
    "ar": {
        Kind.VERB: "جرح/يجرح, أصاب/يصيب",
        Kind.COMMON: "جريح, جريحا, جريحة, جريحين, جرحى, مصاب, مصابا, مصابة, مصابين, مصابون, إصابة, إصابات, أصيب",
        Kind.EXACT: "أصيب",
    },
}
