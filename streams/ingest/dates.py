"""Reads dates as publishers write them where they do not keep to a standard: in Arabic, with Arabic digits. Pure.

Months by their three sets of names: of Egypt and the Gulf (يناير), the Levant (كانون الثاني), the Maghreb (جانفي).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

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
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split("|")}
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_LETTERS = str.maketrans("أإآٱى", "ااااي", "ـ\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u200e\u200f\u061c")
_ARABIC_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})\s*[-/]?\s*(?P<month>{_ARABIC_MONTH})"
    r"(?:\s*/\s*\w+(?: (?:الاول|الثاني))?)?\s*[-/،,]?\s*(?P<year>\d{4})(?!\d)"
)
_MONTH_FIRST = re.compile(rf"(?<!\w)(?P<month>{_ARABIC_MONTH})\s+(?P<day>\d{{1,2}})\s*[،,]\s*(?P<year>\d{{4}})(?!\d)")
_TIME = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(صباحا|مساء|[صم](?!\w)|[AaPp][Mm])?")
_ZONE = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{1,2})(?::?(\d{2}))?\s*$")
_ZONES = {"GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6}
_ZONES |= {"PST": -8, "PDT": -7, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3}
_ZONES |= {"ET": -5, "CT": -6, "MT": -7, "PT": -8}
"""Hours that zones which have one meaning are ahead of UTC; `AST` and `IST` have several, and are taken for UTC."""

_CLOCKED = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<instant>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp]\.?[Mm]\b\.?|صباحا|مساء|[صم](?!\w)))?"
    r"\s*(?P<zone>(?:GMT|UTC)?\s*[+-]\d{1,2}(?::?\d{2})?|[A-Za-z][A-Za-z/_]*)?(?:\s*\([\w ]+\))?"
)
_NUMBERS = re.compile(
    r"(?:(?P<year>\d{4})[-/.])?(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})(?(year)|(?P=mark)(?P<last>\d{4}))"
    rf"(?:[T ,-]+{_CLOCKED})?"
)
_ORDINAL, _MONTH = r"\d{1,2}(?:st|nd|rd|th)?", r"[A-Za-z]{3,9}"
_ENGLISH = re.compile(
    rf"(?:[A-Za-z]{{2,9}}\.?(?:,\s*|\s+))?(?:(?P<first>{_ORDINAL})[\s-]+(?P<named>{_MONTH})\.?[\s,-]+"
    rf"|(?P<month>{_MONTH})\.?\s+(?P<day>{_ORDINAL}),?\s+)(?P<year>[12]\d{{3}})(?:[\s,-]+(?:at\s+)?{_CLOCKED})?"
)
"""A day with an English month, which may have another before it, as RFC 822 has it and as the Americans write it."""
_ISO_DAY = re.compile(r"(?<!\d)[12]\d{3}-\d{2}-\d{2}(?!\d)")
_SECONDS = re.compile(r"\d{10}(?:\d{3})?")
_MONTHS_A_YEAR = 12
_CLOCK = re.compile(r"\d:\d\d|\dT\d{4}")
_NOON = 12
_LONGEST = 200


def moment_of(text: str) -> datetime | None:
    """The moment that `text` states, in UTC; None where it states none that is known.

    Known are ISO 8601, RFC 822, numbers alone, and a day with a month in English or Arabic. What has no zone, or one of
    several meanings, is taken to be in UTC, a day without a time to begin.
    """
    text = _plain(text)
    if is_numeric(text):
        return _of_numbers(text)
    if found := _ENGLISH.fullmatch(text):
        return _in_english(found)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _in_arabic(text.translate(_LETTERS))


def is_numeric(text: str) -> bool:
    """Whether a date is written in numbers that no standard has: `2026/03/01`, `13.3.2026 14:05`, seconds since 1970.

    feedparser reads a wrong day out of them.
    """
    text = _plain(text)
    return bool(_NUMBERS.fullmatch(text) or _SECONDS.fullmatch(text))


def _plain(text: str) -> str:
    """With single spaces and digits of one script, and no longer than a date may be, since patterns are tried on it."""
    return " ".join(text.split())[:_LONGEST].translate(_DIGITS)


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


def _of_numbers(text: str) -> datetime | None:
    """None also where it cannot be told which number is the day; in Arabic that comes first."""
    try:
        if found := _NUMBERS.fullmatch(text):
            first, second, mark, half = int(found["first"]), int(found["second"]), found["mark"], found["half"]
            if found["year"]:
                month, day = first, second
            elif mark == "." or first > _MONTHS_A_YEAR or first == second or (half and not half.isascii()):
                month, day = second, first
            elif second > _MONTHS_A_YEAR:
                month, day = first, second
            else:
                return None
            return _at(datetime(int(found["year"] or found["last"]), month, day, tzinfo=UTC), found)
        return datetime.fromtimestamp(int(text[:10]), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _in_english(found: re.Match[str]) -> datetime | None:
    try:
        month = _ENGLISH_MONTHS.index((found["named"] or found["month"])[:3].lower()) + 1
        day = int((found["first"] or found["day"]).rstrip("stndrh"))
        return _at(datetime(int(found["year"]), month, day, tzinfo=UTC), found)
    except (ValueError, OverflowError):
        return None


def _at(day: datetime, found: re.Match[str]) -> datetime:
    """The moment of a day that is `_CLOCKED`.

    Raises:
        ValueError, OverflowError: there is none.
    """
    hour, minute, instant = (int(found[part] or 0) for part in ("hour", "minute", "instant"))
    return day.replace(hour=_hour(hour, found["half"]), minute=minute, second=instant) - _ahead(found["zone"] or "")


def _hour(hour: int, half: str | None) -> int:
    """The hour of the day, where one of its half is told."""
    if not half or hour > _NOON:
        return hour
    return hour % _NOON + (_NOON if half[0] in "pPم" else 0)


def _ahead(zone: str) -> timedelta:
    """How far a zone is ahead of UTC."""
    if found := _ZONE.fullmatch(zone):
        span = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return -span if found[1] == "-" else span
    return timedelta(hours=_ZONES.get(zone.upper(), 0))


def precision_of(text: str) -> DatePrecision:
    """Whether a date as it is written says the time of the day."""
    text = text.strip().translate(_DIGITS)
    return "second" if _CLOCK.search(text) or _SECONDS.fullmatch(text) else "day"


def _in_arabic(text: str) -> datetime | None:
    day = _DAY.search(text) or _MONTH_FIRST.search(text)
    if day is None:
        return None
    rest = text[: day.start()] + " " + text[day.end() :]
    time = _TIME.search(rest)
    zone = _ZONE.search(rest, time.end()) if time else None
    hour, minute, second = (int(part or 0) for part in time.groups()[:3]) if time else (0, 0, 0)
    try:
        hour = _hour(hour, time[4] if time else None)
        moment = datetime(int(day["year"]), _MONTHS[day["month"]], int(day["day"]), hour, minute, second, tzinfo=UTC)
        return moment - _ahead(zone[0].strip() if zone else "")
    except (ValueError, OverflowError):
        return None
