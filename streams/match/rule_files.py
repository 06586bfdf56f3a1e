"""A rule as an analyst writes it; with the models of all files under rules/ in one place."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from streams.located_yaml import Loc
from streams.match.alert_settings import AlertSettings
from streams.match.cameo import checked as known_to_cameo
from streams.match.concept_files import AmbiguousPhrases, ConceptFile, ConceptPhrases, PhraseLists
from streams.match.file_models import (
    FileModel,
    Id,
    Language,
    Scopes,
    Short,
    Text,
    Texts,
    as_list,
    as_member,
    as_tuple,
    is_id,
)
from streams.match.gazetteer_files import Entry, EntryNames, GazetteerFile
from streams.match.rule_filters import ExampleFacts, Filters
from streams.match.rule_nodes import (
    GROUP_SHAPES,
    MAX_NEAR_WORDS,
    SCOPE_SHAPES,
    TERM_SHAPES,
    NearNode,
    Node,
    NodeItem,
    Scoped,
)
from streams.match.timelines import Timeline
from streams.messages import Severity

MAX_EARLIER = 5
"""Most sentences that a slot looks back; a name is seldom left unsaid for longer in news."""

__all__ = [
    "GROUP_SHAPES",
    "SCOPE_SHAPES",
    "TERM_SHAPES",
    "AlertSettings",
    "AmbiguousPhrases",
    "ConceptFile",
    "ConceptPhrases",
    "Entry",
    "EntryNames",
    "Event",
    "Examples",
    "FileModel",
    "Fires",
    "GazetteerFile",
    "NearNode",
    "Node",
    "PhraseLists",
    "RuleFile",
    "Silent",
    "SlotNode",
    "Status",
    "is_id",
]


class SlotNode(FileModel):
    """What fills a slot: `terms` in a sentence where the rule matched, or `otherwise` where there are none of them.

    `fallback`: another way to fill it, or a list of ways that are tried in turn, each with hints of its own, in a
    sentence where this one finds nothing.

    Of candidates that overlap, the one listed first wins, and of one term the longest.

    Hints, each a list of terms, are judged in each sentence, by the words on which the match rests where those are
    among them; a hint whose terms are not in the sentence does not narrow. `before` and `after`: candidates stand
    before, or after, the first of these; with `nearest`, before the first that stands behind one of nearest, if one
    does. `nearest`: only the candidate nearest to one of these. `within`: and that with at most so many words
    between; where none of nearest is, nothing. `behind`: candidates directly behind one of these, and no others.
    `first`: only the first of those that are left. `without`: no candidate may touch one of these. `until`: a
    candidate ends before the first of these in it, and is none where it begins with one. `pronouns`: where one of
    these is chosen, as he, what it stands for is taken in its place: the first of terms and `antecedents` before it
    in its sentence, else in the nearest of `earlier` sentences before that has one, at last with `title` in the
    title, and for the title in the first sentences; nothing where none has. `beside`: the pronoun, as "the
    country", is taken too. `earlier` without pronouns: where the sentence has no candidates, those are looked at in
    that way. `at_last`: a fallback that is tried only where no sentence fills the slot in a way above it. Words
    that fill a slot do not fill one that is written below it, unless at last. A bare term or a list of terms may be
    written in place of the mapping.
    """

    terms: Scoped
    otherwise: Scoped | None = None
    before: Scoped | None = None
    after: Scoped | None = None
    nearest: Scoped | None = None
    within: Annotated[int, Field(ge=0, le=MAX_NEAR_WORDS)] | None = None
    behind: Scoped | None = None
    first: bool = False
    without: Scoped | None = None
    until: Scoped | None = None
    pronouns: Scoped | None = None
    beside: bool = False
    antecedents: Scoped | None = None
    earlier: Annotated[int, Field(ge=0, le=MAX_EARLIER)] = 0
    title: bool = False
    at_last: bool = False
    fallback: Annotated[tuple[SlotNode, ...], BeforeValidator(as_tuple), Field(min_length=1), Short.ITEM] | None = None

    def ways(self) -> Iterator[tuple[Loc, SlotNode]]:
        """This way to fill the slot and those behind it, in turn, each with the steps that lead to it."""
        yield (), self
        for index, one in enumerate(self.fallback or ()):
            for steps, way in one.ways():
                yield ("fallback", index, *steps), way

    @property
    def parts(self) -> dict[str, tuple[Node, ...]]:
        """The lists of terms by key."""
        keys = [
            "terms",
            "otherwise",
            "before",
            "after",
            "nearest",
            "behind",
            "without",
            "until",
            "pronouns",
            "antecedents",
        ]
        return {key: nodes for key in keys if (nodes := getattr(self, key)) is not None}

    @model_validator(mode="after")
    def _marks_words(self) -> SlotNode:
        for nodes in self.parts.values():
            for node in nodes:
                node.require_spans("a slot")
        if self.within is not None and not self.nearest:
            raise ValueError("within says how near to `nearest`, which is not there")
        if self.antecedents and not self.pronouns:
            raise ValueError("antecedents are what `pronouns` stand for, which are not there")
        if self.beside and not self.pronouns:
            raise ValueError("beside keeps `pronouns`, which are not there")
        if self.title and not self.earlier:
            raise ValueError("title is where `earlier` looks at last, which is not there")
        return self


def _as_slot(value: Any) -> Any:
    return value if isinstance(value, dict) and "terms" in value else {"terms": value}


class Fires(FileModel):
    """A text on which the rule must fire; a slot given here must be filled with these words and no others."""

    lang: Language
    text: Text
    title: str = ""
    slots: dict[str, Scopes] = Field(default={})
    source: str = ""
    facts: ExampleFacts = ExampleFacts()


class Silent(FileModel):
    """A text on which the rule must not fire, and why."""

    lang: Language
    text: Text
    because: Text
    title: str = ""
    source: str = ""
    facts: ExampleFacts = ExampleFacts()


class Examples(FileModel):
    """Texts that must fire, texts that must not, and what is told over time."""

    fires: Annotated[tuple[Fires, ...], BeforeValidator(as_list), Field(min_length=1)]
    silent: Annotated[tuple[Silent, ...], BeforeValidator(as_list), Field(min_length=1)]
    timelines: Annotated[tuple[Timeline, ...], BeforeValidator(as_list)] = ()


class Status(StrEnum):
    """Whether a rule tells people (live), is only recorded (shadow), or is not evaluated (off)."""

    LIVE = "live"
    SHADOW = "shadow"
    OFF = "off"


class Plover(StrEnum):
    """The event types of PLOVER (Halterman et al., PLOVER and POLECAT, 2023)."""

    AGREE = "AGREE"
    CONSULT = "CONSULT"
    SUPPORT = "SUPPORT"
    CONCEDE = "CONCEDE"
    COOPERATE = "COOPERATE"
    AID = "AID"
    RETREAT = "RETREAT"
    REQUEST = "REQUEST"
    ACCUSE = "ACCUSE"
    REJECT = "REJECT"
    THREATEN = "THREATEN"
    PROTEST = "PROTEST"
    SANCTION = "SANCTION"
    MOBILIZE = "MOBILIZE"
    COERCE = "COERCE"
    ASSAULT = "ASSAULT"


_CAMEO = r"^(0[1-9]|1[0-9]|20)[0-9]{0,2}$"
"""What a code looks like, for editors; `streams.match.cameo` knows which there are."""


class Event(FileModel):
    """The event in the code books of political science."""

    cameo: Annotated[str, Field(pattern=_CAMEO), AfterValidator(known_to_cameo)] | None = None
    plover: Annotated[Plover, BeforeValidator(as_member(Plover))] | None = None

    @property
    def type(self) -> str:
        """PLOVER's event type, "" where the rule names none."""
        return self.plover.value if self.plover else ""


class RuleFile(FileModel):
    """One rule: rules/ID.yaml."""

    id: Id
    title: Text
    status: Annotated[Status, BeforeValidator(as_member(Status))]
    severity: Annotated[Severity, BeforeValidator(as_member(Severity))]
    languages: Annotated[tuple[Language, ...], BeforeValidator(as_list), Field(min_length=1)]
    filters: Filters | None = None
    match: NodeItem
    alert: AlertSettings
    examples: Examples
    slots: dict[str, Annotated[SlotNode, BeforeValidator(_as_slot), Short.TERMS]] = Field(default={})
    event: Event = Event()
    tags: Texts = ()
    owner: str = ""
    why: str = ""
    false_alarms: Texts = ()
    references: Texts = ()
