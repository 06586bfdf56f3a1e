"""Remembers what was found out about words, so that a word that comes again is not taken apart again.

News repeats its words: in the second thousand of Arabic articles one word in twelve was not in an article before,
and the share falls as more are read. What is known of a word is the number of its entry in lists of the caller's; entry
0 is that of words about which there is nothing to know. A word is recognised by all of its letters, never by its hash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from streams.match.words import BLOCK, Blocks, Ints, Words, ranges

_BITS: Final = 18
"""Places for 262,144 words, of which half are taken: 5 MB. An article of 300 words asks for 600 of them."""
_LONGEST: Final = 2 * BLOCK
"""Letters of the longest word that is remembered; longer ones are one in a thousand."""
_FACTORS: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93], dtype=np.uint64)
"""Odd numbers that spread letters over the high bits (multiplicative hashing: Knuth, TAOCP 3, 6.4)."""


class Lexicon:
    """A table of words with two places for each; a word that finds both taken is not remembered."""

    def __init__(self, bits: int = _BITS) -> None:
        self._shift = np.uint64(64 - bits)
        self._first: Blocks = np.zeros(1 << bits, dtype=np.uint64)  # 0 where no word is
        self._second: Blocks = np.zeros(1 << bits, dtype=np.uint64)
        self._entries = np.zeros(1 << bits, dtype=np.int32)
        self._scratch = np.zeros(1 << bits, dtype=np.int32)
        self._known = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin anew: half of the places are taken."""
        return 2 * self._known > len(self._first)

    def forget(self) -> None:
        """Know no word any more."""
        self._first.fill(0)
        self._known = 0

    def entries(self, words: Words, learn: Callable[[Ints], Ints]) -> Ints:
        """The entry of each word. `learn` is given the numbers of those to find out about and returns theirs."""
        first = words.blocks(words.starts, words.lengths)
        second = words.blocks(words.starts, words.lengths, 1)
        keys = first * _FACTORS[0]
        keys += second * _FACTORS[1]
        places = (keys >> self._shift).view(np.intp)
        entries: Ints = self._entries.take(places).astype(np.intp)
        unknown = self._first.take(places) != first
        unknown |= self._second.take(places) != second
        unknown |= words.lengths > _LONGEST
        asked = unknown.nonzero()[0]
        if not len(asked):
            return entries
        first, second, places = first[asked], second[asked], places[asked]
        others = ((keys[asked] * _FACTORS[2]) >> self._shift).view(np.intp)
        there = (self._first.take(others) == first) & (self._second.take(others) == second)
        there &= words.lengths[asked] <= _LONGEST
        entries[asked[there]] = self._entries.take(others[there])
        new = (~there).nonzero()[0]
        if len(new):
            places = np.where(self._first.take(places[new]) == 0, places[new], others[new])
            asked, first, second = asked[new], first[new], second[new]
            room = (self._first.take(places) == 0) & (words.lengths[asked] <= _LONGEST)
            entries[asked] = self._learn(asked, (first, second), np.where(room, places, -1), learn)
        return entries

    def _learn(self, asked: Ints, letters: tuple[Blocks, Blocks], places: Ints, learn: Callable[[Ints], Ints]) -> Ints:
        """The entries of new words, each of which `learn` is asked for once if it has a place (or else -1)."""
        first, second = letters
        own = np.arange(len(asked))
        placed = (places >= 0).nonzero()[0]
        self._scratch[places[placed]] = placed  # of the words for one place, the last one has it
        leads = own.copy()
        leads[placed] = self._scratch[places[placed]]
        same = (first[leads] == first) & (second[leads] == second)
        leads[~same] = own[~same]
        leaders = (leads == own).nonzero()[0]
        numbers = np.zeros(len(asked), dtype=np.intp)
        numbers[leaders] = learn(asked[leaders])
        kept = leaders[same[leaders] & (places[leaders] >= 0)]
        at = places[kept]
        self._first[at], self._second[at], self._entries[at] = first[kept], second[kept], numbers[kept]
        self._known += len(kept)
        return numbers[leads]


class Lists:
    """Lists of pairs of numbers by entry, to which entries are only added; that of entry 0 is empty."""

    def __init__(self) -> None:
        self._bounds: Ints = np.zeros(1024, dtype=np.intp)  # of each entry, where the next one's pairs begin
        self._pairs: Ints = np.zeros((2, 1024), dtype=np.intp)
        self._entries = 1

    def __len__(self) -> int:
        return self._entries

    def add(self, counts: Ints, pairs: Ints) -> None:
        """One more entry for each count, with so many of the pairs, which are columns in that order."""
        first, last = self._entries, self._entries + len(counts)
        used = int(self._bounds[first - 1])
        if last > len(self._bounds):
            self._bounds = _longer(self._bounds, last)
        if used + pairs.shape[1] > self._pairs.shape[1]:
            self._pairs = _longer(self._pairs, used + pairs.shape[1])
        self._bounds[first:last] = used + counts.cumsum()
        self._pairs[:, used : used + pairs.shape[1]] = pairs
        self._entries = last

    def counts(self, entries: Ints) -> Ints:
        """How many pairs each of the entries has."""
        return self._bounds.take(entries) - self._bounds.take(entries - 1, mode="clip")

    def of(self, entries: Ints) -> tuple[Ints, Ints]:
        """The pairs of all of the entries as columns, and for each the place of its entry among those asked for."""
        counts = self.counts(entries)
        owners, places = ranges(self._bounds.take(entries) - counts, counts)
        return owners, self._pairs.take(places, axis=1)


def _longer(array: Ints, least: int) -> Ints:
    """The array with more room at its end."""
    longer = np.zeros((*array.shape[:-1], 2 * least), dtype=array.dtype)
    longer[..., : array.shape[-1]] = array
    return longer
