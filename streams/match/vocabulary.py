"""Which words stand for which terms: every phrase that the rules use, in one scanner.

A term is what a condition or slot asks for (a concept, a choice of a gazetteer's entries, a literal phrase); here it
gets a number. A hit is a span of a folded text that means a term, perhaps through a gazetteer's entry, perhaps only
under a guard: an ambiguous phrase counts when its context is there, which `streams.match.document` looks into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from streams.match.fold import Folded, fold_phrase
from streams.match.lexicon import BITS
from streams.match.phrases import Form, Kind, Phrase, forms_of, literal
from streams.match.regexes import Regex, compile_regex
from streams.match.rule_files import ConceptFile, Entry, GazetteerFile, Node, PhraseLists
from streams.match.scanner import Hits, Scanner
from streams.match.words import Ints, Words

if TYPE_CHECKING:
    from streams.match.conditions import Places

_FUNCTION_WORDS = """
    في من على إلى عن أن إن ما لا لم لن قد كان هذا هذه ذلك التي الذي مع بعد قبل حتى بين كل
    the of to in and a on for with by at from as that is was it not has be
"""
_EVERYWHERE = frozenset(fold_phrase(word) for word in _FUNCTION_WORDS.split())
"""Words that are in nearly every article of their language; a rule is not indexed under them if it can be helped."""

_NAME_SHARE = 0.02
"""How much rarer a name is than a common word of its length. A guess: gazetteers hold hundreds of names, most of which
a year of news does not have."""

NO_ENTRY = -1
NO_GUARD = -1


class TermKey(NamedTuple):
    """What a term is, in the words of the rule files; `family` is asked for by ambiguous names alone."""

    shape: str
    name: str
    type: str | None = None
    within: str | None = None
    outside: str | None = None
    family: str | None = None

    @classmethod
    def of(cls, node: Node) -> TermKey:
        """The key of a node that is a term."""
        if node.concept is not None:
            return cls("concept", node.concept)
        if node.gazetteer is not None:
            return cls("gazetteer", node.gazetteer, node.type, node.within, node.outside)
        if node.regex is not None:
            return cls("regex", node.regex)
        return cls("phrase", node.phrase or "")

    def __str__(self) -> str:
        """The term as a reader of the rule knows it."""
        narrowings = (("type", self.type), ("in", self.within), ("outside", self.outside))
        narrowed = "".join(f" {key} {value}" for key, value in narrowings if value)
        return f"{self.name}{narrowed}"


class Reach(Enum):
    """How near an ambiguous phrase's context has to be."""

    SENTENCE = "the same sentence"
    BESIDE = "directly before or after"


@dataclass(frozen=True, slots=True)
class Guard:
    """What makes an ambiguous phrase count: one of `terms` within `reach`, or `family` anywhere in the article.

    One of `capitals` has to be written in them, US is not us; where not all of its sentence is, it needs nothing else.
    """

    terms: frozenset[int]
    reach: Reach
    family: int | None = None
    capitals: bool = False


class Meaning(NamedTuple):
    """What a phrase stands for."""

    term: int
    entry: int
    guard: int


Hit = tuple[int, int, int, int]
"""Start and end of words of the folded text, the entry and the guard of what they mean. A plain tuple: one is made for
every hit in every article that a rule is evaluated on."""


class Vocabulary:
    """The terms of a rulebook and the scanner that finds them."""

    def __init__(self, concepts: Mapping[str, ConceptFile], gazetteers: Mapping[str, GazetteerFile]) -> None:
        self.terms: list[TermKey] = []
        self.entries: list[tuple[str, Entry]] = []
        self.guards: list[Guard] = []
        self.weights: list[float] = []
        self.widths: list[int] = []
        self.regexes: dict[int, Regex] = {}
        self._concepts, self._gazetteers = concepts, gazetteers
        self._numbers: dict[TermKey, int] = {}
        self._asked: set[int] = set()
        self.compiled: dict[int, tuple[Places, frozenset[int]]] = {}
        self._entry_numbers: dict[tuple[str, str], int] = {}
        self._forms: dict[Form, set[int]] = defaultdict(set)
        self._meanings: dict[Meaning, int] = {}
        self._cache: dict[Phrase, frozenset[Form]] = {}
        self._scanner = Scanner({})
        self.meanings: Ints = np.empty((len(Meaning._fields), 0), dtype=np.intp)
        self._paths: dict[int, tuple[str, ...]] = {}
        self._around: dict[int, tuple[str, ...]] = {}

    def number(self, key: TermKey) -> int:
        """The number of a term; its phrases are taken in when it is asked for first."""
        if key not in self._numbers:
            self._numbers[key] = number = len(self.terms)
            self.terms.append(key)
            self.weights.append(0.0)
            self.widths.append(1)
            if key.shape == "concept":
                self._take_concept(number, key.name)
            elif key.shape == "gazetteer":
                self._take_gazetteer(number, key)
            elif key.shape == "regex":
                self.regexes[number] = compile_regex(key.name)
            elif key.shape == "phrase":
                self._add(literal(key.name), Meaning(number, NO_ENTRY, NO_GUARD))
        self._asked.add(self._numbers[key])
        return self._numbers[key]

    def take_asked(self) -> frozenset[int]:
        """The terms of which the number was asked for since the last time."""
        asked = frozenset(self._asked)
        self._asked.clear()
        return asked

    def ask(self, terms: Iterable[int]) -> None:
        """Count the terms as asked for."""
        self._asked.update(terms)

    def has_concept(self, name: str) -> bool:
        """Whether there is such a concept."""
        return name in self._concepts

    def patterns_of(self, name: str) -> tuple[Node, ...]:
        """The patterns of a concept and of those that it takes in. Raises KeyError when there is no such concept."""
        return tuple(pattern for concept in self._with_included(name) for pattern in concept.patterns)

    def number_of_phrase(self, phrase: Phrase) -> int:
        """The number of a new term that stands for this phrase alone; for tools that look at single phrases."""
        number = len(self.terms)
        self.terms.append(TermKey("phrase", phrase.text))
        self.weights.append(0.0)
        self.widths.append(1)
        self._add(phrase, Meaning(number, NO_ENTRY, NO_GUARD))
        return number

    def path(self, entry: int) -> tuple[str, ...]:
        """The gazetteer of an entry, and the ids from the entry's topmost ancestor down to it."""
        if entry not in self._paths:
            gazetteer, own = self.entries[entry]
            by_id = {one.id: one for one in self._gazetteers[gazetteer].entries}
            line: list[str] = [own.id]
            while (parent := by_id[line[0]].parent) is not None:
                line.insert(0, parent)
            self._paths[entry] = (gazetteer, *line)
        return self._paths[entry]

    def around(self, entry: int) -> tuple[str, ...]:
        """The names and codes of the ancestors of an entry."""
        if entry not in self._around:
            gazetteer, *line, _ = self.path(entry)
            by_id = {one.id: one for one in self._gazetteers[gazetteer].entries}
            said = (said for id_ in line for said in (by_id[id_].name, by_id[id_].code))
            self._around[entry] = tuple(filter(None, said))
        return self._around[entry]

    def freeze(self, bits: int = BITS) -> None:
        """Build the scanner, which learns of words in 2 ** `bits` places; no term can be added afterwards."""
        self._scanner = Scanner(self._forms, bits)
        self.meanings = np.array(list(self._meanings), dtype=np.intp).reshape(-1, len(Meaning._fields)).T.copy()
        self._forms.clear()
        self._cache.clear()
        self._meanings.clear()

    def hits(self, words: Words) -> Hits:
        """Every hit in the words, those of ambiguous phrases among them; values are columns of `meanings`."""
        return self._scanner.scan(words)

    def scan(self, folded: Folded) -> dict[int, list[Hit]]:
        """Every hit in one text by term, for tools; in no certain order."""
        found: dict[int, list[Hit]] = {}
        hits = self.hits(folded.words)
        places = (hits.values, *hits.spans(folded.words))
        for value, start, end in zip(*(one.tolist() for one in places), strict=True):
            term, entry, guard = self.meanings[:, value].tolist()
            found.setdefault(term, []).append((start, end, entry, guard))
        return found

    def _add(self, phrase: Phrase, meaning: Meaning) -> None:
        forms = self._cache.get(phrase)
        if forms is None:
            forms = self._cache[phrase] = forms_of(phrase)
        number = self._meanings.setdefault(meaning, len(self._meanings))
        for form in forms:
            self._forms[form].add(number)
        spelled = [form.pattern.strip() for form in forms]
        self.weights[meaning.term] += _likelihood(spelled, phrase.kind)
        self.widths[meaning.term] = max(self.widths[meaning.term], *(1 + one.count(b" ") for one in spelled))

    def _add_lists(self, language: str, lists: Mapping[Kind, Iterable[str]], meaning: Meaning) -> None:
        for kind, phrases in lists.items():
            for phrase in phrases:
                self._add(Phrase(phrase, language, kind), meaning)

    def _take_concept(self, number: int, name: str) -> None:
        for concept in self._with_included(name):
            for language, lists in concept.phrases.items():
                self._add_lists(language, lists.lists(), Meaning(number, NO_ENTRY, NO_GUARD))
                for some in lists.ambiguous:
                    context = frozenset(self.number(TermKey.of(node)) for node in some.context)
                    guard = self._guard(Guard(context, Reach.SENTENCE))
                    self._add_lists(language, PhraseLists.lists(some), Meaning(number, NO_ENTRY, guard))

    def _with_included(self, name: str) -> Iterator[ConceptFile]:
        waiting, seen = [name], set()
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                yield self._concepts[one]
                waiting.extend(self._concepts[one].include)

    def _take_gazetteer(self, number: int, key: TermKey) -> None:
        gazetteer = self._gazetteers[key.name]
        families = family_of_entries(gazetteer)
        context = frozenset(self.number(TermKey.of(node)) for node in gazetteer.context)
        for entry in chosen_entries(gazetteer, key):
            family = families[entry.id]
            if key.family is not None and family != key.family:
                continue
            index = self._entry(key.name, entry)
            for language, names in entry.names.items():
                self._add_lists(language, names.lists(), Meaning(number, index, NO_GUARD))
                if not names.ambiguous or key.family is not None:
                    continue
                kin = self.number(TermKey("gazetteer", key.name, family=family)) if family else None
                for name in names.ambiguous:
                    guard = self._guard(Guard(context, Reach.BESIDE, kin, name.isupper()))
                    self._add_lists(language, {Kind.NAME: (name,)}, Meaning(number, index, guard))

    def _entry(self, gazetteer: str, entry: Entry) -> int:
        key = (gazetteer, entry.id)
        if key not in self._entry_numbers:
            self._entry_numbers[key] = len(self.entries)
            self.entries.append((gazetteer, entry))
        return self._entry_numbers[key]

    def _guard(self, guard: Guard) -> int:
        if guard not in self.guards:
            self.guards.append(guard)
        return self.guards.index(guard)


def chosen_entries(gazetteer: GazetteerFile, key: TermKey) -> Iterator[Entry]:
    """The entries of the key's type that are `within` or below it, and that share no line with `outside`."""
    parents = {entry.id: entry.parent for entry in gazetteer.entries}
    around = line_of(key.outside, parents) if key.outside is not None else []
    for entry in gazetteer.entries:
        line = line_of(entry.id, parents)
        if key.type is not None and entry.type != key.type:
            continue
        if key.within is not None and key.within not in line:
            continue
        if entry.id not in around and key.outside not in line:
            yield entry


def family_of_entries(gazetteer: GazetteerFile) -> dict[str, str | None]:
    """By entry: its topmost ancestor (or itself) whose type is among the gazetteer's `families`."""
    parents = {entry.id: entry.parent for entry in gazetteer.entries}
    types = {entry.id: entry.type for entry in gazetteer.entries}
    families: dict[str, str | None] = {}
    for entry in gazetteer.entries:
        line = [one for one in line_of(entry.id, parents) if types.get(one) in gazetteer.families]
        families[entry.id] = line[-1] if line else None
    return families


def line_of(entry: str, parents: Mapping[str, str | None]) -> list[str]:
    """An entry and its ancestors, nearest first; a circle, which the rulebook refuses, ends the line."""
    line: dict[str, None] = {}
    step: str | None = entry
    while step is not None and step not in line:
        line[step] = None
        step = parents.get(step)
    return list(line)


def _likelihood(spelled: Iterable[bytes], kind: Kind) -> float:
    """A guess at how many articles hold a phrase: short words are common, names are rare, function words everywhere."""
    shortest = min(spelled, key=len)
    if shortest in _EVERYWHERE:
        return 10.0
    return (_NAME_SHARE if kind is Kind.NAME else 1.0) / len(shortest) ** 2
