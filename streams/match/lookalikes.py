"""What a phrase covers and what it does not: its surface forms, and words that look like it and are others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from streams.match.fold import fold, fold_phrase, spell
from streams.match.frequent_words import FREQUENT
from streams.match.inflections import InflectionError
from streams.match.phrase_finder import PhraseFinder
from streams.match.phrases import Kind, Phrase, PhraseError, forms_of
from streams.match.rule_files import Fires, PhraseLists, Silent
from streams.match.rulebook import Rulebook
from streams.match.surfaces import surfaces_of

MAX_LOOKALIKES = 20
_SIMILAR = 0.8
"""How alike two spellings are, by difflib's ratio, when one is shown as looking like the other."""
_AN = {Kind.NAME: "a name", Kind.COMMON: "such a noun", Kind.VERB: "such a verb", Kind.EXACT: "an exact phrase"}
_OF_SCRIPT = {"ARABIC": "ar", "CYRILLIC": "ru", "GREEK": "el", "HEBREW": "he"}
_PUNCTUATION = ".,:;!?()[]\"'«»“”،؛؟…"


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A word that looks like a phrase and is not covered, and why not."""

    word: str
    because: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """A phrase of one kind: every surface form, folded, and words that look alike and are not covered."""

    phrase: Phrase
    forms: tuple[str, ...]
    others: tuple[LookAlike, ...]


def coverage_of(phrase: Phrase, words: Iterable[str]) -> Coverage:
    """What `phrase` covers; look-alikes are sought among `words`.

    Raises:
        PhraseError, InflectionError: it cannot be looked for.
    """
    surfaces = dict.fromkeys(spell(surface) for surface in _surfaces(phrase))
    finder = PhraseFinder([phrase])
    folded = {spell(fold_phrase(word)): word for word in words}
    foreign = {spelled: word for spelled, word in folded.items() if spelled and not finder.hits(fold(word))}
    alike = _alike(list(surfaces), foreign)
    wider = {kind: PhraseFinder([one]) for kind in Kind if kind is not phrase.kind and (one := _as(phrase, kind))}
    bases = sorted({spell(form.pattern.strip(b" ")) for form in forms_of(phrase)}, key=len, reverse=True)
    others = tuple(LookAlike(foreign[one], _why_not(one, phrase, bases, wider)) for one in alike)
    return Coverage(phrase, tuple(surfaces), others)


def _as(phrase: Phrase, kind: Kind) -> Phrase | None:
    """The phrase as another kind, None where it cannot be one."""
    other = Phrase(phrase.text, phrase.language, kind)
    try:
        forms_of(other)
    except (PhraseError, InflectionError):
        return None
    return other


def _why_not(word: str, phrase: Phrase, bases: Iterable[str], wider: Mapping[Kind, PhraseFinder]) -> str:
    """Why a word, folded, is no form of the phrase, whose forms without what is written on to them are `bases`."""
    for kind, finder in wider.items():
        if finder.hits(fold(word)):
            return f"it would be, as {kind.value}"
    for base in bases:
        holder = next((one for one in word.split() if base in one), word)
        before, _, after = holder.partition(base)
        if base in holder and (before or after):
            rests = [f"{rest} {where}" for rest, where in ((before, "before"), (after, "after")) if rest]
            are = "is" if len(rests) == 1 else "are"
            return f"{' and '.join(rests)} {base} {are} not written on to {_AN[phrase.kind]}"
    return "spelled otherwise"


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
    """The language that a phrase's letters suggest: one that is written in them, of Latin ones English."""
    names = [unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()]
    return next((_OF_SCRIPT[name] for name in names if name in _OF_SCRIPT), "en")
