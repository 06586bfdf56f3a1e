"""Why a rule fired, in the rule's own terms: which words of the article stand for which term."""

from __future__ import annotations

from dataclasses import dataclass

from streams.match.engine import Fired


@dataclass(frozen=True, slots=True)
class Reason:
    """A term of the rule and the words that stand for it, in the order of the text, each spelling once."""

    term: str
    words: tuple[str, ...]


def reasons_of(fired: Fired) -> list[Reason]:
    """The terms on which the match rests, in the order in which the article has them."""
    document, found = fired.document, dict[str, dict[str, None]]()
    for span in sorted(fired.met.spans):
        term = str(document.vocabulary.terms[span.term])
        found.setdefault(term, {}).setdefault(document.words(span.start, span.end))
    return [Reason(term, tuple(words)) for term, words in found.items()]
