"""A concept as an analyst writes it: words that mean one thing, which rules share."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from streams.match.file_models import FileModel, Id, Language, Text, Texts, as_list
from streams.match.phrases import Kind
from streams.match.regexes import MAX_LETTERS
from streams.match.rule_nodes import NodeItem, Scoped

_PART = re.compile(r"\{\{([^{}]*)\}\}")


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
    `parts` are pieces of regexes with a name: `{{name}}` in a regex of a pattern, or of a part below, stands for one.
    `examples` by language show the words as they stand in texts; they are run with those of the rules.
    """

    id: Id
    title: Text
    why: str = ""
    include: Annotated[tuple[Id, ...], BeforeValidator(as_list)] = ()
    phrases: dict[Language, ConceptPhrases] = Field(default={})
    parts: dict[Id, Text] = Field(default={})
    patterns: Annotated[tuple[NodeItem, ...], BeforeValidator(as_list)] = ()
    examples: dict[Language, ConceptTexts] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _with_parts(cls, data: Any) -> Any:
        """The regexes of the patterns written out. Any: as the file has it."""
        if not isinstance(data, dict) or "patterns" not in data or not isinstance(data.get("parts", {}), dict):
            return data
        parts: dict[str, str] = {}
        for name, part in data.get("parts", {}).items():
            parts[name] = _written_out(part, parts)
            if len(str(parts[name])) > MAX_LETTERS:
                raise ValueError(f"the part {name!r} has more than {MAX_LETTERS} letters, written out")
        return {**data, "patterns": _written_out(data["patterns"], parts)}

    @model_validator(mode="after")
    def _holds_something(self) -> ConceptFile:
        for pattern in self.patterns:
            pattern.require_spans("patterns")
        holds_phrases = any(any(lists.lists().values()) or lists.ambiguous for lists in self.phrases.values())
        if not (self.include or self.patterns or holds_phrases):
            raise ValueError("the concept has neither phrases, patterns nor include")
        return self


def _written_out(value: Any, parts: dict[str, str]) -> Any:
    """The value with the parts in the place of their names in its regexes; ValueError where one is unknown."""
    if isinstance(value, list):
        return [_written_out(one, parts) for one in value]
    if isinstance(value, dict):
        return {key: _written_out(one, parts) for key, one in value.items()}
    if not isinstance(value, str):
        return value
    unknown = sorted(set(_PART.findall(value)) - parts.keys())
    if unknown:
        raise ValueError(f"there is no part {unknown[0]!r} above its use as {{{{{unknown[0]}}}}}")
    return _PART.sub(lambda found: f"(?:{parts[found[1]]})", value)
