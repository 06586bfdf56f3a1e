"""Conditions on terms that no scan of words finds: numbers with a unit, and regexes.

They are looked for only where a rule is evaluated, and tell nothing about which articles to evaluate it on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from streams.match.conditions import Met, Places, Scope, Span, Stretches, TermIn, Terms, within
from streams.match.numbers import Number


@dataclass(frozen=True, slots=True)
class RegexIn:
    """The regex that the term stands for matches."""

    term: int

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        return TermIn(self.term).met(document, low, high)

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:  # noqa: ARG002  # the protocol's
        """See Condition."""
        return []

    def places(self, document: Stretches, low: int, high: int) -> list[Span]:
        """See Places."""
        return within(document.spans(self.term), low, high)

    def leaves(self) -> Terms:
        """See Places."""
        return frozenset({self.term})


@dataclass(frozen=True, slots=True)
class NumberOf:
    """A number from `at_least` to `at_most`; of one of `units`, if any, with at most `words` words between.

    A range counts by its lower end for `at_least`, by its upper for `at_most`. Each unit belongs to the nearest number
    of its sentence, of two at one distance the one before it; numbers counted within another ("including 3") are left
    aside, and those of a measure ("10 days") belong to it alone. `term` stands for the whole in evidence.
    """

    term: int
    at_least: int
    at_most: int | None
    units: Places | None
    words: int

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        found = self.places(document, low, high)
        return Met(tuple(found)) if found else None

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return self.units.mandatory(weights) if self.units else []

    def places(self, document: Stretches, low: int, high: int) -> list[Span]:
        """See Places. From the first word of number and unit to the last."""
        numbers = _numbers_in(document, low, high)
        if self.units is None:
            return [Span(one.start, one.end, self.term, -1) for one in numbers if self._fits(one)]
        found = set()
        free = [one for one in numbers if one.measure < 0]
        measured = [one for one in numbers if one.measure >= one.end]
        for unit in self.units.places(document, low, high) if numbers else ():
            own = bisect_left(measured, unit.start, key=attrgetter("measure"))
            if own < len(measured) and measured[own].measure < unit.end:
                number: Number | None = measured[own]
            else:
                number = _nearest(document, free, unit, self.words)
            if number is not None and self._fits(number):
                found.add(Span(min(unit.start, number.start), max(unit.end, number.end), self.term, -1))
        return sorted(found)

    def leaves(self) -> Terms:
        """See Places."""
        return (self.units.leaves() if self.units else frozenset()) | {self.term}

    def _fits(self, number: Number) -> bool:
        return number.low >= self.at_least and (self.at_most is None or number.high <= self.at_most)


def _numbers_in(document: Stretches, low: int, high: int) -> list[Number]:
    """The numbers in the stretch that are not counted within another."""
    numbers = document.numbers()
    first, after = (bisect_left(numbers, place, key=attrgetter("start")) for place in (low, high))
    return [one for one in numbers[first:after] if one.end <= high and not one.part]


def _nearest(document: Stretches, numbers: Sequence[Number], unit: Span, words: int) -> Number | None:
    """The number to which the unit belongs, if one is near enough; `numbers` do not overlap and are sorted."""
    first, last = document.unit_at(Scope.SENTENCE, unit.start) or (unit.start, unit.end)
    before = bisect_left(numbers, unit.start + 1, key=attrgetter("end")) - 1
    after = bisect_left(numbers, unit.end, key=attrgetter("start"))
    reached = []
    if before >= 0 and numbers[before].start >= first:
        reached.append((document.words_between(numbers[before].end, unit.start), 0, numbers[before]))
    if after < len(numbers) and numbers[after].end <= last:
        reached.append((document.words_between(unit.end, numbers[after].start), 1, numbers[after]))
    distance, _, number = min(reached, default=(words + 1, 0, None))
    return number if distance <= words else None
