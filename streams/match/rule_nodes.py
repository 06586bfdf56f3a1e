"""A condition or term as an analyst writes it: the node of a rule's tree.

A `Node` is exactly one of the shapes below, or several of all / any / none side by side, which must hold together. A
string stands for a literal phrase, a list where one node is expected for `all` of it.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from streams.match.file_models import FileModel, Id, Short, Text, as_list, as_tuple
from streams.match.regexes import compile_regex

MAX_NEAR_WORDS = 50
MAX_NEAR_PARTS = 4
MAX_WEIGHT = 1000
MAX_SENTENCES = 10


def _as_regex(pattern: str) -> str:
    compile_regex(pattern)
    return pattern


def _as_node(value: Any) -> Any:
    return {"phrase": value} if isinstance(value, str) else value


VOCABULARY_SHAPES = ("phrase", "concept", "gazetteer")
TERM_SHAPES = (*VOCABULARY_SHAPES, "regex")
GROUP_SHAPES = ("all", "any", "none")
SCOPE_SHAPES = ("document", "title", "lead", "paragraph", "sentence")
_SHAPES = (*TERM_SHAPES, *GROUP_SHAPES, "at_least", *SCOPE_SHAPES, "sentences", "near", "number", "score")


class NearNode(FileModel):
    """Parts with at most `within` words between the outermost two, in one paragraph; `ordered`: in the order given.

    `without`: nothing of this may touch the stretch from the first part to the last, whether it stands between the
    parts or begins before them or ends after them. So "did not demand" takes away one demand and no other.
    """

    within: Annotated[int, Field(ge=0, le=MAX_NEAR_WORDS)]
    of: Annotated[tuple[NodeItem, ...], BeforeValidator(as_list), Field(min_length=2, max_length=MAX_NEAR_PARTS)]
    ordered: bool = False
    without: Scoped | None = None

    @model_validator(mode="after")
    def _parts_are_terms(self) -> NearNode:
        for part in (*self.of, *(self.without or ())):
            part.require_spans("near")
        return self


class SentencesNode(FileModel):
    """What has to be met within `within` sentences in a row. They run over paragraphs, not from the title on."""

    within: Annotated[int, Field(ge=2, le=MAX_SENTENCES)]
    of: Scoped


class NumberNode(FileModel):
    """A number from `at_least` to `at_most`, of one of the terms in `of` with at most `within` words between.

    Written in figures of any script or, in Arabic and English, in words. A range counts by its lower end for
    `at_least` and by its upper for `at_most`. A term belongs to the nearest number of its sentence; numbers
    of time, ways and money ('10 days', '$5', 'aged 65') belong to that alone.
    """

    at_least: Annotated[int, Field(ge=0)] = 0
    at_most: Annotated[int, Field(ge=0)] | None = None
    of: Nodes | None = None
    within: Annotated[int, Field(ge=0, le=MAX_NEAR_WORDS)] = 3

    @model_validator(mode="after")
    def _is_a_number_of_terms(self) -> NumberNode:
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"no number is at least {self.at_least} and at most {self.at_most}")
        if not (self.of or self.at_least or self.at_most is not None):
            raise ValueError("number says nothing: write at_least, at_most or of")
        for part in self.of or ():
            part.require_spans("number")
        return self


class Node(FileModel):
    """A condition, or a term in one."""

    phrase: Text | None = None
    concept: Id | None = None
    regex: Annotated[Text, AfterValidator(_as_regex)] | None = None
    gazetteer: Id | None = None
    type: Id | None = None  # of a gazetteer: only entries of this type
    within: Id | None = None  # of a gazetteer: only this entry and those below it
    outside: Id | None = None  # of a gazetteer: neither this entry, nor those below it, nor those it lies in

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
    sentences: SentencesNode | None = None
    near: NearNode | None = None
    number: NumberNode | None = None
    score: ScoreNode | None = None

    negated: bool | None = None  # of words: only where they are negated, or not
    quoted: bool | None = None  # of words: only between quotation marks, or outside of them

    @property
    def is_asserted(self) -> bool:
        """Whether it asks how its words are said: negated, quoted, or not."""
        return self.negated is not None or self.quoted is not None

    @property
    def shapes(self) -> tuple[str, ...]:
        """Which of the shapes are written in this node."""
        written = self.model_fields_set
        return tuple(name for name in _SHAPES if name in written and getattr(self, name) is not None)

    @model_validator(mode="after")
    def _is_one_shape(self) -> Node:
        shapes = self.shapes
        if not shapes:
            raise ValueError("says nothing: write a term, all, any, none, at_least, near, number, score or a scope")
        if len(shapes) > 1 and not set(shapes) <= set(GROUP_SHAPES):
            raise ValueError(f"{' and '.join(shapes)} cannot stand side by side; put them in a list under all")
        if (self.at_least is None) != (self.of is None):
            raise ValueError("at_least and of belong together: at_least: 2, of: [...]")
        if self.at_least is not None and self.of is not None and self.at_least > len(self.of):
            raise ValueError(f"at_least {self.at_least} of {len(self.of)} can never be met")
        if (self.type or self.within or self.outside) and not self.gazetteer:
            raise ValueError("type, within and outside choose among a gazetteer's entries; name the gazetteer")
        if self.is_asserted:
            if len(shapes) > 1:
                raise ValueError("negated and quoted ask about one term, any of terms or near; write them there")
            self.require_spans("negated or quoted")
        return self

    def require_term(self, where: str) -> None:
        """Refuse what is not a bare concept, gazetteer or phrase."""
        if not set(self.shapes) <= set(VOCABULARY_SHAPES) or self.is_asserted:
            raise ValueError(f"{where} takes terms: concepts, gazetteers and phrases, without negated or quoted")

    def require_spans(self, where: str) -> None:
        """Refuse what marks no words of its own. `near` and slots look at where something stands."""
        if self.any is not None and self.shapes == ("any",):
            for part in self.any:
                part.require_spans(where)
        elif self.near is None and self.number is None and not set(self.shapes) <= set(TERM_SHAPES):
            raise ValueError(f"{where} takes terms, any of terms, near and number; not {' and '.join(self.shapes)}")


class ScorePart(Node):
    """A condition with a weight: what it adds to the score when it is met."""

    weight: Annotated[int, Field(ge=-MAX_WEIGHT, le=MAX_WEIGHT)]


class ScoreNode(FileModel):
    """Parts whose weights, of those that are met, add up to at least `threshold`."""

    threshold: Annotated[int, Field(ge=1)]
    of: Annotated[tuple[ScorePart, ...], BeforeValidator(as_list), Field(min_length=1)]

    @model_validator(mode="after")
    def _can_be_reached(self) -> ScoreNode:
        most = sum(max(0, part.weight) for part in self.of)
        if most < self.threshold:
            raise ValueError(f"the weights add up to {most}: the threshold {self.threshold} is never reached")
        if any(part.weight == 0 for part in self.of):
            raise ValueError("a part with the weight 0 does nothing")
        return self


NodeItem = Annotated[Node, BeforeValidator(_as_node), Short.TEXT]
Nodes = Annotated[tuple[NodeItem, ...], BeforeValidator(as_list), Field(min_length=1)]
Scoped = Annotated[tuple[NodeItem, ...], BeforeValidator(as_tuple), Field(min_length=1), Short.ITEM]

NearNode.model_rebuild()
SentencesNode.model_rebuild()
NumberNode.model_rebuild()
ScoreNode.model_rebuild()
Node.model_rebuild()
