"""Decides which rules of a rulebook fire on an article, and on what that rests.

Articles are read in batches, a single one as a batch of one: one scan finds the words of all rules in all articles, and
`streams.match.presearch` tells which rules are worth evaluating on which.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter

from streams.match.article_facts import UNKNOWN, ArticleFacts
from streams.match.batch import ArticleText, Batch
from streams.match.compile import compile_condition
from streams.match.conditions import Condition, Met
from streams.match.demands import Measures, clauses_of
from streams.match.document import Document, Unit
from streams.match.excerpts import evidence_of, excerpts_of, sentences_of
from streams.match.exclusion_files import ExclusionFile
from streams.match.exclusions import LeftOut, compile_exclusions, exclusions_of
from streams.match.filters import left_out
from streams.match.presearch import Candidates, Presearch, Searched
from streams.match.rule_files import RuleFile, Status
from streams.match.rulebook import Rulebook
from streams.match.sequences import followers_of
from streams.match.slots import Slot, compile_slot, fill
from streams.match.vocabulary import Vocabulary
from streams.messages import RuleMatch


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule over numbered terms; `terms` are all that its condition and exclusions ask for, regexes left aside."""

    file: RuleFile
    condition: Condition
    terms: frozenset[int]
    slots: dict[str, Slot]
    exclusions: tuple[ExclusionFile, ...]
    left_out: LeftOut


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired on a document."""

    rule: CompiledRule
    document: Document
    met: Met

    @property
    def units(self) -> list[Unit]:
        """Where the rule matched: the units of its scopes, or the sentences with its words."""
        return sorted(set(self.met.units)) or sentences_of(self.met.spans, self.document)


class Engine:
    """A rulebook made ready. Holds no state between articles; rules that are off are not in it."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.version = rulebook.version
        self.vocabulary = Vocabulary(rulebook.concepts, rulebook.gazetteers)
        self._exclusions = rulebook.exclusions.values()
        rules = sorted(rulebook.rules.values(), key=lambda rule: rule.id)
        with _collector_paused():
            self.rules = [self._compile(rule) for rule in rules if rule.status is not Status.OFF]
            self.vocabulary.freeze()
            measures = Measures(self.vocabulary.weights, self.vocabulary.widths)
            searched = [Searched(clauses_of(rule.condition, measures), rule.terms) for rule in self.rules]
            self._presearch = Presearch(searched, measures)
        self.followers = followers_of(rules)

    def evaluate(self, title: str, text: str, facts: ArticleFacts = UNKNOWN) -> list[Fired]:
        """The rules that fire on the article, by id."""
        return self.evaluate_many([ArticleText(title, text, facts)])[0]

    def evaluate_many(self, articles: Sequence[ArticleText]) -> list[list[Fired]]:
        """For each article: the rules that fire on it, by id."""
        batch = Batch(articles, self.vocabulary)
        return self._fired(batch, self._presearch.candidates(batch))

    def evaluate_asked(self, articles: Sequence[ArticleText], asked: Sequence[AbstractSet[str]]) -> list[list[Fired]]:
        """For each article: those of the rules asked about it, by id, that fire on it. No other is evaluated."""
        batch = Batch(articles, self.vocabulary)
        every = self._presearch.candidates(batch)
        pairs = zip(every.article.tolist(), every.rule.tolist(), strict=True)
        return self._fired(batch, every.some([self.rules[rule].file.id in asked[number] for number, rule in pairs]))

    def _fired(self, batch: Batch, candidates: Candidates) -> list[list[Fired]]:
        found: list[list[Fired]] = [[] for _ in range(len(batch))]
        if not len(candidates.rule):
            return found
        owners, terms = self._presearch.terms_of(candidates.rule)
        hits = batch.fetch(candidates.article[owners], terms)
        pairs = zip(candidates.article.tolist(), candidates.rule.tolist(), strict=True)
        for number, some in groupby(pairs, itemgetter(0)):
            numbers = [rule for _, rule in some]
            rules = [self.rules[rule] for rule in numbers]
            asked = dict.fromkeys(chain.from_iterable(one.terms for one in rules), ())
            units = self._presearch.units_of(candidates, number, numbers)
            document = Document.of(batch, number, asked | hits[number], units)
            for one in rules:
                found[number] += self._evaluate(one, document)
        return found

    def _evaluate(self, rule: CompiledRule, document: Document) -> list[Fired]:
        """The rule as it fires on the document, if it does."""
        if left_out(rule.file.filters, document.facts) is not None:
            return []
        seen = rule.left_out.left_of(document)
        met = rule.condition.met(seen, 0, seen.length)
        return [] if met is None or rule.left_out.bars(document) else [Fired(rule, seen, met)]

    def match(self, title: str, text: str, facts: ArticleFacts = UNKNOWN) -> tuple[RuleMatch, ...]:
        """What fires on the article as it goes on the topic: rules by id, with evidence, excerpts and slots."""
        return self.match_many([ArticleText(title, text, facts)])[0]

    def match_many(self, articles: Sequence[ArticleText]) -> list[tuple[RuleMatch, ...]]:
        """What fires on each article, as `match` tells it; much cheaper than one by one."""
        return [tuple(map(describe, fired)) for fired in self.evaluate_many(articles)]

    def _compile(self, rule: RuleFile) -> CompiledRule:
        barred = exclusions_of(rule, self._exclusions)
        condition = compile_condition(rule.match, self.vocabulary)
        excluded = compile_exclusions(barred, self.vocabulary)
        terms = self.vocabulary.take_asked() - self.vocabulary.regexes.keys()
        slots = {name: compile_slot(node, self.vocabulary) for name, node in rule.slots.items()}
        return CompiledRule(rule, condition, terms, slots, tuple(barred), excluded)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Garbage is not looked for meanwhile.

    Rules are objects by the hundred thousand, none of them garbage: to go through them again and again was half of the
    time that 10,000 rules took.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def describe(fired: Fired) -> RuleMatch:
    """A rule that fired, with why, and with what the alert needs of the rule."""
    rule, document = fired.rule.file, fired.document
    fillings = fill(fired.rule.slots, document, fired.units, fired.met.spans)
    return RuleMatch(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        shadow=rule.status is Status.SHADOW,
        tags=rule.tags,
        event=rule.event.type,
        evidence=evidence_of(fired.met.spans, document),
        excerpts=excerpts_of(fired.met.spans, document),
        slots={name: filling.values for name, filling in fillings.items()},
        entities={name: filling.entities for name, filling in fillings.items() if filling.entities},
        repeat_after=rule.alert.repeat_after,
        new_if=rule.alert.new_if,
        window=rule.alert.window,
    )
