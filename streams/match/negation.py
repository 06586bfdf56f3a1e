"""Whether words of an article are denied ("did not demand", "نفى أن يكون طالب"), and whether they are quoted.

The way of NegEx (Chapman et al., J Biomed Inform 34, 2001) and ConText (Harkema et al., J Biomed Inform 42, 2009),
made for clinical notes: words that negate reach over a few words of their clause, some look like negations and are not,
and some open a new clause. Which words do so is data: the concepts of `NegationConcept`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from streams.match.conditions import Met, Places, Scope, Span, Stretches, Terms, within
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
    """The words of the concepts, None for one that the rulebook does not have.

    `terms` are those of words that negate, `regexes` the ones among them that no scan finds; with `numbers` there are
    others still, which are not looked for beforehand.
    """

    before: Places | None
    after: Places | None
    pseudo: Places | None
    clause: Places | None
    terms: Terms
    regexes: Terms
    numbers: bool

    def of(self, document: Stretches, span: Span) -> Span | None:
        """The word that negates the span, if one does.

        It stands in the span's clause, at most REACH words before it, or after it where it negates backwards. A word of
        `clause-start`, a comma and an Arabic "and" that is written on to the span's first word begin a clause.
        """
        near = document.around(span.start, span.end, REACH + MAX_WORDS)
        if not self._may_be_in(document, *near):
            return None
        low, high = self._clause(document, span, near)
        preceding = _places(self.before, document, max(low, near[0]), span.start)
        for negator in reversed(preceding):
            if document.words_between(negator.end, span.start) <= REACH and not self._is_pseudo(document, negator):
                return negator
        for negator in _places(self.after, document, span.end, min(high, near[1])):
            if document.words_between(span.end, negator.start) <= REACH and not self._is_pseudo(document, negator):
                return negator
        return None

    def _may_be_in(self, document: Stretches, low: int, high: int) -> bool:
        """Whether a word that negates may be there: to look is cheaper than to find out where the clause ends."""
        if self.numbers or not self.terms.isdisjoint(document.terms_in(low, high)):
            return True
        return any(within(document.spans(term), low, high) for term in self.regexes)

    def _clause(self, document: Stretches, span: Span, near: tuple[int, int]) -> tuple[int, int]:
        """The span's clause, as far as the words of `near` tell."""
        sentence = document.unit_at(Scope.SENTENCE, span.start) or (span.start, span.end)
        low, high = document.clause(span.start, *sentence)
        if document.has_conjunction(span.start):
            low = span.start
        starts = [one.start for one in _places(self.clause, document, *near)]
        low = max([low, *(start for start in starts if start <= span.start)])
        return low, min([high, *(start for start in starts if start >= span.end)])

    def _is_pseudo(self, document: Stretches, negator: Span) -> bool:
        """Whether the word stands within words that only look like a negation ("not only")."""
        beside = document.around(negator.start, negator.end, MAX_WORDS)
        found = _places(self.pseudo, document, *beside)
        return any(one.start <= negator.start and negator.end <= one.end for one in found)


def _places(places: Places | None, document: Stretches, low: int, high: int) -> list[Span]:
    return places.places(document, low, high) if places is not None and low < high else []


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
