"""Says which rules are worth evaluating on which articles, for a batch of articles at once.

Every alternative of a rule's clauses (`streams.match.demands`) is looked up in arrays: a term of its rarest group has
to be in the article, then one of each other group, then those that have to stand together have to be found in one
sentence, or so many words apart. It is the presearch of Lucene's Monitor with several passes, and positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from streams.match.batch import Batch
from streams.match.conditions import Scope, Terms
from streams.match.demands import Alternative, Measures, Window, narrowed
from streams.match.words import Ints, Words, listed

_MOST_GROUPS: Final = 3
"""How many groups of an alternative or a window are asked for, rarest first."""
_MOST_WINDOWS: Final = 2
"""How many windows of an alternative are asked for, narrowest first. One more of both leaves 113 instead of 133 of
2,300 articles to evaluate the largest shipped rule on; one less of either, 178 or 170."""
_NO_WINDOW, _SENTENCE, _PARAGRAPH, _TITLE = range(4)
_KINDS: Final = {Scope.SENTENCE: _SENTENCE, Scope.PARAGRAPH: _PARAGRAPH, Scope.TITLE: _TITLE}
_FAR: Final = 1 << 40
"""More words than any text has."""


class Searched(NamedTuple):
    """What is known of a rule before it is evaluated: its clauses, and all terms that it can ask for."""

    clauses: Sequence[Sequence[Alternative]]
    terms: Iterable[int]


class _Lists:
    """Lists of numbers, packed."""

    def __init__(self, lists: Iterable[Iterable[int]]) -> None:
        flat = [list(one) for one in lists]
        self.bounds: Ints = np.cumsum([0, *map(len, flat)])
        self.items: Ints = np.fromiter((item for one in flat for item in one), dtype=np.intp)

    def of(self, numbers: Ints) -> tuple[Ints, Ints]:
        """The items of all of these lists, and for each the place of its list among `numbers`."""
        owners, places = listed(self.bounds, numbers)
        return owners, self.items.take(places)


class _Groups:
    """The groups of some things, first to last: each has to be met."""

    def __init__(self, groups: Sequence[Sequence[Terms]]) -> None:
        depth = max(map(len, groups), default=0)
        self._levels = [
            _Lists(sorted(some[level]) if level < len(some) else () for some in groups) for level in range(depth)
        ]

    def __len__(self) -> int:
        return len(self._levels)

    def terms(self, numbers: Ints, level: int) -> tuple[Ints, Ints, Ints]:
        """Owners and terms as `_Lists.of` has them, and which of the things have no group at this level."""
        lists = self._levels[level]
        owners, terms = lists.of(numbers)
        return owners, terms, (lists.bounds.take(numbers) == lists.bounds.take(numbers + 1)).nonzero()[0]


class _Windows:
    """One window of each alternative, or none."""

    def __init__(self, windows: Sequence[tuple[Window, Sequence[Terms]] | None]) -> None:
        self._kinds: Ints = np.array([_KINDS[one[0].scope] if one else _NO_WINDOW for one in windows], dtype=np.intp)
        reaches = [_FAR if one is None or one[0].reach is None else one[0].reach for one in windows]
        self._reaches: Ints = np.array(reaches, dtype=np.intp)
        self._anchors = _Lists(sorted(one[1][0]) if one else () for one in windows)
        self._others = _Groups([one[1][1:] if one else () for one in windows])

    def hold(self, batch: Batch, article: Ints, alternative: Ints) -> Ints:
        """Which of the pairs of an article and an alternative have no window, or one that is there."""
        kinds = self._kinds.take(alternative)
        passed = kinds == _NO_WINDOW
        rows = (~passed).nonzero()[0]
        if not len(rows):
            return np.arange(len(passed))
        owners, terms = self._anchors.of(alternative[rows])
        rows = rows[owners]
        again, words = batch.words_of(article[rows], terms)
        rows = rows[again]
        low, high = self._bounds(batch.words, words, kinds[rows], alternative[rows])
        inside = (low <= words) & (words <= high)
        rows, low, high = rows[inside], low[inside], high[inside]
        for level in range(len(self._others)):
            owners, terms, met = self._others.terms(alternative[rows], level)
            there = batch.has_within(article[rows[owners]], terms, (low[owners], high[owners]))
            kept = np.zeros(len(rows), dtype=np.bool_)
            kept[met] = True
            kept[owners[there]] = True
            rows, low, high = rows[kept], low[kept], high[kept]
        passed[rows] = True
        return np.flatnonzero(passed)

    def _bounds(self, words: Words, hits: Ints, kinds: Ints, alternative: Ints) -> tuple[Ints, Ints]:
        """The first and the last word of the window around the first word of each hit."""
        low, high = np.zeros(len(hits), dtype=np.intp), np.zeros(len(hits), dtype=np.intp)
        for kind, last_words in (
            (_SENTENCE, words.sentence_ends),
            (_PARAGRAPH, words.paragraph_ends),
            (_TITLE, words.firsts[1:] - 1),
        ):
            some = (kinds == kind).nonzero()[0]
            if len(some):
                at = np.searchsorted(last_words, hits[some])
                high[some] = last_words.take(at)
                low[some] = np.where(at > 0, last_words.take(at - 1, mode="clip") + 1, 0)
                if kind == _TITLE:
                    low[some[at % 2 == 1]] = _FAR  # a text, not a title
        reach = self._reaches.take(alternative)
        return np.maximum(low, hits - reach), np.minimum(high, hits + reach)


class Presearch:
    """The clauses of rules, which are numbered from 0 as given."""

    def __init__(self, rules: Sequence[Searched], measures: Measures) -> None:
        self._asked = _Lists(sorted(set(rule.terms)) for rule in rules)
        clauses = [(number, clause) for number, rule in enumerate(rules) for clause in rule.clauses]
        self._rule_of: Ints = np.array([number for number, _ in clauses], dtype=np.intp)
        self._needed: Ints = np.bincount(self._rule_of, minlength=len(rules) or 1)
        holders: dict[Alternative, list[int]] = {}
        for number, (_, clause) in enumerate(clauses):
            for one in dict.fromkeys(clause):
                holders.setdefault(one, []).append(number)
        self._clauses = _Lists(holders.values())
        rarest = cache(lambda groups: narrowed(groups, measures.weights)[:_MOST_GROUPS])
        groups = [rarest(one.groups) for one in holders]
        self._always: Ints = np.array([at for at, some in enumerate(groups) if not some], dtype=np.intp)
        triggers = sorted((term, at) for at, some in enumerate(groups) for term in (some[0] if some else ()))
        by_term: list[list[int]] = [[] for _ in measures.weights]
        for term, at in triggers:
            by_term[term].append(at)
        self._triggered = _Lists(by_term)
        self._others = _Groups([some[1:] for some in groups])
        windows = [_ordered(one, rarest) for one in holders]
        self._windows = [
            _Windows([some[place] if place < len(some) else None for some in windows])
            for place in range(max(map(len, windows), default=0))
        ]

    def candidates(self, batch: Batch) -> tuple[Ints, Ints]:
        """Pairs of an article and the number of a rule to evaluate on it, rising."""
        article, alternative = self._with_words(batch)
        for windows in self._windows:
            if not len(article):
                return article, article
            held = windows.hold(batch, article, alternative)
            article, alternative = article[held], alternative[held]
        owners, clause = self._clauses.of(alternative)
        held = _distinct(article[owners] * len(self._rule_of) + clause)
        article, clause = np.divmod(held, max(1, len(self._rule_of)))
        pairs = article * len(self._needed) + self._rule_of.take(clause)
        firsts = _changes(pairs)
        article, rule = np.divmod(pairs[firsts], len(self._needed))
        lasts = np.concatenate((firsts[1:], [len(pairs)]))
        whole = lasts - firsts == self._needed.take(rule)
        return article[whole], rule[whole]

    def terms_of(self, rules: Ints) -> tuple[Ints, Ints]:
        """The terms that the rules can ask for, and for each the place of its rule among them."""
        return self._asked.of(rules)

    def _with_words(self, batch: Batch) -> tuple[Ints, Ints]:
        """Articles and alternatives that have a term of every group in them, perhaps with repeats."""
        owners, alternative = self._triggered.of(batch.terms)
        article = batch.articles[owners]
        for level in range(len(self._others)):
            if not len(article):
                break
            owners, terms, met = self._others.terms(alternative, level)
            there = batch.has(article[owners], terms)
            kept = np.zeros(len(article), dtype=np.bool_)
            kept[met] = True
            kept[owners[there]] = True
            article, alternative = article[kept], alternative[kept]
        if len(self._always):
            article = np.concatenate((article, np.arange(len(batch)).repeat(len(self._always))))
            alternative = np.concatenate((alternative, np.tile(self._always, len(batch))))
        return article, alternative


def _distinct(keys: Ints) -> Ints:
    """The keys in order, each once."""
    rising = np.sort(keys)
    return rising[_changes(rising)]


def _changes(keys: Ints) -> Ints:
    """Where keys in order begin to differ from those before."""
    differ = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=differ[1:])
    return differ.nonzero()[0]


def _ordered(
    alternative: Alternative, rarest: Callable[[frozenset[Terms]], list[Terms]]
) -> list[tuple[Window, list[Terms]]]:
    """The narrowest windows, first those that reach the least, each with its groups, rarest first."""
    windows = [(one, rarest(one.groups)) for one in alternative.windows]
    windows = [(one, groups) for one, groups in windows if len(groups) > 1 or one.scope is Scope.TITLE]
    if len(windows) > 1:
        windows.sort(key=lambda one: (one[0].reach or _FAR, one[0].scope, [sorted(group) for group in one[1]]))
    return windows[:_MOST_WINDOWS]
