"""Finds the words of a closed set among many stretches of folded letters at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from random import Random

import numpy as np

from streams.match.key_table import Keys, KeyTable
from streams.match.words import BLOCK, Blocks, Ints, Words


class WordTable:
    """A hash table of words, built once. A word's number is its place in the sequence it was built from.

    The hash only says where to look: every word found is compared letter by letter, so that no text can be made to
    match by colliding with a word.
    """

    def __init__(self, words: Sequence[bytes]) -> None:
        """`words` are all different, and none is empty."""
        depth = -(-max(map(len, words), default=1) // BLOCK)
        padded = b"".join(word.ljust(depth * BLOCK, b"\0") for word in words)
        blocks = np.frombuffer(padded, dtype=np.uint64).reshape(len(words), depth)
        self._blocks: list[Blocks] = [np.ascontiguousarray(blocks[:, block]) for block in range(depth)]
        self._lengths: Ints = np.fromiter(map(len, words), dtype=np.intp, count=len(words))
        self._keys = KeyTable(self._distinct_keys())

    def find(self, words: Words, starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
        """Which of the stretches of letters are words of the table, rising, and their numbers there."""
        first = words.blocks(starts, lengths)
        keys = first * self._factors[0]
        for block in range(1, len(self._blocks)):
            longer = (lengths > BLOCK * block).nonzero()[0]
            keys[longer] += words.blocks(starts[longer], lengths[longer], block) * self._factors[block]
        known, numbers = self._keys.find(keys)
        right = self._blocks[0].take(numbers) == first[known]
        right &= self._lengths.take(numbers) == lengths[known]
        known, numbers = known[right], numbers[right]
        return self._with_same_letters(words, starts, known, numbers)

    def _with_same_letters(self, words: Words, starts: Ints, known: Ints, numbers: Ints) -> tuple[Ints, Ints]:
        """Those whose letters after the first eight are the same too; their lengths are."""
        lengths = self._lengths.take(numbers)
        for block in range(1, len(self._blocks)):
            longer = (lengths > BLOCK * block).nonzero()[0]
            if not len(longer):
                break
            letters = words.blocks(starts[known[longer]], lengths[longer], block)
            wrong = longer[self._blocks[block].take(numbers[longer]) != letters]
            if len(wrong):
                known, numbers, lengths = (np.delete(one, wrong) for one in (known, numbers, lengths))
        return known, numbers

    def _distinct_keys(self) -> Keys:
        """A key for each word, all different: sums of the blocks, each times an odd factor of the table's own."""
        for attempt in count():
            random = Random(attempt)  # noqa: S311  # the letters are compared, whatever the key
            self._factors = np.array([random.getrandbits(64) | 1 for _ in self._blocks], dtype=np.uint64)
            keys: Keys = np.zeros(len(self._lengths), dtype=np.uint64)
            for block, factor in zip(self._blocks, self._factors, strict=True):
                keys += block * factor
            if len(set(keys.tolist())) == len(keys):
                return keys
        raise AssertionError  # count() has no end
