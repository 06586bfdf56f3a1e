"""Explains a rule on an article: its condition as a tree, each node met or not, with the words it rests on.

A part of a scope that is not met is shown in the unit of the scope (sentence, paragraph) that comes nearest to meeting
it, so that a reader sees what is missing, and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from streams.match.captions import caption
from streams.match.compile import compile_condition
from streams.match.conditions import Scope, Span
from streams.match.document import Document, Unit
from streams.match.engine import CompiledRule
from streams.match.excerpts import outermost
from streams.match.exclusion_files import ExclusionFile, Extent
from streams.match.filters import left_out
from streams.match.nodes import parts_of
from streams.match.rule_nodes import (
    SCOPE_SHAPES,
    TERM_SHAPES,
    VOCABULARY_SHAPES,
    NearNode,
    Node,
    ScoreNode,
    SentencesNode,
)
from streams.match.vocabulary import TermKey
from streams.match.windows import windows

_TOO_FAR = 0.9
"""How near `near` is to being met when all its parts are there, but too far apart or in another order."""
_UNCOUNTED = 0.3
"""How near a term is to being met whose words are there and do not count."""
_SHOWN = 3
"""Most words of those that are named."""
FILTER = "filter"
"""How the part of a rule begins that asks about facts and not words."""
_PLURAL_UNITS = (Scope.SENTENCE, Scope.PARAGRAPH)


@dataclass(frozen=True, slots=True)
class Explained:
    """A node of the condition on one stretch of an article.

    `share` is how much of it is met, 1 when it is. `words` are those it rests on, each spelling once; those of a `none`
    that is not met are what it excludes. `where` names the unit that was looked at, when the node is a scope, `said` is
    what stands there. `plain` is the text without how words have to be said or what must not be by them. `node` is the
    node as it was read, by which its place in the file is known; of several shapes beside each other it is absent.
    """

    text: str
    met: bool
    share: float
    words: tuple[str, ...] = ()
    where: str = ""
    excludes: bool = False
    parts: tuple[Explained, ...] = field(default=())
    said: str = ""
    plain: str = ""
    node: Node | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """What a sentence about it calls it."""
        return self.plain or self.text


def explain(rule: CompiledRule, document: Document) -> Explained:
    """The rule's condition on the document; the rule has to be compiled with the document's vocabulary."""
    told = _condition(rule, document)
    article = (0, document.length)
    whole = [_exclusion(one, document, article) for one in rule.exclusions if one.scope is Extent.DOCUMENT]
    if whole:
        met = told.met and all(one.met for one in whole)
        told = Explained("all of", met, 1.0 if met else told.share, parts=(told, *whole))
    reason = left_out(rule.file.filters, document.facts)
    if reason is None:
        return told
    filtered = Explained(f"{FILTER}: {reason.value}", met=False, share=0.0)
    return Explained("all of", met=False, share=told.share, parts=(filtered, told))


def _condition(rule: CompiledRule, document: Document) -> Explained:
    """The condition; where exclusions left out the sentences or paragraphs that would have met it, those beside it."""
    told = _Explainer(rule.left_out.left_of(document)).node(rule.file.match, 0, document.length)
    met = None if told.met else rule.condition.met(document, 0, document.length)
    if met is None:
        return told
    barring = []
    for one in rule.exclusions:
        if one.scope is not Extent.DOCUMENT:
            units = {document.unit_at(Scope(one.scope.value), span.start) for span in met.spans}
            parts = (_exclusion(one, document, unit) for unit in sorted(filter(None, units)))
            barring += [part for part in parts if not part.met][:1]
    unseen = _Explainer(document).node(rule.file.match, 0, document.length)
    return Explained("all of", met=False, share=told.share, parts=(unseen, *barring))


def _exclusion(exclusion: ExclusionFile, document: Document, unit: Unit) -> Explained:
    """An exclusion in a unit of its scope: met when it does not leave this one out."""
    explainer = _Explainer(document)
    told = explainer.node(Node(any=exclusion.none), *unit)
    words = tuple(dict.fromkeys(word for part in told.parts if part.met for word in part.words))
    where = "" if exclusion.scope is Extent.DOCUMENT else explainer.name(Scope(exclusion.scope.value), unit)
    by = replace(told, text=f"exclusion {exclusion.id}", words=words, where=where)
    return Explained("none of", not told.met, float(not told.met), words, excludes=True, parts=(by,))


def listed(names: Sequence[str], last: str) -> str:
    """The names in a sentence, with a word before the last."""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


class _Explainer:
    """Walks the condition on one document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def node(self, node: Node, low: int, high: int) -> Explained:
        if len(node.shapes) == 1:
            return replace(self._shape(node, node.shapes[0], low, high), node=node)
        parts = tuple(self._shape(_only(node, shape), shape, low, high) for shape in node.shapes)
        return self._group("all of", parts, len(parts), all(part.met for part in parts))

    def _shape(self, node: Node, shape: str, low: int, high: int) -> Explained:
        if node.is_asserted:
            return self._asserted(node, low, high)
        if shape in TERM_SHAPES or shape == "number":
            words = self._words(node, low, high)
            if not words and shape in VOCABULARY_SHAPES and (why := self._uncounted(node, low, high)):
                return Explained(f"{caption(node)} ({why})", met=False, share=_UNCOUNTED)
            return Explained(caption(node), bool(words), float(bool(words)), words)
        if shape in SCOPE_SHAPES:
            return self._scope(node, Scope(shape), low, high)
        if node.sentences is not None:
            return self._window(node.sentences, low, high)
        return self._score(node.score, low, high) if node.score else self._parted(node, shape, low, high)

    def _uncounted(self, node: Node, low: int, high: int) -> str:
        """Which words of a term are there and do not count, and why not; "" where there are none."""
        document = self._document
        found = document.uncounted(document.vocabulary.number(TermKey.of(node)), low, high)
        if not found:
            return ""
        words, (_, left_out) = dict.fromkeys(repr(word) for word, _ in found), found[0]
        why = "where nothing counts, as in page furniture" if left_out else "ambiguous, without its context"
        return f"there is {listed(list(words)[:_SHOWN], 'and')}, but {why}"

    def _parted(self, node: Node, shape: str, low: int, high: int) -> Explained:
        """A group of parts, or near."""
        met = bool(self._met(node, low, high))
        parts = tuple(self.node(part, low, high) for _, part in parts_of(node))
        if shape == "none":
            barred = tuple(dict.fromkeys(word for part in parts if part.met for word in part.words))
            return Explained("none of", met, float(met), barred, excludes=True, parts=parts)
        if node.near is not None:
            explained = self._group(_near(node.near), parts, len(parts), met)
            share = 1.0 if met else explained.share * _TOO_FAR
            parts = explained.parts if met else (*explained.parts, *self._barring(node.near, low, high))
            apart = _near(node.near.model_copy(update={"without": None}))
            return replace(explained, share=share, words=self._words(node, low, high), parts=parts, plain=apart)
        wanted = {"any": 1, "at_least": node.at_least or 1}.get(shape, len(parts))
        text = {"any": "any of", "all": "all of"}.get(shape, f"at least {wanted} of")
        return self._group(text, parts, wanted, met)

    def _barring(self, near: NearNode, low: int, high: int) -> Iterator[Explained]:
        """What is there of `without`, if the words would be near enough but for that."""
        if near.without and self._met(Node(near=near.model_copy(update={"without": None})), low, high):
            barred = tuple(self.node(part, low, high) for part in near.without)
            words = tuple(dict.fromkeys(word for part in barred if part.met for word in part.words))
            yield Explained("without", met=False, share=0.0, words=words, excludes=True, parts=barred)

    def _asserted(self, node: Node, low: int, high: int) -> Explained:
        """Words that have to be said in some way; when they are there and said in another, which they are."""
        words = self._words(node, low, high)
        text = caption(node)
        if not words:
            said = self._words(node.model_copy(update={"negated": None, "quoted": None}), low, high)
            if said:
                text += f" (there is {listed([repr(word) for word in said], 'and')}, but not so)"
                return Explained(text, met=False, share=0.0)
        bare = caption(node.model_copy(update={"negated": None, "quoted": None}))
        return Explained(text, bool(words), float(bool(words)), words, plain=bare)

    def _score(self, score: ScoreNode, low: int, high: int) -> Explained:
        """Each part with what it adds; one that takes away is met when it is not there."""
        parts, reached = [], 0
        for part in score.of:
            told, against = self.node(part, low, high), part.weight < 0
            reached += part.weight * told.met
            text = f"{'takes' if against else 'adds'} {abs(part.weight)}"
            met = told.met != against
            parts.append(Explained(text, met, float(met), told.words, excludes=against, parts=(told,)))
        text = f"score {reached} of {score.threshold}"
        share = min(1.0, max(0, reached) / score.threshold)
        return Explained(text, reached >= score.threshold, share, parts=tuple(parts))

    def _group(self, text: str, parts: tuple[Explained, ...], wanted: int, met: bool) -> Explained:  # noqa: FBT001
        best = sorted((part.share for part in parts), reverse=True)[:wanted]
        return Explained(text, met, 1.0 if met else sum(best) / wanted, parts=parts)

    def _scope(self, node: Node, scope: Scope, low: int, high: int) -> Explained:
        units = self._document.units(scope, low, high)
        name = partial(self.name, scope)
        return self._in_units(getattr(node, scope.value), scope.value, units, name, nowhere=(low, low))

    def _window(self, window: SentencesNode, low: int, high: int) -> Explained:
        units = windows(self._document, window.within, low, high)
        text = f"within {window.within} sentences"
        return self._in_units(window.of, text, units, self._name_of_window, nowhere=(low, low))

    def _in_units(
        self,
        parts: Sequence[Node],
        text: str,
        units: Sequence[Unit],
        name: Callable[[Unit], str],
        *,
        nowhere: Unit,
    ) -> Explained:
        """The parts in the first unit that meets them, or in the one that comes nearest."""
        best: tuple[float, Unit, tuple[Explained, ...]] | None = None
        spoken = [unit for unit in units if self._document.folded.spaced[unit[0] : unit[1]].strip()]
        for unit in spoken or units:
            told = tuple(self.node(part, *unit) for part in parts)
            share = sum(one.share for one in told) / len(told)
            if best is None or share > best[0]:
                best = (share, unit, told)
            if all(one.met for one in told):
                break
        if best is None:
            absent = tuple(self.node(part, *nowhere) for part in parts)
            return Explained(text, met=False, share=0.0, where=f"the {text}", parts=absent)
        share, unit, told = best
        met = all(one.met for one in told)
        said = self._document.words(*unit).strip()
        return Explained(text, met, 1.0 if met else share, where=name(unit), parts=told, said=said)

    def _name_of_window(self, unit: Unit) -> str:
        """As "sentences 3 to 4"; the sentence, where there is one."""
        first, *others = self._document.units(Scope.SENTENCE, *unit)
        start, end = self.name(Scope.SENTENCE, first), self.name(Scope.SENTENCE, others[-1] if others else first)
        if start == end:
            return start
        return f"{start.replace('sentence', 'sentences')} to {end.removeprefix('sentence ')}"

    def name(self, scope: Scope, unit: Unit) -> str:
        """What readers call a unit: "sentence 4", counted from the text's first; "the title"."""
        if scope not in _PLURAL_UNITS:
            return f"the {scope.value}" if scope is not Scope.DOCUMENT else "the article"
        document = self._document
        if unit[1] <= document.body:
            return "the title"
        units = document.units(scope, document.body, document.length)
        spoken = [one for one in units if document.folded.spaced[one[0] : one[1]].strip()]
        number = sum(1 for one in spoken if one[0] <= unit[0]) or 1
        return f"{scope.value} {number}"

    def _met(self, node: Node, low: int, high: int) -> bool:
        condition = compile_condition(node, self._document.vocabulary)
        return condition.met(self._document, low, high) is not None

    def _words(self, node: Node, low: int, high: int) -> tuple[str, ...]:
        met = compile_condition(node, self._document.vocabulary).met(self._document, low, high)
        spans: Sequence[Span] = met.spans if met else ()
        return tuple(dict.fromkeys(self._document.words(start, end) for start, end in outermost(spans)))


def _near(near: NearNode) -> str:
    order = "in this order, " if near.ordered else ""
    beside = listed([caption(one) for one in near.without], "or") if near.without else ""
    return f"near ({order}within {near.within} words{beside and f', without {beside}'})"


def _only(node: Node, shape: str) -> Node:
    """The node with one of its shapes."""
    return Node.model_construct(**{shape: getattr(node, shape)})
