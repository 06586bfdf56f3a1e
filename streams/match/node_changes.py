"""The small changes that can be made to a condition, the filters and the slots of a rule: one thing dropped each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streams.located_yaml import Loc
from streams.match.captions import caption
from streams.match.nodes import barred_of, parts_of
from streams.match.rule_files import (
    GROUP_SHAPES,
    SCOPE_SHAPES,
    NearNode,
    Node,
    RuleFile,
    SlotNode,
)
from streams.match.rule_filters import FilterLists, Filters
from streams.match.rule_nodes import ScorePart


@dataclass(frozen=True, slots=True)
class Change:
    """A node with something dropped from it, at `loc`."""

    loc: Loc
    dropped: str
    node: Node


def changes_of(node: Node, loc: Loc, *, in_near: bool = False) -> Iterator[Change]:
    """The node with each thing dropped in turn, in it and below it.

    In `near`, and where it is asked how words are said, all that stands there has to go on marking words.
    """
    in_near = in_near or node.is_asserted
    for shape in (*GROUP_SHAPES, "of", *SCOPE_SHAPES):
        parts: tuple[Node, ...] = getattr(node, shape) or ()
        for index, part in enumerate(parts):
            place = (*loc, shape, index)
            rest = (*parts[:index], *parts[index + 1 :])
            if rest:
                yield Change(place, caption(part), node.model_copy(update=_shortened(node, shape, rest)))
            elif len(node.shapes) > 1:
                yield Change(place, f"{shape}: {caption(part)}", node.model_copy(update={shape: None}))
            for below in changes_of(part, place, in_near=in_near):
                changed = (*parts[:index], below.node, *parts[index + 1 :])
                yield Change(below.loc, below.dropped, node.model_copy(update={shape: changed}))
        if parts and shape in SCOPE_SHAPES and shape != "document":
            unscoped = node.model_copy(update={shape: None, "document": parts})
            yield Change((*loc, shape), f"the scope {shape}", unscoped)
    yield from _window_changes(node, (*loc, "sentences"))
    yield from _near_changes(node, loc, in_near=in_near)
    yield from _number_changes(node, (*loc, "number"))
    yield from _score_changes(node, (*loc, "score", "of"))
    for key in ("negated", "quoted"):
        if getattr(node, key) is not None:
            yield Change((*loc, key), f"{key}: {str(getattr(node, key)).lower()}", node.model_copy(update={key: None}))


def innermost(before: Node, after: Node) -> tuple[Node, Node]:
    """The smallest part of the one that differs in the other, as it is in both.

    Where neither form of it can be met, the two say the same.
    """
    while True:
        old, new = (dict((*parts_of(one), *barred_of(one))) for one in (before, after))
        differing = [place for place in old if place in new and old[place] != new[place]]
        if old.keys() != new.keys() or len(differing) != 1:
            return before, after
        before, after = old[differing[0]], new[differing[0]]


def _shortened(node: Node, shape: str, rest: tuple[Node, ...]) -> dict[str, Any]:
    """The fields that change when a group has only `rest` left; values are a model's fields."""
    if shape == "of" and node.at_least is not None:
        return {shape: rest, "at_least": min(node.at_least, len(rest))}
    return {shape: rest}


def _near_changes(node: Node, loc: Loc, *, in_near: bool) -> Iterator[Change]:
    near, place = node.near, (*loc, "near")
    if near is None:
        return
    if not in_near:
        apart = node.model_copy(update={"near": None, "all": near.of})
        yield Change(place, "the nearness", apart)
    if near.ordered:
        changed = near.model_copy(update={"ordered": False})
        yield Change(place, "the order", node.model_copy(update={"near": changed}))
    for index, part in enumerate(near.of):
        rest = (*near.of[:index], *near.of[index + 1 :])
        dropped = {"near": near.model_copy(update={"of": rest})} if len(rest) > 1 else {"near": None, "any": rest}
        yield Change((*place, "of", index), caption(part), node.model_copy(update=dropped))
        for below in changes_of(part, (*place, "of", index), in_near=True):
            replaced = (*near.of[:index], below.node, *near.of[index + 1 :])
            changed = near.model_copy(update={"of": replaced})
            yield Change(below.loc, below.dropped, node.model_copy(update={"near": changed}))
    yield from _barred_changes(node, near, place)


def _window_changes(node: Node, place: Loc) -> Iterator[Change]:
    """The node without its window of sentences, with a narrower one, or with a part dropped."""
    window = node.sentences
    if window is None:
        return
    unscoped = node.model_copy(update={"sentences": None, "document": window.of})
    yield Change(place, "the window of sentences", unscoped)
    narrow = node.model_copy(update={"sentences": None, "sentence": window.of})
    yield Change((*place, "within"), "all sentences but one", narrow)
    for index, part in enumerate(window.of):
        loc = (*place, "of", index)
        rest = (*window.of[:index], *window.of[index + 1 :])
        kept = [(Change(loc, caption(part), part), rest)] if rest else []
        kept += [(one, (*window.of[:index], one.node, *window.of[index + 1 :])) for one in changes_of(part, loc)]
        for change, parts in kept:
            changed = node.model_copy(update={"sentences": window.model_copy(update={"of": parts})})
            yield Change(change.loc, change.dropped, changed)


def _number_changes(node: Node, place: Loc) -> Iterator[Change]:
    """The node with a bound of its number dropped, or what is counted, or a part of that."""
    number = node.number
    if number is None:
        return

    def changed(loc: Loc, dropped: str, **fields: Any) -> Change:  # Any: a field of the model
        return Change(loc, dropped, node.model_copy(update={"number": number.model_copy(update=fields)}))

    if number.at_least:
        yield changed((*place, "at_least"), f"at least {number.at_least}", at_least=0)
    if number.at_most is not None:
        yield changed((*place, "at_most"), f"at most {number.at_most}", at_most=None)
    parts = number.of or ()
    for index, part in enumerate(parts):
        loc = (*place, "of", index)
        yield changed(loc, caption(part), of=(*parts[:index], *parts[index + 1 :]) or None)
        for below in changes_of(part, loc, in_near=True):
            yield changed(below.loc, below.dropped, of=(*parts[:index], below.node, *parts[index + 1 :]))


def _score_changes(node: Node, place: Loc) -> Iterator[Change]:
    """The node with each part of its score, and each thing below it, dropped in turn."""
    score = node.score
    parts: tuple[ScorePart, ...] = score.of if score else ()
    for index, part in enumerate(parts):
        rest = (*parts[:index], *parts[index + 1 :])
        changes = [Change((*place, index), f"{caption(part)} (weight {part.weight})", part)]
        for change in (*changes, *changes_of(part, (*place, index))):
            kept = rest if change.node is part else (*parts[:index], change.node, *parts[index + 1 :])
            changed = score.model_copy(update={"of": kept}) if score else None
            yield Change(change.loc, change.dropped, node.model_copy(update={"score": changed}))


def _barred_changes(node: Node, near: NearNode, place: Loc) -> Iterator[Change]:
    """The node with each part of `without`, and each thing below it, dropped in turn."""
    barred = near.without or ()
    for index, part in enumerate(barred):
        rest = (*barred[:index], *barred[index + 1 :])
        changed = near.model_copy(update={"without": rest or None})
        yield Change((*place, "without", index), f"without: {caption(part)}", node.model_copy(update={"near": changed}))
        for below in changes_of(part, (*place, "without", index), in_near=True):
            replaced = (*barred[:index], below.node, *barred[index + 1 :])
            changed = near.model_copy(update={"without": replaced})
            yield Change(below.loc, below.dropped, node.model_copy(update={"near": changed}))


def filter_changes(filters: Filters | None) -> Iterator[tuple[Loc, str, Filters]]:
    """The filters with each list, or the age, dropped in turn."""
    if filters is None:
        return
    for key in (*FilterLists.model_fields, "max_age"):
        if getattr(filters, key) is not None:
            yield ("filters", key), f"the filter {key}", filters.model_copy(update={key: None})
    barred = filters.none
    for key in FilterLists.model_fields if barred else ():
        if barred and getattr(barred, key) is not None:
            changed = filters.model_copy(update={"none": barred.model_copy(update={key: None})})
            yield ("filters", "none", key), f"the filter none {key}", changed


_MEANINGLESS_WITHOUT: dict[str, dict[str, Any]] = {
    "nearest": {"within": None},
    "pronouns": {"antecedents": None, "beside": False},
}
"""Hints of a slot that mean nothing when another one is gone, and what they are without."""


def slot_changes(rule: RuleFile) -> Iterator[tuple[Loc, str, SlotNode]]:
    """Each slot with a way, a term or a whole hint dropped."""
    for name, slot in rule.slots.items():
        ways = list(slot.ways())
        for index, (steps, way) in enumerate(ways):
            place: Loc = ("slots", name, *steps)
            before, behind = ([one for _, one in some] for some in (ways[:index], ways[index + 1 :]))
            if before or behind:
                yield place, "the way", _in_turn(*before, *behind)
            for loc, dropped, changed in _changes_of_way(way, place):
                yield loc, dropped, _in_turn(*before, changed, *behind)


def _in_turn(first: SlotNode, *others: SlotNode) -> SlotNode:
    """A slot that is filled in these ways."""
    fallback = tuple(one.model_copy(update={"fallback": None}) for one in others)
    return first.model_copy(update={"fallback": fallback or None})


def _changes_of_way(way: SlotNode, place: Loc) -> Iterator[tuple[Loc, str, SlotNode]]:
    for key, nodes in way.parts.items():
        for index, node in enumerate(nodes):
            rest = (*nodes[:index], *nodes[index + 1 :])
            if rest or key != "terms":
                # Without its last mark of nearness or pronoun these mean nothing.
                bound = {} if rest else _MEANINGLESS_WITHOUT.get(key, {})
                changed = way.model_copy(update={key: rest or None, **bound})
                yield (*place, key, index), f"{key} {caption(node)}", changed
    if way.within is not None:
        yield (*place, "within"), f"within {way.within}", way.model_copy(update={"within": None})
    for flag in ("first", "beside", "title", "at_last"):
        if getattr(way, flag):
            yield (*place, flag), flag, way.model_copy(update={flag: False})
    if way.earlier:
        yield (*place, "earlier"), f"earlier {way.earlier}", way.model_copy(update={"earlier": 0, "title": False})
