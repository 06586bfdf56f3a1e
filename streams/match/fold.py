"""Folds a text into the one-byte alphabet in which phrases are looked for, keeping the way back to every character.

What folding loses is told in `streams.match.alphabet`. Every run of other characters becomes one separator, which says
whether it parts words, sentences or paragraphs.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from streams.match.alphabet import (
    DELETE,
    EXPAND,
    FOREIGN,
    LETTERS,
    PARAGRAPH,
    SENTENCE,
    SPACE,
    TABLE,
    encode_letters,
    spell,
)
from streams.match.words import Ints, Words, codes_of, counts_of, units_of

__all__ = [
    "FOREIGN",
    "PARAGRAPH",
    "SENTENCE",
    "SPACE",
    "Folded",
    "encode_letters",
    "fold",
    "fold_phrase",
    "spell",
]

_TATWEEL = "\u0640"
_SURROGATE = re.compile("[\ud800-\udfff]")
_SEPARATORS_TO_SPACE = bytes(code if code >= LETTERS else SPACE for code in range(256))


class Folded:
    """One folded text: `spaced` with every separator as a space, `marked` with the three kinds of them.

    Both have the same length, begin and end with a separator, and never have two separators in a row. Positions are
    those in them; `span` leads back to the original code points. Whatever a property holds is worked out when asked
    for.
    """

    def __init__(self, text: str, words: Words, first: int = 0, last: int = 1) -> None:
        """`text` is what texts `first` to `last` - 1 of `words` are, with newlines between them."""
        self.text, self.words = text, words
        self.first, self.last = int(words.firsts[first]), int(words.firsts[last])
        self._low, self._high = int(words.bounds[first]) - 1, int(words.bounds[last])
        self._before = int(words.joined_ends[self.first - 1]) if self.first else 0
        self._spans: dict[tuple[int, int], tuple[int, int]] = {}

    @cached_property
    def word_ends(self) -> list[int]:
        """Positions of all separators, rising: the first, and where each word ends."""
        return [0, *(self.words.joined_ends[self.first : self.last] - self._before).tolist()]

    @property
    def length(self) -> int:
        """How long `spaced` is."""
        return self.start_of(self.last)

    def start_of(self, word: int) -> int:
        """Where a word of the text, as `words` counts them, begins; of the one after the last, the length."""
        return (int(self.words.joined_ends[word - 1]) if word else 0) - self._before + 1

    @cached_property
    def spaced(self) -> bytes:
        """See the class."""
        codes = self.words.codes[self._low : self._high]
        letters = codes >= LETTERS
        return np.where(letters, codes, np.uint8(SPACE))[self._kept].tobytes()

    @cached_property
    def marked(self) -> bytes:
        """See the class."""
        codes = np.frombuffer(self.spaced, dtype=np.uint8).copy()
        codes[self.word_ends[1:-1]] = self.words.gaps[self.first : self.last][:-1]
        return codes.tobytes()

    @cached_property
    def encodable(self) -> str:
        """The text with U+FFFD for half characters, which UTF-8 has none of."""
        return _SURROGATE.sub("\ufffd", self.text)

    @cached_property
    def offsets(self) -> Ints:
        """By position: the original offset of its character; a separator's is that of the first of its run."""
        units = units_of(self.text)
        kept = np.repeat(np.arange(len(units)), counts_of(units, codes_of(units)))
        if len(units) != len(self.text):
            points = np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            kept = np.repeat(np.arange(len(points)), 1 + (points > TABLE.size - 1))[kept]
        return np.concatenate(([-1], kept, [len(self.text)]))[self._kept]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original [start, end) of a folded [start, end) that begins and ends with a letter.

        Marks that sit on the last letter (harakat, accents, tatweel) belong to it.
        """
        known = self._spans.get((start, end))
        if known is None:
            known = self._spans[start, end] = self._span(start, end)
        return known

    def _span(self, start: int, end: int) -> tuple[int, int]:
        first, last = int(self.offsets[start]), int(self.offsets[end - 1]) + 1
        text = self.text
        while last < len(text) and (text[last] == _TATWEEL or unicodedata.category(text[last]) in {"Mn", "Me"}):
            last += 1
        return first, last

    def position(self, offset: int) -> int:
        """The first folded position whose character is at or after the original `offset`."""
        return int(np.searchsorted(self._rising_offsets, offset))

    def positions(self, offsets: Sequence[int]) -> list[int]:
        """`position` of each of the offsets."""
        found: list[int] = np.searchsorted(self._rising_offsets, offsets).tolist()
        return found

    def word_number(self, position: int) -> int:
        """Which word `position` is in, counted through the whole text."""
        return bisect_right(self.word_ends, position)

    @cached_property
    def sentence_ends(self) -> list[int]:
        """Positions of the separators between sentences, and of the last separator."""
        return self._ends_where(self.words.gaps[self.first : self.last] != SPACE)

    @cached_property
    def paragraph_ends(self) -> list[int]:
        """Positions of the separators between paragraphs, and of the last separator."""
        return self._ends_where(self.words.gaps[self.first : self.last] == PARAGRAPH)

    def _ends_where(self, chosen: np.typing.NDArray[np.bool_]) -> list[int]:
        """The ends of the chosen words, of which the last is one; that of a text without words is its only space."""
        numbers = np.flatnonzero(chosen)
        ends: list[int] = (self.words.joined_ends[self.first + numbers] - self._before).tolist()
        return ends or [0]

    @cached_property
    def _kept(self) -> np.typing.NDArray[np.bool_]:
        """Which of the text's codes, between two separators, are letters or the first of a run of separators."""
        kept = self.words.codes[self._low : self._high] >= LETTERS
        kept[self.words.ends[self.first : self.last] - self._low] = True
        kept[0] = True
        return kept

    @cached_property
    def _rising_offsets(self) -> Ints:
        return np.maximum.accumulate(self.offsets)


def fold(text: str) -> Folded:
    """Fold any string, lone surrogates included."""
    return Folded(text, Words([text]))


def fold_phrase(phrase: str) -> bytes:
    """A phrase as it stands in `Folded.spaced`, without the outer separators; b"" when nothing of it is left.

    Phrases are short and many: this takes 2 us, where all that a text needs takes 50.
    """
    codes = TABLE.take(units_of(phrase)).tobytes()
    if EXPAND in codes or _TATWEEL in phrase:
        return fold(phrase).spaced.strip(b" ")
    return b" ".join(codes.translate(_SEPARATORS_TO_SPACE, bytes([DELETE])).split())
