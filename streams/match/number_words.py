"""Reads numbers that are written as words, in English and Arabic: "twenty-five", "خمسة وعشرون", "three hundred"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from streams.match.fold import encode_letters, fold_phrase

_ENGLISH_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_ENGLISH_STEMS = ["thir", "four", "fif", "six", "seven", "eigh", "nine"]  # of thirteen to nineteen
_ENGLISH_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ARABIC_UNITS = [
    "واحد واحدة احد احدى",
    "اثنان اثنين اثنتان اثنتين اثنا اثني اثنتا اثنتي",
    *("ثلاثة ثلاث", "أربعة أربع", "خمسة خمس", "ستة ست", "سبعة سبع", "ثمانية ثماني ثمان", "تسعة تسع"),
]
_ARABIC_TENS = [
    *("عشرون عشرين", "ثلاثون ثلاثين", "أربعون أربعين", "خمسون خمسين", "ستون ستين", "سبعون سبعين"),
    *("ثمانون ثمانين", "تسعون تسعين"),
]
_ARABIC_HUNDREDS = [
    *(
        "مئة مائة",
        "مئتان مئتين مائتان مائتين مئتا مئتي مائتا مائتي",
        "ثلاثمئة ثلاثمائة",
        "أربعمئة أربعمائة",
        "خمسمئة خمسمائة",
    ),
    *("ستمئة ستمائة", "سبعمئة سبعمائة", "ثمانمئة ثمانمائة ثمانيمئة", "تسعمئة تسعمائة"),
]


def _numbered(lists: Sequence[str], first: int, step: int) -> Iterator[tuple[str, int]]:
    for index, words in enumerate(lists):
        for word in words.split():
            yield word, first + index * step


def _below_hundred() -> Iterator[tuple[str, int]]:
    yield from _numbered(_ENGLISH_UNITS, 1, 1)
    yield from _numbered(["ten", "eleven", "twelve", *(f"{stem}teen" for stem in _ENGLISH_STEMS)], 10, 1)
    yield from _numbered(_ENGLISH_TENS, 20, 10)
    english = product(_numbered(_ENGLISH_TENS, 20, 10), _numbered(_ENGLISH_UNITS, 1, 1))
    yield from ((f"{ten} {unit}", tens + units) for (ten, tens), (unit, units) in english)
    yield from _numbered(_ARABIC_UNITS, 1, 1)
    yield from _numbered(["عشرة عشر"], 10, 1)
    yield from _numbered(_ARABIC_TENS, 20, 10)
    for unit, units in _numbered(_ARABIC_UNITS, 1, 1):
        yield from ((f"{unit} {ten}", units + 10) for ten in ("عشر", "عشرة"))
        for ten, tens in _numbered(_ARABIC_TENS, 20, 10):
            yield from ((f"{unit} {joined}{ten}", tens + units) for joined in ("و", "و "))


def _table(pairs: Iterator[tuple[str, int]]) -> dict[bytes, int]:
    return {fold_phrase(words): number for words, number in pairs}


_BELOW_HUNDRED: Final = _table(_below_hundred())
_HUNDREDS: Final = _table(_numbered(_ARABIC_HUNDREDS, 100, 100))
_HUNDRED: Final = fold_phrase("hundred")
_SCALES: Final = _table(
    iter([("dozen", 12), ("thousand", 1000), ("ألف", 1000), ("ألفا", 1000), ("آلاف", 1000), ("million", 10**6)])
) | _table(iter([("مليون", 10**6), ("مليونا", 10**6), ("ملايين", 10**6), ("billion", 10**9), ("مليار", 10**9)]))
_TWO_SCALES: Final = _table(_numbered(["ألفان ألفين ألفي"], 2000, 0)) | _table(
    _numbered(["مليونان مليونين مليوني"], 2 * 10**6, 0)
)
"""The Arabic dual: two thousand in a word."""
_VAGUE: Final = _table(
    iter(
        [("tens", 20), ("dozens", 24), ("scores", 40), ("hundreds", 200), ("thousands", 2000), ("millions", 2 * 10**6)]
    )
) | _table(iter([("عشرات", 20), ("مئات", 200), ("آلاف", 2000), ("ملايين", 2 * 10**6)]))
_OF_VAGUE: Final = _table(iter([("of thousands", 1000), ("of millions", 10**6)])) | _table(
    iter((f"{article}{word}", scale) for word, scale in (("آلاف", 1000), ("ملايين", 10**6)) for article in ("", "ال"))
)
"""What a vague number is multiplied by: tens of thousands, مئات الآلاف."""
_PARTS: Final = _table(
    iter([("half", 2), ("half a", 2), ("half of a", 2), ("quarter", 4), ("quarter of a", 4), ("نصف", 2), ("ربع", 4)])
) | _table(iter([("and a half", 1)]))
"""What a dozen or a million is divided by for the words before it: half a million. "One and a half million" is more."""
_AND, _WAW, _ARTICLE = fold_phrase("and"), encode_letters("و"), encode_letters("ال")
_CLITICS = [encode_letters(one) for one in ("و", "ف", "ب", "ل", "ك", "ال", "وب", "ول", "وال", "بال", "لل")]
_MOST_WORDS = 3
_FIRST: Final = frozenset(
    clitic + words.split(b" ")[0]
    for table in (_BELOW_HUNDRED, _HUNDREDS, _SCALES, _TWO_SCALES, _VAGUE, {_HUNDRED: 100})
    for words in table
    for clitic in (b"", *_CLITICS)
)
"""What a number may begin with: few words of a text do, and only those are read further."""


class Reading(NamedTuple):
    """A number that words begin with; `words` is 0 when they begin with none. A vague one is the least it can mean."""

    value: int
    words: int
    vague: bool = False


_NONE = Reading(0, 0)


def may_begin(word: bytes) -> bool:
    """Whether a number in words may begin with this one."""
    return word in _FIRST


def read_words(words: Sequence[bytes]) -> Reading:
    """The number with which the folded `words` begin, up to millions."""
    if not words:
        return _NONE
    first = words[0]
    if first not in _FIRST:
        return _NONE
    for clitic in (b"", *_CLITICS):
        if first.startswith(clitic):
            found = _read([first[len(clitic) :], *words[1 : 3 * _MOST_WORDS]])
            if found.words:
                return found
    return _NONE


def scale_of(word: bytes) -> int:
    """What a number before the word is multiplied by ("3 آلاف", "20 thousand"); else 1."""
    return 100 if word == _HUNDRED else _SCALES.get(word, 1)


def part_of(word: bytes, before: Sequence[bytes]) -> int:
    """What the scale that `word` is has to be divided by for the words before it ("half a million"); else 1."""
    if scale_of(word.removeprefix(_ARTICLE)) == 1:
        return 1
    return next((_PARTS[words] for count in (3, 2, 1) if (words := b" ".join(before[-count:])) in _PARTS), 1)


def _read(words: Sequence[bytes]) -> Reading:
    if words[0] in _VAGUE:
        behind = [b" ".join(words[1:end]) for end in (2, 3)]
        used = next((count for count, some in enumerate(behind, start=1) if some in _OF_VAGUE), 0)
        return Reading(_VAGUE[words[0]] * (_OF_VAGUE[behind[used - 1]] if used else 1), 1 + used, vague=True)
    value, used, _ = _read_below_thousand(words)
    scaled = _TWO_SCALES.get(words[0], 0)
    if used < len(words) and words[used] in _SCALES:
        scaled = max(value, 1) * _SCALES[words[used]]
    if scaled:
        value, used = scaled, used + 1
        rest = _joined(words[used:], _read_below_thousand)
        return Reading(value + rest.value, used + rest.words)
    return Reading(value, used)


def _read_below_thousand(words: Sequence[bytes]) -> Reading:
    value, used = (_HUNDREDS[words[0]], 1) if words and words[0] in _HUNDREDS else (0, 0)
    if not used:
        value, used, _ = _read_below_hundred(words)
        if words[used : used + 1] != [_HUNDRED]:
            return Reading(value, used)
        value, used = max(value, 1) * 100, used + 1
    rest = _joined(words[used:], _read_below_hundred)
    return Reading(value + rest.value, used + rest.words)


def _read_below_hundred(words: Sequence[bytes]) -> Reading:
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        value = _BELOW_HUNDRED.get(b" ".join(words[:count]))
        if value is not None:
            return Reading(value, count)
    return _NONE


def _joined(words: Sequence[bytes], read: Callable[[Sequence[bytes]], Reading]) -> Reading:
    """What is added to a number: after "and", after an Arabic "and", or straight after it in English."""
    if not words:
        return _NONE
    if words[0] in {_AND, _WAW}:
        found = read(words[1:])
        return Reading(found.value, found.words + 1) if found.words else _NONE
    if words[0].startswith(_WAW):
        return read([words[0][len(_WAW) :], *words[1:]])
    return read(words) if words[0].isascii() else _NONE
