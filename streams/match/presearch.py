"""Says which rules are worth evaluating on which articles, for a batch of articles at once.

Every alternative of a rule's clauses (`streams.match.demands`) is looked up in arrays: a term of its rarest group has
to be in the article, then one of each other group, then those that have to stand together have to be found in one
sentence, or so many words apart. It is the presearch of Lucene's Monitor with several passes, and positions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain, zip_longest
from typing import Final, NamedTuple, TypeVar

import numpy as np

from streams.match.batch import Batch
from streams.match.conditions import Condition, Scope, Terms
from streams.match.demands import Alternative, Clause, Measures, Together, Window, narrowed
from streams.match.meetings import FAR, Asked, Groups, PackedLists, Pairs, Rows, Windows, changes, distinct
from streams.match.words import Ints

_MOST_GROUPS: Final = 4
"""How many groups of an alternative or a window are asked for, rarest first."""
_MOST_WINDOWS: Final = 2
"""How many windows of an alternative are asked for, narrowest first."""

_T = TypeVar("_T", bound=Hashable)
_Alternative = tuple[tuple[Scope, int] | None, Alternative]
"""An alternative, and the scope in one unit of which, or in so many in a row, it has to be, if any."""


class Searched(NamedTuple):
    """What is known of a rule before it is evaluated: its clauses, and all terms that it can ask for."""

    clauses: Sequence[Clause]
    terms: Iterable[int]


class Candidates(NamedTuple):
    """Pairs of an article and the number of a rule to evaluate on it, rising.

    `units` are the last words of units, by article and the number of what may hold together in them.
    """

    article: Ints
    rule: Ints
    units: Mapping[tuple[int, int], list[int]]


class _Conjunctions:
    """Things of clauses that all have to hold; of a clause, one of its items."""

    def __init__(self, things: Iterable[Iterable[Iterable[int]]], items: int) -> None:
        clauses = [(number, clause) for number, thing in enumerate(things) for clause in thing]
        holders: list[list[int]] = [[] for _ in range(items)]
        for number, (_, clause) in enumerate(clauses):
            for item in set(clause):
                holders[item].append(number)
        self._clauses = PackedLists(holders)
        self._owners: Ints = np.array([number for number, _ in clauses], dtype=np.intp)
        self._needed: Ints = np.bincount(self._owners, minlength=1)

    def held(self, places: Ints, items: Ints) -> tuple[Ints, Ints]:
        """Pairs of a place and the number of a thing of which each clause has an item there, rising."""
        owners, clause = self._clauses.of(items)
        place, clause = np.divmod(distinct(places[owners] * len(self._owners) + clause), max(1, len(self._owners)))
        pairs = place * len(self._needed) + self._owners.take(clause)
        firsts = changes(pairs)
        place, thing = np.divmod(pairs[firsts], len(self._needed))
        lasts = np.concatenate((firsts[1:], [len(pairs)]))
        whole = lasts - firsts == self._needed.take(thing)
        return place[whole], thing[whole]


class Presearch:
    """The clauses of rules, which are numbered from 0 as given.

    Items of clauses are alternatives and, numbered after them, what holds together in one unit of a scope.
    """

    def __init__(self, rules: Sequence[Searched], measures: Measures) -> None:
        self._asked = PackedLists(sorted(set(rule.terms)) for rule in rules)
        items = [one for rule in rules for clause in rule.clauses for one in clause]
        together = _numbered(one for one in items if isinstance(one, Together))
        self._conditions: list[dict[Condition, set[int]]] = [defaultdict(set) for _ in rules]
        for number, rule in enumerate(rules):
            for one in (one for clause in rule.clauses for one in clause if isinstance(one, Together)):
                self._conditions[number][one.condition].add(together[one])
        alone = [(None, one) for one in items if isinstance(one, Alternative)]
        parts = [((unit.scope, unit.units), one) for unit in together for clause in unit.clauses for one in clause]
        numbers: dict[_Alternative, int] = _numbered((*alone, *parts))
        self._count = len(numbers)
        self._together = _Conjunctions(
            (
                [[numbers[(unit.scope, unit.units), one] for one in clause] for clause in unit.clauses]
                for unit in together
            ),
            self._count,
        )
        self._rules = _Conjunctions(
            (
                [
                    [together[one] + self._count if isinstance(one, Together) else numbers[None, one] for one in clause]
                    for clause in rule.clauses
                ]
                for rule in rules
            ),
            self._count + len(together),
        )
        self._take_alternatives(list(numbers), measures)

    def _take_alternatives(self, alternatives: Sequence[_Alternative], measures: Measures) -> None:
        rarest = cache(lambda groups: narrowed(groups, measures.weights)[:_MOST_GROUPS])
        some = [rarest(one.groups) for _, one in alternatives]
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

    def candidates(self, batch: Batch) -> Candidates:
        """The rules that are worth evaluating, on which articles."""
        article, alternative = self._with_words(batch)
        if not len(article):
            return Candidates(article, article, {})
        groups = self._columns.take(alternative, axis=1)
        pairs = Pairs(batch.words, alternative, *self._groups.places(batch, article, groups))
        rows = self._units.parted(pairs, Rows(np.arange(len(article)), *batch.stretches(article)))
        for windows in self._windows:
            rows = windows.hold(pairs, rows)
        if not len(rows.pair):
            return Candidates(rows.pair, rows.pair, {})
        article, alternative = article[rows.pair], alternative[rows.pair]
        in_unit = self._units.are_asked(alternative)
        part, whole = in_unit.nonzero()[0], (~in_unit).nonzero()[0]
        if not len(part):
            return Candidates(*self._rules.held(article, alternative), {})
        unit, together = self._together.held(rows.high[part], alternative[part])
        owner = batch.articles_of(unit)
        units: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, held, last in zip(owner.tolist(), together.tolist(), unit.tolist(), strict=True):
            units[number, held].append(last)
        article = np.concatenate((article[whole], owner))
        return Candidates(
            *self._rules.held(article, np.concatenate((alternative[whole], together + self._count))), units
        )

    def units_of(self, candidates: Candidates, article: int, rules: Iterable[int]) -> dict[Condition, list[int]]:
        """By condition of the rules that is looked up: the last words of the units in which it may be met."""
        found = {}
        for condition, numbers in chain.from_iterable(self._conditions[rule].items() for rule in rules):
            units = [candidates.units.get((article, number), []) for number in numbers]
            found[condition] = sorted(chain(*units)) if all(units) else []
        return found

    def terms_of(self, rules: Ints) -> tuple[Ints, Ints]:
        """The terms that the rules can ask for, and for each the place of its rule among them."""
        return self._asked.of(rules)

    def _with_words(self, batch: Batch) -> tuple[Ints, Ints]:
        """Articles and alternatives that have a term of every group in them."""
        owners, alternative = self._triggered.of(batch.terms)
        article = batch.articles[owners]
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


def _numbered(things: Iterable[_T]) -> dict[_T, int]:
    """Each thing once, with its number."""
    return {one: number for number, one in enumerate(dict.fromkeys(things))}


def _ordered(alternative: Alternative, rarest: Callable[[frozenset[Terms]], list[Terms]]) -> Sequence[Asked]:
    """The narrowest windows, first those that reach the least, each with its groups, rarest first."""
    windows = [(one, rarest(one.groups)) for one in alternative.windows]
    windows = [(one, groups) for one, groups in windows if len(groups) > 1 or one.scope is Scope.TITLE]
    if len(windows) > 1:
        windows.sort(
            key=lambda one: (one[0].reach or FAR, one[0].units, one[0].scope, [sorted(group) for group in one[1]])
        )
    return windows[:_MOST_WINDOWS]
