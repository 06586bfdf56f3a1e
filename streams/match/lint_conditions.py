"""What is doubtful about the conditions of rules, looked at without any article."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from streams.errors import Problem
from streams.located_yaml import Document, Loc
from streams.match.captions import caption
from streams.match.conditions import Terms
from streams.match.document import Document as Article
from streams.match.fold import fold, fold_phrase
from streams.match.frequent_words import EVERYWHERE
from streams.match.negation import NegationConcept
from streams.match.nodes import asks, nodes_below, nodes_of_slots, parts_of
from streams.match.rule_checks import compiled
from streams.match.rule_files import GROUP_SHAPES, SCOPE_SHAPES, Node, RuleFile
from streams.match.rulebook import Reading
from streams.match.vocabulary import TermKey, Vocabulary, chosen_entries

_SCRIPTS = {"ar": "ARABIC", "fa": "ARABIC", "ur": "ARABIC", "ckb": "ARABIC", "ps": "ARABIC", "he": "HEBREW"}
_SCRIPTS |= dict.fromkeys(("ru", "uk", "bg", "sr", "mk", "be"), "CYRILLIC") | {"el": "GREEK"}
"""The script of languages that are not written in Latin letters."""
_LATIN = re.compile(r"\\[bBwWdD]")
_MEANT = {
    r"\b": r"write (?:^|\s) before a word and (?:\s|$) behind it, or use a phrase",
    r"\w": r"write \p{L} for a letter",
    r"\d": r"write \p{Nd} for a digit",
}
"""RE2's classes that are those of ASCII, and what to write in their place."""


def condition_problems(reading: Reading) -> Iterator[Problem]:
    """Parts that stand twice, can never be met, have no words in a language, or are met nearly everywhere."""
    languages = _Languages(reading)
    for rule in reading.rules.values():
        document = reading.documents["RuleFile", rule.id]
        for loc, node in nodes_of_slots(rule, document):
            yield from _latin_classes(node, document, loc)
        for loc, node in nodes_below(rule.match, ("match",)):
            yield from _latin_classes(node, document, loc)
            yield from _twins(node, document, loc)
            yield from _contradictions(node, document, loc)
            yield from _barred(node, document, loc)
        yield from languages.gaps(rule, document)
        yield from languages.negations(rule, document)
    for concept in reading.concepts.values():
        document = reading.documents["ConceptFile", concept.id]
        for index, pattern in enumerate(concept.patterns):
            for loc, node in nodes_below(pattern, ("patterns", index)):
                yield from _latin_classes(node, document, loc)
    yield from _unselective(reading)


def _latin_classes(node: Node, document: Document, loc: Loc) -> Iterator[Problem]:
    """A regex with letters beyond ASCII and a class that has none of them: beside them it means something else."""
    letters = (node.regex or "").replace("\\\\", "")
    found = _LATIN.search(letters)
    if found and any(letter.isalpha() and not letter.isascii() for letter in letters):
        meant = _MEANT[found[0].lower()]
        message = (
            f"{found[0]} knows no letters and digits but a to z and 0 to 9: it is not the edge or part of other words"
        )
        yield document.problem((*loc, "regex"), message, meant, code="latin-class")


def _unselective(reading: Reading) -> Iterator[Problem]:
    """Rules for which no word has to be there, or only words that nearly every article of some language has."""
    if any(problem.code in {"circle", "too-large"} for problem in reading.problems):
        return  # a concept that takes itself in, or too many others, cannot be compiled
    vocabulary = Vocabulary(reading.concepts, reading.gazetteers)
    groups, slow = {}, {}
    for rule in reading.rules.values():
        condition = compiled(rule, vocabulary)
        if condition is not None:
            groups[rule.id] = condition.mandatory(vocabulary.weights)
            yield from _slow(rule, reading.documents["RuleFile", rule.id], groups[rule.id])
            if asks(rule.match) and not groups[rule.id]:
                slow[rule.id] = condition
    vocabulary.freeze()
    for language, words in sorted(EVERYWHERE.items()):
        text = ". ".join(sorted(words))
        found = vocabulary.scan(fold(text)).keys()
        article = Article("", text, vocabulary)
        for name, condition in slow.items():
            if language in reading.rules[name].languages and condition.met(article, 0, article.length):
                message = f"the condition would fire on almost every article in {language!r}"
                hint = "ask for a concept or phrase beside the regex, under all"
                yield reading.documents["RuleFile", name].problem(("match",), message, hint, code="fires-on-most")
        for name, mandatory in groups.items():
            if mandatory and language in reading.rules[name].languages and all(found & group for group in mandatory):
                term = vocabulary.terms[min(found & mandatory[0])]
                message = f"the condition would fire on almost every article in {language!r}: {term} is everywhere"
                hint = "ask for a second, rarer term beside it"
                yield reading.documents["RuleFile", name].problem(("match",), message, hint, code="fires-on-most")


def _slow(rule: RuleFile, document: Document, mandatory: Sequence[Terms]) -> Iterator[Problem]:
    """A rule that no word has to be there for: it is evaluated on every article."""
    if asks(rule.match) and not mandatory:
        message = "the rule is evaluated on every article: a regex or number alone does not say which ones to look at"
        hint = "ask for a concept or phrase beside it, under all"
        yield document.problem(("match",), message, hint, code="slow-rule")


def _twins(node: Node, document: Document, loc: Loc) -> Iterator[Problem]:
    """Parts of one list that ask for the same; in `near` two of a kind are two words."""
    seen: dict[tuple[Loc, object], Node] = {}
    for step, part in parts_of(node):
        if step[0] == "near":
            continue
        asked = _asked(part)
        if (step[:-1], asked) in seen:
            message = f"{caption(part)} stands twice in one list"
            yield document.problem((*loc, *step), message, "keep one of them", code="same-part")
        seen[step[:-1], asked] = part


def _asked(node: Node) -> object:
    """What a node asks for: the same for two that differ in spelling only."""
    return (fold_phrase(node.phrase), node.negated, node.quoted) if type(node) is Node and node.phrase else node


def _needed(node: Node) -> Iterator[Node]:
    """The node, and all below it that have to be met for it."""
    yield node
    lists = (node.all, *(getattr(node, scope) for scope in SCOPE_SHAPES))
    several = (node.near.of if node.near else None, node.sentences.of if node.sentences else None)
    for parts in (*lists, *several):
        for part in parts or ():
            yield from _needed(part)


def _barred(node: Node, document: Document, loc: Loc) -> Iterator[Problem]:
    """Parts of `near` that it rules out itself."""
    barred = {_asked(part) for part in (node.near.without or () if node.near else ())}
    for index, part in enumerate(node.near.of if node.near else ()):
        if _asked(part) in barred:
            message = f"{caption(part)} is a part and under without: this is never met"
            yield document.problem((*loc, "near", "of", index), message, "take one of them out", code="never-met")


def _contradictions(node: Node, document: Document, loc: Loc) -> Iterator[Problem]:
    """Parts that cannot hold together: asked for and excluded in one list, or the title within the lead."""
    for parts, beside in ((node.all, node.none), *((getattr(node, scope), None) for scope in SCOPE_SHAPES)):
        wanted = {_asked(one) for part in parts or () for one in _needed(part)}
        excluded = [one for part in parts or () for one in part.none or ()]
        for place, several in ((loc, excluded), ((*loc, "none"), beside or ())):
            for one in (below for part in several for below in (part, *(part.any or ()))):
                if _asked(one) in wanted:
                    message = f"{caption(one)} is asked for and excluded in the same place: this is never met"
                    yield document.problem(place, message, "take one of them out", code="never-met")
    for outer, inner in (("title", "lead"), ("lead", "title")):
        for top in getattr(node, outer) or ():
            for below_loc, below in nodes_below(top, (*loc, outer)):
                if getattr(below, inner) is not None:
                    message = f"{inner} within {outer} is never met: the lead begins after the title"
                    yield document.problem(below_loc, message, "put them side by side", code="never-met")


class _Languages:
    """Which terms have words in which language."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def gaps(self, rule: RuleFile, document: Document) -> Iterator[Problem]:
        """The smallest parts that have to be met and cannot, by language."""
        for language in rule.languages:
            for loc, node in self._gaps(rule.match, ("match",), language):
                message = f"{caption(node)} can never be met in {language!r}, which the rule declares"
                hint = f"add phrases in {language!r}, or take the language out of languages"
                yield document.problem(loc, message, hint, code="language-gap")

    def negations(self, rule: RuleFile, document: Document) -> Iterator[Problem]:
        """Where negated is asked in a language of which the concept negator has no words: once for each."""
        asked = (loc for loc, node in nodes_below(rule.match, ("match",)) if node.negated is not None)
        first, known = next(asked, None), self._of_concept(NegationConcept.BEFORE.value)
        if first is None or known is None:
            return
        for language in rule.languages:
            if language not in known:
                message = f"nothing is negated in {language!r}: the concept negator has no words in it"
                hint = f"add phrases in {language!r} to concepts/negator.yaml"
                yield document.problem((*first, "negated"), message, hint, code="language-gap")

    def _gaps(self, node: Node, loc: Loc, language: str) -> Iterator[tuple[Loc, Node]]:
        if self._can(node, language):
            return
        below = [
            (step, part)
            for step, part in parts_of(node)
            if step[0] in {"all", "near", "sentences", *SCOPE_SHAPES} and not self._can(part, language)
        ]
        if not below:
            yield loc, node
        for step, part in below:
            yield from self._gaps(part, (*loc, *step), language)

    def _can(self, node: Node, language: str) -> bool:
        """Whether the node can be met by words of the language; a name that is not there is told elsewhere."""
        if node.phrase is not None:
            return _written_in(node.phrase, language)
        if node.concept is not None or node.gazetteer is not None:
            known = self._of_concept(node.concept) if node.concept is not None else self._of_gazetteer(node)
            return known is None or language in known
        return self._has_parts(node, language)

    def _has_parts(self, node: Node, language: str) -> bool:
        counts = {"any": 1, "of": node.at_least or 1, "none": 0}
        for shape in (*GROUP_SHAPES, "of", *SCOPE_SHAPES):
            parts = getattr(node, shape)
            if parts is not None:
                able = sum(self._can(part, language) for part in parts)
                if able < counts.get(shape, len(parts)):
                    return False
        if node.score is not None:
            able = sum(part.weight for part in node.score.of if part.weight > 0 and self._can(part, language))
            return able >= node.score.threshold
        if node.sentences is not None:
            return all(self._can(part, language) for part in node.sentences.of)
        counted = node.number.of if node.number else None
        if counted and not any(self._can(part, language) for part in counted):
            return False
        return node.near is None or all(self._can(part, language) for part in node.near.of)

    def _of_concept(self, name: str) -> frozenset[str] | None:
        """None: any, because the file is missing or broken."""
        waiting, seen = [name], set[str]()
        found: set[str] = set()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            concept = self._reading.concepts.get(one)
            if concept is None:
                return None
            if concept.patterns:
                return None
            found |= set(concept.phrases)
            waiting += concept.include
        return frozenset(found)

    def _of_gazetteer(self, node: Node) -> frozenset[str] | None:
        """None: any, because the file is missing or broken."""
        gazetteer = self._reading.gazetteers.get(node.gazetteer or "")
        if gazetteer is None:
            return None
        return frozenset(language for entry in chosen_entries(gazetteer, TermKey.of(node)) for language in entry.names)


def _written_in(phrase: str, language: str) -> bool:
    """Whether the letters of a literal phrase are of the language's script; digits are of every one."""
    script = _SCRIPTS.get(language, "LATIN")
    names = [unicodedata.name(letter, "") for letter in phrase if letter.isalpha()]
    return not names or any(name.startswith(script) for name in names)
