"""Texts as words in arrays: many texts are folded at once, and each word is a place in the folded letters.

Everything here costs a few passes of numpy over all texts together, about 20 us for an article of 4.5 KB among a
hundred; what only some articles need (where sentences end) is worked out when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from streams.match.abbreviations import BEFORE_NAMES, BEFORE_NUMBERS, ELSEWHERE, OPENERS, is_one_of
from streams.match.alphabet import (
    ARABIC_CODES,
    BLANK,
    COUNTS,
    DELETE,
    DIGIT_CODES,
    EXPAND,
    EXPANSION_FIRSTS,
    EXPANSIONS,
    LETTERS,
    NEWLINE,
    PARAGRAPH,
    PUNCTUATION,
    SENTENCE,
    SPACE,
    STOP,
    TABLE,
)

Ints = npt.NDArray[np.intp]
Bytes = npt.NDArray[np.uint8]
Blocks = npt.NDArray[np.uint64]
"""Up to eight letters each, the first in the lowest byte, zeros after the last."""

BLOCK: Final = 8
_MASKS = np.array([(1 << 8 * letters) - 1 for letters in range(BLOCK + 1)], dtype=np.uint64)
_TATWEEL: Final = 0x0640
_WITHIN_WORD: Final = {BLANK, STOP, PUNCTUATION, DELETE}
"""What may stand between two tatweels of one word: all separators but the end of a line."""
_MOST_APART: Final = 8
"""Places from one tatweel to the next, and to a letter, within a split word. Real ones are two or three apart."""

_IS_ARABIC, _IS_DIGIT = (np.isin(np.arange(256), list(codes)) for codes in (ARABIC_CODES, DIGIT_CODES))
"""By code."""


def units_of(text: str) -> npt.NDArray[np.uint16]:
    """The UTF-16 units of a text, lone surrogates included."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)


def codes_of(units: npt.NDArray[np.uint16]) -> Bytes:
    """The code of each unit. What parts letters of a word that tatweel holds together is ignored: قـ ـصـ.ـف is قصف.

    So do writers hide words from filters: 28 times in 140 posts and local reports, never in 2,160 articles of papers.
    Tatweel on one side alone is a dash, a preposition or an abbreviation (لـ, هـ), and single letters parted by blanks
    are initials: neither makes a word.
    """
    codes = TABLE.take(units)
    tatweels = (units == _TATWEEL).nonzero()[0]
    apart = tatweels[1:] - tatweels[:-1]
    close = ((apart > 1) & (apart <= _MOST_APART)).nonzero()[0]
    for left, right in zip(tatweels[close].tolist(), tatweels[close + 1].tolist(), strict=True):
        between = codes[left + 1 : right]
        if set(between.tolist()) <= _WITHIN_WORD and _joins(codes, left, -1) and _joins(codes, right, 1):
            between.fill(DELETE)
    return codes


def _joins(codes: Bytes, place: int, step: int) -> bool:
    """Whether an Arabic letter is the next one from a place on, among what is ignored."""
    for beside in range(place + step, place + step * _MOST_APART, step):
        if not 0 <= beside < len(codes):
            return False
        if codes[beside] != DELETE:
            return bool(_IS_ARABIC[codes[beside]]) or codes[beside] == EXPAND
    return False


def counts_of(units: npt.NDArray[np.uint16], codes: Bytes) -> Bytes:
    """How many letters or separators each unit becomes."""
    counts = COUNTS.take(units)
    counts[codes == DELETE] = 0
    return counts


def ranges(firsts: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """All of `firsts[i]`, `firsts[i] + 1`, ... (`counts[i]` of them) for each i, each with its i."""
    owners = np.arange(len(counts)).repeat(counts)
    shifts = firsts + counts
    shifts -= counts.cumsum()
    numbers = shifts.take(owners)
    numbers += np.arange(len(owners))
    return owners, numbers


def listed(bounds: Ints, lists: Ints) -> tuple[Ints, Ints]:
    """The places of all items of these lists, each with the place of its list among them.

    Lists are packed one behind another: number i goes from `bounds[i]` to before `bounds[i + 1]`. Both bounds are most
    often in one line of the processor's cache, where a table of lengths beside would be in another.
    """
    firsts = bounds.take(lists)
    return ranges(firsts, bounds.take(lists + 1) - firsts)


class Words:
    """The words of some texts, in order.

    `codes` are the folded letters with every separator that was between them, one before the first text and one after
    each; word `i` is `codes[starts[i]:ends[i]]`. `firsts` are the numbers of each text's first word and, last, how many
    words there are. `bounds` are the places of each text's first code and, last, of the end.

    Joined positions are those of the same letters with each run of separators as one, counted through all texts:
    `joined_ends[i]` is where word `i` ends.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        raw = codes_of(units := units_of("\n" + "\n".join(texts) + "\n"))
        lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
        if lengths.sum() + len(texts) + 1 != len(units):
            lengths = np.array([len(units_of(text)) for text in texts], dtype=np.intp)
        bounds = np.concatenate(([1], np.cumsum(lengths + 1) + 1))
        codes, self.bounds = _without_ignored(units, raw, bounds)
        padded = np.zeros(len(codes) + 3 * BLOCK, dtype=np.uint8)
        padded[: len(codes)] = codes
        self.codes: Bytes = padded[: len(codes)]
        self._blocks: Blocks = np.ndarray((len(codes) + 2 * BLOCK,), np.uint64, padded, 0, (1,))  # at every byte
        self._units, self._raw = units, raw
        separates = self.codes < LETTERS
        edges = (separates[1:] != separates[:-1]).nonzero()[0] + 1
        self.starts: Ints = edges[0::2].copy()
        self.ends: Ints = edges[1::2].copy()
        self.lengths: Ints = self.ends - self.starts
        self.firsts: Ints = self.starts.searchsorted(self.bounds)

    def __len__(self) -> int:
        return len(self.starts)

    def blocks(self, starts: Ints, lengths: Ints, block: int = 0) -> Blocks:
        """Letters 8 x `block` and up to seven more of the `lengths` letters from each start; 0 where none is left.

        Beyond `block` 2 the lengths have to reach there.
        """
        masks = _MASKS.take(lengths - BLOCK * block, mode="clip")
        found: Blocks = self._blocks[starts + BLOCK * block if block else starts]
        found &= masks
        return found

    @cached_property
    def joined_ends(self) -> Ints:
        """See the class."""
        ends: Ints = (self.lengths + 1).cumsum()
        return ends

    @cached_property
    def sentence_ends(self) -> Ints:
        """The last word of each sentence."""
        ends: Ints = (self.gaps != SPACE).nonzero()[0]
        return ends

    @cached_property
    def paragraph_ends(self) -> Ints:
        """The last word of each paragraph."""
        ends: Ints = (self.gaps == PARAGRAPH).nonzero()[0]
        return ends

    @cached_property
    def starts_paragraph(self) -> npt.NDArray[np.bool_]:
        """For each word, whether it is the first of a paragraph."""
        found = np.zeros(len(self), dtype=np.bool_)
        nexts = np.searchsorted(self.starts, np.flatnonzero(self.codes == NEWLINE))
        found[nexts[nexts < len(self)]] = True
        return found

    @cached_property
    def gaps(self) -> Bytes:
        """What stands after each word: SPACE, SENTENCE or PARAGRAPH; after a text's last word always PARAGRAPH.

        A newline ends a paragraph. A run of separators with a stop in it ends a sentence with a blank in it, or between
        Arabic letters (where writers often leave the blank out), but not after an initial (U.S., د.) or an
        abbreviation, unless a word with a capital follows that begins sentences (see `abbreviations`).
        """
        kinds = np.full(len(self), SPACE, dtype=np.uint8)
        marks = (self.codes <= NEWLINE).nonzero()[0]
        owners = self.ends.searchsorted(marks, side="right") - 1
        is_line = self.codes.take(marks) == NEWLINE
        stops = owners[~is_line]
        stops = stops[(stops >= 0) & (stops < len(self) - 1)]
        if len(stops):
            kinds[stops[self._ends_sentence(stops)]] = SENTENCE
        lines = owners[is_line]
        kinds[lines[lines.searchsorted(0) :]] = PARAGRAPH
        return kinds

    def _ends_sentence(self, after: Ints) -> npt.NDArray[np.bool_]:
        """Whether the runs of separators after these words, each with a stop in it, end a sentence."""
        edges = np.empty(2 * len(after), dtype=np.intp)
        edges[0::2], edges[1::2] = ends, nexts = self.ends.take(after), self.starts.take(after + 1)
        # A run holds nothing but separators, of which a blank has the highest code.
        is_blank = np.maximum.reduceat(self.codes, edges)[0::2] == BLANK
        last, following = self.codes.take(ends - 1), self.codes.take(nexts)
        ended: npt.NDArray[np.bool_] = is_blank | (_IS_ARABIC.take(last) & _IS_ARABIC.take(following))
        lengths = self.lengths.take(after)
        letters = self.blocks(ends - lengths, lengths)
        before_number = is_one_of(letters, BEFORE_NUMBERS) & _IS_DIGIT.take(following)
        ended &= ~(before_number | is_one_of(letters, BEFORE_NAMES))
        initial = (lengths == 1) & ~_IS_DIGIT.take(last)
        held = (ended & (initial | is_one_of(letters, ELSEWHERE))).nonzero()[0]
        ended[held] = self._opens_sentence(after[held] + 1)
        return ended

    def _opens_sentence(self, numbers: Ints) -> npt.NDArray[np.bool_]:
        """Which of these words begin sentences and have a capital.

        One with a stop of its own is an initial, one before a hyphen a name's part (A-10).
        """
        starts, lengths = self.starts.take(numbers), self.lengths.take(numbers)
        opens = is_one_of(self.blocks(starts, lengths), OPENERS) & (lengths <= BLOCK)
        opens &= self.codes.take(starts + lengths) != STOP
        some = opens.nonzero()[0]
        if len(some):
            firsts, afters = self._units_of(starts[some]), self._units_of((starts + lengths)[some])
            opens[some] = (firsts >= ord("A")) & (firsts <= ord("Z")) & (afters != ord("-"))
        return opens

    def _units_of(self, places: Ints) -> npt.NDArray[np.uint16]:
        """The text's units, unfolded, of these codes."""
        if len(self._units) == len(self.codes):
            return self._units[places]
        counts = counts_of(self._units, self._raw)
        return self._units[counts.cumsum(dtype=np.intp).searchsorted(places, side="right")]


def _without_ignored(units: npt.NDArray[np.uint16], raw: Bytes, bounds: Ints) -> tuple[Bytes, Ints]:
    """The codes without those that are ignored, ligatures as their letters; and where the bounds are then."""
    changed = np.flatnonzero(raw <= EXPAND)
    if not len(changed):
        return raw, bounds
    counts = counts_of(units[changed], raw[changed]).astype(np.intp)
    shifts = np.concatenate(([0], np.cumsum(counts - 1)))
    moved = bounds + shifts[np.searchsorted(changed, bounds)]
    if not counts.any():
        return raw[raw != DELETE], moved
    codes = np.repeat(raw, counts_of(units, raw))
    places = changed + shifts[:-1]
    _, sources = ranges(EXPANSION_FIRSTS.take(units[changed]), counts)
    _, targets = ranges(places, counts)
    codes[targets] = EXPANSIONS[sources]
    return codes, moved
