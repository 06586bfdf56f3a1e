"""What a file under rules/ may say: frozen models of rules, concepts and gazetteers, as an analyst writes them.

A condition or term is a `Node`: exactly one of the shapes below, or several of all / any / none side by side, which
must hold together. A string stands for a literal phrase, a list where one node is expected for `all` of it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from streams.match.phrases import Kind
from streams.messages import Severity

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MAX_NEAR_WORDS = 50
MAX_NEAR_PARTS = 4


class FileModel(BaseModel):
    """A part of a rule file: frozen, and strict about keys, because a mistyped key would silently change a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Short(Enum):
    """A short form that a validator takes too, for the JSON Schema: editors should not mark it as wrong."""

    TEXT = "a string"
    ITEM = "one item in place of a list"
    TERMS = "the terms of a slot alone"
    NAMES = "the names of an entry alone, as a list"

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Either the short form or what the model says."""
        whole = handler(core)
        if self is Short.TEXT:
            return {"anyOf": [{"type": "string", "minLength": 1}, whole]}
        if self is Short.ITEM:
            return {"anyOf": [whole["items"], whole]}
        key = "terms" if self is Short.TERMS else "name"
        return {"anyOf": [handler.resolve_ref_schema(whole)["properties"][key], whole]}


def is_id(text: str) -> bool:
    """Whether a text can be the id of a rule, concept, gazetteer or entry."""
    return bool(_ID.fullmatch(text))


def _as_id(value: Any) -> Any:
    if isinstance(value, str) and not is_id(value):
        raise ValueError(f"{value!r} is no id: use small letters a-z, digits and single hyphens")
    return value


def _as_duration(value: Any) -> Any:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("write a time as a number and s, m, h or d, as in 12h")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def _as_tuple(value: Any) -> Any:
    """One value, or a list of them."""
    return tuple(value) if isinstance(value, list) else (value,)


def _list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_node(value: Any) -> Any:
    return {"phrase": value} if isinstance(value, str) else value


def _as_status(value: Any) -> Any:
    return Status(value) if value in list(Status) else value


def _as_severity(value: Any) -> Any:
    return Severity(value) if value in list(Severity) else value


Id = Annotated[str, BeforeValidator(_as_id), WithJsonSchema({"type": "string", "pattern": f"^{_ID.pattern}$"})]
Duration = Annotated[
    timedelta,
    BeforeValidator(_as_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"}),
]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_list)]
NodeItem = Annotated["Node", BeforeValidator(_as_node), Short.TEXT]
Nodes = Annotated[tuple[NodeItem, ...], BeforeValidator(_list), Field(min_length=1)]
Scoped = Annotated[tuple[NodeItem, ...], BeforeValidator(_as_tuple), Field(min_length=1), Short.ITEM]

TERM_SHAPES = ("phrase", "concept", "gazetteer")
GROUP_SHAPES = ("all", "any", "none")
SCOPE_SHAPES = ("document", "title", "lead", "paragraph", "sentence")


class NearNode(FileModel):
    """Parts with at most `within` words between the outermost two, in one paragraph; `ordered`: in the order given."""

    within: Annotated[int, Field(ge=0, le=MAX_NEAR_WORDS)]
    of: Annotated[tuple[NodeItem, ...], BeforeValidator(_list), Field(min_length=2, max_length=MAX_NEAR_PARTS)]
    ordered: bool = False

    @model_validator(mode="after")
    def _parts_are_terms(self) -> NearNode:
        for part in self.of:
            part.require_spans("near")
        return self


class Node(FileModel):
    """A condition, or a term in one."""

    phrase: Text | None = None
    concept: Id | None = None
    gazetteer: Id | None = None
    type: Id | None = None  # of a gazetteer: only entries of this type
    within: Id | None = None  # of a gazetteer: only this entry and those below it

    all: Nodes | None = None
    any: Nodes | None = None
    none: Nodes | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None
    of: Nodes | None = None

    document: Scoped | None = None
    title: Scoped | None = None
    lead: Scoped | None = None
    paragraph: Scoped | None = None
    sentence: Scoped | None = None
    near: NearNode | None = None

    @property
    def shapes(self) -> tuple[str, ...]:
        """Which of the shapes are written in this node."""
        names = (*TERM_SHAPES, *GROUP_SHAPES, "at_least", *SCOPE_SHAPES, "near")
        return tuple(name for name in names if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _is_one_shape(self) -> Node:
        shapes = self.shapes
        if not shapes:
            raise ValueError("says nothing: write a term, all, any, none, at_least, near or a scope")
        if len(shapes) > 1 and not set(shapes) <= set(GROUP_SHAPES):
            raise ValueError(f"{' and '.join(shapes)} cannot stand side by side; put them in a list under all")
        if (self.at_least is None) != (self.of is None):
            raise ValueError("at_least and of belong together: at_least: 2, of: [...]")
        if self.at_least is not None and self.of is not None and self.at_least > len(self.of):
            raise ValueError(f"at_least {self.at_least} of {len(self.of)} can never be met")
        if (self.type or self.within) and not self.gazetteer:
            raise ValueError("type and within choose among a gazetteer's entries; name the gazetteer")
        return self

    def require_spans(self, where: str) -> None:
        """Refuse what marks no words of its own. `near` and slots look at where something stands."""
        if self.any is not None and self.shapes == ("any",):
            for part in self.any:
                part.require_spans(where)
        elif self.near is None and not set(self.shapes) <= set(TERM_SHAPES):
            raise ValueError(f"{where} takes terms, any of terms, and near; not {' and '.join(self.shapes)}")


class SlotNode(FileModel):
    """What fills a slot: `terms` in a sentence where the rule matched, or `otherwise` where there are none of them.

    Of candidates that overlap, the one listed first wins, and of one term the longest.

    Hints, each a list of terms, are judged in each sentence, by the words on which the match rests where those are
    among them; a hint whose terms are not in the sentence does not narrow. `before` and `after`: candidates stand
    before, or after, the first of these. `nearest`: only the candidate nearest to one of these. Words that fill a slot
    do not fill one that is written below it. A bare term or a list of terms may be written in place of the mapping.
    """

    terms: Scoped
    otherwise: Scoped | None = None
    before: Scoped | None = None
    after: Scoped | None = None
    nearest: Scoped | None = None

    @property
    def parts(self) -> dict[str, tuple[Node, ...]]:
        """The lists of terms by key."""
        keys = ("terms", "otherwise", "before", "after", "nearest")
        return {key: nodes for key in keys if (nodes := getattr(self, key)) is not None}

    @model_validator(mode="after")
    def _marks_words(self) -> SlotNode:
        for nodes in self.parts.values():
            for node in nodes:
                node.require_spans("a slot")
        return self


def _as_slot(value: Any) -> Any:
    return value if isinstance(value, dict) and "terms" in value else {"terms": value}


class AlertSettings(FileModel):
    """When a rule speaks again: after how long on one story, and which slots will make a development new.

    `new_if` is checked and not acted on yet.
    """

    repeat_after: Duration
    new_if: Texts = ()


class Fires(FileModel):
    """A text on which the rule must fire; a slot given here must be filled with these words, among others."""

    lang: Language
    text: Text
    title: str = ""
    slots: dict[str, Scopes] = {}
    source: str = ""


class Silent(FileModel):
    """A text on which the rule must not fire, and why."""

    lang: Language
    text: Text
    because: Text
    title: str = ""
    source: str = ""


Scopes = Annotated[tuple[Text, ...], BeforeValidator(_as_tuple), Short.ITEM]


class Examples(FileModel):
    """Texts that must fire and texts that must not."""

    fires: Annotated[tuple[Fires, ...], BeforeValidator(_list), Field(min_length=1)]
    silent: Annotated[tuple[Silent, ...], BeforeValidator(_list), Field(min_length=1)]


class Status(StrEnum):
    """Whether a rule tells people (live), is only recorded (shadow), or is not evaluated (off)."""

    LIVE = "live"
    SHADOW = "shadow"
    OFF = "off"


class Event(FileModel):
    """The event in the code books of political science."""

    cameo: str | None = None
    plover: str | None = None


class RuleFile(FileModel):
    """One rule: rules/ID.yaml."""

    id: Id
    title: Text
    status: Annotated[Status, BeforeValidator(_as_status)]
    severity: Annotated[Severity, BeforeValidator(_as_severity)]
    languages: Annotated[tuple[Language, ...], BeforeValidator(_list), Field(min_length=1)]
    match: NodeItem
    alert: AlertSettings
    examples: Examples
    slots: dict[str, Annotated[SlotNode, BeforeValidator(_as_slot), Short.TERMS]] = {}
    event: Event = Event()
    tags: Texts = ()
    owner: str = ""
    why: str = ""
    false_alarms: Texts = ()
    references: Texts = ()


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
            if not set(node.shapes) <= set(TERM_SHAPES):
                raise ValueError("context takes terms: concepts, gazetteers and phrases")
        return self


class ConceptPhrases(PhraseLists):
    """A concept's phrases in one language."""

    ambiguous: Annotated[tuple[AmbiguousPhrases, ...], BeforeValidator(_list)] = ()


class ConceptFile(FileModel):
    """A set of phrases that mean one thing: rules/concepts/ID.yaml. `include` takes in those of other concepts."""

    id: Id
    title: Text
    why: str = ""
    include: Annotated[tuple[Id, ...], BeforeValidator(_list)] = ()
    phrases: dict[Language, ConceptPhrases] = {}

    @model_validator(mode="after")
    def _holds_something(self) -> ConceptFile:
        if not self.include and not any(
            any(lists.lists().values()) or lists.ambiguous for lists in self.phrases.values()
        ):
            raise ValueError("the concept has neither phrases nor include")
        return self


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
    point: Annotated[tuple[float, float] | None, BeforeValidator(_list)] = None
    names: dict[Language, Annotated[EntryNames, BeforeValidator(_as_names), Short.NAMES]]


class GazetteerFile(FileModel):
    """Named things with types and parents: rules/gazetteers/ID.yaml.

    An ambiguous name counts when a term of `context` stands directly before or after it, or when an unambiguous name
    of the same family (the entry's topmost ancestor of a type in `families`) stands anywhere in the article.
    """

    id: Id
    title: Text
    why: str = ""
    source: str = ""
    context: Annotated[tuple[NodeItem, ...], BeforeValidator(_list)] = ()
    families: Annotated[tuple[Id, ...], BeforeValidator(_list)] = ()
    entries: Annotated[tuple[Entry, ...], BeforeValidator(_list), Field(min_length=1)]


Fires.model_rebuild()
Node.model_rebuild()
