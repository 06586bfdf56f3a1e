"""Fills a rule's slots (who, whose, where, ...) with words of the sentences in which it matched."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from streams.match.bylines import dateline
from streams.match.compile import compile_places
from streams.match.conditions import Places, Scope, Span, within
from streams.match.cover import Cover
from streams.match.document import Document, Unit
from streams.match.rule_files import Node, SlotNode
from streams.match.vocabulary import NO_ENTRY, Vocabulary
from streams.messages import Entity

MAX_VALUES = 20
"""Most values of one slot; an article that names more actors or places is a list, not a report."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot ready to be filled; see `streams.match.rule_files.SlotNode`. `leaves` are the terms of all its ways."""

    terms: tuple[Places, ...]
    otherwise: tuple[Places, ...]
    before: Places | None
    after: Places | None
    nearest: Places | None
    within: int | None
    first: bool
    without: Places | None
    pronouns: Places | None
    antecedents: tuple[Places, ...]
    earlier: int
    fallback: Slot | None
    leaves: frozenset[int]

    def ways(self) -> Iterator[Slot]:
        """This way to fill the slot, and those that are tried where it finds nothing."""
        way: Slot | None = self
        while way is not None:
            yield way
            way = way.fallback


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills one slot: strings sliced from the article, and what those of a gazetteer stand for."""

    values: tuple[str, ...]
    entities: tuple[Entity, ...]


def compile_slot(node: SlotNode, vocabulary: Vocabulary) -> Slot:
    """The slot over numbered terms."""

    def places(nodes: Sequence[Node] | None) -> Places | None:
        return compile_places(nodes, vocabulary) if nodes else None

    terms = tuple(compile_places([one], vocabulary) for one in node.terms)
    otherwise = tuple(compile_places([one], vocabulary) for one in node.otherwise or ())
    antecedents = tuple(compile_places([one], vocabulary) for one in node.antecedents or ())
    fallback = compile_slot(node.fallback, vocabulary) if node.fallback else None
    leaves = (one.leaves() for one in (*terms, *otherwise, *antecedents))
    return Slot(
        terms=terms,
        otherwise=otherwise,
        before=places(node.before),
        after=places(node.after),
        nearest=places(node.nearest),
        within=node.within,
        first=node.first,
        without=places(node.without),
        pronouns=places(node.pronouns),
        antecedents=antecedents,
        earlier=node.earlier,
        fallback=fallback,
        leaves=frozenset().union(*leaves, fallback.leaves if fallback else ()),
    )


def fill(
    slots: Mapping[str, Slot], document: Document, units: Iterable[Unit], met: Iterable[Span]
) -> dict[str, Filling]:
    """Each slot's words in each of the units, in the order of the text, each spelling once; never those of a dateline.

    `met` are the words on which the match rests.
    """
    rests_on = frozenset((span.start, span.end) for span in met)
    chosen: dict[str, list[Span]] = {name: [] for name in slots}
    written = dateline(document) if slots else None
    datelines = [Span(*written, NO_ENTRY, NO_ENTRY)] if written else []
    for unit in units:
        taken = list(datelines)
        for name, slot in slots.items():
            ways = (_choose(way, document, unit, rests_on=rests_on, taken=taken) for way in slot.ways())
            found = next(filter(None, ways), [])
            chosen[name] += found
            taken += found
    return {name: _fill_one(slot, document, chosen[name][:MAX_VALUES]) for name, slot in slots.items()}


def _fill_one(slot: Slot, document: Document, chosen: Iterable[Span]) -> Filling:
    values: dict[bytes, str] = {}
    entities: dict[Entity, None] = {}
    for span in chosen:
        values.setdefault(document.folded.spaced[span.start : span.end], document.words(span.start, span.end))
        for entity in _entities(slot, document, span):
            entities.setdefault(entity, None)
    return Filling(tuple(values.values()), tuple(entities))


def _choose(
    slot: Slot, document: Document, unit: Unit, *, rests_on: frozenset[Unit], taken: Sequence[Span]
) -> list[Span]:
    def marks(places: Places | None) -> list[Span]:
        found = places.places(document, *unit) if places else []
        return [span for span in found if (span.start, span.end) in rests_on] or found

    nearest = marks(slot.nearest)
    if slot.within is not None and not nearest:
        return []
    before, after = marks(slot.before), marks(slot.after)
    barred = Cover([*taken, *_places(slot.without, document, unit)])
    goals, pronouns = Cover(nearest), Cover(_places(slot.pronouns, document, unit))
    behind = [span for span in before if nearest and span.start >= nearest[0].start]
    limit = next(iter(behind or before), None)

    def admits(span: Span) -> bool:
        return (
            not barred.touches(span)
            and (not goals.touches(span) or pronouns.touches(span))
            and (limit is None or span.end <= limit.start)
            and (not after or span.start >= after[0].end)
        )

    def is_close(span: Span) -> bool:
        return any(_words_apart(span, mark, document) <= (slot.within or 0) for mark in nearest)

    for listed in (slot.terms, slot.otherwise):
        ranked = [span for places in listed for span in longest(places.places(document, *unit)) if admits(span)]
        candidates = apart(ranked)
        if candidates and nearest:
            candidates = [min(candidates, key=lambda span: (0, True) if goals.touches(span) else goals.distance(span))]
        if candidates and slot.within is not None:
            candidates = list(filter(is_close, candidates))
        if candidates:
            return _named(slot, document, unit, candidates[:1] if slot.first else candidates, taken)
    return [] if slot.pronouns else _earlier(slot, document, unit[0])


def _named(slot: Slot, document: Document, unit: Unit, candidates: list[Span], taken: Sequence[Span]) -> list[Span]:
    """The candidates, and in place of each pronoun what it stands for, if that is found; nothing that is `taken`."""
    if slot.pronouns is None:
        return candidates
    pronouns = slot.pronouns.places(document, *unit)
    named: list[Span] = []
    for span in candidates:
        if any(one.start <= span.start < one.end for one in pronouns):
            found = _names(slot, document, (unit[0], span.start), taken)
            named += found[:1] or _earlier(slot, document, unit[0], taken)
        else:
            named.append(span)
    return named


def _earlier(slot: Slot, document: Document, start: int, taken: Sequence[Span] = ()) -> list[Span]:
    """The first name in the nearest of the sentences before `start` that has one; never one of the title's."""
    if not slot.earlier or start <= document.body:
        return []
    sentences = document.units(Scope.SENTENCE, document.body, start)[-slot.earlier :]
    found = (_names(slot, document, sentence, taken)[:1] for sentence in reversed(sentences))
    return next(filter(None, found), [])


def _names(slot: Slot, document: Document, unit: Unit, taken: Sequence[Span]) -> list[Span]:
    """The names in a unit, but for those that are written like what is taken."""
    others = {document.folded.spaced[one.start : one.end] for one in taken}
    written = dateline(document)
    datelines = [Span(*written, NO_ENTRY, NO_ENTRY)] if written else []
    barred = Cover([*datelines, *_places(slot.pronouns, document, unit), *_places(slot.without, document, unit)])
    found = apart(
        [span for places in (*slot.terms, *slot.antecedents) for span in longest(places.places(document, *unit))]
    )
    return [
        span
        for span in found
        if not barred.touches(span) and document.folded.spaced[span.start : span.end] not in others
    ]


def _places(places: Places | None, document: Document, unit: Unit) -> Iterable[Span]:
    return places.places(document, *unit) if places else ()


def _words_apart(span: Span, other: Span, document: Document) -> int:
    before, after = sorted((span, other))
    return document.words_between(before.end, after.start)


def longest(spans: Iterable[Span]) -> list[Span]:
    """Spans that do not overlap: of two that do the longer one stays, of equals the first."""
    return apart(sorted(spans, key=lambda one: (one.start - one.end, one)))


def apart(spans: Iterable[Span]) -> list[Span]:
    """Spans that do not overlap, sorted: of two that do, the one that comes first in `spans` stays."""
    kept: list[Span] = []
    for span in spans:
        index = bisect_left(kept, (span.end,))  # the first that begins at or after its end
        if not index or kept[index - 1].end <= span.start:
            kept.insert(index, span)
    return kept


def _entities(slot: Slot, document: Document, chosen: Span) -> list[Entity]:
    inside = {
        Span(span.start, span.end, NO_ENTRY, span.entry)
        for term in slot.leaves & document.terms_in(chosen.start, chosen.end)
        for span in within(document.spans(term), chosen.start, chosen.end)
        if span.entry != NO_ENTRY
    }
    kept = {(span.start, span.end) for span in longest(sorted(inside))}
    found = []
    for span in sorted(inside):
        if (span.start, span.end) in kept:
            _, entry = document.vocabulary.entries[span.entry]
            text = document.words(span.start, span.end)
            path = document.vocabulary.path(span.entry)
            found.append(
                Entity(text=text, name=entry.name, code=entry.code, type=entry.type, path=path, point=entry.point)
            )
    return found
