"""Finds the words of a closed set among many stretches of folded letters at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Final

import numpy as np
import numpy.typing as npt

from streams.match.words import BLOCK, Blocks, Ints, Words

_SPREAD: Final = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio: multiplying by it spreads keys over the high bits (Knuth, TAOCP 3, 6.4)."""
_ROOM: Final = 6
"""Slots for each word: with six, one word in thirteen shares its slot with another, and an unknown word mostly finds an
empty one."""


class WordTable:
    """A hash table of words, built once. A word's number is its place in the sequence it was built from.

    The hash only says where to look: every word found is compared letter by letter, so that no text can be made to
    match by colliding with a word. Words that share a slot are looked up among each other by bisection.
    """

    def __init__(self, words: Sequence[bytes]) -> None:
        """`words` are all different, and none is empty."""
        depth = -(-max(map(len, words), default=1) // BLOCK)
        padded = b"".join(word.ljust(depth * BLOCK, b"\0") for word in words)
        blocks = np.frombuffer(padded, dtype=np.uint64).reshape(len(words), depth)
        self._blocks: list[Blocks] = [np.ascontiguousarray(blocks[:, block]) for block in range(depth)]
        self._lengths: Ints = np.fromiter(map(len, words), dtype=np.intp, count=len(words))
        keys = self._distinct_keys()
        bits = max(8, (len(words) * _ROOM).bit_length())
        self._shift = np.uint64(64 - bits)
        slots = self._slots_of(keys)
        self._numbers = np.zeros(1 << bits, dtype=np.int32)  # 0 for an empty slot, -1 for a shared one
        self._numbers[slots] = np.arange(1, len(words) + 1)
        shared = np.bincount(slots, minlength=1 << bits) > 1
        self._numbers[shared] = -1
        sharing = np.flatnonzero(shared[slots])
        order = sharing[np.argsort(keys[sharing])]
        self._shared_keys, self._shared_numbers = keys[order], (order + 1).astype(np.int32)

    def find(self, words: Words, starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
        """Which of the stretches of letters are words of the table, rising, and their numbers there."""
        first = words.blocks(starts, lengths)
        keys = first * self._factors[0]
        for block in range(1, len(self._blocks)):
            longer = np.flatnonzero(lengths > BLOCK * block)
            keys[longer] += words.blocks(starts[longer], lengths[longer], block) * self._factors[block]
        found = self._numbers.take(self._slots_of(keys))
        known = np.flatnonzero(found)
        numbers = found[known]
        shared = np.flatnonzero(numbers < 0)
        if len(shared):
            places = np.searchsorted(self._shared_keys, keys[known[shared]])
            numbers[shared] = self._shared_numbers.take(places, mode="clip")
        numbers = numbers.astype(np.intp) - 1
        right = self._blocks[0].take(numbers) == first[known]
        right &= self._lengths.take(numbers) == lengths[known]
        known, numbers = known[right], numbers[right]
        return self._with_same_letters(words, starts, known, numbers)

    def _with_same_letters(self, words: Words, starts: Ints, known: Ints, numbers: Ints) -> tuple[Ints, Ints]:
        """Those whose letters after the first eight are the same too; their lengths are."""
        lengths = self._lengths.take(numbers)
        for block in range(1, len(self._blocks)):
            longer = np.flatnonzero(lengths > BLOCK * block)
            if not len(longer):
                break
            letters = words.blocks(starts[known[longer]], lengths[longer], block)
            wrong = longer[self._blocks[block].take(numbers[longer]) != letters]
            if len(wrong):
                known, numbers, lengths = (np.delete(one, wrong) for one in (known, numbers, lengths))
        return known, numbers

    def _slots_of(self, keys: Blocks) -> Ints:
        return ((keys * np.uint64(_SPREAD)) >> self._shift).view(np.intp)

    def _distinct_keys(self) -> Blocks:
        """A key for each word, all different: sums of the blocks, each times an odd factor of the table's own."""
        for attempt in count():
            random = np.random.default_rng(attempt)
            self._factors = random.integers(1 << 63, size=len(self._blocks), dtype=np.uint64) | np.uint64(1)
            keys: npt.NDArray[np.uint64] = np.zeros(len(self._lengths), dtype=np.uint64)
            for block, factor in zip(self._blocks, self._factors, strict=True):
                keys += block * factor
            if len(np.unique(keys)) == len(keys):
                return keys
        raise AssertionError  # count() has no end
