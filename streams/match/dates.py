"""Finds the days that a head names by date: "24 حزيران", "November 20", "25-11-2023", "2020/02/25"."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MONTHS = """
    january jan يناير جانفي كانون_الثاني
    february feb فبراير فيفري شباط
    march mar مارس آذار اذار
    april apr أبريل ابريل إبريل أفريل نيسان
    may مايو ماي أيار ايار
    june jun يونيو يونيه جوان حزيران
    july jul يوليو يوليه جويلية تموز
    august aug أغسطس اغسطس أوت آب اب
    september sept sep سبتمبر شتنبر أيلول ايلول
    october oct أكتوبر اكتوبر تشرين_الأول تشرين_الاول
    november nov نوفمبر نونبر تشرين_الثاني
    december dec ديسمبر دجنبر كانون_الأول كانون_الاول
"""
_MONTH_OF = {
    name.replace("_", " "): number
    for number, names in enumerate(_MONTHS.strip().splitlines(), start=1)
    for name in names.split()
}
_MONTH = "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True))
_DATE = re.compile(
    r"(?<![\d/.:-])(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:[ \t]*[/-][ \t]*|[ \t]+(?:of|من|شهر)[ \t]+|[ \t]+)"
    rf"(?P<month>{_MONTH})\b"
    rf"|\b(?P<month_first>{_MONTH})\.?[ \t]+(?P<day_last>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:\d])"
    r"|(?P<d>\d{1,2})(?P<mark>[-/.])(?P<m>\d{1,2})(?P=mark)(?:19|20)\d{2}\b"
    r"|(?:19|20)\d{2}(?P<sign>[-/.])(?P<m2>\d{1,2})(?P=sign)(?P<d2>\d{1,2})\b)",
    re.IGNORECASE,
)
_LAST_MONTH, _LAST_DAY = 12, 31


def dates_in(text: str) -> Iterator[tuple[int, int]]:
    """The month and day of each date in the text, whatever its year, in their order.

    Of figures alone the day stands before the month, unless there is no such month.
    """
    for found in _DATE.finditer(text):
        if name := found["month"] or found["month_first"]:
            if name == "may":
                continue  # "5 may be dead"
            month, day = _MONTH_OF[name.lower()], int(found["day"] or found["day_last"])
        else:
            month, day = int(found["m"] or found["m2"]), int(found["d"] or found["d2"])
            month, day = (day, month) if month > _LAST_MONTH else (month, day)
        if 1 <= month <= _LAST_MONTH and 1 <= day <= _LAST_DAY:
            yield month, day
