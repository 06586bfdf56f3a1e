"""A rulebook cut down to what its examples need, and the places of the phrases in its concepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from streams.located_yaml import Loc
from streams.match.batch import ArticleText
from streams.match.negation import NegationConcept
from streams.match.nodes import nodes_below
from streams.match.phrase_finder import PhraseFinder
from streams.match.phrases import Kind, Phrase
from streams.match.rule_files import (
    ConceptFile,
    EntryNames,
    GazetteerFile,
    Node,
    PhraseLists,
)
from streams.match.rulebook import Rulebook
from streams.match.vocabulary import line_of


@dataclass(frozen=True, slots=True)
class PhrasePlace:
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


def concepts_of(rulebook: Rulebook) -> set[str]:
    """The concepts that the rules use, through `include`, `context` and gazetteers too."""
    nodes = [node for one in rulebook.exclusions.values() for top in one.none for _, node in nodes_below(top, ())]
    for rule in rulebook.rules.values():
        ways = [way for slot in rule.slots.values() for _, way in slot.ways()]
        tops = [rule.match, *(top for way in ways for tops in way.parts.values() for top in tops)]
        nodes += [node for top in tops for _, node in nodes_below(top, ())]
    return concepts_below(nodes, rulebook)


def concepts_below(nodes: Iterable[Node], rulebook: Rulebook) -> set[str]:
    """The concepts that the nodes ask for, through `include`, `context`, patterns and gazetteers too."""
    nodes = list(nodes)
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


def phrases_of(concept: ConceptFile) -> Iterator[tuple[PhrasePlace, str]]:
    """Every phrase of the concept with its place."""
    for language, lists in concept.phrases.items():
        for number, some in ((None, lists), *enumerate(lists.ambiguous)):
            for kind, phrases in PhraseLists.lists(some).items():
                for index, text in enumerate(phrases):
                    yield PhrasePlace(concept.id, language, number, kind, index), text


def without_phrase(concept: ConceptFile, place: PhrasePlace, text: str) -> ConceptFile:
    """The concept without the phrase in the list of that place."""
    lists = concept.phrases[place.language]
    some = lists if place.ambiguous is None else lists.ambiguous[place.ambiguous]
    kept = tuple(one for one in getattr(some, place.kind.value) if one != text)
    changed = some.model_copy(update={place.kind.value: kept})
    if place.ambiguous is not None:
        several = tuple(changed if one is some else one for one in lists.ambiguous)
        changed = lists.model_copy(update={"ambiguous": several})
    return concept.model_copy(update={"phrases": {**concept.phrases, place.language: changed}})


def phrases_in(rulebook: Rulebook, texts: Sequence[ArticleText]) -> list[set[Phrase]]:
    """Which phrases of the rulebook's concepts and names of its gazetteers stand in each of the texts."""
    phrases = [
        Phrase(text, place.language, place.kind)
        for concept in rulebook.concepts.values()
        for place, text in phrases_of(concept)
    ]
    phrases += [
        Phrase(name, language, kind)
        for gazetteer in rulebook.gazetteers.values()
        for entry in gazetteer.entries
        for language, lists in entry.names.items()
        for kind, names in (*lists.lists().items(), (Kind.NAME, lists.ambiguous))
        for name in names
    ]
    return PhraseFinder(phrases).in_articles(texts)


def needed_of(rulebook: Rulebook, phrases: AbstractSet[Phrase]) -> Rulebook:
    """The rulebook with only these phrases and names, and only the concepts that something asks for.

    On texts that hold no others it cannot differ from the whole, and it is small enough to be compiled again and again.
    """
    used = concepts_of(rulebook)
    concepts = {name: _pruned(one, phrases) for name, one in rulebook.concepts.items() if name in used}
    gazetteers = {name: _pruned_names(one, phrases) for name, one in rulebook.gazetteers.items()}
    return replace(rulebook, concepts=concepts, gazetteers=gazetteers)


def _pruned(concept: ConceptFile, phrases: AbstractSet[Phrase]) -> ConceptFile:
    changed = {
        language: lists.model_copy(
            update={
                **_kept(PhraseLists.lists(lists), language, phrases),
                "ambiguous": tuple(
                    some.model_copy(update=_kept(PhraseLists.lists(some), language, phrases))
                    for some in lists.ambiguous
                ),
            }
        )
        for language, lists in concept.phrases.items()
    }
    return concept.model_copy(update={"phrases": changed})


def _pruned_names(gazetteer: GazetteerFile, phrases: AbstractSet[Phrase]) -> GazetteerFile:
    def kept(names: EntryNames, language: str) -> EntryNames:
        ambiguous = tuple(text for text in names.ambiguous if Phrase(text, language, Kind.NAME) in phrases)
        return names.model_copy(update={**_kept(names.lists(), language, phrases), "ambiguous": ambiguous})

    parents = {entry.id: entry.parent for entry in gazetteer.entries}
    entries, wanted = {}, {entry.parent for entry in gazetteer.entries if entry.parent}  # `outside` asks for parents
    for entry in gazetteer.entries:
        pruned = {language: kept(lists, language) for language, lists in entry.names.items()}
        entries[entry.id] = entry.model_copy(update={"names": pruned})
        if any(any(lists.lists().values()) or lists.ambiguous for lists in pruned.values()):
            wanted.update(line_of(entry.id, parents))
    chosen = tuple(entry for name, entry in entries.items() if name in wanted)
    return gazetteer.model_copy(update={"entries": chosen})


def _kept(
    lists: Mapping[Kind, tuple[str, ...]], language: str, phrases: AbstractSet[Phrase]
) -> dict[str, tuple[str, ...]]:
    return {
        kind.value: tuple(text for text in texts if Phrase(text, language, kind) in phrases)
        for kind, texts in lists.items()
    }
