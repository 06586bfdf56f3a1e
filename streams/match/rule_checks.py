"""What has to be true of the files of a rulebook together, and of phrases, beyond each file's own shape."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import Any

from streams.errors import Problem
from streams.located_yaml import Document, Loc
from streams.match.compile import compile_condition
from streams.match.conditions import Condition
from streams.match.exclusion_files import ExclusionFile
from streams.match.file_models import FileModel
from streams.match.inflections import InflectionError
from streams.match.negation import NegationConcept
from streams.match.nodes import asks, concepts_in, nodes_below, nodes_of_slots
from streams.match.phrases import Form, Kind, Phrase, PhraseError, forms_of, literal
from streams.match.rule_files import (
    ConceptFile,
    GazetteerFile,
    Node,
    PhraseLists,
    RuleFile,
)
from streams.match.vocabulary import Vocabulary

Documents = Mapping[tuple[str, str], Document]
MAX_DEPTH = 50
"""Most concepts, one asking for another, and most entries of a gazetteer, one within another."""
_MAX_HINTS = 200
"""Most unknown names for which a known one is looked for."""
_EXAMPLE_HINTS = {"fires": "must fire", "silent": "looks alike and must not"}


def check_rulebook(
    rules: Mapping[str, RuleFile],
    concepts: Mapping[str, ConceptFile],
    gazetteers: Mapping[str, GazetteerFile],
    documents: Documents,
    broken: Mapping[tuple[str, str], Document | None] | None = None,
) -> list[Problem]:
    """Every problem of the files that could be read.

    `broken` are those that could not, by model and file name: a name that one of them would have brought counts as
    known, and the names in them are looked up as far as they can be made out.
    """
    check = _Check(concepts, gazetteers, frozenset(broken or ()))
    for shelf in (gazetteers, concepts, rules):
        for one in shelf.values():
            check.file(one, documents[type(one).__name__, one.id])
    check.depths(documents)
    for document in (broken or {}).values():
        if document is not None:
            check.names_in(document.data, document, ())
    for rule in rules.values():
        check.says_something(rule, documents["RuleFile", rule.id])
    return check.problems


def check_exclusions(
    exclusions: Mapping[str, ExclusionFile],
    concepts: Mapping[str, ConceptFile],
    gazetteers: Mapping[str, GazetteerFile],
    broken: frozenset[tuple[str, str]],
    documents: Documents,
) -> list[Problem]:
    """Every problem of the exclusions that could be read."""
    check = _Check(concepts, gazetteers, broken)
    for exclusion in exclusions.values():
        check.file(exclusion, documents["ExclusionFile", exclusion.id])
    return check.problems


def check_sound(
    sound: Mapping[tuple[str, str], FileModel],
    broken: Mapping[tuple[str, str], Document | None],
    told: Iterable[Problem],
    *,
    concepts: Mapping[str, ConceptFile],
    gazetteers: Mapping[str, GazetteerFile],
) -> list[Problem]:
    """Every problem of what is sound in files that are broken, but at places of which something is told already.

    Whether enough is left (examples, slots, words that have to be there) is asked once the file is mended.
    """
    check = _Check(concepts, gazetteers, frozenset(broken))
    for key, model in sound.items():
        if document := broken[key]:
            check.file(model, document)
    known = {(one.file, one.line, one.column) for one in told}
    later = {"missing-example", "unknown-slot", "fires-on-all"}
    return [one for one in check.problems if (one.file, one.line, one.column) not in known and one.code not in later]


class _Check:
    """Collects problems; knows all concepts and gazetteers, and which files could not be read."""

    def __init__(
        self,
        concepts: Mapping[str, ConceptFile],
        gazetteers: Mapping[str, GazetteerFile],
        broken: frozenset[tuple[str, str]],
    ) -> None:
        self.concepts, self.gazetteers, self.broken = concepts, gazetteers, broken
        self.problems: list[Problem] = []
        self._names = {"ConceptFile": set(concepts), "GazetteerFile": set(gazetteers)}
        for model, name in broken:
            self._names.setdefault(model, set()).add(name)
        self._hints: dict[tuple[str, str], str] = {}
        self._asked: dict[str, tuple[str, ...]] = {}

    def file(self, file: FileModel, document: Document) -> None:
        """Check a file of any kind."""
        match file:
            case RuleFile():
                self.rule(file, document)
            case ConceptFile():
                self.concept(file, document)
            case GazetteerFile():
                self.gazetteer(file, document)
            case ExclusionFile():
                self.exclusion(file, document)

    def names_in(self, data: Any, document: Document, loc: Loc) -> None:
        """Check the concepts and gazetteers that are named anywhere in a file that is no rule yet; data as read."""
        if isinstance(data, list):
            for index, item in enumerate(data):
                self.names_in(item, document, (*loc, index))
        elif isinstance(data, dict):
            for key, value in data.items():
                if key == "concept" and isinstance(value, str):
                    self._concept_name(value, document, (*loc, key))
                elif key == "gazetteer" and isinstance(value, str):
                    self._gazetteer_name(value, document, (*loc, key))
                else:
                    self.names_in(value, document, (*loc, key))

    def _concept_name(self, name: str, document: Document, loc: Loc) -> None:
        if name not in self.concepts and ("ConceptFile", name) not in self.broken:
            self._unknown(document, loc, "concept", name, self._names["ConceptFile"])

    def _gazetteer_name(self, name: str, document: Document, loc: Loc) -> None:
        if name not in self.gazetteers and ("GazetteerFile", name) not in self.broken:
            self._unknown(document, loc, "gazetteer", name, self._names["GazetteerFile"])

    def rule(self, rule: RuleFile, document: Document) -> None:
        for loc, node in (*nodes_below(rule.match, ("match",)), *nodes_of_slots(rule, document)):
            self.node(node, document, loc)
        for name in rule.alert.new_if:
            if name not in rule.slots:
                self._unknown(document, ("alert", "new_if"), "slot", name, rule.slots)
        counting = rule.alert.counting
        if counting and counting.by is not None and counting.by not in rule.slots:
            key = next(key for key in ("at_least", "spike", "after", "absence") if getattr(rule.alert, key))
            self._unknown(document, ("alert", key, "by"), "slot", counting.by, rule.slots)
        self._examples(rule, document)

    def exclusion(self, exclusion: ExclusionFile, document: Document) -> None:
        for index, top in enumerate(exclusion.none):
            for loc, node in nodes_below(top, ("none", index)):
                self.node(node, document, loc)
            if not asks(top):
                message, hint = (
                    "this is met without any word: it would leave out every article",
                    "let it ask for a term",
                )
                self.problems.append(document.problem(("none", index), message, hint, code="fires-on-all"))

    def _examples(self, rule: RuleFile, document: Document) -> None:
        for kind, examples in (("fires", rule.examples.fires), ("silent", rule.examples.silent)):
            given = {example.lang for example in examples}
            for language in rule.languages:
                if language not in given:
                    message = f"no example in {language!r} under {kind}, though the rule declares the language"
                    hint = f"add a text with lang: {language} that {_EXAMPLE_HINTS[kind]}"
                    self.problems.append(document.problem(("examples", kind), message, hint, code="missing-example"))
        for index, example in enumerate(rule.examples.fires):
            for name in example.slots:
                if name not in rule.slots:
                    loc: Loc = ("examples", "fires", index, "slots", name)
                    self._unknown(document, loc, "slot", name, rule.slots)

    def says_something(self, rule: RuleFile, document: Document) -> None:
        """Refuse a condition that asks for no word: it would fire on almost every article."""
        if not asks(rule.match):
            hint = "let it ask for at least one term in every case"
            self.problems.append(
                document.problem(("match",), "the condition can be met without any word", hint, code="fires-on-all")
            )

    def node(self, node: Node, document: Document, loc: Loc) -> None:
        """Check that what a term names is there, and that a literal phrase can be looked for."""
        if node.phrase is not None:
            self._forms(literal(node.phrase), document, loc)
        if node.concept is not None:
            self._concept_name(node.concept, document, (*loc, "concept"))
        if node.negated is not None:
            self._concept_name(NegationConcept.BEFORE.value, document, (*loc, "negated"))
        if node.gazetteer is None:
            return
        gazetteer = self.gazetteers.get(node.gazetteer)
        if gazetteer is None:
            self._gazetteer_name(node.gazetteer, document, (*loc, "gazetteer"))
            return
        types, ids = {entry.type for entry in gazetteer.entries}, {entry.id for entry in gazetteer.entries}
        if node.type is not None and node.type not in types:
            self._unknown(document, (*loc, "type"), "type", node.type, types)
        if node.within is not None and node.within not in ids:
            self._unknown(document, (*loc, "within"), "entry", node.within, ids)
        if node.outside is not None and node.outside not in ids:
            self._unknown(document, (*loc, "outside"), "entry", node.outside, ids)

    def concept(self, concept: ConceptFile, document: Document) -> None:
        for index, name in enumerate(concept.include):
            self._concept_name(name, document, ("include", index))
            if name in self.concepts and self._leads_to(name, concept.id):
                message = f"{concept.id!r} takes itself in, through {name!r}"
                self.problems.append(
                    document.problem(("include", index), message, "take one include out", code="circle")
                )
        self._patterns(concept, document)
        for language, lists in concept.phrases.items():
            loc: Loc = ("phrases", language)
            seen: dict[frozenset[Form], str] = {}
            self._lists(lists, document, loc, seen)
            for index, some in enumerate(lists.ambiguous):
                place = (*loc, "ambiguous", index)
                self._lists(some, document, place, seen)
                for number, node in enumerate(some.context):
                    self.node(node, document, (*place, "context", number))

    def _patterns(self, concept: ConceptFile, document: Document) -> None:
        for index, pattern in enumerate(concept.patterns):
            for loc, node in nodes_below(pattern, ("patterns", index)):
                self.node(node, document, loc)
                asked = [
                    *([node.concept] if node.concept else ()),
                    *(NegationConcept if node.negated is not None else ()),
                ]
                through = next((name for name in asked if self._leads_to(name, concept.id)), None)
                if through is not None:
                    message = f"{concept.id!r} is a part of itself, through {str(through)!r}"
                    self.problems.append(document.problem(loc, message, "take it out of the pattern", code="circle"))

    def _lists(self, lists: PhraseLists, document: Document, loc: Loc, seen: dict[frozenset[Form], str]) -> None:
        language = str(loc[1])
        for kind, phrases in PhraseLists.lists(lists).items():
            for index, phrase in enumerate(phrases):
                self._phrase(Phrase(phrase, language, kind), document, (*loc, kind.value, index), seen)

    def _phrase(self, phrase: Phrase, document: Document, loc: Loc, seen: dict[frozenset[Form], str]) -> None:
        forms = self._forms(phrase, document, loc)
        if forms and forms in seen:
            message = f"{phrase.text!r} folds to the same as {seen[forms]!r}"
            self.problems.append(document.problem(loc, message, "keep one of them", code="same-fold"))
        seen.setdefault(forms, phrase.text)

    def _forms(self, phrase: Phrase, document: Document, loc: Loc) -> frozenset[Form]:
        try:
            return forms_of(phrase)
        except (PhraseError, InflectionError) as error:
            self.problems.append(document.problem(loc, str(error), code="bad-phrase"))
            return frozenset()

    def depths(self, documents: Documents) -> None:
        """Refuse concepts of concepts of concepts without end: each takes a call within a call. Circles are told."""
        graph = {name: [one for one in self._asked_by(name) if one in self.concepts] for name in self.concepts}
        depth: dict[str, int] = {}
        with contextlib.suppress(CycleError):
            for name in TopologicalSorter(graph).static_order():
                depth[name] = 1 + max((depth[one] for one in graph[name]), default=0)
                if depth[name] == MAX_DEPTH + 1:
                    message = f"{name!r} asks for concepts that ask for others, {MAX_DEPTH} deep"
                    document = documents["ConceptFile", name]
                    self.problems.append(document.problem(("id",), message, "name them directly", code="too-large"))

    def _leads_to(self, start: str, goal: str) -> bool:
        waiting, seen = [start], set()
        while waiting:
            name = waiting.pop()
            if name == goal:
                return True
            if name in self.concepts and name not in seen:
                seen.add(name)
                waiting.extend(self._asked_by(name))
        return False

    def _asked_by(self, name: str) -> tuple[str, ...]:
        """The concepts that one takes in or asks for, worked out once: each pattern leads to hundreds."""
        if name not in self._asked:
            concept = self.concepts[name]
            self._asked[name] = (*concept.include, *dict.fromkeys(concepts_in(concept)))
        return self._asked[name]

    def gazetteer(self, gazetteer: GazetteerFile, document: Document) -> None:
        for index, node in enumerate(gazetteer.context):
            self.node(node, document, ("context", index))
        parents: dict[str, str | None] = {}
        for index, entry in enumerate(gazetteer.entries):
            loc: Loc = ("entries", index)
            if entry.id in parents:
                message = f"the entry {entry.id!r} stands twice"
                self.problems.append(document.problem((*loc, "id"), message, "keep one of them", code="duplicate-id"))
            parents[entry.id] = entry.parent
            for language, names in entry.names.items():
                seen: dict[frozenset[Form], str] = {}
                groups = [(kind, kind.value, phrases) for kind, phrases in names.lists().items()]
                for kind, key, phrases in (*groups, (Kind.NAME, "ambiguous", names.ambiguous)):
                    for number, phrase in enumerate(phrases):
                        place = _name_place(document, (*loc, "names", language), key, number)
                        self._phrase(Phrase(phrase, language, kind), document, place, seen)
        for index, entry in enumerate(gazetteer.entries):
            self._parent(entry.parent, entry.id, parents, document, ("entries", index, "parent"))

    def _parent(
        self, parent: str | None, entry: str, parents: Mapping[str, str | None], document: Document, loc: Loc
    ) -> None:
        if parent is not None and parent not in parents:
            self._unknown(document, loc, "entry", parent, parents)
        seen = {entry}
        while parent is not None:
            if parent in seen:
                self.problems.append(document.problem(loc, f"{entry!r} has a circle among its parents", code="circle"))
                return
            seen.add(parent)
            parent = parents.get(parent)
            if len(seen) - 1 > MAX_DEPTH:
                message = f"more than {MAX_DEPTH} entries hold {entry!r}, one within another"
                self.problems.append(document.problem(loc, message, "name a parent further up", code="too-large"))
                return

    def _unknown(self, document: Document, loc: Loc, what: str, name: str, known: Iterable[str]) -> None:
        if (what, name) not in self._hints:
            # The search takes milliseconds where thousands are known: a folder without its concepts would take minutes.
            close = get_close_matches(name, sorted(known), n=1) if len(self._hints) < _MAX_HINTS else ()
            self._hints[what, name] = f"did you mean {close[0]!r}?" if close else ""
        hint = self._hints[what, name]
        self.problems.append(document.problem(loc, f"unknown {what} {name!r}", hint, code=f"unknown-{what}"))


def compiled(rule: RuleFile, vocabulary: Vocabulary) -> Condition | None:
    """The rule's condition, or None when it names what is not there or cannot be looked for: told elsewhere."""
    try:
        return compile_condition(rule.match, vocabulary)
    except (KeyError, PhraseError, InflectionError):
        return None


def _name_place(document: Document, loc: Loc, key: str, index: int) -> Loc:
    """The place of an entry's name: under its kind, or in the short form a plain list."""
    place = (*loc, key, index)
    return place if document.holds(place) else (*loc, index)
