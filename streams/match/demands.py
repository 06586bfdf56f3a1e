"""What an article must have before it is worth holding a condition against it: words, and where they stand together.

A condition is taken apart into clauses, of which each has to hold, and these into alternatives, of which one has to.
An alternative can be looked up for many articles and rules at once, without evaluating anything: groups of terms of
which the article has some, and windows in which terms meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final, NamedTuple

from streams.match.conditions import (
    AllOf,
    AnyPlace,
    AnyTerm,
    AtLeast,
    Condition,
    InScope,
    Scope,
    TermIn,
    Terms,
    by_rarity,
)
from streams.match.near import Near
from streams.match.negation import Asserted
from streams.match.windows import InWindow

MAX_ALTERNATIVES: Final = 1024
"""Most alternatives of a clause; choices that would make more of them are taken as one, with less to ask for."""

MAX_CLAUSES: Final = 12
"""Most clauses of a choice between conditions of several clauses; more are taken as one. A shipped rule has 6."""

MAX_TERMS: Final = 100
"""Most terms of a group that is asked for beside a rarer one. Without the larger ones the presearch of 4,444 articles,
half of them about wars, took 38 us each instead of 97 and let 1,889 instead of 1,876 through to the longest rule."""

UNITS: Final = frozenset({Scope.SENTENCE, Scope.PARAGRAPH, Scope.TITLE})
"""Scopes of which it can be looked up in which unit a word is."""


class Window(NamedTuple):
    """Groups of terms of which each has a hit in so many `units` of the scope in a row, within `reach` words if given.

    The reach is between the first words of any two of the hits.
    """

    scope: Scope
    reach: int | None
    groups: frozenset[Terms]
    units: int = 1


class Alternative(NamedTuple):
    """Each of the groups has a hit in the article, those of the windows among them, and each window is somewhere."""

    groups: frozenset[Terms]
    windows: frozenset[Window] = frozenset()


class Together(NamedTuple):
    """All of the clauses hold in one unit of the condition's scope, or so many `units` in a row.

    None of their alternatives is without groups.
    """

    condition: InScope | InWindow
    scope: Scope
    units: int
    clauses: tuple[tuple[Alternative, ...], ...]


Clause = Sequence[Alternative | Together]
"""Of what is in it, something holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """By term: how many articles are likely to have it, and how many words its longest phrase has.

    The rest is what was worked out already: of groups of terms, and of concepts with patterns, by their numbers. Their
    patterns ask for concepts with patterns in turn, in so many ways that each is to be gone through once.
    """

    weights: Sequence[float]
    widths: Sequence[int]
    sums: dict[Terms, float] = field(default_factory=dict)
    extents: dict[int, int | None] = field(default_factory=dict)
    demands: dict[tuple[int, int], list[Alternative]] = field(default_factory=dict)

    def sum(self, group: Terms) -> float:
        """How many articles are likely to have one of the terms."""
        if group not in self.sums:
            self.sums[group] = sum(self.weights[term] for term in group)
        return self.sums[group]


def clauses_of(condition: Condition, measures: Measures) -> Sequence[Clause]:
    """The clauses that all hold wherever the condition is met.

    Choices that have to be met together would make as many alternatives as there are ways to choose. Instead there is a
    clause for each choice, in which the other ones are no more than their mandatory groups. Where one of several
    conditions has to be met, every clause of one holds or every clause of another: so each, or any, of them together.
    Those of a scope hold in one unit of it.
    """
    if isinstance(condition, InScope | InWindow):
        return _in_one_unit(condition, clauses_of(condition.part, measures))
    if isinstance(condition, AtLeast) and condition.count == 1:
        columns = [clauses_of(part, measures) for part in condition.parts]
        if prod(map(len, columns)) <= MAX_CLAUSES:
            return [[one for alternatives in choice for one in alternatives] for choice in product(*columns)]
    if not isinstance(condition, AllOf):
        return [demands_of(condition, measures)]
    telling = [part for part in condition.parts if part.mandatory(measures.weights)]
    if len(telling) == 1:
        return clauses_of(telling[0], measures)  # the others only say what must not be there
    parts = [demands_of(part, measures) for part in condition.parts]
    choices = [number for number, alternatives in enumerate(parts) if len(alternatives) > 1]
    if not choices:
        return [[_union([alternatives[0] for alternatives in parts])]]
    needs = [Alternative(frozenset(part.mandatory(measures.weights))) for part in condition.parts]
    sure = [alternatives[0] for alternatives in parts if len(alternatives) == 1]
    return [
        _both([_union([*sure, *(needs[other] for other in choices if other != number)])], parts[number])
        for number in choices
    ]


def _in_one_unit(condition: InScope | InWindow, clauses: Sequence[Clause]) -> Sequence[Clause]:
    """The clauses of a scope. Those that nothing is needed for tell nothing of its units.

    Of several clauses each may hold around another sentence where there are several in a row.
    """
    scope, units = _units(condition)
    if scope not in UNITS or any(isinstance(one, Together) for clause in clauses for one in clause):
        return clauses
    telling = [
        tuple(one for one in clause if isinstance(one, Alternative))
        for clause in clauses
        if all(isinstance(one, Alternative) and one.groups for one in clause)
    ]
    if not telling:
        return clauses
    if units > 1:
        return [[Together(condition, scope, units, (clause,))] for clause in telling]
    return [[Together(condition, scope, units, tuple(telling))]]


def _units(condition: InScope | InWindow) -> tuple[Scope, int]:
    """The scope in which a condition has to be met, and in how many units of it in a row."""
    return (Scope.SENTENCE, condition.count) if isinstance(condition, InWindow) else (condition.scope, 1)


def demands_of(condition: Condition, measures: Measures, most: int = MAX_ALTERNATIVES) -> list[Alternative]:
    """The alternatives of which one holds wherever the condition is met; at most so many."""
    if not isinstance(condition, AnyPlace) or condition.concept is None:
        return _demands_of(condition, measures, most)
    key = condition.concept, most
    if key not in measures.demands:
        measures.demands[key] = _demands_of(condition, measures, most)
    return measures.demands[key]


def _demands_of(condition: Condition, measures: Measures, most: int) -> list[Alternative]:
    if isinstance(condition, AllOf):
        return _together(condition.parts, measures, most)
    if isinstance(condition, Asserted):
        return demands_of(condition.part, measures, most)
    if isinstance(condition, Near):
        reach = _reach(condition, measures)
        found = _together(condition.parts, measures, most)
        return found if reach is None else [_in_window(one, Scope.PARAGRAPH, reach) for one in found]
    if isinstance(condition, InScope | InWindow):
        return _in_units(condition, demands_of(condition.part, measures, most))
    parts = condition.parts if isinstance(condition, AnyPlace | AtLeast) else ()
    if isinstance(condition, AtLeast) and condition.count > 1:
        parts = ()
    if 0 < len(parts) <= most:
        return [one for part in parts for one in demands_of(part, measures, most // len(parts))]
    return [Alternative(frozenset(condition.mandatory(measures.weights)))]


def _together(parts: Sequence[Condition], measures: Measures, most: int) -> list[Alternative]:
    """The alternatives of all parts at once. Those that tell the most are taken apart first, as far as `most` goes."""
    choices = [demands_of(part, measures, most) for part in parts]
    if all(len(some) == 1 for some in choices):
        return [_union([some[0] for some in choices])]
    order = sorted(range(len(parts)), key=lambda number: likelihood(choices[number], measures))
    found = [Alternative(frozenset())]
    for number in order:
        some = choices[number]
        if len(found) * len(some) > most:
            some = demands_of(parts[number], measures, most // len(found))
        found = _both(found, some)
    return found


def _both(some: Iterable[Alternative], others: Iterable[Alternative]) -> list[Alternative]:
    return [_union(pair) for pair in product(some, others)]


def _union(alternatives: Sequence[Alternative]) -> Alternative:
    """What all of them ask for."""
    groups, windows = zip(*alternatives, strict=True)
    return Alternative(frozenset().union(*groups), frozenset().union(*windows))


def likelihood(alternatives: Iterable[Alternative], measures: Measures, meets: float = 1.0) -> float:
    """A guess at how many articles hold one of the alternatives: as if terms came independently of each other.

    `meets` is the share of articles with two terms in which these stand where an alternative needs them.
    """
    return sum(
        prod(min(1.0, measures.sum(group)) for group in alternative.groups)
        * meets ** max(0, len(alternative.groups) - 1)
        for alternative in alternatives
    )


def _in_units(condition: InScope | InWindow, alternatives: Sequence[Alternative]) -> list[Alternative]:
    scope, units = _units(condition)
    if scope not in UNITS:
        return list(alternatives)
    return [_in_window(one, scope, None, units) for one in alternatives]


def _in_window(alternative: Alternative, scope: Scope, reach: int | None, units: int = 1) -> Alternative:
    """The alternative with its groups in one window, if there are several to meet in it."""
    groups = alternative.groups
    if len(groups) < (1 if scope is Scope.TITLE else 2):
        return alternative
    return Alternative(groups, alternative.windows | {Window(scope, reach, groups, units)})


def _reach(near: Near, measures: Measures) -> int | None:
    """How far the first words of two hits in the parts of a `near` can be apart; None where that is not known."""
    longest = _longest(near.parts, measures)
    if longest is None:
        return None
    parts = (part.part if isinstance(part, Asserted) else part for part in near.parts)
    begin_with_hits = all(isinstance(part, AnyTerm | TermIn) for part in parts)
    return near.words + (longest if begin_with_hits else 2 * longest)


def _extent(part: Condition, measures: Measures) -> int | None:
    """How many words a place of the part has at most; None where that is not known."""
    if isinstance(part, AnyTerm | TermIn):
        return max(measures.widths[term] for term in part.leaves())
    if isinstance(part, Asserted):
        return _extent(part.part, measures)
    if isinstance(part, AnyPlace):
        if part.concept is None:
            return _longest(part.parts, measures)
        if part.concept not in measures.extents:
            measures.extents[part.concept] = _longest(part.parts, measures)
        return measures.extents[part.concept]
    if isinstance(part, Near):
        longest = _longest(part.parts, measures)
        return None if longest is None else part.words + 2 * longest
    return None


def _longest(parts: Iterable[Condition], measures: Measures) -> int | None:
    """The largest extent of the parts; None where one is not known."""
    extents = [_extent(part, measures) for part in parts]
    known = [extent for extent in extents if extent is not None]
    return max(known) if len(known) == len(extents) else None


def narrowed(groups: frozenset[Terms], weights: Sequence[float]) -> list[Terms]:
    """The groups, rarest first, without those that it tells little to ask for beside it.

    Where a group has a hit, those that it is a part of have. Large ones are hardly ever without, and cost the most: it
    takes a look at each of their terms.
    """
    if len(groups) > 1:
        groups = frozenset(one for one in groups if not any(other < one for other in groups))
    ordered = by_rarity(groups, weights)
    return ordered[:1] + [group for group in ordered[1:] if len(group) <= MAX_TERMS]
