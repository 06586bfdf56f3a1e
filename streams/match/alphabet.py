"""The one-byte alphabet in which phrases are looked for, and what each character becomes in it.

Folding ignores what writers vary: case, accents, harakat, tatweel, forms of alef, ya and ta marbuta, presentation
forms, kinds of digits, zero-width and bidi marks. A letter's code is never below `LETTERS`; the codes below are kinds
of separators, and two that no folded text has: `DELETE` for what is ignored, `EXPAND` for ligatures (ﻻ, ß).

Letters outside the alphabet (Chinese, Georgian, ...) become `FOREIGN`: they part nothing, and no phrase can ask for
them. Astral characters become separators.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt

SPACE: Final = 0x20  # between two words
PARAGRAPH: Final = 0x0A  # between two paragraphs, hence sentences
SENTENCE: Final = 0x2E  # between two sentences of a paragraph
FOREIGN: Final = 0xFF  # a letter outside the alphabet

# Kinds of characters that are no letters; `streams.match.words` compares them by size.
DELETE, EXPAND, STOP, NEWLINE, PUNCTUATION, BLANK = range(6)
LETTERS: Final = 0x30

_STOPS = frozenset(".!?؟…۔")
_NEWLINES = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
_APOSTROPHES = frozenset("ʹʺʻʼʽʾʿˈˊˋꞌ")
"""Letters to Unicode that are written for an apostrophe, an ayn or a hamza (Baʿath, Idlibʼs)."""
_IGNORED = frozenset("\u0640\u00ad\u061c\u180e\ufeff") | {chr(c) for c in range(0x200B, 0x2010)}
_IGNORED |= {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2060, 0x2070))}
_SAME = dict(zip("ىةکیٱہەھےıøđłəðħŋς", "يهكياهههيiodledhnσ", strict=True))
_SPELLED = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}

_ARABIC = "ءابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگڤڭ"
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшщъыьэюяієґђјљњћџѕ"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_HEBREW = "אבגדהוזחטיךכלםמןנסעףפץצקרשת"
_CODES = {letter: ord(letter) for letter in "0123456789abcdefghijklmnopqrstuvwxyz"}
_CODES |= {letter: code for code, letter in enumerate(_ARABIC + _CYRILLIC + _GREEK + _HEBREW, start=0x7B)}
ARABIC_CODES = range(_CODES[_ARABIC[0]], _CODES[_ARABIC[-1]] + 1)
DIGIT_CODES = range(ord("0"), ord("9") + 1)
_LETTER_OF = {code: letter for letter, code in _CODES.items()} | {SPACE: " ", SENTENCE: ".", PARAGRAPH: "\n"}


def _base_letters(character: str) -> str:
    """The letters of the alphabet that `character` stands for; "" when it is no letter or digit."""
    letters = []
    for step in unicodedata.normalize("NFKD", character):
        for part in unicodedata.normalize("NFKD", step.lower()):
            letter = _SAME.get(part, part)
            if unicodedata.category(letter) == "Nd":
                letter = str(unicodedata.digit(letter))
            if unicodedata.category(letter)[0] in "LN":
                letters.append(_SPELLED.get(letter, letter))
    return "".join(letters)


def _classify(character: str) -> int:
    """The table's entry for one code point of the basic plane."""
    category = unicodedata.category(character)
    if character in _IGNORED or category in {"Mn", "Me"}:
        return DELETE
    if category[0] not in "LN" or character in _APOSTROPHES:
        return _classify_separator(character, category)
    letters = _base_letters(character)
    if len(letters) == 1:
        return _CODES.get(letters, FOREIGN)
    return EXPAND if letters and all(letter in _CODES for letter in letters) else FOREIGN


def _classify_separator(character: str, category: str) -> int:
    if character in _NEWLINES:
        return NEWLINE
    if character in _STOPS:
        return STOP
    return BLANK if category == "Zs" or character in "\t\x1c\x1d\x1e\x1f" else PUNCTUATION


def _build_table() -> npt.NDArray[np.uint8]:
    """65,536 entries; the last one, a non-character, also stands for everything beyond the basic plane.

    Two long blocks are filled in without a look at each character, which saves 0.1 s at every start: the ideographs
    and syllables of East Asia are foreign letters, surrogates and private characters are punctuation.
    """
    table = np.full(0x10000, FOREIGN, dtype=np.uint8)
    table[0xD800:0xF900] = PUNCTUATION
    points = [*range(0x3400), *range(0xA490, 0xAC00), *range(0xF900, 0x10000)]
    table[points] = [_classify(chr(point)) for point in points]
    return table


TABLE: Final = _build_table()
"""By UTF-16 unit: its code. The halves of an astral character are punctuation."""


def _build_expansions() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.intp], npt.NDArray[np.uint8]]:
    """By UTF-16 unit: how many letters it becomes, and where those of a ligature begin in the third array."""
    counts = (TABLE != DELETE).astype(np.uint8)
    firsts = np.zeros(len(TABLE), dtype=np.intp)
    letters = b""
    for unit in np.flatnonzero(TABLE == EXPAND).tolist():
        spelled = encode_letters(_base_letters(chr(unit)))
        counts[unit], firsts[unit] = len(spelled), len(letters)
        letters += spelled
    return counts, firsts, np.frombuffer(letters, dtype=np.uint8)


def encode_letters(letters: str) -> bytes:
    """Letters of the alphabet, already folded (`هم`), and spaces as bytes."""
    return bytes(_CODES[letter] if letter != " " else SPACE for letter in letters)


def spell(folded: bytes) -> str:
    """Folded bytes as readable letters, for messages to people."""
    return "".join(_LETTER_OF.get(code, "\ufffd") for code in folded)


COUNTS, EXPANSION_FIRSTS, EXPANSIONS = _build_expansions()
