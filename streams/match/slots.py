"""Fills a rule's slots (who, whose, where, ...) with words of the sentences in which it matched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from streams.match.bylines import dateline
from streams.match.compile import compile_places
from streams.match.conditions import Places, Scope, Span, within
from streams.match.cover import Cover, apart, longest
from streams.match.document import Document, Unit
from streams.match.fold import SPACE
from streams.match.rule_files import Node, SlotNode
from streams.match.vocabulary import NO_ENTRY, Vocabulary
from streams.messages import Entity

_BLANK = bytes([SPACE])
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
    behind: Places | None
    first: bool
    without: Places | None
    until: Places | None
    pronouns: Places | None
    beside: bool
    antecedents: tuple[Places, ...]
    earlier: int
    title: bool
    at_last: bool
    fallback: Slot | None
    leaves: frozenset[int]

    def ways(self) -> Iterator[Slot]:
        """This way to fill the slot, and those that are tried in a sentence where it finds nothing."""
        way: Slot | None = self
        while way is not None and (way is self or not way.at_last):
            yield way
            way = way.fallback

    def last_resort(self) -> Slot | None:
        """The first of the ways that are tried where no sentence fills the slot."""
        way = self.fallback
        while way is not None and not way.at_last:
            way = way.fallback
        return way


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
        behind=places(node.behind),
        first=node.first,
        without=places(node.without),
        until=places(node.until),
        pronouns=places(node.pronouns),
        beside=node.beside,
        antecedents=antecedents,
        earlier=node.earlier,
        title=node.title,
        at_last=node.at_last,
        fallback=fallback,
        leaves=frozenset().union(*leaves, fallback.leaves if fallback else ()),
    )


@dataclass(frozen=True, slots=True)
class _Report:
    """A document, the places of the words on which the match rests, and the dateline, if it has one."""

    document: Document
    rests_on: frozenset[Unit]
    datelines: list[Span]


def fill(
    slots: Mapping[str, Slot], document: Document, units: Sequence[Unit], met: Iterable[Span]
) -> dict[str, Filling]:
    """Each slot's words in each of the units, in the order of the text, each spelling once; never those of a dateline.

    `met` are the words on which the match rests.
    """
    report = _Report(document, frozenset((span.start, span.end) for span in met), _dateline(document))
    chosen: dict[str, list[Span]] = {name: [] for name in slots}
    for unit in units:
        taken = report.datelines.copy()
        for name, slot in slots.items():
            found = _choose(slot, report, unit, taken)
            chosen[name] += found
            taken += found
    for name, slot in slots.items():
        resort = slot.last_resort()
        while resort and not chosen[name]:
            chosen[name] += [span for unit in units for span in _choose(resort, report, unit, report.datelines)]
            resort = resort.last_resort()
    return {name: _fill_one(slot, document, chosen[name][:MAX_VALUES]) for name, slot in slots.items()}


def _dateline(document: Document) -> list[Span]:
    written = dateline(document)
    return [Span(*written, NO_ENTRY, NO_ENTRY)] if written else []


def _fill_one(slot: Slot, document: Document, chosen: Iterable[Span]) -> Filling:
    values: dict[bytes, str] = {}
    entities: dict[Entity, None] = {}
    for span in chosen:
        values.setdefault(document.folded.spaced[span.start : span.end], document.words(span.start, span.end))
        for entity in _entities(slot, document, span):
            entities.setdefault(entity, None)
    return Filling(tuple(values.values()), tuple(entities))


def _choose(slot: Slot, report: _Report, unit: Unit, taken: Sequence[Span]) -> list[Span]:
    """The words that fill the slot in a unit, in the first of its ways that finds some."""
    return next(filter(None, (_chosen(way, report, unit, taken) for way in slot.ways())), [])


def _chosen(slot: Slot, report: _Report, unit: Unit, taken: Sequence[Span]) -> list[Span]:
    document = report.document

    def marks(places: Places | None) -> list[Span]:
        found = places.places(document, *unit) if places else []
        return [span for span in found if (span.start, span.end) in report.rests_on] or found

    nearest = marks(slot.nearest)
    if slot.within is not None and not nearest:
        return []
    before, after = marks(slot.before), marks(slot.after)
    barred = Cover([*taken, *_places(slot.without, document, unit)])
    goals, pronouns = Cover(nearest), Cover(_places(slot.pronouns, document, unit))
    behind = [span for span in before if nearest and span.start >= nearest[0].start]
    limit = next(iter(behind or before), None)
    heads = _places(slot.behind, document, unit)

    def admits(span: Span) -> bool:
        return (
            not barred.touches(span)
            and (not goals.touches(span) or pronouns.touches(span))
            and (limit is None or span.end <= limit.start)
            and (not after or span.start >= after[0].end)
            and _is_behind(span, slot, heads, document)
        )

    def is_close(span: Span) -> bool:
        return any(_words_apart(span, mark, document) <= (slot.within or 0) for mark in nearest)

    for listed in (slot.terms, slot.otherwise):
        candidates = apart(filter(admits, _found(listed, slot.until, document, unit)))
        if candidates and nearest:
            candidates = [min(candidates, key=lambda span: (0, True) if goals.touches(span) else goals.distance(span))]
        if candidates and slot.within is not None:
            candidates = list(filter(is_close, candidates))
        if candidates:
            return _named(slot, report, unit, candidates[:1] if slot.first else candidates, taken)
    return [] if slot.pronouns else _earlier(slot, report, unit[0])


def _found(listed: Iterable[Places], until: Places | None, document: Document, unit: Unit) -> Iterator[Span]:
    """Where the words stand, in the order of the list, of each only the longest; see `_cut`."""
    for places in listed:
        yield from longest(_cut(places.places(document, *unit), until, document, unit))


def _cut(found: list[Span], until: Places | None, document: Document, unit: Unit) -> list[Span]:
    """The words, each cut before the first of `until` in it; none of them when it begins with that."""
    if not found or until is None:
        return found
    ends = [span.start for span in until.places(document, *unit)]
    cut = []
    for span in found:
        first = min((end for end in ends if span.start <= end < span.end), default=span.end + 1)
        last = document.folded.spaced.rfind(_BLANK, span.start, first) if first <= span.end else span.end
        if last > span.start:
            cut.append(span._replace(end=last))
    return cut


def _named(slot: Slot, report: _Report, unit: Unit, candidates: list[Span], taken: Sequence[Span]) -> list[Span]:
    """The candidates, and in place of each pronoun what it stands for, if that is found; nothing that is `taken`.

    A pronoun that stays beside it may stand for what fills another slot too: "Mali wants them out of the country".
    """
    if slot.pronouns is None:
        return candidates
    pronouns = slot.pronouns.places(report.document, *unit)
    others = () if slot.beside else taken
    named: list[Span] = []
    for span in candidates:
        stands_for = any(one.start <= span.start < one.end for one in pronouns)
        if slot.beside or not stands_for:
            named.append(span)
        if stands_for:
            found = _names(slot, report, (unit[0], span.start), others)
            named += found[:1] or _earlier(slot, report, unit[0], others)
    return named


def _earlier(slot: Slot, report: _Report, start: int, taken: Sequence[Span] = ()) -> list[Span]:
    """The first name in the nearest of the sentences before `start` that has one, at last the title's if asked for.

    For the title itself, if asked for, the nearest of the first sentences of the text.
    """
    document = report.document
    if not slot.earlier or (start < document.body and not slot.title):
        return []
    if start < document.body:
        sentences = list(document.units(Scope.SENTENCE, document.body, document.length)[: slot.earlier])
    else:
        sentences = list(reversed(document.units(Scope.SENTENCE, document.body, start)[-slot.earlier :]))
        sentences += document.units(Scope.SENTENCE, 0, document.body) if slot.title else ()
    found = (_names(slot, report, sentence, taken)[:1] for sentence in sentences)
    return next(filter(None, found), [])


def _names(slot: Slot, report: _Report, unit: Unit, taken: Sequence[Span]) -> list[Span]:
    """The names in a unit, but for those that are written like what is taken."""
    document = report.document
    others = {document.folded.spaced[one.start : one.end] for one in taken}
    barred = Cover([*report.datelines, *_places(slot.pronouns, document, unit), *_places(slot.without, document, unit)])
    found = apart(_found((*slot.terms, *slot.antecedents), slot.until, document, unit))
    heads = _places(slot.behind, document, unit)
    return [
        span
        for span in found
        if not barred.touches(span)
        and _is_behind(span, slot, heads, document)
        and document.folded.spaced[span.start : span.end] not in others
    ]


def _places(places: Places | None, document: Document, unit: Unit) -> Iterable[Span]:
    return places.places(document, *unit) if places else ()


def _is_behind(span: Span, slot: Slot, heads: Iterable[Span], document: Document) -> bool:
    return slot.behind is None or any(
        head.end <= span.start and not document.words_between(head.end, span.start) for head in heads
    )


def _words_apart(span: Span, other: Span, document: Document) -> int:
    before, after = sorted((span, other))
    return document.words_between(before.end, after.start)


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
