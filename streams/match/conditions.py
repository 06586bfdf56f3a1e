"""The condition of a rule as a tree, and whether it is met in a stretch of a document.

A condition is asked about a stretch [low, high) of the folded text: the whole document at the root, one sentence below
`sentence`. It answers None, or what it rests on. Work is bounded by the hits in the stretch: a scope looks only at
units that hold its rarest mandatory term, and `near` only as far from each hit as its window reaches.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from streams.match.numbers import Number

Terms = frozenset[int]

MAX_GROUPS = 2
"""How many mandatory groups of alternatives are worked out. Asking for a second one, with names weighed as rarer than
common words, took the articles on which a shipped rule is evaluated from 46 to 10 of 150 ordinary ones."""


MAX_RESTS_ON = 200
"""Most places that a `near` that is met tells as what it rests on, and most units that a scope tells: the first ones.
Whether a condition is met never depends on it; a text of one phrase a thousand times over is not listed in full."""


class Span(NamedTuple):
    """Words of the folded text that stand for a term; `entry` is the gazetteer's entry or -1."""

    start: int
    end: int
    term: int
    entry: int


class Met(NamedTuple):
    """What a condition that is met rests on: its words, and the innermost units in which scopes were met."""

    spans: tuple[Span, ...] = ()
    units: tuple[tuple[int, int], ...] = ()


class Scope(StrEnum):
    """A part of an article within which conditions have to hold together."""

    DOCUMENT = "document"
    TITLE = "title"
    LEAD = "lead"
    PARAGRAPH = "paragraph"
    SENTENCE = "sentence"


class Stretches(Protocol):
    """What conditions ask of a document."""

    def spans(self, term: int) -> Sequence[Span]:
        """All words that stand for the term, by start."""

    def units(self, scope: Scope, low: int, high: int) -> Sequence[tuple[int, int]]:
        """The scope's units in [low, high), cut to it, in order."""

    def unit_at(self, scope: Scope, position: int) -> tuple[int, int] | None:
        """The scope's unit that holds `position`."""

    def terms_in(self, low: int, high: int) -> frozenset[int]:
        """The terms that may begin in [low, high): a superset of those with spans there, regexes left aside."""

    def words_between(self, end: int, start: int) -> int:
        """How many words stand between a span that ends at `end` and one that begins at `start`."""

    def around(self, start: int, end: int, words: int) -> tuple[int, int]:
        """The stretch from so many words before [start, end) to so many after it."""

    def clause(self, position: int, low: int, high: int) -> tuple[int, int]:
        """The part of [low, high) around `position` that no comma, colon, semicolon or dash parts."""

    def is_quoted(self, start: int, end: int) -> bool:
        """Whether the words stand within one pair of quotation marks."""

    def has_conjunction(self, start: int) -> bool:
        """Whether an Arabic "and" is written on to the word at `start`."""

    def numbers(self) -> Sequence[Number]:
        """The numbers of the whole document, in order; they do not overlap."""

    def worth(self, condition: Condition, scope: Scope) -> Sequence[tuple[int, int]] | None:
        """The units in which alone the condition can be met in the whole document, in order, if they were looked up.

        Of a condition on several units in a row some unit of each row.
        """

    def once(self, concept: int, low: int, high: int, find: Callable[[], list[Span]]) -> list[Span]:
        """What `find` found when it was first asked for the places of this concept in [low, high)."""


class Condition(Protocol):
    """A node of the tree."""

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """What the condition rests on in [low, high), or None."""

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """Groups of terms; the condition can only be met where each group has a hit.

        `weights` say by term how many articles are likely to have it; of groups that would do, the rarest are told.
        """


class Places(Condition, Protocol):
    """A condition that is met by certain words, so that their place can be asked for."""

    def places(self, document: Stretches, low: int, high: int) -> list[Span]:
        """Where the words stand, by start."""

    def leaves(self) -> Terms:
        """All terms that it asks for."""


def within(spans: Sequence[Span], low: int, high: int) -> list[Span]:
    """The spans that lie in [low, high); `spans` are sorted by start."""
    if len(spans) <= 1:  # as most are, in every article that a rule is evaluated on
        return [span for span in spans if low <= span.start and span.end <= high]
    inside = spans[bisect_left(spans, (low,)) : bisect_left(spans, (high,))]
    return [span for span in inside if span.end <= high]


@dataclass(frozen=True, slots=True)
class TermIn:
    """The term has a hit."""

    term: int

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        found = self.places(document, low, high)
        return Met(tuple(found)) if found else None

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:  # noqa: ARG002  # the protocol's
        """See Condition."""
        return [frozenset({self.term})]

    def places(self, document: Stretches, low: int, high: int) -> list[Span]:
        """See Places."""
        spans = document.spans(self.term)
        return within(spans, low, high) if spans else []

    def leaves(self) -> Terms:
        """See Places."""
        return frozenset({self.term})


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """One of several terms has a hit: what `any` of terms is, in one step."""

    terms: tuple[int, ...]

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        found = self._found(document, low, high)
        return Met(tuple(found)) if found else None

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:  # noqa: ARG002  # the protocol's
        """See Condition."""
        return [self.leaves()]

    def places(self, document: Stretches, low: int, high: int) -> list[Span]:
        """See Places."""
        return sorted(set(self._found(document, low, high)))

    def leaves(self) -> Terms:
        """See Places."""
        return frozenset(self.terms)

    def _found(self, document: Stretches, low: int, high: int) -> list[Span]:
        found: list[Span] = []
        for term in self.terms:
            spans = document.spans(term)
            if spans:
                found += within(spans, low, high)
        return found


@dataclass(frozen=True, slots=True)
class AnyPlace:
    """One of several terms or `near` groups is there.

    `concept` is the number of the concept that they say, if any: many patterns ask for its places in one sentence.
    `by_term` tells by term the numbers of the parts for which it is one of their rarest mandatory group, under -1 of
    those that have none. Of a hundred patterns a sentence has the terms of a few. `groups` are the mandatory groups,
    where they were worked out: whatever asks for the concept asks for them too.
    """

    parts: tuple[Places, ...]
    concept: int | None = None
    by_term: Mapping[int, tuple[int, ...]] | None = None
    groups: tuple[Terms, ...] | None = None

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        return joined(part.met(document, low, high) for part in self._likely(document, low, high))

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return either(self.parts, weights) if self.groups is None else list(self.groups)

    def places(self, document: Stretches, low: int, high: int) -> list[Span]:
        """See Places."""
        if self.concept is None:
            return self._places(document, low, high)
        return document.once(self.concept, low, high, lambda: self._places(document, low, high))

    def leaves(self) -> Terms:
        """See Places."""
        return frozenset().union(*(part.leaves() for part in self.parts))

    def _places(self, document: Stretches, low: int, high: int) -> list[Span]:
        return sorted({span for part in self._likely(document, low, high) for span in part.places(document, low, high)})

    def _likely(self, document: Stretches, low: int, high: int) -> Iterable[Places]:
        if self.by_term is None:
            return self.parts
        by_term = self.by_term
        numbers = set(by_term.get(-1, ()))
        for term in by_term.keys() & document.terms_in(low, high):
            numbers.update(by_term[term])
        return [self.parts[number] for number in sorted(numbers)]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part is met in the same stretch."""

    parts: tuple[Condition, ...]

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        found = []
        for part in self.parts:
            one = part.met(document, low, high)
            if one is None:
                return None
            found.append(one)
        return joined(found)

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return [group for part in self.parts for group in part.mandatory(weights)]


Needs = tuple[tuple[Terms, ...], ...]
"""The mandatory groups of each of several parts, or nothing where they were not worked out."""


def likely(parts: tuple[Condition, ...], needs: Needs, document: Stretches, low: int, high: int) -> Iterable[Condition]:
    """The parts of which every mandatory group has a term in the stretch: to look is cheaper than to evaluate."""
    if not needs:
        return parts
    present = document.terms_in(low, high)
    return (
        part
        for part, groups in zip(parts, needs, strict=True)
        if not any(group.isdisjoint(present) for group in groups)
    )


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the parts are met; `any` is at least one. All that are met are evidence."""

    count: int
    parts: tuple[Condition, ...]
    needs: Needs = ()

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        parts = likely(self.parts, self.needs, document, low, high)
        found = [one for part in parts if (one := part.met(document, low, high)) is not None]
        return joined(found) if len(found) >= self.count else None

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        if self.count == len(self.parts):
            return AllOf(self.parts).mandatory(weights)
        return either(self.parts, weights)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No part is met in the stretch; rests on nothing."""

    parts: tuple[Condition, ...]
    needs: Needs = ()

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        parts = likely(self.parts, self.needs, document, low, high)
        return None if any(part.met(document, low, high) is not None for part in parts) else Met()

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:  # noqa: ARG002  # the protocol's
        """See Condition."""
        return []


@dataclass(frozen=True, slots=True, eq=False)
class InScope:
    """The part is met within at least one unit of the scope; no two are the same.

    `anchor` is a mandatory group of the part, if any; `needs` are all that were worked out.
    """

    scope: Scope
    part: Condition
    anchor: Terms | None
    needs: tuple[Terms, ...] = ()

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        found: list[Met] = []
        for first, last in self._candidates(document, low, high):
            if self.needs and any(group.isdisjoint(document.terms_in(first, last)) for group in self.needs):
                continue
            one = self.part.met(document, first, last)
            if one is not None:
                found.append(Met(one.spans, one.units or ((first, last),)))
                if len(found) == MAX_RESTS_ON:
                    break
        return joined(found)

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return self.part.mandatory(weights)

    def _candidates(self, document: Stretches, low: int, high: int) -> Sequence[tuple[int, int]]:
        worth = document.worth(self, self.scope)
        if worth is not None:
            return [(max(low, first), min(high, last)) for first, last in worth if first < high and last > low]
        if self.anchor is None:
            return document.units(self.scope, low, high)
        units = set()
        for term in self.anchor:
            reached = -1
            for span in within(document.spans(term), low, high):
                if span.start < reached:
                    continue
                unit = document.unit_at(self.scope, span.start)
                if unit is not None:
                    units.add((max(low, unit[0]), min(high, unit[1])))
                    reached = unit[1]
        return sorted(units)


def any_place(parts: tuple[Places, ...]) -> Places:
    """The condition that one of the parts is there."""
    return parts[0] if len(parts) == 1 else _any_term(parts) or AnyPlace(parts)


def any_of(parts: tuple[Condition, ...], weights: Sequence[float]) -> Condition:
    """The condition that one of the parts is met."""
    return _any_term(parts) or AtLeast(1, parts, needs_of(parts, weights))


def by_rarest_term(parts: Sequence[Condition], weights: Sequence[float]) -> dict[int, tuple[int, ...]]:
    """By term the numbers of the parts that have it in their rarest mandatory group; under -1 those that have none."""
    numbers: dict[int, list[int]] = {}
    for number, part in enumerate(parts):
        for term in rarest(part.mandatory(weights), weights) or {-1}:
            numbers.setdefault(term, []).append(number)
    return {term: tuple(some) for term, some in numbers.items()}


def needs_of(parts: Sequence[Condition], weights: Sequence[float]) -> Needs:
    """The mandatory groups of each part; nothing where to evaluate the parts is as cheap as to look."""
    if all(isinstance(part, AnyTerm | TermIn) for part in parts):
        return ()
    return tuple(tuple(part.mandatory(weights)) for part in parts)


def _any_term(parts: Sequence[Condition]) -> AnyTerm | None:
    """The parts as one condition, if all of them are terms."""
    terms = [part.term for part in parts if isinstance(part, TermIn)]
    return AnyTerm(tuple(terms)) if len(terms) == len(parts) else None


def rarest(groups: Sequence[Terms], weights: Sequence[float]) -> Terms | None:
    """The mandatory group that the fewest articles are likely to hold."""
    return next(iter(by_rarity(groups, weights)), None)


def by_rarity(groups: Iterable[Terms], weights: Sequence[float]) -> list[Terms]:
    """The groups, those first that the fewest articles are likely to hold."""
    return sorted(groups, key=lambda group: (sum(weights[term] for term in group), sorted(group)))


def joined(found: Iterable[Met | None]) -> Met | None:
    """What all that are met rest on together; None when none is."""
    met = [one for one in found if one is not None]
    if not met:
        return None
    if len(met) == 1:
        return met[0]
    return Met(tuple(span for one in met for span in one.spans), tuple(unit for one in met for unit in one.units))


def either(parts: Sequence[Condition], weights: Sequence[float]) -> list[Terms]:
    """The rarest mandatory group of every part together, and the second rarest where each part has two."""
    columns = [
        sorted(part.mandatory(weights), key=lambda group: sum(weights[term] for term in group))[:MAX_GROUPS]
        for part in parts
    ]
    depth = min(map(len, columns), default=0)
    return [frozenset().union(*(column[index] for column in columns)) for index in range(depth)]
