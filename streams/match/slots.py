"""Fills a rule's slots (who, whose, where, ...) with words of the sentences in which it matched."""

from __future__ import annotations

import re
from bisect import bisect_left
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
_APOSTROPHES = ("'", "’", "‘", "ʿ", "ʾ", "`")
_ELIDED = re.compile(r"(?:s|t|d|m|re|ve|ll)\b")
"""What stands behind an apostrophe and is no part of a name."""
MAX_VALUES = 20
"""Most values of one slot; an article that names more actors or places is a list, not a report."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to fill a slot, ready to be tried; see `streams.match.rule_files.SlotNode`."""

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

    def leaves(self) -> Iterator[int]:
        """The terms that it may take."""
        for places in (*self.terms, *self.otherwise, *self.antecedents):
            yield from places.leaves()


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot ready to be filled, and the terms that its ways may take.

    The ways of the first of its `rounds` are tried in each sentence; those of the next where no sentence was filled.
    """

    rounds: tuple[tuple[Way, ...], ...]
    leaves: frozenset[int]


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills one slot: strings sliced from the article, and what those of a gazetteer stand for."""

    values: tuple[str, ...]
    entities: tuple[Entity, ...]


def compile_slot(node: SlotNode, vocabulary: Vocabulary) -> Slot:
    """The slot over numbered terms."""
    rounds: list[list[Way]] = [[]]
    for steps, way in node.ways():
        if way.at_last and steps:
            rounds.append([])
        rounds[-1].append(_compile_way(way, vocabulary))
    leaves = frozenset(leaf for ways in rounds for way in ways for leaf in way.leaves())
    return Slot(tuple(map(tuple, rounds)), leaves)


def _compile_way(node: SlotNode, vocabulary: Vocabulary) -> Way:
    def places(nodes: Sequence[Node] | None) -> Places | None:
        return compile_places(nodes, vocabulary) if nodes else None

    def each(nodes: Sequence[Node] | None) -> tuple[Places, ...]:
        return tuple(compile_places([one], vocabulary) for one in nodes or ())

    return Way(
        terms=each(node.terms),
        otherwise=each(node.otherwise),
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
        antecedents=each(node.antecedents),
        earlier=node.earlier,
        title=node.title,
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
            found = _choose(slot.rounds[0], report, unit, taken)
            chosen[name] += found
            taken += found
    for name, slot in slots.items():
        for ways in slot.rounds[1:]:
            if not chosen[name]:
                chosen[name] = [span for unit in units for span in _choose(ways, report, unit, report.datelines)]
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


def _choose(ways: Iterable[Way], report: _Report, unit: Unit, taken: Sequence[Span]) -> list[Span]:
    """The words that fill a slot in a unit, in the first of the ways that finds some."""
    return next(filter(None, (_chosen(way, report, unit, taken) for way in ways)), [])


def _chosen(way: Way, report: _Report, unit: Unit, taken: Sequence[Span]) -> list[Span]:
    document = report.document

    def marks(places: Places | None) -> list[Span]:
        found = places.places(document, *unit) if places else []
        return [span for span in found if (span.start, span.end) in report.rests_on] or found

    nearest = marks(way.nearest)
    if way.within is not None and not nearest:
        return []
    before, after = marks(way.before), marks(way.after)
    barred = Cover([*taken, *_places(way.without, document, unit)])
    goals, pronouns = Cover(nearest), Cover(_places(way.pronouns, document, unit))
    behind = [span for span in before if nearest and span.start >= nearest[0].start]
    limit = next(iter(behind or before), None)
    heads = _heads(way, document, unit)

    def admits(span: Span) -> bool:
        return (
            not barred.touches(span)
            and (not goals.touches(span) or pronouns.touches(span))
            and (limit is None or span.end <= limit.start)
            and (not after or span.start >= after[0].end)
            and _is_behind(span, heads, document)
        )

    def is_close(span: Span) -> bool:
        return any(_words_apart(span, mark, document) <= (way.within or 0) for mark in nearest)

    for listed in (way.terms, way.otherwise):
        candidates = apart(filter(admits, _found(listed, way.until, document, unit)))
        if candidates and nearest:
            candidates = [min(candidates, key=lambda span: (0, True) if goals.touches(span) else goals.distance(span))]
        if candidates and way.within is not None:
            candidates = list(filter(is_close, candidates))
        if candidates:
            return _named(way, report, unit, candidates[:1] if way.first else candidates, taken)
    return [] if way.pronouns else _earlier(way, report, unit[0])


def _found(listed: Iterable[Places], until: Places | None, document: Document, unit: Unit) -> Iterator[Span]:
    """Where the words stand, in the order of the list, of each only the longest; see `_cut`."""
    for places in listed:
        yield from longest(_cut(places.places(document, *unit), until, document, unit))


def _cut(found: list[Span], until: Places | None, document: Document, unit: Unit) -> list[Span]:
    """The words, each cut before the first of `until` in it; none of them when it begins with that."""
    if not found or until is None:
        return found
    ends = [span.start for span in until.places(document, *unit) if not _is_part_of_a_name(span, document)]
    cut = []
    for span in found:
        ahead = bisect_left(ends, span.start)
        first = ends[ahead] if ahead < len(ends) and ends[ahead] < span.end else span.end + 1
        last = document.folded.spaced.rfind(_BLANK, span.start, first) if first <= span.end else span.end
        if last > span.start:
            cut.append(span._replace(end=last))
    return cut


def _is_part_of_a_name(span: Span, document: Document) -> bool:
    """Whether an apostrophe holds the words to more of a name: the a of Sana'a, and not the s of Syria's."""
    start, end = document.folded.span(span.start, span.end)
    text = document.folded.text
    before, after = text[max(0, start - 2) : start], text[end : end + 1]
    held = before[:1].isalnum() and before[1:] in _APOSTROPHES and not _ELIDED.match(text, start)
    return held or (after in _APOSTROPHES and text[end + 1 : end + 2].isalnum() and not _ELIDED.match(text, end + 1))


def _named(way: Way, report: _Report, unit: Unit, candidates: list[Span], taken: Sequence[Span]) -> list[Span]:
    """The candidates, and in place of each pronoun what it stands for, if that is found; nothing that is `taken`.

    A pronoun that stays beside it may stand for what fills another slot too: "Mali wants them out of the country". Of
    so many pronouns as a slot has values what they stand for is sought, however long the sentence is.
    """
    if way.pronouns is None:
        return candidates
    pronouns = Cover(way.pronouns.places(report.document, *unit))
    others = () if way.beside else taken
    named: list[Span] = []
    sought = 0
    for span in candidates:
        stands_for = pronouns.touches(span._replace(end=span.start + 1))
        if way.beside or not stands_for:
            named.append(span)
        if stands_for and sought < MAX_VALUES:
            sought += 1
            found = _names(way, report, (unit[0], span.start), others)
            named += found[:1] or _earlier(way, report, unit[0], others)
    return named


def _earlier(way: Way, report: _Report, start: int, taken: Sequence[Span] = ()) -> list[Span]:
    """The first name in the nearest of the sentences before `start` that has one, at last the title's if asked for.

    For the title itself, if asked for, the nearest of the first sentences of the text.
    """
    document = report.document
    if not way.earlier or (start < document.body and not way.title):
        return []
    if start < document.body:
        sentences = list(document.units(Scope.SENTENCE, document.body, document.length)[: way.earlier])
    else:
        sentences = list(reversed(document.sentences_before(start, way.earlier)))
        sentences += document.units(Scope.SENTENCE, 0, document.body) if way.title else ()
    found = (_names(way, report, sentence, taken)[:1] for sentence in sentences)
    return next(filter(None, found), [])


def _names(way: Way, report: _Report, unit: Unit, taken: Sequence[Span]) -> list[Span]:
    """The names in a unit, but for those that are written like what is taken."""
    document = report.document
    others = {document.folded.spaced[one.start : one.end] for one in taken}
    barred = Cover([*report.datelines, *_places(way.pronouns, document, unit), *_places(way.without, document, unit)])
    found = apart(_found((*way.terms, *way.antecedents), way.until, document, unit))
    heads = _heads(way, document, unit)
    return [
        span
        for span in found
        if not barred.touches(span)
        and _is_behind(span, heads, document)
        and document.folded.spaced[span.start : span.end] not in others
    ]


def _places(places: Places | None, document: Document, unit: Unit) -> Iterable[Span]:
    return places.places(document, *unit) if places else ()


def _heads(way: Way, document: Document, unit: Unit) -> frozenset[int] | None:
    """The words, by number, directly behind which the candidates stand; None where that does not matter."""
    if way.behind is None:
        return None
    return frozenset(document.folded.word_number(head.end - 1) for head in way.behind.places(document, *unit))


def _is_behind(span: Span, heads: frozenset[int] | None, document: Document) -> bool:
    return heads is None or document.folded.word_number(span.start) - 1 in heads


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
            path, around = document.vocabulary.path(span.entry), document.vocabulary.around(span.entry)
            found.append(
                Entity(
                    text=document.words(span.start, span.end),
                    name=entry.name,
                    code=entry.code,
                    type=entry.type,
                    path=path,
                    around=around,
                    point=entry.point,
                )
            )
    return found
