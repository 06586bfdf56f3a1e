"""Turns the nodes of a rule file into conditions over numbered terms."""

from __future__ import annotations

from collections.abc import Sequence

from streams.match.captions import caption
from streams.match.conditions import (
    AllOf,
    AnyPlace,
    AtLeast,
    Condition,
    InScope,
    NoneOf,
    Places,
    Scope,
    TermIn,
    any_of,
    any_place,
    by_rarest_term,
    either,
    needs_of,
    rarest,
)
from streams.match.near import Near
from streams.match.negation import Asserted, Negation, NegationConcept
from streams.match.quantities import NumberOf, RegexIn
from streams.match.rule_files import SCOPE_SHAPES, TERM_SHAPES, Node
from streams.match.scores import Score
from streams.match.vocabulary import TermKey, Vocabulary
from streams.match.windows import InWindow


def compile_condition(node: Node, vocabulary: Vocabulary) -> Condition:
    """The condition that `node` states."""
    parts = [_compile_shape(node, shape, vocabulary) for shape in node.shapes]
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def compile_places(nodes: Sequence[Node], vocabulary: Vocabulary) -> Places:
    """The words that any of `nodes` (terms, any of terms, near) stands for."""
    parts = tuple(_compile_places(node, vocabulary) for node in nodes)
    return any_place(parts)


def _compile_places(node: Node, vocabulary: Vocabulary) -> Places:
    places = _compile_bare_places(node, vocabulary)
    if node.negated is None and node.quoted is None:
        return places
    negation = _compile_negation(vocabulary) if node.negated is not None else None
    return Asserted(places, node.negated, node.quoted, negation)


def _compile_negation(vocabulary: Vocabulary) -> Negation:
    def places(name: NegationConcept) -> Places | None:
        known = vocabulary.has_concept(name)
        return _compile_places(Node(concept=name.value), vocabulary) if known else None

    before, after = places(NegationConcept.BEFORE), places(NegationConcept.AFTER)
    terms = frozenset().union(*(words.leaves() for words in (before, after) if words is not None))
    return Negation(
        before=before,
        after=after,
        pseudo=places(NegationConcept.PSEUDO),
        clause=places(NegationConcept.CLAUSE),
        terms=terms,
        regexes=terms & vocabulary.regexes.keys(),
        numbers=any(vocabulary.terms[term].shape == "number" for term in terms),
    )


def _compile_bare_places(node: Node, vocabulary: Vocabulary) -> Places:
    if node.any is not None:
        return compile_places(node.any, vocabulary)
    if node.near is not None:
        parts = tuple(_compile_places(part, vocabulary) for part in node.near.of)
        without = compile_places(node.near.without, vocabulary) if node.near.without else None
        needs = tuple(group for part in parts for group in part.mandatory(vocabulary.weights))
        return Near(node.near.within, parts, node.near.ordered, without, needs)
    if node.number is not None:
        units = compile_places(node.number.of, vocabulary) if node.number.of else None
        term = vocabulary.number(TermKey("number", caption(node)))
        return NumberOf(term, node.number.at_least, node.number.at_most, units, node.number.within)
    term = vocabulary.number(TermKey.of(node))
    if node.regex is not None:
        return RegexIn(term)
    patterns = vocabulary.patterns_of(node.concept) if node.concept is not None else ()
    return _compile_patterns(term, patterns, vocabulary) if patterns else TermIn(term)


def _compile_patterns(term: int, patterns: Sequence[Node], vocabulary: Vocabulary) -> Places:
    """A concept with patterns, compiled once: many patterns of others ask for it, and `explain` for each sentence."""
    if term not in vocabulary.compiled:
        before = vocabulary.take_asked()
        parts = (TermIn(term), *(_compile_places(one, vocabulary) for one in patterns))
        groups = tuple(either(parts, vocabulary.weights))
        found = AnyPlace(parts, term, by_rarest_term(parts, vocabulary.weights), groups)
        vocabulary.compiled[term] = found, vocabulary.take_asked()
        vocabulary.ask(before)
    places, asked = vocabulary.compiled[term]
    vocabulary.ask(asked)
    return places


def _compile_shape(node: Node, shape: str, vocabulary: Vocabulary) -> Condition:
    if shape in TERM_SHAPES or shape in {"near", "number"} or node.is_asserted:
        return _compile_places(node, vocabulary)
    if shape in SCOPE_SHAPES:
        part = _all_of(getattr(node, shape), vocabulary)
        groups = part.mandatory(vocabulary.weights)
        parts = part.parts if isinstance(part, AllOf) else (part,)
        needs = tuple(groups) if needs_of(parts, vocabulary.weights) else ()
        return InScope(Scope(shape), part, rarest(groups, vocabulary.weights), needs)
    if node.sentences is not None:
        return InWindow(node.sentences.within, _all_of(node.sentences.of, vocabulary))
    if node.score is not None:
        weighed = tuple((part.weight, compile_condition(part, vocabulary)) for part in node.score.of)
        return Score(node.score.threshold, weighed)
    return _compile_group(node, shape, vocabulary)


def _compile_group(node: Node, shape: str, vocabulary: Vocabulary) -> Condition:
    if shape == "all":
        return _all_of(node.all or (), vocabulary)
    if shape == "none":
        parts = _each(node.none or (), vocabulary)
        return NoneOf(parts, needs_of(parts, vocabulary.weights))
    if shape == "any":
        return any_of(_each(node.any or (), vocabulary), vocabulary.weights)
    parts = _each(node.of or (), vocabulary)
    return AtLeast(node.at_least or 1, parts, needs_of(parts, vocabulary.weights))


def _all_of(nodes: Sequence[Node], vocabulary: Vocabulary) -> Condition:
    parts = _each(nodes, vocabulary)
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _each(nodes: Sequence[Node], vocabulary: Vocabulary) -> tuple[Condition, ...]:
    return tuple(compile_condition(node, vocabulary) for node in nodes)
