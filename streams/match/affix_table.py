"""Says which of a closed set of affixes may begin or end each of many words, by table look-ups."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from streams.match.words import Ints, Words


class AffixTable:
    """The affixes of one side. `affixes[0]` is the empty one; `lengths` are those of all.

    The outermost letters of a word, as far as any affix reaches, are read as the digits of a number (0 for a letter
    that no affix has); by that number the table lists the affixes that the word has. What is left of the word may be
    nothing: that is for the caller to see.
    """

    def __init__(self, affixes: frozenset[bytes], *, at_end: bool) -> None:
        self.affixes = [b"", *sorted(affixes - {b""})]
        self.lengths: Ints = np.fromiter(map(len, self.affixes), dtype=np.intp)
        reach = max(map(len, self.affixes))
        letters = sorted(set(b"".join(self.affixes)))
        base = len(letters) + 1
        self._steps: Ints = np.arange(reach) * (-1 if at_end else 1)
        self._powers: Ints = base ** np.arange(reach - 1, -1, -1)
        self._digits = np.zeros(256, dtype=np.intp)
        self._digits[letters] = np.arange(1, base)
        digits = dict(zip(letters, range(1, base), strict=True))
        spelled = [tuple(digits[letter] for letter in (one[::-1] if at_end else one)) for one in self.affixes]
        lists = [
            [number for number, one in enumerate(spelled) if word[: len(one)] == one]
            for word in product(range(base), repeat=reach)
        ]
        self._counts: Ints = np.fromiter(map(len, lists), dtype=np.intp)
        self._firsts: Ints = np.cumsum(self._counts) - self._counts
        self.listed: Ints = np.array([number for one in lists for number in one], dtype=np.intp)

    def of(self, words: Words, outermost: Ints) -> tuple[Ints, Ints]:
        """For each word, told by where its outermost letter is: where its affixes begin in `listed`, and how many.

        The first of them is the empty one.
        """
        # Letters of another word are behind a separator, which is a 0.
        letters = words.codes.take(outermost[:, None] + self._steps, mode="clip")
        number = self._digits.take(letters) @ self._powers
        return self._firsts.take(number), self._counts.take(number)


@lru_cache(maxsize=64)
def affix_table(affixes: frozenset[bytes], *, at_end: bool) -> AffixTable:
    """A table of these affixes; the same one for the same affixes, for tools compile small rulebooks by the hundred."""
    return AffixTable(affixes, at_end=at_end)
