"""`near`: words that stand close together, and where their stretch begins and ends."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations

from streams.match.conditions import MAX_RESTS_ON, Met, Places, Scope, Span, Stretches, Terms
from streams.match.cover import Cover


@dataclass(frozen=True, slots=True)
class Near:
    """Parts that do not overlap, in one paragraph, with at most `words` words between the outermost two.

    Nothing of `without` touches the stretch from the first part to the last. `needs` are the parts' mandatory groups:
    to look whether their terms are there is cheaper than to look for the parts.
    """

    words: int
    parts: tuple[Places, ...]
    ordered: bool
    without: Places | None = None
    needs: tuple[Terms, ...] = ()

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        columns = self._columns(document, low, high)
        chains = islice(self._chains(document, columns, low, high), MAX_RESTS_ON)
        windows = {span for chain in chains for span in chain}
        if not windows:
            return None
        found: set[Span] = set()
        for part, column in zip(self.parts, columns, strict=True):
            for span in windows.intersection(column):
                inner = part.met(document, span.start, span.end)
                found.update(inner.spans if inner else ())
        return Met(tuple(sorted(found)))

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return [group for part in self.parts for group in part.mandatory(weights)]

    def places(self, document: Stretches, low: int, high: int) -> list[Span]:
        """Each window as one span, from its first word to its last."""
        chains = self._chains(document, self._columns(document, low, high), low, high)
        return sorted({Span(chain[0].start, chain[-1].end, chain[0].term, -1) for chain in chains})

    def leaves(self) -> Terms:
        """See Places."""
        return frozenset().union(*(part.leaves() for part in self.parts))

    def _columns(self, document: Stretches, low: int, high: int) -> list[list[Span]]:
        """The places of each part; nothing where one has none."""
        present = document.terms_in(low, high)
        if any(group.isdisjoint(present) for group in self.needs):
            return []
        columns = []
        for part in self.parts:
            column = part.places(document, low, high)
            if not column:
                return []
            columns.append(column)
        return columns

    def _chains(
        self, document: Stretches, columns: Sequence[list[Span]], low: int, high: int
    ) -> Iterator[tuple[Span, ...]]:
        """For each hit that can come first, by start: the shortest chains through the other parts, if short enough.

        Nothing of `without` touches them; a longer chain from the same word would be touched too.
        """
        barred: Cover | None = None
        numbers = range(len(columns))
        orders = [tuple(numbers)] if self.ordered else list(permutations(numbers))
        firsts = columns[:1] if self.ordered else columns
        for span, number in sorted((span, number) for number, column in enumerate(firsts) for span in column):
            for order in orders:
                if order[0] != number:
                    continue
                chain = self._continue(document, span, [columns[other] for other in order[1:]])
                if chain and self.without is not None:
                    barred = barred or Cover(self.without.places(document, low, high))
                    if barred.touches(span._replace(end=chain[-1].end)):
                        continue
                if chain:
                    yield chain

    def _continue(self, document: Stretches, first: Span, rest: Sequence[list[Span]]) -> tuple[Span, ...]:
        paragraph = document.unit_at(Scope.PARAGRAPH, first.start)
        limit = paragraph[1] if paragraph else first.end
        chain = [first]
        for column in rest:
            following = None
            for index in range(bisect_left(column, (chain[-1].end,)), len(column)):
                span = column[index]
                if following is not None and span.start >= following.end:
                    break  # what begins later ends later
                if span.start >= limit or document.words_between(first.end, span.start) > self.words:
                    break
                if following is None or span.end < following.end:
                    following = span
            if following is None:
                return ()
            chain.append(following)
        return tuple(chain)
