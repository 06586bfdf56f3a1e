"""A brute-force evaluator of parsed rules that shares no code with the engine: the oracle.

It tries every combination of words. It reads texts of plain words parted by spaces, where `. ` ends a sentence, `, ` a
clause and a newline a paragraph, and « and » (or a paragraph's end) enclose what is quoted. It knows exact phrases,
names and common nouns. No furniture, no ambiguity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations, product

from streams.match.article_facts import ArticleFacts
from streams.match.exclusion_files import ExclusionFile
from streams.match.rule_files import ConceptFile, Node
from streams.match.rule_filters import Filters
from streams.match.rule_nodes import NumberNode

Span = tuple[int, int]
_NUMBERS = {
    "33": (33, 33),
    "70-90": (70, 90),
    "twelve": (12, 12),
    "٥٥": (55, 55),
    "1,500": (1500, 1500),
    "عشرون": (20, 20),
}
_CONJUNCTIONS, _PREPOSITIONS = ("", "و", "ف"), ("", "ب", "ل", "ك")
_NAME = {c + p for c in _CONJUNCTIONS for p in _PREPOSITIONS}
_COMMON = _NAME | {c + p + "ال" for c in _CONJUNCTIONS for p in ("", "ب", "ك")} | {c + "لل" for c in _CONJUNCTIONS}
_SUFFIXES = {"", "ه", "ها", "هم", "هما", "هن", "ك", "كم", "ي", "نا", "ا"}


@dataclass(frozen=True)
class Text:
    """Words and where each stands; the title is sentence and paragraph 0."""

    words: tuple[str, ...]
    sentences: tuple[int, ...]
    paragraphs: tuple[int, ...]
    clauses: tuple[int, ...]
    quotations: tuple[int, ...]
    title: int
    barred: frozenset[int] = frozenset()  # words that give no evidence

    @classmethod
    def of(cls, title: str, text: str) -> Text:
        """Cut a title and a text into words."""
        words: list[str] = []
        sentences: list[int] = []
        paragraphs: list[int] = []
        clauses: list[int] = []
        quotations: list[int] = []
        clause = quotation = 0
        for paragraph, line in enumerate([title, *text.split("\n")]):
            quoted = False
            for sentence in line.split(". "):
                number = sentences[-1] + 1 if sentences else 0
                for part in sentence.split(", "):
                    clause += 1
                    for word in part.split():
                        if word.startswith("«") and not quoted:
                            quotation, quoted = quotation + 1, True
                        words.append(word.strip("«»,"))
                        sentences.append(number)
                        paragraphs.append(paragraph)
                        clauses.append(clause)
                        quotations.append(quotation if quoted else 0)
                        quoted = quoted and "»" not in word
        return cls(
            words=tuple(words),
            sentences=tuple(sentences),
            paragraphs=tuple(paragraphs),
            clauses=tuple(clauses),
            quotations=tuple(quotations),
            title=len(title.replace(".", "").split()),
        )


def looks_at(filters: Filters, facts: ArticleFacts) -> bool:
    """Whether a rule with these filters looks at an article of which this is known."""
    said: dict[str, Iterable[str | None]] = {
        "languages": [(facts.language or "").split("-")[0]],
        "sources": [facts.source],
        "countries": [facts.country],
        "tags": facts.tags,
        "sections": [facts.section],
    }
    for key, values in said.items():
        has = {value.lower() for value in values if value}
        wanted = getattr(filters, key)
        if (
            wanted is not None
            and not any(value.lower() in has for value in wanted)
            and (has or filters.unknown != "pass")
        ):
            return False
        unwanted = getattr(filters.none, key) if filters.none else None
        if unwanted is not None and any(value.lower() in has for value in unwanted):
            return False
    if filters.max_age is None:
        return True
    return filters.unknown == "pass" if facts.age is None else facts.age <= filters.max_age


class Oracle:
    """Whether a condition is met by a text."""

    def __init__(self, concepts: Mapping[str, ConceptFile]) -> None:
        self._concepts = concepts

    def fires(self, node: Node, exclusions: Iterable[ExclusionFile], text: Text) -> bool:
        """The condition on what the exclusions leave of the text."""
        barred: set[int] = set()
        for one in exclusions:
            units = self._units(one.scope, text, (0, len(text.words)))
            met = [unit for unit in units if any(self.met(part, text, unit) for part in one.none)]
            if met and one.scope == "document":
                return False
            barred.update(index for unit in met for index in range(*unit))
        return self.met(node, replace(text, barred=frozenset(barred)))

    def met(self, node: Node, text: Text, region: Span | None = None) -> bool:
        """The condition in words [start, end)."""
        where = region or (0, len(text.words))
        return all(self._shape(node, shape, text, where) for shape in node.shapes)

    def slots(self, parts: Sequence[Node], slots: Mapping[str, Sequence[Node]], text: Text) -> dict[str, list[str]]:
        """What fills slots without hints, by the words of each sentence in which all the parts are met.

        Of one term the longest words stay where some overlap, of two the one that is listed first; and what one slot
        took no later one has.
        """
        found: dict[str, list[str]] = {name: [] for name in slots}
        for unit in self._units("sentence", text, (0, len(text.words))):
            if not all(self.met(part, text, unit) for part in parts):
                continue
            taken: list[Span] = []
            for name, terms in slots.items():
                own: list[Span] = []
                for term in terms:
                    ranked = sorted(self._spans(term, text, unit), key=lambda span: (span[0] - span[1], span))
                    longest: list[Span] = []
                    for span in ranked:
                        longest += [span] if _is_apart(span, longest) else []
                    own += [span for span in longest if _is_apart(span, [*own, *taken])]
                taken += own
                found[name] += [" ".join(text.words[start:end]) for start, end in sorted(own)]
        return {name: list(dict.fromkeys(words)) for name, words in found.items()}

    def _shape(self, node: Node, shape: str, text: Text, region: Span) -> bool:
        marks_words = shape in {"phrase", "concept", "regex", "near", "number"}
        if marks_words or node.negated is not None or node.quoted is not None:
            return bool(self._spans(node, text, region))
        if node.sentences is not None:
            units = self._windows(node.sentences.within, text, region)
            return any(all(self.met(part, text, unit) for part in node.sentences.of) for unit in units)
        if shape == "score":
            return self._score(node, text, region)
        if shape in {"all", "any", "none", "at_least"}:
            return self._group(node, shape, text, region)
        parts: Sequence[Node] = getattr(node, shape)
        return any(
            all(self.met(part, text, unit) for part in parts)
            for unit in self._units(shape, text, region)
            if unit[0] < unit[1]
        )

    def _group(self, node: Node, shape: str, text: Text, region: Span) -> bool:
        if shape == "all":
            return all(self.met(part, text, region) for part in node.all or ())
        if shape == "any":
            return any(self.met(part, text, region) for part in node.any or ())
        if shape == "none":
            return not any(self.met(part, text, region) for part in node.none or ())
        return sum(self.met(part, text, region) for part in node.of or ()) >= (node.at_least or 0)

    def _windows(self, count: int, text: Text, region: Span) -> list[Span]:
        """Each run of sentences, of the title or of the text."""
        low, high = region
        found = []
        for start, end in ((low, min(high, text.title)), (max(low, text.title), high)):
            numbers = sorted(set(text.sentences[start:end]))
            for first in range(max(1, len(numbers) - count + 1)):
                run = numbers[first : first + count]
                inside = [i for i in range(start, end) if text.sentences[i] in run]
                found += [(inside[0], inside[-1] + 1)] if inside else []
        return found

    def _score(self, node: Node, text: Text, region: Span) -> bool:
        assert node.score is not None
        reached = sum(part.weight for part in node.score.of if self.met(part, text, region))
        return reached >= node.score.threshold

    def _units(self, shape: str, text: Text, region: Span) -> Iterable[Span]:
        low, high = region
        if shape == "document":
            return [region]
        if shape == "title":
            return [(low, min(high, text.title))]
        if shape == "lead":
            left = [text.sentences[i] for i in range(text.title, len(text.words)) if i not in text.barred]
            first = sorted(set(left))[:3]
            inside = [i for i in range(low, high) if i >= text.title and text.sentences[i] in first]
            return [(inside[0], inside[-1] + 1)] if inside else []
        numbers = text.sentences if shape == "sentence" else text.paragraphs
        units = []
        for number in sorted(set(numbers[low:high])):
            inside = [i for i in range(low, high) if numbers[i] == number]
            units.append((inside[0], inside[-1] + 1))
        return units

    def _spans(self, node: Node, text: Text, region: Span) -> set[Span]:
        return {
            span
            for span in self._bare_spans(node, text, region)
            if node.negated is None or self._is_negated(span, text) == node.negated
            if node.quoted is None or _is_quoted(span, text) == node.quoted
        }

    def _is_negated(self, span: Span, text: Text) -> bool:
        """Whether a negator stands up to five words before the span in its clause, or one of the other kind after."""
        low, high = span
        while text.words[span[0]][0] not in "وف" and not self._opens_clause(low, text):
            low -= 1
        while high < len(text.words) and not self._opens_clause(high, text):
            high += 1
        everywhere = (0, len(text.words))
        before, after, pseudo = (
            self._bare_spans(Node(concept=name), text, everywhere)
            for name in ("negator", "negator-after", "pseudo-negator")
        )
        reaching = {one for one in before if low <= one[0] and one[1] <= span[0] <= one[1] + 5}
        reaching |= {one for one in after if one[1] <= high and span[1] <= one[0] <= span[1] + 5}
        return any(not any(p[0] <= one[0] and one[1] <= p[1] for p in pseudo) for one in reaching)

    def _opens_clause(self, index: int, text: Text) -> bool:
        """Whether a clause begins at the word."""
        if index == 0 or text.clauses[index] != text.clauses[index - 1]:
            return True
        starts = self._bare_spans(Node(concept="clause-start"), text, (0, len(text.words)))
        return any(one[0] == index for one in starts)

    def _open(self, text: Text, region: Span) -> list[int]:
        return [i for i in range(*region) if i not in text.barred]

    def _numbers(self, node: NumberNode, text: Text, region: Span) -> set[Span]:
        """Numbers in single words; each unit with the nearest of its sentence, of two the one before."""
        value = {i: _NUMBERS[text.words[i]] for i in self._open(text, region) if text.words[i] in _NUMBERS}
        most = 10**9 if node.at_most is None else node.at_most
        fitting = {i for i, (low, high) in value.items() if node.at_least <= low and high <= most}
        if node.of is None:
            return {(i, i + 1) for i in fitting}
        found = set()
        for start, end in {span for part in node.of for span in self._spans(part, text, region)}:
            same = [i for i in value if text.sentences[i] == text.sentences[start] and not start <= i < end]
            ranked = sorted((start - i - 1, 0, i) if i < start else (i - end, 1, i) for i in same)
            if ranked and ranked[0][0] <= node.within and ranked[0][2] in fitting:
                found.add((min(start, ranked[0][2]), max(end, ranked[0][2] + 1)))
        return found

    def _bare_spans(self, node: Node, text: Text, region: Span) -> set[Span]:
        if node.number is not None:
            return self._numbers(node.number, text, region)
        if node.regex is not None:
            return {(i, i + 1) for i in self._open(text, region) if re.search(node.regex, text.words[i])}
        if node.phrase is not None:
            return self._phrase(node.phrase, "exact", text, region)
        if node.concept is not None:
            patterns = self._concepts[node.concept].patterns
            return {span for pattern in patterns for span in self._spans(pattern, text, region)} | {
                span
                for lists in self._concepts[node.concept].phrases.values()
                for kind in ("exact", "name", "common")
                for phrase in getattr(lists, kind)
                for span in self._phrase(phrase, kind, text, region)
            }
        if node.any is not None:
            return {span for part in node.any for span in self._spans(part, text, region)}
        assert node.near is not None
        columns = [self._spans(part, text, region) for part in node.near.of]
        found = set()
        for chain in product(*columns):
            orders = [chain] if node.near.ordered else permutations(chain)
            for order in orders:
                follows = all(one[1] <= two[0] for one, two in pairwise(order))
                near = order[-1][0] - order[0][1] <= node.near.within
                if follows and near and text.paragraphs[order[0][0]] == text.paragraphs[order[-1][0]]:
                    found.add((order[0][0], order[-1][1]))
        barred = [span for part in node.near.without or () for span in self._spans(part, text, region)]
        return {one for one in found if not any(span[0] < one[1] and one[0] < span[1] for span in barred)}

    def _phrase(self, phrase: str, kind: str, text: Text, region: Span) -> set[Span]:
        wanted = phrase.split()
        found = set()
        for start in range(region[0], region[1] - len(wanted) + 1):
            words = text.words[start : start + len(wanted)]
            one_sentence = len(set(text.sentences[start : start + len(wanted)])) == 1
            if start not in text.barred and one_sentence and _says(words, wanted, kind):
                found.add((start, start + len(wanted)))
        return found


def _is_apart(span: Span, others: Iterable[Span]) -> bool:
    return all(span[1] <= other[0] or other[1] <= span[0] for other in others)


def _is_quoted(span: Span, text: Text) -> bool:
    inside = set(text.quotations[span[0] : span[1]])
    return len(inside) == 1 and inside != {0}


def _says(words: Sequence[str], wanted: Sequence[str], kind: str) -> bool:
    if kind == "exact":
        return list(words) == list(wanted)
    prefixes, suffixes = (_NAME, {""}) if kind == "name" else (_COMMON, _SUFFIXES)
    articles = {""} if kind == "name" else {"", "ال"}
    firsts = {prefix + wanted[0] for prefix in prefixes}
    forms = [firsts, *({article + word for article in articles} for word in wanted[1:])]
    forms[-1] = {form + suffix for form in forms[-1] for suffix in suffixes}
    return all(word in some for word, some in zip(words, forms, strict=True))
