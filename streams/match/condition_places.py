"""Where the parts of a rule's condition stand in its file, and what the concepts that they name are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streams.located_yaml import Document, Loc
from streams.match.engine import CompiledRule
from streams.match.explanation import Explained
from streams.match.nodes import nodes_below
from streams.match.rule_files import Node
from streams.match.rulebook import Reading


@dataclass(frozen=True, slots=True)
class NamedConcept:
    """A concept that a condition names, what its file calls it, and that file."""

    id: str
    title: str
    file: str


@dataclass(frozen=True, slots=True)
class ConditionPlace:
    """A part of a condition as it is told, where it is written, and the concepts that it asks for itself."""

    name: str
    file: str
    line: int
    column: int
    concepts: tuple[NamedConcept, ...]


def places_of(parts: Iterable[Explained], rule: CompiledRule, reading: Reading) -> Iterator[ConditionPlace]:
    """The places of explained parts of the rule, or of an exclusion that it is held against."""
    written = {id(node): (document, loc) for document, loc, node in _written(rule, reading)}
    for part in parts:
        if part.node is not None and (found := written.get(id(part.node))):
            document, loc = found
            concepts = tuple(_concept(name, reading) for name in _names(part.node))
            yield ConditionPlace(part.name, document.file, *document.place(loc), concepts)


def _written(rule: CompiledRule, reading: Reading) -> Iterator[tuple[Document, Loc, Node]]:
    """Every node of the rule's condition and of its exclusions."""
    document = reading.documents["RuleFile", rule.file.id]
    for loc, node in nodes_below(rule.file.match, ("match",)):
        yield document, loc, node
    for exclusion in rule.exclusions:
        document = reading.documents["ExclusionFile", exclusion.id]
        for index, top in enumerate(exclusion.none):
            for loc, node in nodes_below(top, ("none", index)):
                yield document, loc, node


def _names(node: Node) -> list[str]:
    """The concepts that a term, or any of terms, asks for; what `near` asks for stands where it is written."""
    return [one.concept for one in (node, *(node.any or ())) if one.concept is not None]


def _concept(name: str, reading: Reading) -> NamedConcept:
    return NamedConcept(name, reading.concepts[name].title, reading.documents["ConceptFile", name].file)
