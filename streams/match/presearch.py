"""Says which rules are worth evaluating on which articles, for a batch of articles at once.

A rule is looked at only when a term of its rarest mandatory group is in the article, and is told only when every other
mandatory group has one too: the presearch of Lucene's Monitor with several passes, in arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from streams.match.batch import Batch
from streams.match.conditions import Terms
from streams.match.words import Ints, ranges


class Presearch:
    """The mandatory groups of rules, which are numbered from 0 as given.

    Groups of each rule come rarest first; a rule without any is always told.
    """

    def __init__(self, rules: Sequence[Sequence[Terms]], terms: int) -> None:
        self._terms, self._rules = terms, max(1, len(rules))
        self._always = [number for number, groups in enumerate(rules) if not groups]
        triggers = [(term, number) for number, groups in enumerate(rules) for term in (groups[0] if groups else ())]
        term, rule = np.array(sorted(triggers), dtype=np.intp).reshape(-1, 2).T
        self._counts: Ints = np.bincount(term, minlength=terms).astype(np.intp)
        self._firsts: Ints = np.cumsum(self._counts) - self._counts
        self._triggered: Ints = rule
        depth = max(map(len, rules), default=0)
        self._others: list[tuple[Ints, Ints, Ints]] = [
            _packed([sorted(groups[place]) if place < len(groups) else () for groups in rules])
            for place in range(1, depth)
        ]

    def candidates(self, batch: Batch) -> list[list[int]]:
        """By article: the numbers of the rules to evaluate on it, rising."""
        found: list[list[int]] = [self._always.copy() for _ in range(len(batch))]
        article, rule = self._triggered_in(batch)
        pairs = np.unique(article * self._rules + rule)
        for one, number in zip((pairs // self._rules).tolist(), (pairs % self._rules).tolist(), strict=True):
            found[one].append(number)
        return [sorted(some) for some in found] if self._always else found

    def _triggered_in(self, batch: Batch) -> tuple[Ints, Ints]:
        """Articles and rules that have a term of every mandatory group in them, perhaps with repeats."""
        owners, places = ranges(self._firsts[batch.terms], self._counts[batch.terms])
        article, rule = batch.articles[owners], self._triggered.take(places)
        present = np.zeros(len(batch) * self._terms, dtype=np.bool_)
        present[batch.articles * self._terms + batch.terms] = True
        for counts, firsts, terms in self._others:
            if not len(rule):
                break
            asked = counts.take(rule)
            owners, places = ranges(firsts.take(rule), asked)
            there = present.take(article[owners] * self._terms + terms.take(places))
            met = asked == 0  # a rule with fewer groups
            met[owners[there]] = True
            article, rule = article[met], rule[met]
        return article, rule


def _packed(lists: Sequence[Iterable[int]]) -> tuple[Ints, Ints, Ints]:
    """How long each list is, where it begins in the third array, and that array: all of them one behind another."""
    flat = [list(one) for one in lists]
    counts: Ints = np.fromiter(map(len, flat), dtype=np.intp, count=len(flat))
    return counts, np.cumsum(counts) - counts, np.array([item for one in flat for item in one], dtype=np.intp)
