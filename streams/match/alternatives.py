"""Looks alternatives of clauses up in a batch of articles, all of them at once, in arrays.

A term of an alternative's rarest group has to be in the article, then one of each other group, then those that have to
stand together have to be found in one sentence, or so many words apart. It is the presearch of Lucene's Monitor with
several passes, and positions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import zip_longest
from typing import Final

import numpy as np
import numpy.typing as npt

from streams.match.batch import Batch
from streams.match.conditions import Scope, Terms
from streams.match.demands import Alternative, Measures, Window, narrowed
from streams.match.meetings import FAR, Asked, Groups, PackedLists, Pairs, Rows, Windows, distinct
from streams.match.words import Ints

_MOST_GROUPS: Final = 4
"""How many groups of an alternative or a window are asked for, rarest first."""
_MOST_WINDOWS: Final = 2
"""How many windows of an alternative are asked for, narrowest first."""

Placed = tuple[tuple[Scope, int] | None, Alternative]
"""An alternative, and the scope in one unit of which, or in so many in a row, it has to be, if any."""
Worth = Callable[[Ints, Ints], npt.NDArray[np.bool_]]
"""Of each pair of an article and an alternative: whether it is worth looking up."""


class Alternatives:
    """Alternatives, which are numbered from 0 as given."""

    def __init__(self, alternatives: Sequence[Placed], measures: Measures) -> None:
        rarest = cache(lambda groups: narrowed(groups, measures.weights)[:_MOST_GROUPS])
        some = [rarest(one.groups) for _, one in alternatives]
        self._count = len(alternatives)
        self._always: Ints = np.array([at for at, groups in enumerate(some) if not groups], dtype=np.intp)
        by_term: list[list[int]] = [[] for _ in measures.weights]
        for at, groups in enumerate(some):
            for term in sorted(groups[0]) if groups else ():
                by_term[term].append(at)
        self._triggered = PackedLists(by_term)
        self._groups = Groups()
        self._others = self._groups.columns([groups[1:] for groups in some])
        units = [
            (Window(unit[0], None, one.groups, unit[1]), rarest(one.groups)) if unit else None
            for unit, one in alternatives
        ]
        self._units = Windows(units, self._groups, 0)
        columns, self._windows = self._units.columns, list[Windows]()
        for column in zip_longest(*(_ordered(one, rarest) for _, one in alternatives)):
            self._windows.append(Windows(column, self._groups, len(columns)))
            columns = [*columns, *self._windows[-1].columns]
        self._columns: Ints = np.array(columns, dtype=np.intp).reshape(len(columns), len(alternatives))
        self._groups.freeze()

    def __len__(self) -> int:
        return self._count

    def in_articles(self, batch: Batch, worth: Worth | None = None) -> tuple[Ints, Ints]:
        """Articles, and alternatives of which they have a term of every group; of those that are worth it."""
        owners, alternative = self._triggered.of(batch.terms)
        article = batch.articles[owners]
        if worth is not None:
            kept = worth(article, alternative)
            article, alternative = article[kept], alternative[kept]
        for column in self._others:
            if not len(article):
                break
            there = self._groups.present(batch, article, column.take(alternative))
            article, alternative = article[there], alternative[there]
        if len(article):
            article, alternative = np.divmod(distinct(article * self._count + alternative), self._count)
        if len(self._always):
            article = np.concatenate((article, np.arange(len(batch)).repeat(len(self._always))))
            alternative = np.concatenate((alternative, np.tile(self._always, len(batch))))
        return article, alternative

    def pairs(self, batch: Batch, article: Ints, alternative: Ints) -> Pairs:
        """The articles and the alternatives that may be in them, with where the groups of their windows are."""
        groups = self._columns.take(alternative, axis=1)
        return Pairs(batch.words, alternative, *self._groups.places(batch, article, groups))

    def parted(self, pairs: Pairs, rows: Rows) -> Rows:
        """The rows with what they ask for; those that need a unit parted into the units in which they have it."""
        return self._hold_windows(pairs, self._units.parted(pairs, rows))

    def hold(self, pairs: Pairs, rows: Rows) -> Rows:
        """The rows with what they ask for, which are units already."""
        return self._hold_windows(pairs, self._units.hold(pairs, rows))

    def are_in_units(self, alternative: Ints) -> npt.NDArray[np.bool_]:
        """Of each alternative: whether it has to be in a unit."""
        return self._units.are_asked(alternative)

    def _hold_windows(self, pairs: Pairs, rows: Rows) -> Rows:
        for windows in self._windows:
            rows = windows.hold(pairs, rows)
        return rows


def _ordered(alternative: Alternative, rarest: Callable[[frozenset[Terms]], list[Terms]]) -> Sequence[Asked]:
    """The narrowest windows, first those that reach the least, each with its groups, rarest first."""
    windows = [(one, rarest(one.groups)) for one in alternative.windows]
    windows = [(one, groups) for one, groups in windows if len(groups) > 1 or one.scope is Scope.TITLE]
    if len(windows) > 1:
        windows.sort(
            key=lambda one: (one[0].reach or FAR, one[0].units, one[0].scope, [sorted(group) for group in one[1]])
        )
    return windows[:_MOST_WINDOWS]
