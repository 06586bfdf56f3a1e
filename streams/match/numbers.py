"""Finds the numbers of a text: in figures of any script, with separators, in words, and as ranges.

Left out are numbers that count nothing: dates and years, times, percentages, and figures within words (5th, M16).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from streams.match.clitics import ARTICLE
from streams.match.fold import SPACE, Folded, encode_letters, fold_phrase
from streams.match.number_words import may_begin, part_of, read_words, scale_of

ENDLESS: Final = 10**18
"""The upper end of "more than five"."""
_MAX_DIGITS: Final = 15
"""Longest number in figures; a longer run is an identifier, and is not converted, which takes more than linear time."""
_WINDOW: Final = 9
"""Most words that one number takes."""
_FIGURES = re.compile(
    r"(?P<whole>\d{1,3}(?:[,٬،.\u00a0\u202f]\d{3})+(?!\d)|\d+)"  # thousands parted by commas, points, narrow blanks
    r"(?:[.٫]\d+)?"
)
_DATES = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}|\d{1,2}:\d{2}|\d{1,9}/\d{1,9}")
_HYPHEN = re.compile(r"\s?[-–—]\s?")
_BEFORE = re.compile(r"(?:[^\W\dوفبلك]|[^\W\d_]-|[_#.]|[%٪][\u200e\u200f]?)\Z")
_AFTER = re.compile(r"[A-Za-z_]|[\s\u200e\u200f]?[%٪‰°]")
_BLANK = re.compile(r"[\s\u200e\u200f-]*")
_MONEY = re.compile(r"[$€£₺][\s\u200e\u200f]?\Z")
_YEAR = re.compile(r"(?:19|20)\d\d")


def _words(text: str) -> frozenset[bytes]:
    return frozenset(fold_phrase(word) for word in text.split())


def _phrases(text: str) -> frozenset[tuple[bytes, ...]]:
    return frozenset(tuple(fold_phrase(phrase).split(b" ")) for phrase in text.split(","))


_MAY = fold_phrase("May")
MONTHS = _words(
    "January February March April May June July August September October November December "
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر "
    "كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين"
)
_BEFORE_YEAR = MONTHS | _words("in since of by until early late mid year عام سنة العام منذ لعام بعام")
_OF_MONTH = _words("of من شهر")
_NO_COUNT_AFTER = _words("percent per pm am بالمئة بالمائة")
_OF_HUNDRED = _phrases("في المئة,في المائة")
_ONE, _NO = fold_phrase("one"), _words("no not")
_TATWEEL, _JOINED = "\u0640", 4
AMONG = _words("including among بينهم بينهن بينها بينهما منهم منهن منها ضمنهم")
_MONDAY = fold_phrase("الاثنين")
_MORE = _phrases(
    "more than,over,above,at least,exceeding,no less than,no fewer than,not less than,أكثر من,لا يقل عن,لا تقل عن,"
    "يزيد عن,يزيد على,تزيد عن,فوق,على الأقل"
)
_LESS = _phrases(
    "less than,fewer than,under,below,up to,at most,no more than,not more than,أقل من,لا يزيد عن,لا يزيد على,لا تزيد عن"
)
MEASURES = _words(
    "year years day days week weeks month months hour hours minute minutes km kilometres kilometers metres meters "
    "miles dollars euros سنة سنوات سنين عام عاما أعوام شهر شهرا أشهر أسبوع أسابيع يوم يوما أيام ساعة ساعات دقيقة دقائق "
    "كلم كيلومتر كيلومترا كيلومترات متر مترا أمتار دولار دولارا دولارات يورو ليرة"
)
"""What a number right before it measures: time, ways, money; nothing else is counted by it."""
_AGE = _words("aged age عمره عمرها عمرهما أعمارهم أعمارهن بعمر العمر")
_OF = fold_phrase("of")
_LONGEST = 3
_TO = _words("to or إلى أو")
_AND = {fold_phrase("and"), encode_letters("و")}
_BETWEEN = _words("between بين")


class Number(NamedTuple):
    """A number in a folded text, from `low` to `high`; `part` when it is counted within another ("including 3").

    `measure` is where the word of time, way or money begins that it is of ("10 days"), the number itself where that is
    not a word ("aged 10"), and -1 where it may count anything.
    """

    start: int
    end: int
    low: float
    high: float
    part: bool = False
    measure: int = -1


class _Word(NamedTuple):
    start: int
    end: int
    letters: bytes
    goes_on: bool  # the next word is of the same sentence


class _Found(NamedTuple):
    """A number that takes the words from `first` to before `after`; `value` is None for one that counts nothing."""

    first: int
    after: int
    value: float | None
    most: float | None = None


def numbers_in(folded: Folded) -> list[Number]:
    """Every number of the text, in order."""
    words = _words_of(folded)
    figures = _figures(folded)
    found: list[_Found] = []
    index = 0
    while index < len(words):
        if words[index].start in figures:
            one = _in_figures(folded, words, index, figures[words[index].start])
        else:
            one = _in_words(words, index)
        index = max(one.after, index + 1)
        if one.after == one.first:
            continue
        joined = _range(folded, words, found[-1], one) if found else None
        if joined is not None:
            found[-1] = joined
        else:
            found.append(one)
    return [_number(folded, words, one, value) for one in found if (value := one.value) is not None]


def _in_words(words: Sequence[_Word], index: int) -> _Found:
    letters = words[index].letters
    if letters == _MONDAY or not (may_begin(letters) or letters in _NO_COUNT_AFTER):
        return _Found(index, index, None)
    reading = read_words(_sentence_from(words, index))
    after = index + reading.words
    share = after if words[index].letters in _NO_COUNT_AFTER else after and _share(words, after)
    if share or (letters == _ONE and not _NO.isdisjoint(_before(words, index)[-1:])):
        return _Found(index, share or after, None)
    return _Found(index, after, reading.value, ENDLESS if reading.vague else reading.value)


def _share(words: Sequence[_Word], after: int) -> int:
    """Where the words end that make a share of the number before `after`; 0 where it is none."""
    behind = _sentence_from(words, after - 1)[1:3]
    if tuple(behind) in _OF_HUNDRED:
        return after + 2
    return after + 1 if not _NO_COUNT_AFTER.isdisjoint(behind[:1]) else 0


def _words_of(folded: Folded) -> list[_Word]:
    ends, words = folded.word_ends, []
    for before, end in pairwise(ends):
        words.append(_Word(before + 1, end, folded.spaced[before + 1 : end], folded.marked[end] == SPACE))
    return words


def _sentence_from(words: Sequence[_Word], index: int) -> list[bytes]:
    """The next words of the sentence."""
    letters = []
    for word in words[index : index + _WINDOW]:
        letters.append(word.letters)
        if not word.goes_on:
            break
    return letters


def _figures(folded: Folded) -> dict[int, tuple[int, int, float | None]]:
    """By the folded start of the word that begins a number in figures: its [start, end) in the text, and its value."""
    text = folded.text
    dates = [found.span() for found in _DATES.finditer(text)]
    figures: dict[int, tuple[int, int, float | None]] = {}
    date = 0
    for found in _FIGURES.finditer(text):
        start, end = found.span()
        while date < len(dates) and dates[date][1] <= start:
            date += 1
        is_date = date < len(dates) and dates[date][0] <= start
        before = text[max(0, start - _JOINED) : start].rstrip(_TATWEEL)  # which joins a particle to figures: بـ3
        counts = not (is_date or _BEFORE.search(before) or _AFTER.match(text, end))
        digits = re.sub(r"\D", "", found["whole"])
        place = folded.word_ends[bisect_right(folded.word_ends, folded.position(start)) - 1] + 1
        value = float(found[0].translate(_POINTS)[len(found["whole"]) :] or 0) if len(found[0]) <= _MAX_DIGITS else 0.0
        usable = counts and len(digits) <= _MAX_DIGITS
        figures.setdefault(place, (start, end, int(digits) + value if usable else None))
    return figures


_POINTS = {ord("٫"): "."}


def _in_figures(folded: Folded, words: Sequence[_Word], index: int, figure: tuple[int, int, float | None]) -> _Found:
    start, end, value = figure
    last = folded.position(end)
    after = index + 1
    while after < len(words) and words[after].start < last:
        after += 1
    if value is None or _counts_nothing(folded, words, (index, after), folded.text[start:end]):
        return _Found(index, _share(words, after) or after, None)
    if after < len(words) and words[after - 1].goes_on and scale_of(words[after].letters) > 1:
        return _Found(index, after + 1, value * scale_of(words[after].letters), value * scale_of(words[after].letters))
    return _Found(index, after, value, value)


def _counts_nothing(folded: Folded, words: Sequence[_Word], place: tuple[int, int], figures: str) -> bool:
    """Whether figures are a day, a year, an hour or a share."""
    first, after = place
    before = words[first - 1] if first else None
    behind = words[after] if after < len(words) and words[after - 1].goes_on else None
    later = words[after + 1] if behind is not None and behind.letters in _OF_MONTH and after + 1 < len(words) else None
    beside = [word for word in (before, behind, later) if word is not None and _is_month(folded, word)]
    if beside or _share(words, after):
        return True
    if before is None or not _YEAR.fullmatch(figures):
        return False
    of_date = first > 1 and before.letters.isdigit() and _is_month(folded, words[first - 2])
    return of_date or before.letters in _BEFORE_YEAR


def _is_month(folded: Folded, word: _Word) -> bool:
    if word.letters != _MAY:
        return word.letters in MONTHS
    return folded.text[folded.span(word.start, word.end)[0]] == "M"  # "5 may be dead" is no day


def _range(folded: Folded, words: Sequence[_Word], one: _Found, two: _Found) -> _Found | None:
    """Both numbers as one from the lower to the higher: 5-10, "five to ten", "between 5 and 10"."""
    if one.value is None or two.value is None or two.most is None or one.value >= two.value:
        return None
    if not all(word.goes_on for word in words[one.after - 1 : two.first]):
        return None
    between = words[one.after : two.first]
    letters = [word.letters for word in between]
    if between:
        joined = len(letters) == 1 and (letters[0] in _TO or (letters[0] in _AND and _follows_between(words, one)))
    else:
        parted = _between(folded, words[one.after - 1], words[two.first])
        has_and = words[two.first].letters[:1] in _AND and _follows_between(words, one)
        joined = has_and or bool(_HYPHEN.fullmatch(parted))
    return _Found(one.first, two.after, one.value, two.most) if joined else None


def _follows_between(words: Sequence[_Word], one: _Found) -> bool:
    return one.first > 0 and words[one.first - 1].letters in _BETWEEN


def _number(folded: Folded, words: Sequence[_Word], one: _Found, value: float) -> Number:
    """The number with what the words before it make of its bounds."""
    before = _before(words, one.first)
    part = part_of(words[one.first].letters, before) if one.after - one.first == 1 else 1
    low, high = (end / part if part > 1 else end for end in (value, value if one.most is None else one.most))
    for count in range(min(_LONGEST, len(before)), 0, -1):
        phrase = tuple(before[-count:])
        if phrase in _MORE:
            high = ENDLESS
        elif phrase in _LESS:
            low = 0
        else:
            continue
        break
    among = not AMONG.isdisjoint(before)
    start, end = words[one.first].start, words[one.after - 1].end
    counts_no_things = not _AGE.isdisjoint(before[-1:]) or _is_money(folded, words[one.first])
    return Number(start, end, low, high, among, start if counts_no_things else _measure(folded, words, one.after))


def _is_money(folded: Folded, word: _Word) -> bool:
    first = folded.span(word.start, word.end)[0] if word.letters[:1].isdigit() else 0
    return _MONEY.search(folded.text[max(0, first - 2) : first]) is not None


def _measure(folded: Folded, words: Sequence[_Word], after: int) -> int:
    """Where the word of time, way or money begins that follows a number, itself or behind "of"; -1 where none does."""
    for index in (after, after + 1):
        if index >= len(words) or not words[index - 1].goes_on:
            break
        letters = words[index].letters
        if letters in MEASURES or letters.removeprefix(ARTICLE) in MEASURES:
            return words[index].start if _BLANK.fullmatch(_between(folded, words[index - 1], words[index])) else -1
        if letters != _OF:
            break
    return -1


def _between(folded: Folded, one: _Word, two: _Word) -> str:
    return folded.text[folded.span(one.start, one.end)[1] : int(folded.offsets[two.start])]


def _before(words: Sequence[_Word], index: int) -> list[bytes]:
    """The last three words before, of the same sentence."""
    found: list[bytes] = []
    while index and len(found) < _LONGEST and words[index - 1].goes_on:
        index -= 1
        found.insert(0, words[index].letters)
    return found
