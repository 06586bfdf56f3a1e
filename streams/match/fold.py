"""Folds a text into the one-byte alphabet in which phrases are looked for, keeping the way back to every character.

Folding ignores what writers vary: case, accents, harakat, tatweel, forms of alef, ya and ta marbuta, presentation
forms, kinds of digits, zero-width and bidi marks. Every run of other characters becomes one separator, which says
whether it parts words, sentences or paragraphs. One table look-up per code point; about 35 us for 2,900 characters.

Letters outside the alphabet (Chinese, Georgian, ...) become `FOREIGN`: they part nothing, and no phrase can ask for
them. Astral characters become separators.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

SPACE: Final = 0x20  # between two words
PARAGRAPH: Final = 0x0A  # between two paragraphs, hence sentences
SENTENCE: Final = 0x2E  # between two sentences of a paragraph
FOREIGN: Final = 0xFF  # a letter outside the alphabet

# Classes that exist only while folding, in this order (see _join_separators). A letter's code is never below _LETTERS
# (nor 9 to 13, which bytes call blank).
_DELETE, _EXPAND, _STOP, _NEWLINE, _PUNCTUATION, _BLANK = range(6)
_LETTERS = 0x30

_STOPS = frozenset(".!?؟…۔")
_NEWLINES = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
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
_ARABIC_CODES = range(_CODES[_ARABIC[0]], _CODES[_ARABIC[-1]] + 1)
_DIGIT_CODES = range(ord("0"), ord("9") + 1)
_LETTER_OF = {code: letter for letter, code in _CODES.items()} | {SPACE: " ", SENTENCE: ".", PARAGRAPH: "\n"}

_ABBREVIATIONS = frozenset(
    b"mr mrs ms dr prof gen lt col maj capt sgt brig adm gov sen rep rev st vs no jan feb aug sept oct nov dec".split()
)
"""English words whose full stop ends no sentence: titles and months of wire style."""


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
        return _DELETE
    if category[0] not in "LN":
        return _classify_separator(character, category)
    letters = _base_letters(character)
    if len(letters) == 1:
        return _CODES.get(letters, FOREIGN)
    return _EXPAND if letters and all(letter in _CODES for letter in letters) else FOREIGN


def _classify_separator(character: str, category: str) -> int:
    if character in _NEWLINES:
        return _NEWLINE
    if character in _STOPS:
        return _STOP
    return _BLANK if category == "Zs" or character in "\t\x1c\x1d\x1e\x1f" else _PUNCTUATION


def _build_table() -> npt.NDArray[np.uint8]:
    """65,536 entries; the last one, a non-character, also stands for everything beyond the basic plane.

    Two long blocks are filled in without a look at each character, which saves 0.1 s at every start: the ideographs
    and syllables of East Asia are foreign letters, surrogates and private characters are punctuation.
    """
    table = np.full(0x10000, FOREIGN, dtype=np.uint8)
    table[0xD800:0xF900] = _PUNCTUATION
    points = [*range(0x3400), *range(0xA490, 0xAC00), *range(0xF900, 0x10000)]
    table[points] = [_classify(chr(point)) for point in points]
    return table


_TABLE = _build_table()
_ENTRIES = _TABLE.tobytes()
_LAST = len(_ENTRIES) - 1
_SEPARATORS_TO_SPACE = bytes(code if code >= _LETTERS else SPACE for code in range(256))


class Folded:
    """A folded text: `marked` with the three kinds of separators, `spaced` with all of them as spaces.

    Both have the same length, begin and end with a separator, and never have two separators in a row. `offsets` leads
    back to the original code points; entries of separators are not meaningful.
    """

    def __init__(self, text: str, marked: bytes, offsets: npt.NDArray[np.intp]) -> None:
        self.text, self.marked, self.offsets = text, marked, offsets
        self.spaced = marked.translate(_TO_SPACED)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original [start, end) of a folded [start, end) that begins and ends with a letter.

        Marks that sit on the last letter (harakat, accents, tatweel) belong to it.
        """
        first, last = int(self.offsets[start]), int(self.offsets[end - 1]) + 1
        text = self.text
        while last < len(text) and (text[last] == "\u0640" or unicodedata.category(text[last]) in {"Mn", "Me"}):
            last += 1
        return first, last

    def position(self, offset: int) -> int:
        """The first folded position whose character is at or after the original `offset`."""
        return int(np.searchsorted(self._rising_offsets, offset))

    @cached_property
    def _rising_offsets(self) -> npt.NDArray[np.intp]:
        return np.maximum.accumulate(self.offsets)

    @cached_property
    def word_ends(self) -> list[int]:
        """Positions of all separators, rising; the number of a word is how many stand before it."""
        return np.flatnonzero(np.frombuffer(self.spaced, dtype=np.uint8) == SPACE).tolist()

    def word_number(self, position: int) -> int:
        """Which word `position` is in, counted through the whole text."""
        return bisect_right(self.word_ends, position)

    @cached_property
    def sentence_ends(self) -> list[int]:
        """Positions of the separators between sentences, and of the last separator."""
        codes = np.frombuffer(self.marked, dtype=np.uint8)
        ends = np.flatnonzero((codes == SENTENCE) | (codes == PARAGRAPH)).tolist()
        return ends if ends and ends[-1] == len(codes) - 1 else [*ends, len(codes) - 1]

    @cached_property
    def paragraph_ends(self) -> list[int]:
        """Positions of the separators between paragraphs, and of the last separator."""
        ends = np.flatnonzero(np.frombuffer(self.marked, dtype=np.uint8) == PARAGRAPH).tolist()
        return ends if ends and ends[-1] == len(self.marked) - 1 else [*ends, len(self.marked) - 1]


_TO_SPACED = bytes(SPACE if code in {SENTENCE, PARAGRAPH} else code for code in range(256))


def fold(text: str) -> Folded:
    """Fold any string, lone surrogates included."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = np.full(len(points) + 2, _BLANK, dtype=np.uint8)
    np.take(_TABLE, points, mode="clip", out=codes[1:-1])
    offsets = np.arange(-1, len(points) + 1, dtype=np.intp)
    kept = codes != _DELETE
    if not kept.all():
        codes, offsets = codes[kept], offsets[kept]
    if (codes == _EXPAND).any():
        codes, offsets = _expand(text, codes, offsets)
    return Folded(text, *_join_separators(codes, offsets))


def fold_phrase(phrase: str) -> bytes:
    """A phrase as it stands in `Folded.spaced`, without the outer separators; b"" when nothing of it is left.

    Phrases are short and many: a look-up for each letter takes 3 us, where arrays take 50.
    """
    codes = bytes([_ENTRIES[min(ord(letter), _LAST)] for letter in phrase])
    if _EXPAND in codes:
        return fold(phrase).spaced.strip(b" ")
    return b" ".join(codes.translate(_SEPARATORS_TO_SPACE, bytes([_DELETE])).split())


def spell(folded: bytes) -> str:
    """Folded bytes as readable letters, for messages to people."""
    return "".join(_LETTER_OF.get(code, "\ufffd") for code in folded)


def encode_letters(letters: str) -> bytes:
    """Letters of the alphabet, already folded (`هم`), and spaces as bytes."""
    return bytes(_CODES[letter] if letter != " " else SPACE for letter in letters)


def _expand(
    text: str, codes: npt.NDArray[np.uint8], offsets: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.intp]]:
    """Write ligatures (ﻻ, ß) as the letters that they stand for, all at the ligature's offset."""
    letters: list[bytes] = []
    counts = np.ones(len(codes), dtype=np.intp)
    places = np.flatnonzero(codes == _EXPAND)
    for place in places:
        spelled = encode_letters(_base_letters(text[offsets[place]]))
        letters.append(spelled)
        counts[place] = len(spelled)
    expanded = np.repeat(codes, counts)
    expanded[expanded == _EXPAND] = np.frombuffer(b"".join(letters), dtype=np.uint8)
    return expanded, np.repeat(offsets, counts)


def _join_separators(codes: npt.NDArray[np.uint8], offsets: npt.NDArray[np.intp]) -> tuple[bytes, npt.NDArray[np.intp]]:
    """Make each run of separators one, of the strongest kind that the run amounts to."""
    separates = codes < _LETTERS
    keep = ~separates
    heads = separates.copy()
    heads[1:] &= keep[:-1]
    keep |= heads
    joined = np.where(separates, np.uint8(SPACE), codes)
    breaks = np.flatnonzero(codes <= _NEWLINE)
    if breaks.size:
        firsts = np.flatnonzero(heads)
        owners = firsts.take(np.searchsorted(firsts, breaks, side="right") - 1)
        newlines = codes.take(breaks) == _NEWLINE
        raw = codes.tobytes()
        joined[[first for first in set(owners[~newlines].tolist()) if _ends_sentence(raw, first)]] = SENTENCE
        joined[owners[newlines]] = PARAGRAPH
    return joined[keep].tobytes(), offsets[keep]


def _ends_sentence(codes: bytes, first: int) -> bool:
    """Whether a run of separators with a stop in it, from `first`, ends a sentence.

    It does with a blank in it, or between Arabic letters (where writers often leave the blank out), but not after an
    initial (U.S., د.) or an abbreviation.
    """
    after = first
    blank = False
    while after < len(codes) and codes[after] < _LETTERS:
        blank = blank or codes[after] == _BLANK
        after += 1
    if not first or after == len(codes):
        return False
    if not blank and not (codes[first - 1] in _ARABIC_CODES and codes[after] in _ARABIC_CODES):
        return False
    return not _is_abbreviation(codes, first)


def _is_abbreviation(codes: bytes, end: int) -> bool:
    """Whether the word before `end` is a single letter or one of the known abbreviations."""
    start = end
    while start > max(0, end - 5) and codes[start - 1] >= _LETTERS:
        start -= 1
    word = codes[start:end]
    return word in _ABBREVIATIONS or (len(word) == 1 and word[0] not in _DIGIT_CODES)
