"""An article made ready for conditions: folded, scanned, and asked for words and units only where a rule needs them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Literal

from streams.match.article_facts import UNKNOWN, ArticleFacts
from streams.match.batch import ArticleText, Batch
from streams.match.clauses import Clauses, starts_with_conjunction
from streams.match.conditions import Condition, Scope, Span, within
from streams.match.fold import Folded
from streams.match.furniture import furniture, is_within, merged
from streams.match.numbers import Number, numbers_in
from streams.match.quotations import Quotations
from streams.match.vocabulary import NO_ENTRY, NO_GUARD, Guard, Hit, Reach, Vocabulary

LEAD_SENTENCES = 3
"""How many sentences of the text are its lead."""

_BESIDE = 100
"""Letters on each side in which words that stand directly beside another are looked for."""

Field = Literal["title", "text"]
Unit = tuple[int, int]


class Document:
    """One article, its hits, and its units. The title is a paragraph of its own before the text.

    Positions are those of the folded text; `place` leads back to the original characters. Hits in furniture and hits of
    ambiguous phrases without their context are left out of `spans`, but not of `terms`.
    """

    def __init__(self, title: str, text: str, vocabulary: Vocabulary, facts: ArticleFacts = UNKNOWN) -> None:
        self._take(Batch([ArticleText(title, text, facts)], vocabulary), 0, {}, {})

    @classmethod
    def of(
        cls,
        batch: Batch,
        number: int,
        hits: Mapping[int, Sequence[Hit]],
        units: Mapping[Condition, Sequence[int]],
    ) -> Document:
        """The article of this number in a batch.

        `hits` are those of terms that were asked for before, also of none, and `units` the last words of those in which
        alone scopes can be met.
        """
        document = cls.__new__(cls)
        document._take(batch, number, hits, units)  # noqa: SLF001  # its own
        return document

    def _take(
        self,
        batch: Batch,
        number: int,
        hits: Mapping[int, Sequence[Hit]],
        units: Mapping[Condition, Sequence[int]],
    ) -> None:
        self.title, self.text, self.facts = batch.texts[number]
        self.vocabulary = batch.vocabulary
        self._batch, self._number, self._hits, self._units = batch, number, hits, units
        self._spans: dict[int, Sequence[Span]] = {term: () for term, some in hits.items() if not some}
        self._sure: dict[int, list[Span]] = {}
        self._once: dict[tuple[int, int, int], list[Span]] = {}
        self._terms_in: dict[Unit, frozenset[int]] = {}
        self._sentences: dict[Unit, Unit] = {}
        self._capitals: dict[Unit, bool] = {}

    @cached_property
    def folded(self) -> Folded:
        """The title and the text, folded as one."""
        first = 2 * self._number
        return Folded(f"{self.title}\n{self.text}", self._batch.words, first, first + 2)

    @cached_property
    def terms(self) -> frozenset[int]:
        """The terms that may be in the article: a superset of those with spans, regexes left aside."""
        return self._batch.terms_of(self._number)

    @cached_property
    def length(self) -> int:
        """The folded text's length."""
        return self.folded.length

    @cached_property
    def body(self) -> int:
        """Where the text begins, after the title."""
        return self.folded.start_of(int(self._batch.words.firsts[2 * self._number + 1])) if self.title else 0

    @cached_property
    def furniture(self) -> list[Unit]:
        """The stretches of the text that are page furniture."""
        return furniture(self.folded, self.body) if self._batch.may_have_furniture[self._number] else []

    def spans(self, term: int) -> Sequence[Span]:
        """All words that count for the term, by start."""
        spans = self._spans.get(term)
        if spans is None:
            spans = self._spans[term] = self._find(term)
        return spans

    def uncounted(self, term: int, low: int, high: int) -> list[tuple[str, bool]]:
        """Words for the term in [low, high) that do not count, and whether for where they stand, as in page furniture.

        The others are ambiguous, and without what makes them count.
        """
        counted = {(span.start, span.end) for span in self.spans(term)}
        places = sorted({(start, end) for start, end, *_ in self._batch.hits(self._number, term)} - counted)
        return [
            (self.words(start, end), self._is_furniture(start)) for start, end in places if low <= start and end <= high
        ]

    def _find(self, term: int) -> Sequence[Span]:
        hits = self._in_story(term)
        if not hits:
            return ()
        if len(hits) == 1 and hits[0][3] == NO_GUARD:
            start, end, entry, _ = hits[0]
            return (Span(start, end, term, entry),)
        guards = self.vocabulary.guards
        kept = {
            (start, end, term, entry)
            for start, end, entry, guard in hits
            if guard == NO_GUARD or self._is_in_context(start, end, guards[guard])
        }
        return list(map(Span._make, sorted(kept)))

    def units(self, scope: Scope, low: int, high: int) -> Sequence[Unit]:
        """See streams.match.conditions.Stretches."""
        ends = self._ends(scope)
        if ends is None:
            first, last = self._single(scope)
            unit = (max(low, first), min(high, last))
            return [unit] if unit[0] < unit[1] else []
        found = []
        for index in range(bisect_left(ends, low), len(ends)):
            start = ends[index - 1] + 1 if index else 0
            if start >= high:
                break
            found.append((max(low, start), min(high, ends[index])))
        return found

    def sentences_before(self, start: int, count: int) -> Sequence[Unit]:
        """The last so many sentences of the text that begin before `start`, cut to it, in order."""
        ends = self.folded.sentence_ends
        first = bisect_left(ends, start - 1) - count + 1
        return self.units(Scope.SENTENCE, max(self.body, ends[first - 1] + 1 if first > 0 else 0), start)

    def unit_at(self, scope: Scope, position: int) -> Unit | None:
        """See streams.match.conditions.Stretches."""
        ends = self._ends(scope)
        if ends is None:
            unit = self._single(scope)
            return unit if unit[0] <= position < unit[1] else None
        index = bisect_left(ends, position)
        if index == len(ends):
            return None
        return (ends[index - 1] + 1 if index else 0, ends[index])

    def terms_in(self, low: int, high: int) -> frozenset[int]:
        """See streams.match.conditions.Stretches."""
        found = self._terms_in.get((low, high))
        if found is None:
            starts, terms = self._placed_terms
            found = frozenset(terms[bisect_left(starts, low) : bisect_left(starts, high)])
            self._terms_in[low, high] = found
        return found

    @cached_property
    def _placed_terms(self) -> tuple[list[int], list[int]]:
        """Where each hit begins, rising, and the term of each."""
        return self._batch.placed_terms(self._number)

    def words_between(self, end: int, start: int) -> int:
        """See streams.match.conditions.Stretches."""
        return self.folded.word_number(start) - self.folded.word_number(end - 1) - 1

    def around(self, start: int, end: int, words: int) -> Unit:
        """See streams.match.conditions.Stretches."""
        ends = self.folded.word_ends
        first, last = bisect_right(ends, start) - 1, bisect_left(ends, end)
        return ends[max(0, first - words)], ends[min(len(ends) - 1, last + words)]

    def clause(self, position: int, low: int, high: int) -> Unit:
        """See streams.match.conditions.Stretches."""
        return self._clauses.around(position, low, high)

    def is_quoted(self, start: int, end: int) -> bool:
        """See streams.match.conditions.Stretches."""
        return self._quotations.hold(start, end)

    def has_conjunction(self, start: int) -> bool:
        """See streams.match.conditions.Stretches."""
        return starts_with_conjunction(self.folded.spaced, start)

    def without(self, units: Sequence[Unit]) -> Document:
        """The same document with the units as furniture, which gives no evidence."""
        other = copy(self)
        other._spans, other._sure, other._once = {}, {}, {}  # noqa: SLF001  # its own
        for name in ("_lead", "_numbers"):
            other.__dict__.pop(name, None)
        other.furniture = merged([*self.furniture, *units])
        return other

    def worth(self, condition: Condition, scope: Scope) -> Sequence[Unit] | None:
        """See streams.match.conditions.Stretches."""
        lasts = self._units.get(condition)
        if lasts is None:
            return None
        units = (self.unit_at(scope, self.folded.start_of(last + 1) - 2) for last in lasts)
        return [unit for unit in units if unit is not None]

    def once(self, concept: int, low: int, high: int, find: Callable[[], list[Span]]) -> list[Span]:
        """See streams.match.conditions.Stretches."""
        key = (concept, low, high)
        found = self._once.get(key)
        if found is None:
            found = self._once[key] = find()
        return found

    def numbers(self) -> Sequence[Number]:
        """See streams.match.conditions.Stretches."""
        return self._numbers

    @cached_property
    def _numbers(self) -> list[Number]:
        return [one for one in numbers_in(self.folded) if not self._is_furniture(one.start)]

    @cached_property
    def _clauses(self) -> Clauses:
        return Clauses(self.folded)

    @cached_property
    def _quotations(self) -> Quotations:
        return Quotations(self.folded)

    def place(self, start: int, end: int) -> tuple[Field, int, int]:
        """The field and the [start, end) in it, in code points, of folded [start, end)."""
        first, last = self.folded.span(start, end)
        shift = len(self.title) + 1
        return ("title", first, last) if last <= len(self.title) else ("text", first - shift, last - shift)

    def sentence(self, unit: Unit) -> Unit:
        """A sentence in the original text of title and text, with the quotation marks and stops around it."""
        known = self._sentences.get(unit)
        if known is None:
            known = self._sentences[unit] = self._sentence(unit)
        return known

    def _sentence(self, unit: Unit) -> Unit:
        letters = self.folded.spaced[unit[0] : unit[1]]
        start, end = self.folded.span(unit[0] + len(letters) - len(letters.lstrip()), unit[1])
        text = self.folded.text
        while start > 0 and not text[start - 1].isspace() and not text[start - 1].isalnum():
            start -= 1
        while end < len(text) and not text[end].isspace() and not text[end].isalnum():
            end += 1
        return start, end

    def words(self, start: int, end: int) -> str:
        """The original characters of folded [start, end)."""
        first, last = self.folded.span(start, end)
        return self.folded.text[first:last]

    def words_within(self, low: int, high: int) -> str:
        """The original characters of a folded stretch, from its first letter to its last."""
        start, end = self.trimmed(low, high)
        return self.words(start, end) if start < end else ""

    def trimmed(self, low: int, high: int) -> Unit:
        """A folded stretch from its first letter to its last; one without a letter ends before it begins."""
        inner = self.folded.spaced[low:high]
        return low + len(inner) - len(inner.lstrip()), low + len(inner.rstrip())

    def _ends(self, scope: Scope) -> list[int] | None:
        if scope is Scope.SENTENCE:
            return self.folded.sentence_ends
        return self.folded.paragraph_ends if scope is Scope.PARAGRAPH else None

    def _single(self, scope: Scope) -> Unit:
        if scope is Scope.TITLE:
            return (0, self.body)
        if scope is Scope.LEAD:
            return self._lead
        return (0, self.length)

    @cached_property
    def _lead(self) -> Unit:
        sentences = self.units(Scope.SENTENCE, self.body, self.length)
        spoken = [unit for unit in sentences if not self._is_furniture(unit[0]) and unit[0] < unit[1]]
        return (self.body, spoken[:LEAD_SENTENCES][-1][1]) if spoken else (self.body, self.body)

    def _in_story(self, term: int) -> Sequence[Hit]:
        hits = self._hits.get(term)
        if hits is None:
            hits = self._batch.hits(self._number, term)
        if not hits and term in self.vocabulary.regexes:
            found = self.vocabulary.regexes[term].find(self.folded, len(self.title))
            hits = [(start, end, NO_ENTRY, NO_GUARD) for start, end in found]
        return [hit for hit in hits if not self._is_furniture(hit[0])] if hits and self.furniture else hits

    def _is_furniture(self, position: int) -> bool:
        return is_within(self.furniture, position)

    def _sure_spans(self, term: int) -> list[Span]:
        if term not in self._sure:
            hits = self._in_story(term)
            self._sure[term] = sorted(Span(start, end, term, entry) for start, end, entry, guard in hits if guard < 0)
        return self._sure[term]

    def _is_in_capitals(self, sentence: Unit) -> bool:
        if sentence not in self._capitals:
            self._capitals[sentence] = self.words_within(*sentence).isupper()
        return self._capitals[sentence]

    def _is_in_context(self, start: int, end: int, guard: Guard) -> bool:
        if guard.capitals:
            if not self.words(start, end).isupper():
                return False
            if not self._is_in_capitals(self.unit_at(Scope.SENTENCE, start) or (start, end)):
                return True
        if guard.family is not None and self._sure_spans(guard.family):
            return True
        if guard.reach is Reach.BESIDE:
            low, high = max(0, start - _BESIDE), min(self.length, end + _BESIDE)
        else:
            low, high = self.unit_at(Scope.SENTENCE, start) or (0, self.length)
        for term in guard.terms & self.terms_in(low, high):
            for span in within(self._sure_spans(term), low, high):
                beside = start == span.end + 1 or end + 1 == span.start
                apart = span.end <= start or end <= span.start
                if beside if guard.reach is Reach.BESIDE else apart:
                    return True
        return False
