"""Remembers what was found out about words, so that a word that comes again is not taken apart again.

News repeats its words: in the second thousand of Arabic articles one word in twelve was not in an article before,
and the share falls as more are read. What is known of a word is the number of its entry in lists of the caller's; entry
0 is that of words about which there is nothing to know. A word is recognised by all of its letters, never by its hash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from streams.match.words import BLOCK, Blocks, Ints, Words, listed

BITS: Final = 18
"""Places for 262,144 words, of which half are taken: 8 MB."""
_BLOCKS: Final = 3
_LONGEST: Final = _BLOCKS * BLOCK
"""Letters of the longest word that is remembered."""
_FACTORS: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_AGAIN: Final = np.uint64(0xD6E8FEB86659FD93)
"""Odd numbers that spread letters over the high bits (multiplicative hashing: Knuth, TAOCP 3, 6.4)."""
_ROOM: Final = 1024
"""Numbers that lists have room for before they grow."""


class Lexicon:
    """A table of words with two places for each; a word that finds both taken is not remembered."""

    def __init__(self, bits: int = BITS) -> None:
        self._shift = np.uint64(64 - bits)
        # Letters and entry of a word side by side: to look it up touches memory once.
        self._rows = np.zeros((1 << bits, _BLOCKS + 1), dtype=np.uint64)
        self._scratch = np.zeros(1 << bits, dtype=np.int32)
        self._known = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin anew: half of the places are taken."""
        return 2 * self._known > len(self._rows)

    def forget(self) -> None:
        """Know no word any more."""
        self._rows.fill(0)
        self._known = 0

    def entries(self, words: Words, learn: Callable[[Ints], Ints]) -> Ints:
        """The entry of each word. `learn` is given the numbers of those to find out about and returns theirs."""
        letters = [words.blocks(words.starts, words.lengths, block) for block in range(_BLOCKS)]
        keys = letters[0] * _FACTORS[0]
        keys += letters[1] * _FACTORS[1]
        keys += letters[2] * _FACTORS[2]
        places = (keys >> self._shift).view(np.intp)
        is_there, entries = self._look(places, letters, words.lengths)
        asked = (~is_there).nonzero()[0]
        if not len(asked):
            return entries
        letters = [block[asked] for block in letters]
        lengths, places = words.lengths[asked], places[asked]
        others = ((keys[asked] * _AGAIN) >> self._shift).view(np.intp)
        is_there, entries[asked] = self._look(others, letters, lengths)
        new = (~is_there).nonzero()[0]
        if len(new):
            places, others = places[new], others[new]
            places = np.where(self._rows[places, 0] == 0, places, others)
            places[(self._rows[places, 0] != 0) | (lengths[new] > _LONGEST)] = -1
            entries[asked[new]] = self._learn(asked[new], [block[new] for block in letters], places, learn)
        return entries

    def _look(self, places: Ints, letters: list[Blocks], lengths: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
        """Of each word: whether it is in its place, and the entry that is there."""
        rows = self._rows.take(places, axis=0)
        is_there = rows[:, 0] == letters[0]
        is_there &= rows[:, 1] == letters[1]
        is_there &= rows[:, 2] == letters[2]
        is_there &= lengths <= _LONGEST
        return is_there, rows[:, _BLOCKS].astype(np.intp)

    def _learn(self, asked: Ints, letters: list[Blocks], places: Ints, learn: Callable[[Ints], Ints]) -> Ints:
        """The entries of new words, each of which `learn` is asked for once if it has a place (or else -1)."""
        own = np.arange(len(asked))
        placed = (places >= 0).nonzero()[0]
        self._scratch[places[placed]] = placed  # of the words for one place, the last one has it
        leads = own.copy()
        leads[placed] = self._scratch[places[placed]]
        same = np.ones(len(asked), dtype=np.bool_)
        for block in letters:
            same &= block[leads] == block
        leads[~same] = own[~same]
        leaders = (leads == own).nonzero()[0]
        numbers = np.zeros(len(asked), dtype=np.intp)
        numbers[leaders] = learn(asked[leaders])
        kept = leaders[same[leaders] & (places[leaders] >= 0)]
        self._rows[places[kept]] = np.array([*(block[kept] for block in letters), numbers[kept]], dtype=np.uint64).T
        self._known += len(kept)
        return numbers[leads]


class Lists:
    """Lists of pairs of numbers by entry, to which entries are only added; that of entry 0 is empty."""

    def __init__(self) -> None:
        self._bounds: Ints = np.zeros(_ROOM, dtype=np.intp)
        self._pairs: Ints = np.zeros((2, _ROOM), dtype=np.intp)
        self._entries, self._used = 1, 0

    def __len__(self) -> int:
        return self._entries

    def add(self, counts: Ints, ones: Ints, others: Ints) -> None:
        """One more entry for each count, with so many of the pairs of both numbers, in that order."""
        first, last = self._entries, self._entries + len(counts)
        used = self._used + len(ones)
        self._bounds, self._pairs = _with_room(self._bounds, last + 1), _with_room(self._pairs, used)
        self._bounds[first + 1 : last + 1] = self._used + counts.cumsum()
        self._pairs[0, self._used : used], self._pairs[1, self._used : used] = ones, others
        self._entries, self._used = last, used

    def of(self, entries: Ints) -> tuple[Ints, Ints]:
        """The pairs of all of the entries as columns, and for each the place of its entry among those asked for."""
        owners, places = listed(self._bounds, entries)
        return owners, self._pairs.take(places, axis=1)


def _with_room(array: Ints, least: int) -> Ints:
    """The array, or one that is twice as long as it has to be and begins with it."""
    if least <= array.shape[-1]:
        return array
    longer = np.zeros((*array.shape[:-1], 2 * least), dtype=array.dtype)
    longer[..., : array.shape[-1]] = array
    return longer
