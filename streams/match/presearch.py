"""Says which rules are worth evaluating on which articles, for a batch of articles at once.

A rule's clauses (`streams.match.demands`) hold where one of their alternatives is found. Of clauses that have to hold
in one unit the rarest is looked up first, and each other one only in the units that are left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from streams.match.alternatives import Alternatives, Placed
from streams.match.batch import Batch
from streams.match.conditions import Condition
from streams.match.demands import Alternative, Clause, Measures, Together, likelihood
from streams.match.meetings import PackedLists, Rows, changes, distinct
from streams.match.words import Ints, ranges

_IN_UNIT: Final = 0.1
"""A guess at `meets` for terms that have to be in one sentence or closer, only to put clauses in order."""

_T = TypeVar("_T", bound=Hashable)


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

    def some(self, chosen: Sequence[bool]) -> Candidates:
        """Those of the pairs that are chosen."""
        places = np.flatnonzero(chosen)
        return Candidates(self.article[places], self.rule[places], self.units)


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


class _Units(NamedTuple):
    """Units, from one word to another, in which something may hold together: `pairs` of an article and that, rising."""

    pairs: Ints
    low: Ints
    high: Ints

    def some(self, chosen: npt.NDArray[np.bool_]) -> _Units:
        """Those of them that are chosen."""
        return _Units(*(each[chosen] for each in self))


class _Further:
    """One further clause each of things that hold together, whose numbers are `owners` of its alternatives."""

    def __init__(self, clauses: Mapping[int, Iterable[Placed]], things: int, measures: Measures) -> None:
        self._alternatives = Alternatives([one for clause in clauses.values() for one in clause], measures)
        owners = [number for number, clause in clauses.items() for _ in clause]
        self._owners: Ints = np.array(owners, dtype=np.intp)
        self._things = things
        self.is_asked = np.isin(np.arange(things), owners)
        """By thing, whether it has such a clause."""

    def left(self, batch: Batch, units: _Units) -> _Units:
        """The units in which the clause holds too."""
        worth = np.zeros(len(batch) * self._things, dtype=np.bool_)
        worth[units.pairs] = True
        article, alternative = self._alternatives.in_articles(batch, lambda *pair: worth.take(self._pairs(*pair)))
        if not len(article):
            return _Units(article, article, article)
        asked = self._pairs(article, alternative)
        firsts = units.pairs.searchsorted(asked)
        pair, chosen = ranges(firsts, units.pairs.searchsorted(asked, side="right") - firsts)
        rows = Rows(pair, units.low[chosen], units.high[chosen])
        rows = self._alternatives.hold(self._alternatives.pairs(batch, article, alternative), rows)
        return _distinct(batch, asked[rows.pair], rows.low, rows.high)

    def _pairs(self, article: Ints, alternative: Ints) -> Ints:
        return article * self._things + self._owners.take(alternative)


class Presearch:
    """The clauses of rules, which are numbered from 0 as given.

    Items of their clauses are alternatives and, numbered after them, what holds together in one unit of a scope.
    """

    def __init__(self, rules: Sequence[Searched], measures: Measures) -> None:
        self._asked = PackedLists(sorted(set(rule.terms)) for rule in rules)
        items = [one for rule in rules for clause in rule.clauses for one in clause]
        together = _numbered(one for one in items if isinstance(one, Together))
        self._conditions: list[dict[Condition, set[int]]] = [defaultdict(set) for _ in rules]
        for number, rule in enumerate(rules):
            for one in (one for clause in rule.clauses for one in clause if isinstance(one, Together)):
                self._conditions[number][one.condition].add(together[one])
        columns = zip_longest(*(_placed(one, measures) for one in together), fillvalue=())
        first, *others = [dict(enumerate(column)) for column in columns] or [{}]
        alone: list[Placed] = [(None, one) for one in items if isinstance(one, Alternative)]
        numbers = _numbered([*alone, *chain.from_iterable(first.values())])
        self._alternatives = Alternatives(list(numbers), measures)
        opened: list[list[int]] = [[] for _ in numbers]
        for number, clause in first.items():
            for placed in clause:
                opened[numbers[placed]].append(number)
        self._opened, self._things = PackedLists(opened), max(1, len(together))
        self._further = [_Further(clauses, self._things, measures) for clauses in others]
        self._rules = _Conjunctions(
            (
                [
                    [
                        together[one] + len(numbers) if isinstance(one, Together) else numbers[None, one]
                        for one in clause
                    ]
                    for clause in rule.clauses
                ]
                for rule in rules
            ),
            len(numbers) + len(together),
        )

    def candidates(self, batch: Batch) -> Candidates:
        """The rules that are worth evaluating, on which articles."""
        article, alternative = self._alternatives.in_articles(batch)
        if not len(article):
            return Candidates(article, article, {})
        pairs = self._alternatives.pairs(batch, article, alternative)
        rows = self._alternatives.parted(pairs, Rows(np.arange(len(article)), *batch.stretches(article)))
        if not len(rows.pair):
            return Candidates(rows.pair, rows.pair, {})
        article, alternative = article[rows.pair], alternative[rows.pair]
        whole = ~self._alternatives.are_in_units(alternative)
        places, together = self._opened.of(alternative)
        opened = _distinct(batch, article[places] * self._things + together, rows.low[places], rows.high[places])
        owner, together, last = self._held(batch, opened)
        units: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, held, end in zip(owner.tolist(), together.tolist(), last.tolist(), strict=True):
            units[number, held].append(end)
        found = np.concatenate((alternative[whole], together + len(self._alternatives)))
        return Candidates(*self._rules.held(np.concatenate((article[whole], owner)), found), units)

    def _held(self, batch: Batch, units: _Units) -> tuple[Ints, Ints, Ints]:
        """Article, thing and last word of the units in which all clauses of the thing hold, as its first one does."""
        found = []
        for further in self._further:
            asked = further.is_asked.take(units.pairs % self._things)
            found.append(units.some(~asked))
            units = units.some(asked)
            if not len(units.pairs):
                break
            units = further.left(batch, units)
        found.append(units)
        article, together = np.divmod(np.concatenate([some.pairs for some in found]), self._things)
        return article, together, np.concatenate([some.high for some in found])

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


def _numbered(things: Iterable[_T]) -> dict[_T, int]:
    """Each thing once, with its number."""
    return {one: number for number, one in enumerate(dict.fromkeys(things))}


def _placed(together: Together, measures: Measures) -> list[list[Placed]]:
    """The alternatives of each clause of what holds together, rarest clause first."""
    clauses = sorted(together.clauses, key=lambda clause: likelihood(clause, measures, _IN_UNIT))
    return [[((together.scope, together.units), one) for one in clause] for clause in clauses]


def _distinct(batch: Batch, pairs: Ints, low: Ints, high: Ints) -> _Units:
    """The units in order, each once."""
    keys = pairs * (len(batch.words) + 1) + high
    order = keys.argsort()
    chosen = order[changes(keys[order])]
    return _Units(pairs[chosen], low[chosen], high[chosen])
