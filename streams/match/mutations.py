"""Changes a rule on purpose, one small step at a time, to see whether its examples would notice.

A mutant is a rulebook with one thing dropped: a phrase of a concept, a part of a condition, a scope, the nearness or
order of `near`, `negated` or `quoted`, a bound of a number, a filter, a term or hint of a slot. One that every example
still accepts shows a part of the rule that no example needs: it could break, or be superfluous, unseen. Names of
gazetteers, and the words that negate, are data and are not dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streams.located_yaml import Loc
from streams.match.captions import caption
from streams.match.examples import on_trial, results_of, results_of_concepts, results_of_rules
from streams.match.fold import Folded, fold
from streams.match.negation import NegationConcept
from streams.match.nodes import nodes_below
from streams.match.phrase_finder import PhraseFinder
from streams.match.phrases import Kind, Phrase
from streams.match.rule_files import (
    GROUP_SHAPES,
    SCOPE_SHAPES,
    ConceptFile,
    EntryNames,
    Fires,
    GazetteerFile,
    NearNode,
    Node,
    PhraseLists,
    RuleFile,
    Silent,
    SlotNode,
)
from streams.match.rule_filters import FilterLists, Filters
from streams.match.rule_nodes import ScorePart
from streams.match.rulebook import Rulebook
from streams.match.vocabulary import line_of


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing that was dropped: in the file of `model` and `id`, at `loc`; `caught` when some example noticed."""

    model: str
    id: str
    loc: Loc
    dropped: str
    caught: bool


@dataclass(frozen=True, slots=True)
class _Change:
    """A node with something dropped from it, at `loc`."""

    loc: Loc
    dropped: str
    node: Node


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a phrase stands in a concept: language, number in `ambiguous` or None, kind, number in its list."""

    concept: str
    language: str
    ambiguous: int | None
    kind: Kind
    index: int

    @property
    def loc(self) -> Loc:
        """Its place in the file."""
        within: Loc = () if self.ambiguous is None else ("ambiguous", self.ambiguous)
        return ("phrases", self.language, *within, self.kind.value, self.index)


def mutants_of(rulebook: Rulebook) -> Iterator[Mutant]:
    """Every mutant of the rules, and of the phrases of concepts that they use, with whether an example notices.

    All examples of the rulebook have to hold, or nothing can be said.
    """
    needed = _needed(on_trial(rulebook))
    for rule in needed.rules.values():
        for change in _changes(rule.match, ("match",)):
            changed = rule.model_copy(update={"match": change.node})
            yield Mutant("RuleFile", rule.id, change.loc, change.dropped, _notices(needed, changed))
        for loc, dropped, filters in _filter_changes(rule.filters):
            changed = rule.model_copy(update={"filters": filters})
            yield Mutant("RuleFile", rule.id, loc, dropped, _notices(needed, changed))
        for loc, dropped, slot in _slot_changes(rule):
            changed = rule.model_copy(update={"slots": {**rule.slots, str(loc[1]): slot}})
            yield Mutant("RuleFile", rule.id, loc, dropped, _notices(needed, changed))
    for exclusion in needed.exclusions.values():
        for change in _changes(Node(none=exclusion.none), ()):
            barred = exclusion.model_copy(update={"none": change.node.none})
            book = replace(needed, exclusions={**needed.exclusions, exclusion.id: barred})
            yield Mutant("ExclusionFile", exclusion.id, change.loc, change.dropped, _fails(book))
    for name in sorted(concepts_of(rulebook) - set(NegationConcept)):
        yield from _pattern_mutants(rulebook, needed, name)
        for place, text in _phrases(rulebook.concepts[name]):
            caught = _unfound(rulebook, _without(rulebook.concepts[name], place, text)) or _misses(needed, place, text)
            yield Mutant("ConceptFile", name, place.loc, f"the phrase '{text}'", caught)


def concepts_of(rulebook: Rulebook) -> set[str]:
    """The concepts that the rules use, through `include`, `context` and gazetteers too."""
    nodes = [node for one in rulebook.exclusions.values() for top in one.none for _, node in nodes_below(top, ())]
    for rule in rulebook.rules.values():
        tops = [rule.match, *(top for slot in rule.slots.values() for tops in slot.parts.values() for top in tops)]
        nodes += [node for top in tops for _, node in nodes_below(top, ())]
    found: set[str] = set()
    gazetteers: set[str] = set()
    while nodes:
        node = nodes.pop()
        if node.concept is not None and node.concept not in found and node.concept in rulebook.concepts:
            found.add(node.concept)
            concept = rulebook.concepts[node.concept]
            nodes += [Node(concept=name) for name in concept.include]
            nodes += [below for pattern in concept.patterns for _, below in nodes_below(pattern, ())]
            nodes += [one for lists in concept.phrases.values() for some in lists.ambiguous for one in some.context]
        if node.negated is not None:
            nodes += [Node(concept=name) for name in NegationConcept]
        if node.gazetteer is not None and node.gazetteer not in gazetteers and node.gazetteer in rulebook.gazetteers:
            gazetteers.add(node.gazetteer)
            nodes += rulebook.gazetteers[node.gazetteer].context
    return found


def _notices(rulebook: Rulebook, changed: RuleFile) -> bool:
    return any(result.failures for result in results_of_rules(replace(rulebook, rules={changed.id: changed})))


def _misses(needed: Rulebook, place: _Place, text: str) -> bool:
    """Whether an example fails without the phrase. `needed` holds only phrases that some example has."""
    concept = needed.concepts[place.concept]
    changed = _without(concept, place, text)
    if changed == concept:
        return False
    book = replace(needed, concepts={**needed.concepts, concept.id: changed})
    return _fails(book)


def _fails(rulebook: Rulebook) -> bool:
    return any(result.failures for result in results_of(rulebook))


def _unfound(rulebook: Rulebook, changed: ConceptFile) -> bool:
    """Whether an example of the concept itself fails when it is changed."""
    book = replace(rulebook, concepts={**rulebook.concepts, changed.id: changed})
    return any(result.failures for result in results_of_concepts(book, [changed.id]))


def _pattern_mutants(rulebook: Rulebook, needed: Rulebook, name: str) -> Iterator[Mutant]:
    """The concept with each pattern, and each thing below it, dropped in turn."""
    patterns = needed.concepts[name].patterns
    for index, pattern in enumerate(patterns):
        loc: Loc = ("patterns", index)
        changes: list[tuple[Loc, str, tuple[Node, ...]]] = [(loc, f"the pattern {caption(pattern)}", ())]
        changes += [(one.loc, one.dropped, (one.node,)) for one in _changes(pattern, loc, in_near=True)]
        for place, dropped, kept in changes:
            update = {"patterns": (*patterns[:index], *kept, *patterns[index + 1 :])}
            changed = needed.concepts[name].model_copy(update=update)
            book = replace(needed, concepts={**needed.concepts, name: changed})
            caught = _unfound(rulebook, rulebook.concepts[name].model_copy(update=update)) or _fails(book)
            yield Mutant("ConceptFile", name, place, dropped, caught)


def _changes(node: Node, loc: Loc, *, in_near: bool = False) -> Iterator[_Change]:
    """The node with each thing dropped in turn, in it and below it."""
    for shape in (*GROUP_SHAPES, "of", *SCOPE_SHAPES):
        parts: tuple[Node, ...] = getattr(node, shape) or ()
        for index, part in enumerate(parts):
            place = (*loc, shape, index)
            rest = (*parts[:index], *parts[index + 1 :])
            if rest:
                yield _Change(place, caption(part), node.model_copy(update=_shortened(node, shape, rest)))
            elif len(node.shapes) > 1:
                yield _Change(place, f"{shape}: {caption(part)}", node.model_copy(update={shape: None}))
            for below in _changes(part, place, in_near=in_near):
                changed = (*parts[:index], below.node, *parts[index + 1 :])
                yield _Change(below.loc, below.dropped, node.model_copy(update={shape: changed}))
        if parts and shape in SCOPE_SHAPES and shape != "document":
            unscoped = node.model_copy(update={shape: None, "document": parts})
            yield _Change((*loc, shape), f"the scope {shape}", unscoped)
    yield from _window_changes(node, (*loc, "sentences"))
    yield from _near_changes(node, loc, in_near=in_near)
    yield from _number_changes(node, (*loc, "number"))
    yield from _score_changes(node, (*loc, "score", "of"))
    for key in ("negated", "quoted"):
        if getattr(node, key) is not None:
            yield _Change((*loc, key), f"{key}: {str(getattr(node, key)).lower()}", node.model_copy(update={key: None}))


def _shortened(node: Node, shape: str, rest: tuple[Node, ...]) -> dict[str, Any]:
    """The fields that change when a group has only `rest` left; values are a model's fields."""
    if shape == "of" and node.at_least is not None:
        return {shape: rest, "at_least": min(node.at_least, len(rest))}
    return {shape: rest}


def _near_changes(node: Node, loc: Loc, *, in_near: bool) -> Iterator[_Change]:
    near, place = node.near, (*loc, "near")
    if near is None:
        return
    if not in_near:
        apart = node.model_copy(update={"near": None, "all": near.of})
        yield _Change(place, "the nearness", apart)
    if near.ordered:
        changed = near.model_copy(update={"ordered": False})
        yield _Change(place, "the order", node.model_copy(update={"near": changed}))
    for index, part in enumerate(near.of):
        rest = (*near.of[:index], *near.of[index + 1 :])
        dropped = {"near": near.model_copy(update={"of": rest})} if len(rest) > 1 else {"near": None, "any": rest}
        yield _Change((*place, "of", index), caption(part), node.model_copy(update=dropped))
        for below in _changes(part, (*place, "of", index), in_near=True):
            replaced = (*near.of[:index], below.node, *near.of[index + 1 :])
            changed = near.model_copy(update={"of": replaced})
            yield _Change(below.loc, below.dropped, node.model_copy(update={"near": changed}))
    yield from _barred_changes(node, near, place)


def _window_changes(node: Node, place: Loc) -> Iterator[_Change]:
    """The node without its window of sentences, with a narrower one, or with a part dropped."""
    window = node.sentences
    if window is None:
        return
    unscoped = node.model_copy(update={"sentences": None, "document": window.of})
    yield _Change(place, "the window of sentences", unscoped)
    narrow = node.model_copy(update={"sentences": None, "sentence": window.of})
    yield _Change((*place, "within"), "all sentences but one", narrow)
    for index, part in enumerate(window.of):
        loc = (*place, "of", index)
        rest = (*window.of[:index], *window.of[index + 1 :])
        kept = [(_Change(loc, caption(part), part), rest)] if rest else []
        kept += [(one, (*window.of[:index], one.node, *window.of[index + 1 :])) for one in _changes(part, loc)]
        for change, parts in kept:
            changed = node.model_copy(update={"sentences": window.model_copy(update={"of": parts})})
            yield _Change(change.loc, change.dropped, changed)


def _number_changes(node: Node, place: Loc) -> Iterator[_Change]:
    """The node with a bound of its number dropped, or what is counted, or a part of that."""
    number = node.number
    if number is None:
        return

    def changed(loc: Loc, dropped: str, **fields: Any) -> _Change:  # Any: a field of the model
        return _Change(loc, dropped, node.model_copy(update={"number": number.model_copy(update=fields)}))

    if number.at_least:
        yield changed((*place, "at_least"), f"at least {number.at_least}", at_least=0)
    if number.at_most is not None:
        yield changed((*place, "at_most"), f"at most {number.at_most}", at_most=None)
    parts = number.of or ()
    for index, part in enumerate(parts):
        loc = (*place, "of", index)
        yield changed(loc, caption(part), of=(*parts[:index], *parts[index + 1 :]) or None)
        for below in _changes(part, loc, in_near=True):
            yield changed(below.loc, below.dropped, of=(*parts[:index], below.node, *parts[index + 1 :]))


def _score_changes(node: Node, place: Loc) -> Iterator[_Change]:
    """The node with each part of its score, and each thing below it, dropped in turn."""
    score = node.score
    parts: tuple[ScorePart, ...] = score.of if score else ()
    for index, part in enumerate(parts):
        rest = (*parts[:index], *parts[index + 1 :])
        changes = [_Change((*place, index), f"{caption(part)} (weight {part.weight})", part)]
        for change in (*changes, *_changes(part, (*place, index))):
            kept = rest if change.node is part else (*parts[:index], change.node, *parts[index + 1 :])
            changed = score.model_copy(update={"of": kept}) if score else None
            yield _Change(change.loc, change.dropped, node.model_copy(update={"score": changed}))


def _barred_changes(node: Node, near: NearNode, place: Loc) -> Iterator[_Change]:
    """The node with each part of `without`, and each thing below it, dropped in turn."""
    barred = near.without or ()
    for index, part in enumerate(barred):
        rest = (*barred[:index], *barred[index + 1 :])
        changed = near.model_copy(update={"without": rest or None})
        yield _Change(
            (*place, "without", index), f"without: {caption(part)}", node.model_copy(update={"near": changed})
        )
        for below in _changes(part, (*place, "without", index), in_near=True):
            replaced = (*barred[:index], below.node, *barred[index + 1 :])
            changed = near.model_copy(update={"without": replaced})
            yield _Change(below.loc, below.dropped, node.model_copy(update={"near": changed}))


def _filter_changes(filters: Filters | None) -> Iterator[tuple[Loc, str, Filters]]:
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


def _slot_changes(rule: RuleFile) -> Iterator[tuple[Loc, str, SlotNode]]:
    """Each slot with a term or a whole hint dropped."""
    for name, slot in rule.slots.items():
        for key, nodes in slot.parts.items():
            for index, node in enumerate(nodes):
                rest = (*nodes[:index], *nodes[index + 1 :])
                if rest or key != "terms":
                    loc = ("slots", name, key, index)
                    yield loc, f"{key} {caption(node)}", slot.model_copy(update={key: rest or None})


def _phrases(concept: ConceptFile) -> Iterator[tuple[_Place, str]]:
    for language, lists in concept.phrases.items():
        for number, some in ((None, lists), *enumerate(lists.ambiguous)):
            for kind, phrases in PhraseLists.lists(some).items():
                for index, text in enumerate(phrases):
                    yield _Place(concept.id, language, number, kind, index), text


def _without(concept: ConceptFile, place: _Place, text: str) -> ConceptFile:
    lists = concept.phrases[place.language]
    some = lists if place.ambiguous is None else lists.ambiguous[place.ambiguous]
    kept = tuple(one for one in getattr(some, place.kind.value) if one != text)
    changed = some.model_copy(update={place.kind.value: kept})
    if place.ambiguous is not None:
        several = tuple(changed if one is some else one for one in lists.ambiguous)
        changed = lists.model_copy(update={"ambiguous": several})
    return concept.model_copy(update={"phrases": {**concept.phrases, place.language: changed}})


def _needed(rulebook: Rulebook) -> Rulebook:
    """The rulebook with only the phrases and names that occur in its examples, those of concepts left aside.

    On these texts it cannot differ from the whole, and it is small enough to be compiled once for each mutant.
    """
    examples: list[Fires | Silent] = []
    lists = [rule.examples for rule in rulebook.rules.values()]
    lists += [exclusion.examples for exclusion in rulebook.exclusions.values()]
    for listed in lists:
        examples += [*listed.fires, *listed.silent]
    texts = [fold(f"{example.title}\n{example.text}") for example in examples]
    used = concepts_of(rulebook)
    concepts = {
        name: _occurring(concept, texts).model_copy(update={"examples": {}})
        for name, concept in rulebook.concepts.items()
        if name in used
    }
    gazetteers = {name: _occurring_names(one, texts) for name, one in rulebook.gazetteers.items()}
    return replace(rulebook, concepts=concepts, gazetteers=gazetteers)


def _occurring(concept: ConceptFile, texts: Sequence[Folded]) -> ConceptFile:
    phrases = {Phrase(text, place.language, place.kind) for place, text in _phrases(concept)}
    found = PhraseFinder(phrases).found_in(texts)
    changed = {
        language: lists.model_copy(
            update={
                **_kept(PhraseLists.lists(lists), language, found),
                "ambiguous": tuple(
                    some.model_copy(update=_kept(PhraseLists.lists(some), language, found)) for some in lists.ambiguous
                ),
            }
        )
        for language, lists in concept.phrases.items()
    }
    return concept.model_copy(update={"phrases": changed})


def _occurring_names(gazetteer: GazetteerFile, texts: Sequence[Folded]) -> GazetteerFile:
    names = {
        Phrase(text, language, kind)
        for entry in gazetteer.entries
        for language, lists in entry.names.items()
        for kind, texts_ in (*lists.lists().items(), (Kind.NAME, lists.ambiguous))
        for text in texts_
    }
    found = PhraseFinder(names).found_in(texts)

    def kept(names: EntryNames, language: str) -> EntryNames:
        ambiguous = tuple(text for text in names.ambiguous if Phrase(text, language, Kind.NAME) in found)
        return names.model_copy(update={**_kept(names.lists(), language, found), "ambiguous": ambiguous})

    parents = {entry.id: entry.parent for entry in gazetteer.entries}
    entries, wanted = {}, {entry.parent for entry in gazetteer.entries if entry.parent}  # `outside` asks for parents
    for entry in gazetteer.entries:
        pruned = {language: kept(lists, language) for language, lists in entry.names.items()}
        entries[entry.id] = entry.model_copy(update={"names": pruned})
        if any(any(lists.lists().values()) or lists.ambiguous for lists in pruned.values()):
            wanted.update(line_of(entry.id, parents))
    chosen = tuple(entry for name, entry in entries.items() if name in wanted)
    return gazetteer.model_copy(update={"entries": chosen})


def _kept(lists: Mapping[Kind, tuple[str, ...]], language: str, found: set[Phrase]) -> dict[str, tuple[str, ...]]:
    return {
        kind.value: tuple(text for text in texts if Phrase(text, language, kind) in found)
        for kind, texts in lists.items()
    }
