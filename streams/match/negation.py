"""Whether words of an article are denied ("did not demand", "نفى أن يكون طالب"), and whether they are quoted.

The way of NegEx (Chapman et al., J Biomed Inform 34, 2001) and ConText (Harkema et al., J Biomed Inform 42, 2009),
made for clinical notes: words that negate reach over a few words of their clause, some look like negations and are not,
and some open a new clause. Which words do so is data: the concepts of `NegationConcept`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from streams.match.conditions import Met, Places, Scope, Span, Stretches, Terms
from streams.match.phrases import MAX_WORDS

REACH = 5
"""Most words between a negation and what it negates: NegEx's window. Arabic and English put the verb, which rules ask
about, next to it."""


class NegationConcept(StrEnum):
    """The concepts that say which words negate; a rulebook that asks for negation needs the first one."""

    BEFORE = "negator"
    AFTER = "negator-after"
    PSEUDO = "pseudo-negator"
    CLAUSE = "clause-start"


@dataclass(frozen=True, slots=True)
class Negation:
    """The terms of the concepts, None for one that the rulebook does not have."""

    before: int | None
    after: int | None
    pseudo: int | None
    clause: int | None

    def of(self, document: Stretches, span: Span) -> Span | None:
        """The word that negates the span, if one does.

        It stands in the span's clause, at most REACH words before it, or after it where it negates backwards. A word of
        `clause-start`, a comma and an Arabic "and" that is written on to the span's first word begin a clause.
        """
        low, high = self._clause(document, span)
        for negator in self._preceding(document, self.before, span, low):
            if negator.end < span.start and not self._is_pseudo(document, negator):
                return negator
        for negator in _following(document, self.after, span, high):
            if not self._is_pseudo(document, negator):
                return negator
        return None

    def _clause(self, document: Stretches, span: Span) -> tuple[int, int]:
        sentence = document.unit_at(Scope.SENTENCE, span.start) or (span.start, span.end)
        low, high = document.clause(span.start, *sentence)
        if document.has_conjunction(span.start):
            low = span.start
        starts = document.spans(self.clause) if self.clause is not None else ()
        index = bisect_left(starts, (span.start + 1,))
        if index:
            low = max(low, starts[index - 1].start)
        index = bisect_left(starts, (span.end,))
        if index < len(starts):
            high = min(high, starts[index].start)
        return low, high

    def _preceding(self, document: Stretches, term: int | None, span: Span, low: int) -> Iterator[Span]:
        """The words of the term that can reach the span, nearest first."""
        found = document.spans(term) if term is not None else ()
        for index in range(bisect_left(found, (span.start,)) - 1, -1, -1):
            distance = document.words_between(found[index].end, span.start)
            if found[index].start < low or distance > REACH + MAX_WORDS:
                return
            if distance <= REACH:
                yield found[index]

    def _is_pseudo(self, document: Stretches, negator: Span) -> bool:
        """Whether the word stands within words that only look like a negation ("not only")."""
        found = document.spans(self.pseudo) if self.pseudo is not None else ()
        for index in range(bisect_left(found, (negator.start + 1,)) - 1, -1, -1):
            if found[index].end >= negator.end:
                return True
            if document.words_between(found[index].start + 1, negator.start) > MAX_WORDS:
                return False
        return False


def _following(document: Stretches, term: int | None, span: Span, high: int) -> Iterator[Span]:
    found = document.spans(term) if term is not None else ()
    for index in range(bisect_left(found, (span.end,)), len(found)):
        if document.words_between(span.end, found[index].start) > REACH:
            return
        if found[index].end <= high:
            yield found[index]


@dataclass(frozen=True, slots=True)
class Asserted:
    """Words of `part` that are negated or not, quoted or not, as is asked; None asks for neither.

    What is negated rests on the negation too.
    """

    part: Places
    negated: bool | None
    quoted: bool | None
    negation: Negation | None

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        found: set[Span] = set()
        for span, negator in self._fitting(document, low, high):
            inner = self.part.met(document, span.start, span.end)
            found.update(inner.spans if inner else ())
            if negator is not None:
                found.add(negator)
        return Met(tuple(sorted(found))) if found else None

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return self.part.mandatory(weights)

    def places(self, document: Stretches, low: int, high: int) -> list[Span]:
        """See Places."""
        return [span for span, _ in self._fitting(document, low, high)]

    def leaves(self) -> Terms:
        """See Places."""
        return self.part.leaves()

    def _fitting(self, document: Stretches, low: int, high: int) -> Iterator[tuple[Span, Span | None]]:
        for span in self.part.places(document, low, high):
            if self.quoted is not None and document.is_quoted(span.start, span.end) != self.quoted:
                continue
            negator = self.negation.of(document, span) if self.negation is not None else None
            if self.negated is None or (negator is not None) == self.negated:
                yield span, negator
