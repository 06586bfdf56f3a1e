"""Holds rules against articles that people labelled: precision, recall and F1, and what every error rests on.

A label says "yes", "no" or "borderline" to a rule on an article; borderline is left out of all scores. Slots are scored
on articles where the rule fired and "yes" was said, for each slot that was labelled there: it is right when one of its
values shares a word with one of the labelled ones, function words and what Arabic writes on to words apart.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from streams.article_lines import ArticleLine, content_of, parse_line
from streams.errors import InputError
from streams.match.article_facts import facts_of_line, of_source
from streams.match.document import Document
from streams.match.engine import CompiledRule, Engine, Fired, describe
from streams.match.explain import reasons_of
from streams.match.explanation import explain
from streams.match.fold import encode_letters, fold_phrase
from streams.match.frequent_words import EVERYWHERE
from streams.match.nearest_miss import nearest_miss
from streams.sections import SourceSettings

_UNKNOWN = "unknown"
_FUNCTION_WORDS = frozenset(fold_phrase(word) for words in EVERYWHERE.values() for word in words)
_PREFIXES = sorted(
    {encode_letters(c + p) for c in ("", "و", "ف") for p in ("ب", "ل", "ك", "ال", "بال", "كال", "لل", "")}, key=len
)
_SUFFIXES = [encode_letters(one) for one in ("ه", "ها", "هم", "هما", "هن", "ك", "كم", "نا")]
_MIN_STEM = 3
"""Letters that are left of a word at least when what may be written on to it is taken off."""


class Label(StrEnum):
    """What a reader said to a rule on an article."""

    YES = "yes"
    NO = "no"
    BORDERLINE = "borderline"


@dataclass(frozen=True, slots=True)
class LabelledArticle:
    """An article with a label for each rule that was judged on it, and the words that should fill each slot.

    `frame` names the way of saying it for which a sentence was written; see `streams.match.frames`.
    """

    article: ArticleLine
    labels: Mapping[str, Label]
    slots: Mapping[str, Mapping[str, tuple[str, ...]]]
    frame: str = ""


@dataclass(slots=True)
class Score:
    """Counts of right and wrong, and what follows from them; a ratio without anything to divide by is None."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0
    rest: int = 0

    @property
    def precision(self) -> float | None:
        """The share of what was said that is right."""
        said = self.hits + self.false_alarms
        return self.hits / said if said else None

    @property
    def recall(self) -> float | None:
        """The share of what should be said that was."""
        wanted = self.hits + self.misses
        return self.hits / wanted if wanted else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both."""
        total = 2 * self.hits + self.false_alarms + self.misses
        return 2 * self.hits / total if total else None

    def count(self, *, wanted: bool, said: bool) -> None:
        """Take in one judgement."""
        self.hits += wanted and said
        self.false_alarms += said and not wanted
        self.misses += wanted and not said
        self.rest += not wanted and not said


@dataclass(frozen=True, slots=True)
class Mistake:
    """An article on which a rule and its label differ; `because` are deciding words, or the nearest miss."""

    rule: str
    article: ArticleLine
    label: Label
    because: str


@dataclass(frozen=True, slots=True)
class SlotMistake:
    """A slot that was filled with other words than labelled."""

    rule: str
    article: ArticleLine
    slot: str
    filled: tuple[str, ...]
    labelled: tuple[str, ...]


Cut = tuple[str, str, str]
"""A rule, by what the articles are told apart (all, language, source), and which of them."""


class Evaluation:
    """Takes in labelled articles one by one; scores by rule, and for each by language and source."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rules = {rule.file.id: rule for rule in engine.rules}
        self.scores: dict[Cut, Score] = defaultdict(Score)
        self.slot_scores: dict[tuple[str, str], Score] = defaultdict(Score)
        self.mistakes: list[Mistake] = []
        self.slot_mistakes: list[SlotMistake] = []
        self.borderline = 0
        self.unknown: set[str] = set()

    def take(self, labelled: LabelledArticle) -> None:
        """Judge every rule that is labelled on the article."""
        article = labelled.article
        facts = facts_of_line(article)
        fired = {one.rule.file.id: one for one in self._engine.evaluate(article.title, article.text, facts)}
        for name, label in labelled.labels.items():
            rule = self._rules.get(name)
            if rule is None:
                self.unknown.add(name)
            elif label is Label.BORDERLINE:
                self.borderline += 1
            else:
                self._judge(rule, article, label, fired.get(name))
                if label is Label.YES and name in fired:
                    self._judge_slots(fired[name], article, labelled.slots.get(name, {}))

    def _judge(self, rule: CompiledRule, article: ArticleLine, label: Label, fired: Fired | None) -> None:
        name, wanted = rule.file.id, label is Label.YES
        cuts = [("all", "all"), ("language", article.language or _UNKNOWN), ("source", article.source or _UNKNOWN)]
        for by, which in cuts:
            self.scores[name, by, which].count(wanted=wanted, said=fired is not None)
        if wanted == (fired is not None):
            return
        if fired is None:
            document = Document(article.title, article.text, self._engine.vocabulary, facts_of_line(article))
            because = nearest_miss(explain(rule, document))
        else:
            because = "; ".join(f"{reason.term}: {' | '.join(reason.words)}" for reason in reasons_of(fired))
        self.mistakes.append(Mistake(name, article, label, because))

    def _judge_slots(self, fired: Fired, article: ArticleLine, wanted: Mapping[str, tuple[str, ...]]) -> None:
        filled = describe(fired).slots
        for slot, labelled in wanted.items():
            values = tuple(filled.get(slot, ()))
            score, name = self.slot_scores[fired.rule.file.id, slot], fired.rule.file.id
            if not labelled and not values:
                score.rest += 1
            elif any(overlap(value, other) for value in values for other in labelled):
                score.hits += 1
            else:
                score.false_alarms += bool(values)
                score.misses += bool(labelled)
                self.slot_mistakes.append(SlotMistake(name, article, slot, values, labelled))


def overlap(one: str, other: str) -> bool:
    """Whether the words share one, folded; function words and what Arabic writes on to words do not count."""
    return not _stems(one).isdisjoint(_stems(other))


def _stems(text: str) -> set[bytes]:
    words = set(fold_phrase(text).split(b" ")) - _FUNCTION_WORDS - {b""}
    return {stem for word in words for stem in _bare(word)}


def _bare(word: bytes) -> Iterator[bytes]:
    """The word, and the word without what may be a prefix and a suffix."""
    yield word
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_STEM:
            rest = word[len(prefix) :]
            yield rest
            for suffix in _SUFFIXES:
                if rest.endswith(suffix) and len(rest) - len(suffix) >= _MIN_STEM:
                    yield rest[: -len(suffix)]


def read_labelled(
    lines: Iterable[bytes], *, file: str, sources: Mapping[str, SourceSettings] | None = None
) -> Iterator[LabelledArticle | InputError]:
    """The labelled articles of a JSONL file, in its order; a bad line gives its error, and the rest is still read.

    What a line does not say itself is as its configured source says.
    """
    for number, raw in enumerate(lines, start=1):
        content = content_of(raw, number)
        if not content:
            continue
        try:
            article = of_source(parse_line(content, file=file, line=number), sources or {})
            yield _labelled(article, json.loads(content))
        except InputError as error:
            yield error
        except ValueError as error:
            yield InputError(str(error), file=file, line=number)


def _labelled(article: ArticleLine, data: dict[str, Any]) -> LabelledArticle:
    """The article with the line's labels; ValueError says what is wrong with them. Any: as JSON has it."""
    labels, slots = data.get("labels"), data.get("slots") or {}
    if not isinstance(labels, dict):
        raise ValueError('labels is not an object, as in "labels": {"my-rule": "yes"}')  # noqa: TRY004  # one kind
    for rule, label in labels.items():
        if label not in list(Label):
            raise ValueError(f'the label of {rule!r} is {label!r}, not "yes", "no" or "borderline"')
    if not isinstance(slots, dict) or not all(isinstance(of_rule, dict) for of_rule in slots.values()):
        raise ValueError('slots is not an object of objects, as in "slots": {"my-rule": {"who": ["Lavrov"]}}')
    frame = data.get("frame") or ""
    if not isinstance(frame, str):
        raise ValueError('frame is not a string, as in "frame": "demand"')  # noqa: TRY004  # one kind
    return LabelledArticle(
        article,
        {rule: Label(label) for rule, label in labels.items()},
        {rule: {slot: _values(slot, words) for slot, words in of_rule.items()} for rule, of_rule in slots.items()},
        frame,
    )


def _values(slot: str, words: Any) -> tuple[str, ...]:
    """A list of words, or one word; Any: as JSON has it."""
    values = [words] if isinstance(words, str) else words
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"the slot {slot!r} is not a list of strings")
    return tuple(value for value in values if fold_phrase(value))
