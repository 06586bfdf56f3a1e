"""A condition of a rule in a few words, for reports about it."""

from __future__ import annotations

from collections.abc import Sequence

from streams.match.rule_nodes import (
    GROUP_SHAPES,
    SCOPE_SHAPES,
    TERM_SHAPES,
    NearNode,
    Node,
    NumberNode,
    ScoreNode,
    SentencesNode,
)

_MAX_PARTS = 3
_GROUPS = {"all": "all of", "any": "any of", "none": "none of"}


def caption(node: Node) -> str:
    """The node in one line: a term in full, of a group its first parts."""
    told = " and ".join(_shape(node, shape) for shape in node.shapes)
    said = assertion_of(node)
    return f"{told} ({said})" if said else told


def assertion_of(node: Node) -> str:
    """How the node's words have to be said, as in "not negated, quoted"; "" when that does not matter."""
    asked = (("negated", node.negated), ("quoted", node.quoted))
    return ", ".join(word if value else f"not {word}" for word, value in asked if value is not None)


def _shape(node: Node, shape: str) -> str:
    if shape in TERM_SHAPES:
        return _term(node)
    if shape in GROUP_SHAPES:
        return f"{_GROUPS[shape]} {_parts(getattr(node, shape))}"
    if shape in SCOPE_SHAPES:
        return f"{shape} {_parts(getattr(node, shape))}"
    if node.at_least is not None:
        return f"at least {node.at_least} of {_parts(node.of or ())}"
    told = (_window(node.sentences), _near(node.near), _number(node.number), _score(node.score))
    return "".join(told)


def _window(window: SentencesNode | None) -> str:
    return f"within {window.within} sentences {_parts(window.of)}" if window else ""


def _near(near: NearNode | None) -> str:
    if near is None:
        return ""
    order = "in this order, " if near.ordered else ""
    barred = f", without {_parts(near.without)}" if near.without else ""
    return f"near {_parts(near.of)} ({order}within {near.within} words{barred})"


def _score(score: ScoreNode | None) -> str:
    return f"score {score.threshold} of {_parts(score.of)}" if score else ""


def _term(node: Node) -> str:
    if node.phrase is not None:
        return f"'{node.phrase}'"
    if node.concept is not None:
        return node.concept
    if node.regex is not None:
        return f"/{node.regex}/"
    narrowed = [f"{key} {value}" for key, value in _narrowings(node) if value]
    return " ".join([f"{node.gazetteer}", *narrowed])


def _narrowings(node: Node) -> tuple[tuple[str, str | None], ...]:
    return (("type", node.type), ("within", node.within), ("outside", node.outside))


def _number(number: NumberNode | None) -> str:
    if number is None:
        return ""
    bounds = [f"at least {number.at_least}"] if number.at_least or number.at_most is None else []
    bounds += [f"at most {number.at_most}"] if number.at_most is not None else []
    unit = f" {_parts(number.of)} (within {number.within} words)" if number.of else ""
    return f"{' and '.join(bounds)}{unit}"


def _parts(parts: Sequence[Node]) -> str:
    more = f", and {len(parts) - _MAX_PARTS} more" if len(parts) > _MAX_PARTS else ""
    return f"[{', '.join(caption(part) for part in parts[:_MAX_PARTS])}{more}]"
