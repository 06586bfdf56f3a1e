"""Decides which rules of a rulebook fire on an article, and on what that rests.

One scan finds the words of all rules. A rule is looked at only when a word of its rarest mandatory group is there, and
is evaluated only when every other mandatory group has one too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from streams.match.article_facts import UNKNOWN, ArticleFacts
from streams.match.compile import compile_condition
from streams.match.conditions import Condition, Met, Terms, rarest
from streams.match.document import Document, Unit
from streams.match.excerpts import evidence_of, excerpts_of, sentences_of
from streams.match.exclusion_files import ExclusionFile
from streams.match.exclusions import excluding, exclusions_of
from streams.match.filters import left_out
from streams.match.rule_files import RuleFile, Status
from streams.match.rulebook import Rulebook
from streams.match.slots import Slot, compile_slot, fill
from streams.match.vocabulary import Vocabulary
from streams.messages import RuleMatch


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule over numbered terms; `groups` must each have a hit."""

    file: RuleFile
    condition: Condition
    groups: tuple[Terms, ...]
    slots: dict[str, Slot]
    exclusions: tuple[ExclusionFile, ...] = ()


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
        self._by_term: dict[int, list[CompiledRule]] = defaultdict(list)
        self._exclusions = rulebook.exclusions.values()
        self._always: list[CompiledRule] = []
        self.rules = [self._compile(rule) for rule in rulebook.rules.values() if rule.status is not Status.OFF]
        self.vocabulary.freeze()
        for rule in self.rules:
            group = rarest(rule.groups, self.vocabulary.weights)
            if group is None:
                self._always.append(rule)
            for term in group or ():
                self._by_term[term].append(rule)

    def evaluate(self, title: str, text: str, facts: ArticleFacts = UNKNOWN) -> list[Fired]:
        """The rules that fire on the article, by id."""
        document = Document(title, text, self.vocabulary, facts)
        fired = []
        for rule in self.candidates(document):
            if left_out(rule.file.filters, facts) is not None:
                continue
            met = rule.condition.met(document, 0, document.length)
            if met is not None:
                fired.append(Fired(rule, document, met))
        return sorted(fired, key=lambda one: one.rule.file.id)

    def candidates(self, document: Document) -> list[CompiledRule]:
        """The rules that have a word of every mandatory group in the article; those without groups always."""
        present = document.terms
        seen = {rule.file.id: rule for term in present & self._by_term.keys() for rule in self._by_term[term]}
        found = [rule for rule in seen.values() if not any(present.isdisjoint(group) for group in rule.groups)]
        return [*found, *self._always]

    def match(self, title: str, text: str, facts: ArticleFacts = UNKNOWN) -> tuple[RuleMatch, ...]:
        """What fires on the article as it goes on the topic: rules by id, with evidence, excerpts and slots."""
        return tuple(describe(fired) for fired in self.evaluate(title, text, facts))

    def _compile(self, rule: RuleFile) -> CompiledRule:
        barred = exclusions_of(rule, self._exclusions)
        condition = excluding(compile_condition(rule.match, self.vocabulary), barred, self.vocabulary)
        slots = {name: compile_slot(node, self.vocabulary) for name, node in rule.slots.items()}
        groups = tuple(condition.mandatory(self.vocabulary.weights))
        return CompiledRule(rule, condition, groups, slots, tuple(barred))


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
        evidence=evidence_of(fired.met.spans, document),
        excerpts=excerpts_of(fired.met.spans, document),
        slots={name: filling.values for name, filling in fillings.items()},
        entities={name: filling.entities for name, filling in fillings.items() if filling.entities},
        repeat_after=rule.alert.repeat_after,
        new_if=rule.alert.new_if,
    )
