"""Walks the tree of a condition."""

from __future__ import annotations

from collections.abc import Iterator

from streams.located_yaml import Document, Loc
from streams.match.negation import NegationConcept
from streams.match.rule_files import GROUP_SHAPES, SCOPE_SHAPES, ConceptFile, Node, RuleFile

_LISTS = (*GROUP_SHAPES, "of", *SCOPE_SHAPES)


def parts_of(node: Node) -> Iterator[tuple[Loc, Node]]:
    """The nodes directly below, with their places from this node on."""
    written = node.model_fields_set
    for shape in _LISTS:
        if shape in written:
            for index, part in enumerate(getattr(node, shape) or ()):
                yield (shape, index), part
    for index, part in enumerate(node.sentences.of if node.sentences else ()):
        yield ("sentences", "of", index), part
    for index, part in enumerate(node.near.of if node.near else ()):
        yield ("near", "of", index), part
    for index, part in enumerate(node.number.of or () if node.number else ()):
        yield ("number", "of", index), part
    for index, part in enumerate(node.score.of if node.score else ()):
        yield ("score", "of", index), part


def asks(node: Node) -> bool:
    """Whether only certain words of an article can meet the node; what does not ask is met by almost every article."""
    return any(_shape_asks(node, shape) for shape in node.shapes)


def _shape_asks(node: Node, shape: str) -> bool:
    if shape == "none":
        return False
    if shape == "any":
        return all(asks(part) for part in node.any or ())
    if shape == "at_least":
        return sum(not asks(part) for part in node.of or ()) < (node.at_least or 1)
    if node.sentences is not None:
        return any(asks(part) for part in node.sentences.of)
    if node.score is not None:
        return sum(part.weight for part in node.score.of if part.weight > 0 and not asks(part)) < node.score.threshold
    parts: tuple[Node, ...] | None = getattr(node, shape) if shape in {"all", *SCOPE_SHAPES} else None
    return parts is None or any(asks(part) for part in parts)


def barred_of(node: Node) -> Iterator[tuple[Loc, Node]]:
    """What must not touch the node's `near`, with places from this node on."""
    for index, part in enumerate(node.near.without or () if node.near else ()):
        yield ("near", "without", index), part


def nodes_below(node: Node, loc: Loc) -> Iterator[tuple[Loc, Node]]:
    """The node, which stands at `loc`, and all below it, with their places in the file."""
    yield loc, node
    for step, part in (*parts_of(node), *barred_of(node)):
        yield from nodes_below(part, (*loc, *step))


def concepts_in(concept: ConceptFile) -> Iterator[str]:
    """The concepts that the patterns of a concept ask for."""
    for pattern in concept.patterns:
        for _, node in nodes_below(pattern, ()):
            if node.concept is not None:
                yield node.concept
            if node.negated is not None:
                yield from (one.value for one in NegationConcept)


def nodes_of_slots(rule: RuleFile, document: Document) -> Iterator[tuple[Loc, Node]]:
    """Every node of the rule's slots, with their places in the file, whichever of the short forms was written."""
    for name, slot in rule.slots.items():
        in_short = not document.holds(("slots", name, "terms"))
        for steps, way in slot.ways():
            for key, nodes in way.parts.items():
                place: Loc = ("slots", name) if in_short else ("slots", name, *steps, key)
                for index, top in enumerate(nodes):
                    yield from nodes_below(top, (*place, index))
