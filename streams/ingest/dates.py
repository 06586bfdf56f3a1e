"""Reads dates as publishers write them where they do not keep to a standard: in Arabic, with Arabic digits. Pure.

Months by their three sets of names: of Egypt and the Gulf (يناير), the Levant (كانون الثاني), the Maghreb (جانفي).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from streams.messages import DatePrecision

_NAMES = (
    "يناير|كانون الثاني|جانفي",
    "فبراير|شباط|فيفري",
    "مارس|اذار",
    "ابريل|نيسان|افريل",
    "مايو|ايار|ماي",
    "يونيو|حزيران|جوان",
    "يوليو|تموز|جويلية|يوليوز",
    "اغسطس|اب|اوت|غشت",
    "سبتمبر|ايلول|شتنبر",
    "اكتوبر|تشرين الاول",
    "نوفمبر|تشرين الثاني|نونبر",
    "ديسمبر|كانون الاول|دجنبر",
)
_MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split("|")}
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_LETTERS = str.maketrans("أإآٱى", "ااااي", "ـ\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u200e\u200f\u061c")
_DAY = re.compile(
    r"(?<!\d)(\d{1,2})\s*[-/]?\s*(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")"
    r"(?:\s*/\s*\w+(?: (?:الاول|الثاني))?)?\s*[-/،,]?\s*(\d{4})(?!\d)"
)
_TIME = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(صباحا|مساء|[صم](?!\w)|[AaPp][Mm])?")
_ZONE = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{2}):?(\d{2})\s*$")
_NUMBERS = re.compile(
    r"(?:(?P<year>\d{4})[/.])?(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})(?(year)|(?P=mark)(?P<last>\d{4}))"
    r"(?:[T ,-]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<instant>\d{2}))?)?"
)
_ZONELESS = re.compile(r"(?:[A-Za-z]{3,9}\.?,?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\s+[12]\d{3}\s+\d{1,2}:\d{2}(?::\d{2})?")
"""A date of RFC 822 without its zone, which feedparser does not read."""
_HALF = re.compile(r"(?<!\d)(\d{1,2}):\d{2}(?::\d{2})?\s*([AaPp])\.?[Mm]\b")
_ZONES = {"WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3}
_NAMED = re.compile(rf":\d{{2}}\s+({'|'.join(_ZONES)})\s*$")
"""Hours before UTC of zones that have one meaning, and that feedparser takes for UTC; `AST` and `IST` have several."""
_ISO_DAY = re.compile(r"(?<!\d)[12]\d{3}-\d{2}-\d{2}(?!\d)")
_SECONDS = re.compile(r"\d{10}(?:\d{3})?")
_MONTHS_A_YEAR = 12
_CLOCK = re.compile(r"\d:\d\d|\dT\d{4}")
_NOON = 12


def moment_of(text: str) -> datetime | None:
    """The moment that `text` states, in UTC; None where it states none that is known.

    Known are ISO 8601, RFC 822 without a zone, numbers alone, and a day with an Arabic month.

    What has no zone is taken to be in UTC, a day without a time to begin.
    """
    text = text.strip()[:200].translate(_DIGITS)
    if is_numeric(text):
        return _of_numbers(text)
    try:
        moment = parsedate_to_datetime(text) if _ZONELESS.fullmatch(text) else datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _in_arabic(text.translate(_LETTERS))


def is_numeric(text: str) -> bool:
    """Whether a date is written in numbers that no standard has: `2026/03/01`, `13.3.2026 14:05`, seconds since 1970.

    feedparser reads a wrong day out of them.
    """
    text = text.strip().translate(_DIGITS)
    return bool(_NUMBERS.fullmatch(text) or _SECONDS.fullmatch(text))


def agrees(text: str, moment: datetime) -> bool:
    """Whether a moment is of the day that stands in `text`, to within its zone; it may stand there in other forms.

    feedparser makes today of `14:05 2026-03-01`.
    """
    found = _ISO_DAY.search(text.translate(_DIGITS))
    try:
        day = datetime.fromisoformat(found[0]).replace(tzinfo=UTC) if found else moment
    except ValueError:
        return True
    return abs(moment - day) <= timedelta(days=2)


def in_its_half(text: str, moment: datetime) -> datetime:
    """A moment in the half of the day that stands in `text`: feedparser reads 10:00 PM as 10:00."""
    found = _HALF.search(text)
    if found and found[2] in "pP" and int(found[1]) < _NOON:
        return moment + timedelta(hours=_NOON)
    if found and found[2] in "aA" and int(found[1]) == _NOON:
        return moment - timedelta(hours=_NOON)
    return moment


def in_its_zone(text: str, moment: datetime) -> datetime:
    """A moment that was read in UTC, in the zone that `text` names."""
    found = _NAMED.search(text)
    return moment - timedelta(hours=_ZONES[found[1]]) if found else moment


def _of_numbers(text: str) -> datetime | None:
    """None also where it cannot be told which number is the day."""
    try:
        if found := _NUMBERS.fullmatch(text):
            first, second, mark = int(found["first"]), int(found["second"]), found["mark"]
            if found["year"]:
                month, day = first, second
            elif mark == "." or first > _MONTHS_A_YEAR or first == second:
                month, day = second, first
            elif second > _MONTHS_A_YEAR:
                month, day = first, second
            else:
                return None
            hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "instant"))
            return datetime(int(found["year"] or found["last"]), month, day, hour, minute, second, tzinfo=UTC)
        return datetime.fromtimestamp(int(text[:10]), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def precision_of(text: str) -> DatePrecision:
    """Whether a date as it is written says the time of the day."""
    text = text.strip().translate(_DIGITS)
    return "second" if _CLOCK.search(text) or _SECONDS.fullmatch(text) else "day"


def _in_arabic(text: str) -> datetime | None:
    day = _DAY.search(text)
    if day is None:
        return None
    rest = text[: day.start()] + " " + text[day.end() :]
    time, zone = _TIME.search(rest), _ZONE.search(text)
    hour, minute, second = (int(part or 0) for part in time.groups()[:3]) if time else (0, 0, 0)
    half = (time[4] or "").lower() if time else ""
    if half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half in {"مساء", "م", "pm"} else 0)
    shift = timedelta(hours=int(zone[2]), minutes=int(zone[3])) if zone else timedelta()
    try:
        offset = timezone(-shift if zone and zone[1] == "-" else shift)
        return datetime(int(day[3]), _MONTHS[day[2]], int(day[1]), hour, minute, second, tzinfo=offset).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
