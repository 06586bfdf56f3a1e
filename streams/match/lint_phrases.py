"""What is doubtful about phrases: superfluous ones, ambiguous ones that never count, spellings of frequent words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from streams.errors import Problem
from streams.located_yaml import Document, Loc
from streams.match.fold import fold, fold_phrase
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
_MAX_SURFACES_OF_ALL = 100_000
"""Most spellings of all phrases of a concept, which take half a second."""
_SHOWN = 3
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})
"""Scripts with letters that look alike, as Unicode names them."""
_AFFIXED = re.compile("[وف]?(?:[بلك]?(?:ال)?|لل)(?P<whole>(?P<stem>..+?)(?:ها|هم|هما|ه|ك|نا)?)")
"""An Arabic word as written, parted into what may be written on to a noun or name and the rest."""

_ARTICLED = re.compile("ال[\u0621-\u0652]{3,}")


@dataclass(frozen=True, slots=True)
class _Written:
    """A phrase and where it is written; `guarded` when it counts only in context."""

    phrase: Phrase
    document: Document
    loc: Loc
    guarded: bool
    forms: frozenset[Form]
    """None of a phrase that cannot be looked for, which is told elsewhere."""

    @classmethod
    def of(cls, phrase: Phrase, document: Document, loc: Loc, *, guarded: bool = False) -> _Written:
        """With its forms, which are asked for again and again."""
        try:
            forms = forms_of(phrase)
        except (PhraseError, InflectionError):
            forms = frozenset()
        return cls(phrase, document, loc, guarded, forms)

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
    yield from _with_article(everything)


def _of_concept(concept: ConceptFile, document: Document) -> Iterator[_Written]:
    for language, lists in concept.phrases.items():
        for number, some in ((None, lists), *enumerate(lists.ambiguous)):
            within: Loc = () if number is None else ("ambiguous", number)
            for kind, texts in PhraseLists.lists(some).items():
                for index, text in enumerate(texts):
                    loc = ("phrases", language, *within, kind.value, index)
                    yield _Written.of(Phrase(text, language, kind), document, loc, guarded=number is not None)


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
                        yield _Written.of(Phrase(text, language, kind), document, loc)


def _literals(reading: Reading) -> Iterator[_Written]:
    for rule in reading.rules.values():
        document = reading.documents["RuleFile", rule.id]
        for loc, node in nodes_below(rule.match, ("match",)):
            if node.phrase is not None:
                yield _Written.of(literal(node.phrase), document, loc)


def _superfluous(written: list[_Written]) -> Iterator[Problem]:
    """Phrases of one concept that others make superfluous, wholly or but for the words that are marked."""
    # What stands twice is told elsewhere; here each would be compared with all the others.
    sound = list({(one.forms, one.guarded): one for one in reversed(written) if one.forms}.values())[::-1]
    by_pattern: dict[bytes, list[tuple[_Written, Form]]] = defaultdict(list)
    for one in sound:
        for form in one.forms:
            by_pattern[form.pattern.strip(b" ")].append((one, form))
    covers = {one.phrase: cover for one in sound if (cover := _cover(one, by_pattern)) is not None}
    shorter = _within([one for one in sound if one.phrase not in covers], sound)
    for one in sound:
        if one.phrase in covers:
            wider = covers[one.phrase].phrase
            message = f"every form of {one.phrase.text!r} is also one of {wider.text!r} ({wider.kind})"
            yield one.problem(message, "delete it", "subsumed-phrase")
        elif one.phrase in shorter:
            message = (
                f"wherever {one.phrase.text!r} stands, {shorter[one.phrase].text!r} of the same concept stands too"
            )
            yield one.problem(message, "delete it, unless its words are wanted as evidence", "contained-phrase")


def _cover(one: _Written, by_pattern: Mapping[bytes, list[tuple[_Written, Form]]]) -> _Written | None:
    """A phrase that covers all forms of `one`, and more, and counts everywhere."""
    several = [
        [other for other, wider in by_pattern[form.pattern.strip(b" ")] if not other.guarded and covers(wider, form)]
        for form in one.forms
    ]
    for other in several[0]:
        if other.forms != one.forms and all(other in column for column in several):
            return other
    return None


def _within(several: list[_Written], sound: list[_Written]) -> dict[Phrase, Phrase]:
    """By phrase of more than one word: a shorter one that stands in every surface of it."""
    longer = [one for one in several if any(b" " in form.pattern.strip(b" ") for form in one.forms)]
    finder = PhraseFinder(one.phrase for one in sound if not one.guarded)
    plain = _in_every(finder, [[next(surfaces_of(form)) for form in one.forms] for one in longer])
    suspects = [
        (one, others) for one, standing in zip(longer, plain, strict=True) if (others := standing - {one.phrase})
    ]
    most = max(1, min(_MAX_SURFACES, _MAX_SURFACES_OF_ALL // max(1, len(suspects))))
    surfaces = [
        list(islice((surface for form in one.forms for surface in surfaces_of(form)), most)) for one, _ in suspects
    ]
    found = {}
    for (one, others), standing in zip(suspects, _in_every(finder, surfaces), strict=True):
        if left := others & standing:
            found[one.phrase] = min(left, key=lambda phrase: phrase.text)
    return found


def _in_every(finder: PhraseFinder, lists: Sequence[Sequence[bytes]]) -> list[set[Phrase]]:
    """For each list of folded letters: the phrases that stand in all of them."""
    found = iter(finder.in_each([letters for listed in lists for letters in listed]))
    return [set.intersection(*islice(found, len(listed))) for listed in lists]


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


def _with_article(everything: list[_Written]) -> Iterator[Problem]:
    """Arabic nouns of one word that begin like the article: they are not found without it."""
    for one in everything:
        text = one.phrase.text
        if one.phrase.kind is Kind.COMMON and one.phrase.language == "ar" and _ARTICLED.fullmatch(text):
            message = f"{text!r} is found with its article alone, and not as {text[2:]!r}"
            yield one.problem(message, "write it without ال, unless these letters are its own", "with-article")


def _homographs(everything: list[_Written]) -> Iterator[Problem]:
    """Phrases that a frequent word of their language is taken for: one finding for each phrase."""
    pieces = _pieces_of_frequent_words()
    sound = [
        one for one in everything if not one.guarded and any(form.pattern.strip(b" ") in pieces for form in one.forms)
    ]
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


@cache
def _pieces_of_frequent_words() -> frozenset[bytes]:
    """Every stretch of letters in a frequent word: what is none is no form of one, however it is written on to."""
    folded = {fold_phrase(word) for words in FREQUENT.values() for word in words}
    return frozenset(
        word[first:last] for word in folded for first in range(len(word)) for last in range(first + 1, len(word) + 1)
    )


def _homograph(one: _Written, words: list[str]) -> Problem:
    text = one.phrase.text
    other = [word for word in words if not _is_form(word, one.phrase)]
    # An exact phrase that is one itself means it; that others are spelled like it cannot be helped.
    if not other or (one.phrase.kind is Kind.EXACT and text in words):
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
