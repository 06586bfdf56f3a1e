"""A concept as an analyst writes it: words that mean one thing, which rules share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from streams.match.file_models import FileModel, Id, Language, Text, Texts, as_list
from streams.match.phrases import Kind
from streams.match.rule_nodes import NodeItem, Scoped


class PhraseLists(FileModel):
    """Phrases of one language, by kind."""

    name: Texts = ()
    common: Texts = ()
    verb: Texts = ()
    exact: Texts = ()

    def lists(self) -> dict[Kind, tuple[str, ...]]:
        """The phrases under their kind."""
        return {Kind.NAME: self.name, Kind.COMMON: self.common, Kind.VERB: self.verb, Kind.EXACT: self.exact}


class AmbiguousPhrases(PhraseLists):
    """Phrases that count only in a sentence with one of the terms of `context`."""

    context: Scoped

    @model_validator(mode="after")
    def _context_is_terms(self) -> AmbiguousPhrases:
        for node in self.context:
            node.require_term("context")
        return self


class ConceptPhrases(PhraseLists):
    """A concept's phrases in one language."""

    ambiguous: Annotated[tuple[AmbiguousPhrases, ...], BeforeValidator(as_list)] = ()


class ConceptTexts(FileModel):
    """Texts, best of a word or a few, in which a concept is found, and texts in which it is not."""

    found: Texts = ()
    not_found: Texts = ()


class ConceptFile(FileModel):
    """A set of phrases that mean one thing: rules/concepts/ID.yaml. `include` takes in those of other concepts.

    `patterns` say it by several words: each marks the words from its first to its last, like a phrase of that length.
    `examples` by language show the words as they stand in texts; they are run with those of the rules.
    """

    id: Id
    title: Text
    why: str = ""
    include: Annotated[tuple[Id, ...], BeforeValidator(as_list)] = ()
    phrases: dict[Language, ConceptPhrases] = Field(default={})
    patterns: Annotated[tuple[NodeItem, ...], BeforeValidator(as_list)] = ()
    examples: dict[Language, ConceptTexts] = Field(default={})

    @model_validator(mode="after")
    def _holds_something(self) -> ConceptFile:
        for pattern in self.patterns:
            pattern.require_spans("patterns")
        holds_phrases = any(any(lists.lists().values()) or lists.ambiguous for lists in self.phrases.values())
        if not (self.include or self.patterns or holds_phrases):
            raise ValueError("the concept has neither phrases, patterns nor include")
        return self
