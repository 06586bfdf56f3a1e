"""The small changes that can be made to a concept, and which of them can be tried together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from streams.located_yaml import Loc
from streams.match.captions import caption
from streams.match.node_changes import changes_of
from streams.match.phrases import Phrase
from streams.match.pruning import PhrasePlace, phrases_of, without_phrase
from streams.match.rule_files import ConceptFile, Node


@dataclass(frozen=True, slots=True)
class PatternChange:
    """A pattern of a concept, and what takes its place, if anything does."""

    concept: str
    loc: Loc
    dropped: str
    before: Node
    after: Node | None

    def fits(self, concept: ConceptFile) -> bool:
        """Whether no other change was made to the pattern."""
        return any(one is self.before for one in concept.patterns)

    def applied(self, concept: ConceptFile) -> ConceptFile:
        """The concept with it."""
        changed = [self.after if one is self.before else one for one in concept.patterns]
        return concept.model_copy(update={"patterns": tuple(filter(None, changed))})


@dataclass(frozen=True, slots=True)
class PhraseChange:
    """A phrase of a concept that is dropped."""

    concept: str
    loc: Loc
    dropped: str
    place: PhrasePlace
    text: str

    @property
    def phrase(self) -> Phrase:
        """What is dropped."""
        return Phrase(self.text, self.place.language, self.place.kind)

    def fits(self, concept: ConceptFile) -> bool:  # noqa: ARG002  # as a pattern's
        """Always: it is dropped whatever else was."""
        return True

    def applied(self, concept: ConceptFile) -> ConceptFile:
        """The concept without it."""
        return without_phrase(concept, self.place, self.text)


ConceptChange = PatternChange | PhraseChange


def changes_of_concept(concept: ConceptFile) -> Iterator[ConceptChange]:
    """Each pattern, each thing below it, and each phrase dropped in turn."""
    for index, pattern in enumerate(concept.patterns):
        loc: Loc = ("patterns", index)
        yield PatternChange(concept.id, loc, f"the pattern {caption(pattern)}", pattern, None)
        for one in changes_of(pattern, loc, in_near=True):
            yield PatternChange(concept.id, one.loc, one.dropped, pattern, one.node)
    for place, text in phrases_of(concept):
        yield PhraseChange(concept.id, place.loc, f"the phrase '{text}'", place, text)


@dataclass(slots=True)
class Group:
    """Changes of concepts that can be tried together: on no text has more than one an effect.

    `occupied` are the texts on which one may have an effect, `patterns` the concepts of which a pattern was changed,
    `concepts` all that were, as they are now, `asked` the number of each change with its texts.
    """

    occupied: set[int] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    concepts: dict[str, ConceptFile] = field(default_factory=dict)
    asked: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    def admits(self, change: ConceptChange, standing: AbstractSet[int], below: Mapping[str, AbstractSet[str]]) -> bool:
        """Whether the change can be tried with the others; `below` are the concepts that each concept asks for.

        A pattern that was changed may come to have an effect where a concept that it asks for was changed too.
        """
        others = self.concepts if isinstance(change, PatternChange) else self.patterns
        concept = self.concepts.get(change.concept)
        return (
            self.occupied.isdisjoint(standing)
            and (concept is None or change.fits(concept))
            and not any(change.concept in below[other] or other in below[change.concept] for other in others)
        )

    def add(self, number: int, change: ConceptChange, standing: AbstractSet[int], concept: ConceptFile) -> None:
        """Take in the change of this number; `concept` is that of the rulebook."""
        self.asked.append((number, tuple(sorted(standing))))
        self.occupied |= standing
        self.concepts[change.concept] = change.applied(self.concepts.get(change.concept, concept))
        if isinstance(change, PatternChange):
            self.patterns.add(change.concept)
