"""A condition of a rule in a few words, for reports about it."""

from __future__ import annotations

from streams.match.rule_nodes import GROUP_SHAPES, SCOPE_SHAPES, TERM_SHAPES, Node, NumberNode

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
    if node.near is not None:
        order = "in this order, " if node.near.ordered else ""
        barred = f", without {_parts(node.near.without)}" if node.near.without else ""
        return f"near {_parts(node.near.of)} ({order}within {node.near.within} words{barred})"
    if node.number is not None:
        return _number(node.number)
    return f"at least {node.at_least} of {_parts(node.of or ())}"


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


def _number(number: NumberNode) -> str:
    bounds = [f"at least {number.at_least}"] if number.at_least or number.at_most is None else []
    bounds += [f"at most {number.at_most}"] if number.at_most is not None else []
    unit = f" {_parts(number.of)} (within {number.within} words)" if number.of else ""
    return f"{' and '.join(bounds)}{unit}"


def _parts(parts: tuple[Node, ...]) -> str:
    more = f", and {len(parts) - _MAX_PARTS} more" if len(parts) > _MAX_PARTS else ""
    return f"[{', '.join(caption(part) for part in parts[:_MAX_PARTS])}{more}]"
