"""What is doubtful about phrases: superfluous ones, ambiguous ones that never count, spellings of frequent words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streams.errors import Problem
from streams.located_yaml import Document, Loc
from streams.match.fold import fold
from streams.match.frequent_words import FREQUENT
from streams.match.inflections import InflectionError
from streams.match.negation import NegationConcept
from streams.match.nodes import nodes_below
from streams.match.phrase_finder import PhraseFinder
from streams.match.phrases import Form, Kind, Phrase, PhraseError, forms_of, literal
from streams.match.rule_files import ConceptFile, Node, PhraseLists
from streams.match.rulebook import Reading
from streams.match.surfaces import covers, surfaces_of
from streams.match.vocabulary import family_of_entries

_MAX_SURFACES = 3_000
"""Most spellings of one phrase that are compared; an Arabic noun of two words has about a thousand."""
_SHOWN = 3
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})
"""Scripts with letters that look alike, as Unicode names them."""
_AFFIXED = re.compile("[وف]?(?:[بلك]?(?:ال)?|لل)(?P<whole>(?P<stem>..+?)(?:ها|هم|هما|ه|ك|نا)?)")
"""An Arabic word as written, parted into what may be written on to a noun or name and the rest."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A phrase and where it is written; `guarded` when it counts only in context."""

    phrase: Phrase
    document: Document
    loc: Loc
    guarded: bool

    def problem(self, message: str, hint: str, code: str) -> Problem:
        return self.document.problem(self.loc, message, hint, code=code)


def phrase_problems(reading: Reading) -> Iterator[Problem]:
    """Of concepts: superfluous phrases. Of all files: ambiguous phrases without context, homographs."""
    everything: list[_Written] = []
    negators = set(NegationConcept)  # function words, longer and shorter ones, are what these are made of
    for concept in (one for one in reading.concepts.values() if one.id not in negators):
        written = list(_of_concept(concept, reading.documents["ConceptFile", concept.id]))
        everything += written
        yield from _superfluous(written)
        yield from _without_context(concept, reading)
    for gazetteer in reading.gazetteers.values():
        yield from _nameless(reading, gazetteer.id)
    everything += _of_gazetteers(reading)
    everything += _literals(reading)
    yield from _homographs(everything)
    yield from _mixed(everything)


def _of_concept(concept: ConceptFile, document: Document) -> Iterator[_Written]:
    for language, lists in concept.phrases.items():
        for number, some in ((None, lists), *enumerate(lists.ambiguous)):
            within: Loc = () if number is None else ("ambiguous", number)
            for kind, texts in PhraseLists.lists(some).items():
                for index, text in enumerate(texts):
                    loc = ("phrases", language, *within, kind.value, index)
                    yield _Written(Phrase(text, language, kind), document, loc, guarded=number is not None)


def _of_gazetteers(reading: Reading) -> Iterator[_Written]:
    for gazetteer in reading.gazetteers.values():
        document = reading.documents["GazetteerFile", gazetteer.id]
        for number, entry in enumerate(gazetteer.entries):
            for language, names in entry.names.items():
                for kind, texts in names.lists().items():
                    for index, text in enumerate(texts):
                        loc: Loc = ("entries", number, "names", language, kind.value, index)
                        if not document.holds(loc):
                            loc = ("entries", number, "names", language, index)
                        yield _Written(Phrase(text, language, kind), document, loc, guarded=False)


def _literals(reading: Reading) -> Iterator[_Written]:
    for rule in reading.rules.values():
        document = reading.documents["RuleFile", rule.id]
        for loc, node in nodes_below(rule.match, ("match",)):
            if node.phrase is not None:
                yield _Written(literal(node.phrase), document, loc, guarded=False)


def _forms(phrase: Phrase) -> frozenset[Form]:
    """The forms, none of a phrase that cannot be looked for, which is told elsewhere."""
    try:
        return forms_of(phrase)
    except (PhraseError, InflectionError):
        return frozenset()


def _superfluous(written: list[_Written]) -> Iterator[Problem]:
    """Phrases of one concept that others make superfluous, wholly or but for the words that are marked."""
    sound = [one for one in written if _forms(one.phrase)]
    by_pattern: dict[bytes, list[tuple[_Written, Form]]] = defaultdict(list)
    for one in sound:
        for form in _forms(one.phrase):
            by_pattern[form.pattern.strip(b" ")].append((one, form))
    standing = _standing_in(sound)
    for one in sound:
        cover = _cover(one, by_pattern)
        if cover is not None:
            message = f"every form of {one.phrase.text!r} is also one of {cover.phrase.text!r} ({cover.phrase.kind})"
            yield one.problem(message, "delete it", "subsumed-phrase")
            continue
        shorter = _within(one, standing)
        if shorter is not None:
            message = f"wherever {one.phrase.text!r} stands, {shorter.text!r} of the same concept stands too"
            yield one.problem(message, "delete it, unless its words are wanted as evidence", "contained-phrase")


def _cover(one: _Written, by_pattern: Mapping[bytes, list[tuple[_Written, Form]]]) -> _Written | None:
    """A phrase that covers all forms of `one`, and more, and counts everywhere."""
    forms = _forms(one.phrase)
    several = [
        [other for other, wider in by_pattern[form.pattern.strip(b" ")] if not other.guarded and covers(wider, form)]
        for form in forms
    ]
    for other in several[0]:
        if _forms(other.phrase) != forms and all(other in column for column in several):
            return other
    return None


def _standing_in(sound: list[_Written]) -> dict[bytes, set[Phrase]]:
    """By plain form of each phrase: the phrases that stand in it and count everywhere."""
    spellings = list(dict.fromkeys(_plain(form) for one in sound for form in _forms(one.phrase)))
    finder = PhraseFinder(one.phrase for one in sound if not one.guarded)
    return dict(zip(spellings, finder.in_each(spellings), strict=True))


def _plain(form: Form) -> bytes:
    return next(surfaces_of(form))


def _within(one: _Written, standing: Mapping[bytes, set[Phrase]]) -> Phrase | None:
    """A shorter phrase that stands in every surface of `one`."""
    forms = _forms(one.phrase)
    if all(b" " not in form.pattern.strip(b" ") for form in forms):
        return None
    candidates = set.intersection(*(standing[_plain(form)] for form in forms)) - {one.phrase}
    if not candidates:
        return None
    surfaces = [surface for form in forms for surface in surfaces_of(form)][:_MAX_SURFACES]
    candidates.intersection_update(*PhraseFinder(candidates).in_each(surfaces))
    return min(candidates, key=lambda phrase: phrase.text, default=None)


def _without_context(concept: ConceptFile, reading: Reading) -> Iterator[Problem]:
    """Ambiguous phrases of which no context has a word in their language."""
    document = reading.documents["ConceptFile", concept.id]
    for language, lists in concept.phrases.items():
        for number, some in enumerate(lists.ambiguous):
            if not any(_speaks(node, language, reading) for node in some.context):
                message = f"the context of these phrases has no words in {language!r}, so that they never count"
                loc = ("phrases", language, "ambiguous", number, "context")
                yield document.problem(loc, message, f"add context in {language!r}", code="unreachable-phrase")


def _speaks(node: Node, language: str, reading: Reading) -> bool:
    """Whether a term of a context has words in the language; a name that is not there is told elsewhere."""
    if node.concept is not None:
        concept = reading.concepts.get(node.concept)
        return concept is None or bool(concept.include) or language in concept.phrases
    if node.gazetteer is not None:
        gazetteer = reading.gazetteers.get(node.gazetteer)
        return gazetteer is None or any(language in entry.names for entry in gazetteer.entries)
    return True


def _nameless(reading: Reading, name: str) -> Iterator[Problem]:
    """Ambiguous names of entries without a family, in a gazetteer without context."""
    gazetteer = reading.gazetteers[name]
    if gazetteer.context:
        return
    families = family_of_entries(gazetteer)
    for number, entry in enumerate(gazetteer.entries):
        for language, names in entry.names.items():
            if names.ambiguous and families[entry.id] is None:
                loc = ("entries", number, "names", language, "ambiguous")
                message = f"the ambiguous names of {entry.id!r} never count: the gazetteer has no context for them"
                hint = "give the file a context, or families that the entry belongs to"
                yield reading.documents["GazetteerFile", name].problem(loc, message, hint, code="unreachable-phrase")


def _mixed(everything: list[_Written]) -> Iterator[Problem]:
    """Phrases with a word in two scripts that look alike: a slip of the keyboard that no eye sees."""
    for one in everything:
        for word in one.phrase.text.split() if not one.phrase.text.isascii() else ():
            scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()}
            if len(scripts & _ALIKE) > 1:
                message = f"{word!r} has letters of {' and '.join(sorted(scripts & _ALIKE)).lower()}, which look alike"
                yield one.problem(message, "type the word again in one alphabet", "mixed-script")


def _homographs(everything: list[_Written]) -> Iterator[Problem]:
    """Phrases that a frequent word of their language is taken for: one finding for each phrase."""
    sound = [one for one in everything if _forms(one.phrase) and not one.guarded]
    finder = PhraseFinder(one.phrase for one in sound)
    found: dict[Phrase, list[str]] = defaultdict(list)
    for language in sorted(FREQUENT):
        words = sorted(FREQUENT[language])
        folded = fold(". ".join(words))  # one scan: each has its price
        ends = folded.word_ends[:-1]
        for phrase, spans in finder.hits(folded).items():
            if phrase.language in {language, "und"}:
                found[phrase] += sorted({words[bisect_right(ends, start) - 1] for start, _ in spans})
    for one in sound:
        if one.phrase in found:
            yield _homograph(one, found[one.phrase])


def _homograph(one: _Written, words: list[str]) -> Problem:
    text = one.phrase.text
    other = [word for word in words if not _is_form(word, one.phrase)]
    if not other:
        message = f"{text!r} is one of the most frequent words of its language ({', '.join(words[:_SHOWN])})"
        return one.problem(message, "let something rarer stand beside it in the condition", "frequent-word")
    message = f"{text!r} is also found in a frequent word that means something else: {', '.join(other[:_SHOWN])}"
    return one.problem(message, "put it under ambiguous with a context, or make it exact", "homograph")


def _is_form(word: str, phrase: Phrase) -> bool:
    """Whether a word is the phrase as its author spelled it, with what is written on to it, or a regular form of it."""
    if phrase.language != "ar":
        return phrase.kind is not Kind.NAME or word == phrase.text
    if phrase.kind is Kind.VERB:
        return _is_verb_form(word, *phrase.text.split("/"))
    found = _AFFIXED.fullmatch(word)
    stems = {word, *(found["stem"], found["whole"])} if found else {word}
    return not stems.isdisjoint({phrase.text, phrase.text.removeprefix("ال")})


def _is_verb_form(word: str, past: str, present: str) -> bool:
    """Whether an Arabic word is the verb in the third person, as news tells, with و or ف before it or not."""
    feminine = past[:-1] + "ت" if past[-1] in "اى" else past
    starts = (past, feminine, present, "ت" + present[1:])
    return word.startswith(starts) or (word[0] in "وف" and word[1:].startswith(starts))
