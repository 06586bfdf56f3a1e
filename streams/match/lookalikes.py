"""What a phrase covers and what it does not: its surface forms, and words that look like it and are others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from streams.match.fold import fold, fold_phrase, spell
from streams.match.frequent_words import FREQUENT
from streams.match.phrase_finder import PhraseFinder
from streams.match.phrases import Kind, Phrase, forms_of
from streams.match.rule_files import Fires, PhraseLists, Silent
from streams.match.rulebook import Rulebook
from streams.match.surfaces import surfaces_of

MAX_LOOKALIKES = 20
_SIMILAR = 0.8
"""How alike two spellings are, by difflib's ratio, when one is shown as looking like the other."""
_PUNCTUATION = ".,:;!?()[]\"'«»“”،؛؟…"


@dataclass(frozen=True, slots=True)
class Coverage:
    """A phrase of one kind: every surface form, folded, and words that look alike and are not covered."""

    phrase: Phrase
    forms: tuple[str, ...]
    others: tuple[str, ...]


def coverage_of(phrase: Phrase, words: Iterable[str]) -> Coverage:
    """What `phrase` covers; look-alikes are sought among `words`.

    Raises:
        PhraseError, InflectionError: it cannot be looked for.
    """
    surfaces = dict.fromkeys(spell(surface) for surface in _surfaces(phrase))
    finder = PhraseFinder([phrase])
    folded = {spell(fold_phrase(word)): word for word in words}
    foreign = {spelled: word for spelled, word in folded.items() if spelled and not finder.hits(fold(word))}
    return Coverage(phrase, tuple(surfaces), tuple(foreign[one] for one in _alike(list(surfaces), foreign)))


def words_of(rulebook: Rulebook | None, language: str) -> set[str]:
    """Words in which look-alikes are sought: the frequent ones, and those of the rulebook's phrases and examples."""
    texts = set(FREQUENT.get(language, ()))
    if rulebook is None:
        return texts
    for rule in rulebook.rules.values():
        examples: list[Fires | Silent] = [*rule.examples.fires, *rule.examples.silent]
        for example in examples:
            if example.lang == language:
                texts |= {word.strip(_PUNCTUATION) for word in example.text.split()}
    for concept in rulebook.concepts.values():
        for lists in PhraseLists.lists(concept.phrases[language]).values() if language in concept.phrases else ():
            texts |= {word for phrase in lists for word in phrase.replace("/", " ").split()}
    for gazetteer in rulebook.gazetteers.values():
        for entry in gazetteer.entries:
            if language in entry.names:
                names = entry.names[language]
                texts |= {name for lists in (*names.lists().values(), names.ambiguous) for name in lists}
    return texts


def _surfaces(phrase: Phrase) -> Iterator[bytes]:
    for form in sorted(forms_of(phrase), key=lambda form: (len(form.pattern), form.pattern)):
        yield from surfaces_of(form)


def _alike(surfaces: list[str], others: Iterable[str]) -> list[str]:
    """Of `others` those that hold the phrase's plainest form within a word, or are spelled much like it."""
    plain = min(surfaces, key=len)
    known = sorted(others)
    within = [one for one in known if plain in one]
    close = get_close_matches(plain, known, n=MAX_LOOKALIKES, cutoff=_SIMILAR)
    return list(dict.fromkeys([*within, *close]))[:MAX_LOOKALIKES]


def kinds_for(text: str, language: str) -> tuple[Kind, ...]:
    """The kinds that an author may have in mind when none is given."""
    if "/" in text:
        return (Kind.VERB,)
    return (Kind.NAME, Kind.COMMON, Kind.EXACT) if language in {"ar", "en"} else (Kind.EXACT,)


def language_of(text: str) -> str:
    """The language that a phrase's letters suggest: Arabic, else English."""
    return "ar" if any("\u0621" <= letter <= "\u064a" for letter in text) else "en"
