"""The conditions that exclusions put around a rule's own: what they are met by is not looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streams.match.compile import compile_condition
from streams.match.conditions import AtLeast, Condition, Met, NoneOf, Scope, Stretches, Terms
from streams.match.exclusion_files import ExclusionFile, Extent
from streams.match.rule_files import RuleFile
from streams.match.rule_nodes import Node
from streams.match.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Outside:
    """The part is met by what is left of the stretch without the units in which what is barred in them is met."""

    barred: tuple[tuple[Scope, Condition], ...]
    part: Condition

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        units = [
            unit
            for scope, barred in self.barred
            for unit in document.units(scope, low, high)
            if barred.met(document, *unit) is not None
        ]
        return self.part.met(document.without(units) if units else document, low, high)

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return self.part.mandatory(weights)


@dataclass(frozen=True, slots=True)
class Unless:
    """The part is met, and none of `barred`, which are looked at last."""

    barred: NoneOf
    part: Condition

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        found = self.part.met(document, low, high)
        return found if found is not None and self.barred.met(document, low, high) is not None else None

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition."""
        return self.part.mandatory(weights)


def exclusions_of(rule: RuleFile, exclusions: Iterable[ExclusionFile]) -> list[ExclusionFile]:
    """Those that bear one of the rule's tags, by id."""
    tags = set(rule.tags)
    return sorted((one for one in exclusions if not tags.isdisjoint(one.tags)), key=lambda one: one.id)


def excluding(condition: Condition, exclusions: Iterable[ExclusionFile], vocabulary: Vocabulary) -> Condition:
    """The condition on what the exclusions leave. Each of them looks at the whole article."""
    units: list[tuple[Scope, Condition]] = []
    everywhere: list[Condition] = []
    for one in exclusions:
        barred = [compile_condition(node, vocabulary) for node in one.none]
        if one.scope is Extent.DOCUMENT:
            everywhere += barred
        else:
            units.append((Scope(one.scope.value), AtLeast(1, tuple(barred))))
    left = Outside(tuple(units), condition) if units else condition
    return Unless(NoneOf(tuple(everywhere)), left) if everywhere else left


def node_of(exclusion: ExclusionFile) -> Node:
    """The condition that is met where the exclusion leaves something out."""
    barred = Node(any=exclusion.none)
    return barred if exclusion.scope is Extent.DOCUMENT else Node.model_validate({exclusion.scope.value: [barred]})
