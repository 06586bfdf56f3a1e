"""What an article must have before it is worth holding a condition against it: words, and where they stand together.

A condition is taken apart into alternatives. Each is a necessary condition that can be looked up for many articles and
rules at once, without evaluating anything: terms of which the article has some, and windows in which terms meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
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

MAX_ALTERNATIVES: Final = 64
"""Most alternatives of a condition; a choice that would make more of them is taken as one, with less to ask for."""


class Window(NamedTuple):
    """Groups of terms of which each has a hit in one unit of the scope, and within `reach` words if that is given.

    The reach is between the first words of any two of the hits.
    """

    scope: Scope
    reach: int | None
    groups: tuple[Terms, ...]


class Alternative(NamedTuple):
    """Each of the groups has a hit in the article, those of the windows among them, and each window is somewhere."""

    groups: frozenset[Terms]
    windows: frozenset[Window] = frozenset()


class Measures(NamedTuple):
    """By term: how many articles are likely to have it, and how many words its longest phrase has."""

    weights: Sequence[float]
    widths: Sequence[int]


def demands_of(condition: Condition, measures: Measures) -> list[Alternative]:
    """The alternatives of which one holds wherever the condition is met; at most MAX_ALTERNATIVES."""
    if isinstance(condition, AllOf):
        return _together(condition.parts, measures)
    if isinstance(condition, Asserted | InWindow):
        return demands_of(condition.part, measures)
    if isinstance(condition, Near):
        return _near(condition, measures)
    if isinstance(condition, InScope):
        found = demands_of(condition.part, measures)
        scoped = condition.scope in {Scope.SENTENCE, Scope.PARAGRAPH, Scope.TITLE}
        return [_in_window(one, condition.scope, None) for one in found] if scoped else found
    if isinstance(condition, AnyPlace) or (isinstance(condition, AtLeast) and condition.count == 1):
        found = [one for part in condition.parts for one in demands_of(part, measures)]
        if len(found) <= MAX_ALTERNATIVES:
            return found
    return [Alternative(frozenset(condition.mandatory(measures.weights)))]


def _near(near: Near, measures: Measures) -> list[Alternative]:
    reach = _reach(near, measures.widths)
    found = _together(near.parts, measures)
    return found if reach is None else [_in_window(one, Scope.PARAGRAPH, reach) for one in found]


def _together(parts: Iterable[Condition], measures: Measures) -> list[Alternative]:
    """The alternatives of all parts at once."""
    found = [Alternative(frozenset())]
    for part in parts:
        choices = demands_of(part, measures)
        if len(found) * len(choices) > MAX_ALTERNATIVES:
            choices = [Alternative(frozenset(part.mandatory(measures.weights)))]
        found = [Alternative(a.groups | b.groups, a.windows | b.windows) for a, b in product(found, choices)]
    return found


def _in_window(alternative: Alternative, scope: Scope, reach: int | None) -> Alternative:
    """The alternative with its groups in one window, if there are several to meet in it."""
    groups = alternative.groups
    if len(groups) < (1 if scope is Scope.TITLE else 2):
        return alternative
    return Alternative(groups, alternative.windows | {Window(scope, reach, tuple(sorted(groups, key=sorted)))})


def _reach(near: Near, widths: Sequence[int]) -> int | None:
    """How far the first words of two hits in the parts of a `near` can be apart; None where that is not known."""
    longest = _longest(near.parts, widths)
    if longest is None:
        return None
    parts = (part.part if isinstance(part, Asserted) else part for part in near.parts)
    begin_with_hits = all(isinstance(part, AnyTerm | TermIn) for part in parts)
    return near.words + (longest if begin_with_hits else 2 * longest)


def _extent(part: Condition, widths: Sequence[int]) -> int | None:
    """How many words a place of the part has at most; None where that is not known."""
    if isinstance(part, AnyTerm | TermIn):
        return max(widths[term] for term in part.leaves())
    if isinstance(part, Asserted):
        return _extent(part.part, widths)
    if isinstance(part, AnyPlace):
        return _longest(part.parts, widths)
    if isinstance(part, Near):
        longest = _longest(part.parts, widths)
        return None if longest is None else part.words + 2 * longest
    return None


def _longest(parts: Iterable[Condition], widths: Sequence[int]) -> int | None:
    """The largest extent of the parts; None where one is not known."""
    extents = [_extent(part, widths) for part in parts]
    known = [extent for extent in extents if extent is not None]
    return max(known) if len(known) == len(extents) else None


def narrowed(groups: Iterable[Terms], weights: Sequence[float]) -> list[Terms]:
    """The groups, rarest first, without those that another one is a part of: where that has a hit, they have."""
    some = set(groups)
    return by_rarity((one for one in some if not any(other < one for other in some)), weights)
