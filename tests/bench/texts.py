"""Sentences from which the benchmark's articles are made; all invented for it.

`renewed` puts words into a text that no text had before, as every article of the news has some.

A sentence has slots in braces, filled from `FILLINGS` of its language. `ORDINARY` sentences name the places, actors and
forces that the shipped rules look for, as the news do, and none of them fires a rule; each of `ALERTING` fires one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

NEW_WORDS = 0.05
"""Share of words that an engine has not met. In the second thousand of Arabic articles it is .08, and it falls."""

FILLINGS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "ar": {
        "place": ("دمشق", "حلب", "بغداد", "أنقرة", "موسكو", "بيروت", "عمان", "القاهرة", "الرياض", "حمص", "اللاذقية"),
        "town": ("إدلب", "معرة النعمان", "سراقب", "أريحا", "جسر الشغور", "الدانا"),
        "nation": ("السورية", "التركية", "الروسية", "الأمريكية", "الإيرانية", "العراقية", "الفرنسية"),
        "office": ("وزير الخارجية", "وزير الدفاع", "رئيس الوزراء", "المتحدث باسم الحكومة", "محافظ البنك المركزي"),
        "day": ("الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس"),
        "month": ("كانون الثاني", "آذار", "نيسان", "حزيران", "أيلول", "تشرين الأول"),
        "crop": ("القمح", "القطن", "الزيتون", "الشعير", "الفستق"),
        "club": ("الوحدة", "الاتحاد", "الجيش", "الكرامة", "تشرين", "الأهلي"),
    },
    "en": {
        "place": ("Damascus", "Aleppo", "Baghdad", "Ankara", "Moscow", "Beirut", "Amman", "Cairo", "Homs", "Geneva"),
        "town": ("Idlib", "Maarat al-Numan", "Saraqib", "Ariha", "Jisr al-Shughour"),
        "nation": ("Syrian", "Turkish", "Russian", "American", "Iranian", "Iraqi", "French"),
        "office": (
            "foreign minister",
            "defence minister",
            "prime minister",
            "government spokesman",
            "central bank governor",
        ),
        "day": ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday"),
        "month": ("January", "March", "April", "June", "September", "October"),
        "crop": ("wheat", "cotton", "olives", "barley", "pistachios"),
        "club": ("United", "Rovers", "Albion", "Wanderers", "City"),
    },
}

HEADLINES: Mapping[str, Sequence[str]] = {
    "ar": (
        "{office} يبحث في {place} ملفات التعاون الاقتصادي",
        "موسم {crop} في ريف {place} يفوق التوقعات",
        "القوات {nation} تجري تدريبات قرب {place}",
        "{club} يتعادل في {place} ويحتفظ بالصدارة",
        "معرض للكتاب في {place} يجذب آلاف الزوار",
    ),
    "en": (
        "{nation} {office} discusses trade in {place}",
        "Harvest of {crop} near {place} beats the forecasts",
        "{nation} forces hold an exercise near {place}",
        "{club} draw in {place} and stay on top",
        "Book fair in {place} draws thousands",
    ),
}

ORDINARY: Mapping[str, Sequence[str]] = {
    "ar": (
        "وصل {office} إلى {place} صباح {day} في زيارة رسمية تستمر يومين على رأس وفد من كبار المسؤولين.",
        "وقال {office} في مؤتمر صحفي إن المباحثات كانت بناءة وإن الجانبين اتفقا على مواصلة الحوار خلال {month}.",
        "وذكرت وكالة الأنباء {nation} أن الاجتماع تناول العلاقات الثنائية وسبل تعزيز التبادل التجاري بين البلدين.",
        "وأضاف المصدر أن قوات {nation} ما زالت في مواقعها على الطريق الدولي منذ مطلع العام الماضي.",
        "وتنتشر نقاط المراقبة {nation} في محيط {town} بموجب الاتفاق الموقع في {month} من العام الماضي.",
        "وأوضح البيان أن الجيش سيشارك مع القوات {nation} في مناورات مشتركة تبدأ يوم {day} المقبل.",
        "وبلغت قيمة الصادرات {number} مليون دولار بزيادة قدرها {small} في المئة مقارنة بالفترة نفسها من العام السابق.",
        "وقال مزارعون في ريف {place} إن إنتاج {crop} هذا الموسم تجاوز {number} طن بفضل الأمطار الغزيرة.",
        "وخصصت الحكومة {number} مليون ليرة لدعم أسعار {crop} وصيانة شبكات الري في المحافظة.",
        "وارتفع سعر صرف الدولار في أسواق {place} إلى مستوى لم يسجل منذ {small} أسابيع.",
        "وتعادل فريق {club} مع ضيفه فريق {club} بهدف لمثله في المباراة التي أقيمت على ملعب {place} البلدي.",
        "وسجل اللاعب هدف التعادل في الدقيقة {small} بعد تمريرة طويلة من وسط الملعب أمام {number} متفرج.",
        "وافتتح في {town} مركز صحي جديد يقدم خدماته لأكثر من {number} أسرة من سكان المنطقة والنازحين إليها.",
        "وتستقبل مدارس {town} هذا العام {number} طالب وطالبة بعد الانتهاء من أعمال الترميم.",
        "ويضم المعرض أعمال {small} فنانا من {place} وعددا من الكتب النادرة عن تاريخ المدينة وأسواقها القديمة.",
        "وأشار الباحث إلى أن الوثائق التي عثر عليها تعود إلى القرن التاسع عشر وتصف حياة التجار في {place}.",
        "وتوقعت الأرصاد الجوية أن تنخفض درجات الحرارة يوم {day} مع هطول أمطار متفرقة على المرتفعات الساحلية.",
        "ونقلت صحيفة محلية عن {office} قوله إن الميزانية الجديدة ستعرض على البرلمان قبل نهاية {month}.",
        "وحضر اللقاء السفير وعدد من رجال الأعمال وممثلون عن غرفة التجارة والصناعة في {place}.",
        "ويرى محللون أن روسيا وإيران وتركيا ستواصل التنسيق السياسي في إطار الاجتماعات الدورية بين مسؤوليها.",
    ),
    "en": (
        "The {nation} {office} arrived in {place} on {day} for an official visit of two days.",
        "Both sides agreed to continue the dialogue in {month}, the {office} told reporters after the talks.",
        "The meeting dealt with bilateral relations and with trade, the state news agency said.",
        "A source added that {nation} forces remained in their positions along the motorway.",
        "{nation} observation posts stand around {town} under the agreement that was signed in {month} last year.",
        "The army will take part in joint exercises with {nation} troops that begin on {day}, the statement explained.",
        "Exports were worth {number} million dollars, an increase of {small} per cent over a year earlier.",
        "Farmers near {place} said the season had brought {number} tonnes of {crop} thanks to heavy rain.",
        "The government set aside {number} million pounds to support {crop} and to repair canals.",
        "The dollar rose on the markets of {place} to a level that had not been seen for {small} weeks.",
        "{club} drew one all with {club} in the match that was played at the municipal stadium in {place}.",
        "The equaliser came in minute {small} after a long pass from midfield in front of {number} spectators.",
        "A new health centre opened in {town}; it will serve more than {number} families who live in the area.",
        "The schools of {town} welcome {number} pupils this year, now that the repairs have been completed.",
        "The exhibition shows works by {small} artists from {place} and rare books about the history of its markets.",
        "The documents describe the life of merchants in {place} in the nineteenth century, the researcher said.",
        "Forecasters expect temperatures to fall on {day}, with scattered showers over the hills along the coast.",
        "A local newspaper quoted the {office} as saying that the budget would be put to parliament in {month}.",
        "The ambassador, several businessmen and members of the chamber of commerce in {place} attended the meeting.",
        "Analysts believe that Russia, Iran and Turkey will go on coordinating their policies.",
    ),
}

ALERTING: Mapping[str, Sequence[str]] = {
    "ar": (
        "ودعا {office} القوات الأجنبية الموجودة في شرق الفرات إلى الانسحاب فورا من الأراضي السورية.",
        "وقصفت طائرات حربية بلدة كفرنبل في ريف إدلب صباح {day}، ما أدى إلى مقتل {small} مدنيين.",
    ),
    "en": (
        "The {office} called on Turkey to withdraw its troops from Bashiqa without delay.",
        "Warplanes carried out air strikes on Saraqib on {day} and killed {small} civilians, residents said.",
    ),
}


def renewed(text: str, random: Random) -> str:
    """The text with so many of its words lengthened by letters that make new words of them."""
    words = text.split(" ")
    for place in random.sample(range(len(words)), round(len(words) * NEW_WORDS)):
        letters = random.choices("bcdfghkmnprstvz" if words[place].isascii() else "بتجدرسصعفقكمنو", k=4)
        words[place] = "".join(letters) + words[place]
    return " ".join(words)
