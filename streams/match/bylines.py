"""Finds where an article's first sentence begins: behind the lines of who wrote it, where and when."""

from __future__ import annotations

from streams.match.conditions import Scope
from streams.match.document import LEAD_SENTENCES, Document, Unit

MOST_WORDS = 7
"""Most words, numbers left out, of a line that is no sentence: "BEIRUT", "By our staff", "Monday 26 October 2020"."""
MOST_LINES = 5
"""Most of them before the first sentence."""
_STOPS = frozenset(".!?؟…")


def first_sentences(document: Document) -> Unit | None:
    """The first sentences of the text, see `Scope.LEAD`, without the short lines before them that end in no stop.

    None where the text has no letter. A text of nothing but short lines is taken as it is, and so is one without a
    title, whose first line may be its headline.
    """
    lead = next(iter(document.units(Scope.LEAD, 0, document.length)), None)
    if not document.body:
        return lead
    paragraphs = document.units(Scope.PARAGRAPH, document.body, document.length)
    for number, (start, end) in enumerate(paragraphs[: MOST_LINES + 1]):
        if not _is_byline(document, start, end):
            if number == 0:
                return lead
            sentences = document.units(Scope.SENTENCE, start, document.length)
            return (start, sentences[:LEAD_SENTENCES][-1][1])
    return lead


def _is_byline(document: Document, start: int, end: int) -> bool:
    words = document.folded.spaced[start:end].split()
    if sum(not word.isdigit() for word in words) > MOST_WORDS:
        return False
    last = document.folded.span(start, end)[1]
    return _STOPS.isdisjoint(document.folded.text[last : last + 2])
