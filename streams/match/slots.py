"""Fills a rule's slots (who, whose, where, ...) with words of the sentences in which it matched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streams.match.compile import compile_places
from streams.match.conditions import Places, Span
from streams.match.document import Document, Unit
from streams.match.rule_files import Pick, Side, SlotNode
from streams.match.vocabulary import NO_ENTRY, Vocabulary
from streams.messages import Entity

MAX_VALUES = 20
"""Most values of one slot; an article that names more actors or places is a list, not a report."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot ready to be filled; `leaves` are the terms whose gazetteer entries may be named in it."""

    terms: Places
    of: Places | None
    side: Side
    pick: Pick
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills one slot: strings sliced from the article, and what those of a gazetteer stand for."""

    values: tuple[str, ...]
    entities: tuple[Entity, ...]


def compile_slot(node: SlotNode, vocabulary: Vocabulary) -> Slot:
    """The slot over numbered terms."""
    terms = compile_places(node.terms, vocabulary)
    of = compile_places(node.of, vocabulary) if node.of else None
    return Slot(terms, of, node.side, node.pick, tuple(sorted(terms.leaves())))


def fill(slot: Slot, document: Document, units: Iterable[Unit]) -> Filling:
    """The slot's words in each of the units, in the order of the text, each spelling once."""
    chosen = [span for unit in units for span in _choose(slot, document, unit)]
    values: dict[bytes, str] = {}
    entities: dict[Entity, None] = {}
    for span in chosen[:MAX_VALUES]:
        values.setdefault(document.folded.spaced[span.start : span.end], document.words(span.start, span.end))
        for entity in _entities(slot, document, span):
            entities.setdefault(entity, None)
    return Filling(tuple(values.values()), tuple(entities))


def _choose(slot: Slot, document: Document, unit: Unit) -> list[Span]:
    candidates = longest(slot.terms.places(document, *unit))
    if slot.of is None:
        return candidates
    marks = slot.of.places(document, *unit)
    if not marks:
        return []
    first = marks[0]
    if slot.side is Side.BEFORE:
        candidates = [span for span in candidates if span.end <= first.start]
    elif slot.side is Side.AFTER:
        candidates = [span for span in candidates if span.start >= first.start]
    if slot.pick is Pick.ALL or not candidates:
        return candidates
    return [min(candidates, key=lambda span: min(_distance(span, mark) for mark in marks))]


def _distance(span: Span, mark: Span) -> tuple[int, bool]:
    """Letters between the two; on a tie the words before the mark win."""
    gap = max(0, mark.start - span.end, span.start - mark.end)
    return gap, span.start > mark.start


def longest(spans: Sequence[Span]) -> list[Span]:
    """The spans that do not lie within another; of two that overlap the longer one, of equals the first."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start - one.end, one)):
        if not any(span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    return sorted(kept)


def _entities(slot: Slot, document: Document, chosen: Span) -> list[Entity]:
    inside = {
        Span(span.start, span.end, NO_ENTRY, span.entry)
        for term in slot.leaves
        for span in document.spans(term)
        if span.entry != NO_ENTRY and chosen.start <= span.start and span.end <= chosen.end
    }
    kept = {(span.start, span.end) for span in longest(sorted(inside))}
    found = []
    for span in sorted(inside):
        if (span.start, span.end) in kept:
            _, entry = document.vocabulary.entries[span.entry]
            text = document.words(span.start, span.end)
            found.append(Entity(text=text, name=entry.name, code=entry.code, type=entry.type))
    return found
