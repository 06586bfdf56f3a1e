"""Evidence and excerpts: what a match rests on, in the original characters of the article."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from streams.match.conditions import Scope, Span
from streams.match.document import Document, Unit
from streams.messages import Evidence, Excerpt

MAX_EVIDENCE = 200
"""Most spans kept of one match: a condition on a whole document can rest on thousands, which no reader needs."""
MAX_EXCERPTS = 20
"""Most sentences kept of one match; sinks show fewer and say how many they left out."""
MAX_EXCERPT_LETTERS = 600
_BEFORE_MARK = 200


def evidence_of(spans: Iterable[Span], document: Document) -> tuple[Evidence, ...]:
    """The first spans as evidence, sorted by field and start; spans within a longer one are part of it."""
    found = set()
    for start, end in outermost(spans)[:MAX_EVIDENCE]:
        field, first, last = document.place(start, end)
        text = (document.title if field == "title" else document.text)[first:last]
        found.add((field, first, last, text))
    return tuple(Evidence(field=field, start=start, end=end, text=text) for field, start, end, text in sorted(found))


def outermost(spans: Iterable[Span]) -> list[Unit]:
    """The [start, end) of the spans that do not lie within another, sorted."""
    kept: list[Unit] = []
    for start, negative_end in sorted({(span.start, -span.end) for span in spans}):
        if not kept or -negative_end > kept[-1][1]:
            kept.append((start, -negative_end))
    return kept


def sentences_of(spans: Iterable[Span], document: Document) -> list[Unit]:
    """The sentences that hold the spans, in order."""
    units = {document.unit_at(Scope.SENTENCE, span.start) for span in spans}
    return sorted(unit for unit in units if unit is not None)


def excerpts_of(spans: Sequence[Span], document: Document) -> tuple[Excerpt, ...]:
    """The first sentences with evidence, each with its first evidence marked."""
    marked = outermost(spans)
    found = []
    for unit in sentences_of(spans, document)[:MAX_EXCERPTS]:
        start, end = document.sentence(unit)
        # A mark is told by its start, but may begin in the sentence before: a number with its unit can.
        first = max(0, bisect_left(marked, (unit[0],)) - 1)
        last = bisect_left(marked, (unit[1],))
        marks = [document.folded.span(*mark) for mark in marked[first : min(last, first + MAX_EVIDENCE)]]
        inside = [(max(a, start), min(b, end)) for a, b in marks if a < end and start < b]
        found.append(_excerpt(document.folded.text, (start, end), inside))
    return tuple(found)


def _excerpt(text: str, sentence: Unit, marks: Sequence[Unit]) -> Excerpt:
    """The sentence, cut around its first mark when it is too long, with overlapping marks joined."""
    start, end = sentence
    if end - start > MAX_EXCERPT_LETTERS:
        start = max(start, marks[0][0] - _BEFORE_MARK)
        end = min(end, start + MAX_EXCERPT_LETTERS)
    joined: list[Unit] = []
    for first, last in ((max(a, start) - start, min(b, end) - start) for a, b in marks if a < end):
        if joined and first < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return Excerpt(text=text[start:end], marks=tuple(joined))
