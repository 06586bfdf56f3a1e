"""What exclusions leave out: whole articles, or the paragraphs and sentences that say what rules should not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streams.match.compile import compile_condition
from streams.match.conditions import AtLeast, Condition, Scope
from streams.match.document import Document
from streams.match.exclusion_files import ExclusionFile, Extent
from streams.match.rule_files import RuleFile
from streams.match.rule_nodes import Node
from streams.match.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a rule does not look at. Each exclusion looks at the whole article, whatever the others leave of it."""

    units: tuple[tuple[Scope, Condition], ...] = ()
    articles: tuple[Condition, ...] = ()

    def bars(self, document: Document) -> bool:
        """Whether the article as a whole is left out."""
        return any(condition.met(document, 0, document.length) is not None for condition in self.articles)

    def left_of(self, document: Document) -> Document:
        """The document without the units in which what bars them is met; itself when there are none."""
        units = [
            unit
            for scope, condition in self.units
            for unit in document.units(scope, 0, document.length)
            if condition.met(document, *unit) is not None
        ]
        return document.without(units) if units else document


def exclusions_of(rule: RuleFile, exclusions: Iterable[ExclusionFile]) -> list[ExclusionFile]:
    """Those that bear one of the rule's tags, by id."""
    tags = set(rule.tags)
    return sorted((one for one in exclusions if not tags.isdisjoint(one.tags)), key=lambda one: one.id)


def compile_exclusions(exclusions: Iterable[ExclusionFile], vocabulary: Vocabulary) -> LeftOut:
    """What they leave out, over numbered terms."""
    units: list[tuple[Scope, Condition]] = []
    articles: list[Condition] = []
    for one in exclusions:
        barred = tuple(compile_condition(node, vocabulary) for node in one.none)
        if one.scope is Extent.DOCUMENT:
            articles += barred
        else:
            units.append((Scope(one.scope.value), AtLeast(1, barred)))
    return LeftOut(tuple(units), tuple(articles))


def node_of(exclusion: ExclusionFile) -> Node:
    """The condition that is met where the exclusion leaves something out."""
    barred = Node(any=exclusion.none)
    return barred if exclusion.scope is Extent.DOCUMENT else Node.model_validate({exclusion.scope.value: [barred]})
