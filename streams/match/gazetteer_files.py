"""A gazetteer as an analyst writes it: named things with types, parents, codes and places."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from streams.match.file_models import FileModel, Id, Language, Short, Text, Texts, as_list
from streams.match.phrases import Kind
from streams.match.rule_nodes import NodeItem


class EntryNames(FileModel):
    """Names of an entry in one language, and those that count only in context (see the gazetteer's `context`)."""

    name: Texts = ()
    common: Texts = ()
    exact: Texts = ()
    ambiguous: Texts = ()

    def lists(self) -> dict[Kind, tuple[str, ...]]:
        """The names under their kind."""
        return {Kind.NAME: self.name, Kind.COMMON: self.common, Kind.EXACT: self.exact}


def _as_names(value: Any) -> Any:
    return {"name": value} if isinstance(value, list) else value


class Entry(FileModel):
    """One place, actor or other thing with a name. `names` by language: a list, or lists by kind."""

    id: Id
    name: Text
    type: Id
    parent: Id | None = None
    code: str | None = None
    point: Annotated[tuple[float, float] | None, BeforeValidator(as_list)] = None
    names: dict[Language, Annotated[EntryNames, BeforeValidator(_as_names), Short.NAMES]]


class GazetteerFile(FileModel):
    """Named things with types and parents: rules/gazetteers/ID.yaml.

    An ambiguous name counts when a term of `context` stands directly before or after it, or when an unambiguous name
    of the same family (the entry's topmost ancestor of a type in `families`) stands anywhere in the article. One in
    capitals, as US, is never meant where it is written otherwise, and always in a sentence that is not all in capitals.
    """

    id: Id
    title: Text
    why: str = ""
    source: str = ""
    context: Annotated[tuple[NodeItem, ...], BeforeValidator(as_list)] = ()
    families: Annotated[tuple[Id, ...], BeforeValidator(as_list)] = ()
    entries: Annotated[tuple[Entry, ...], BeforeValidator(as_list), Field(min_length=1)]

    @model_validator(mode="after")
    def _context_is_terms(self) -> GazetteerFile:
        for node in self.context:
            node.require_term("context")
        return self
