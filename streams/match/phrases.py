"""Turns a phrase as an author wrote it into the patterns that the scanner looks for.

Four kinds. `name`: as written, Arabic with conjunctions and prepositions before it. `common`: a noun or adjective,
Arabic with article, prefixes and pronouns, English with its plural. `verb`: the forms of `streams.match.inflections`.
`exact`: this form and no other. Other languages than Arabic and English take every kind as exact. An English
possessive needs no form: the apostrophe parts words. An English noun or verb with a hyphen is found without it too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product

from streams.match import clitics
from streams.match.clitics import ARTICLE, TA, Affixes
from streams.match.fold import FOREIGN, encode_letters, fold_phrase, spell
from streams.match.inflections import arabic_verb, english_plural, english_verb

MAX_WORDS = 12
"""Longest phrase, in words: longer ones are sentences, which no second article repeats."""

MAX_COMMON_WORDS = 6
"""Longest common phrase in Arabic, in words: each after the first may have the article, which doubles the forms."""

_ALEF, _HAMZA, _YA = encode_letters("ا"), encode_letters("ء"), encode_letters("ي")
_LAM = encode_letters("ل")
_TA_MARBUTA, _ALEF_MAQSURA = "ة", "ى"
_HA = encode_letters("ه")
_ARABIC_LETTER = re.compile("[\u0621-\u064a]")


class Kind(StrEnum):
    """How a phrase changes in a text."""

    NAME = "name"
    COMMON = "common"
    VERB = "verb"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a concept or gazetteer, in its author's spelling."""

    text: str
    language: str
    kind: Kind


class PhraseError(ValueError):
    """A phrase that cannot be looked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Form:
    """Bytes to look for in a folded text, and what may be written on to them.

    A form without prefixes begins with a space, one without suffixes ends with one: the space then checks the
    word's edge. Otherwise the letters between the edge and the pattern have to be in the set.
    """

    pattern: bytes
    prefixes: Affixes | None = None
    suffixes: Affixes | None = None


@lru_cache(maxsize=8192)  # the tools compile small rulebooks again and again
def forms_of(phrase: Phrase) -> frozenset[Form]:
    """Every form of `phrase`.

    Raises:
        PhraseError: nothing is left of it when folded, too long, or letters outside the alphabet.
        InflectionError: a malformed verb.
    """
    if phrase.kind is Kind.VERB and phrase.language in _VERBS:
        return frozenset(_VERBS[phrase.language](phrase.text))
    folded = _checked(phrase.text)
    if phrase.language == "ar" and phrase.kind is Kind.NAME:
        return frozenset(_arabic_name(folded))
    if phrase.language == "ar" and phrase.kind is Kind.COMMON:
        return frozenset(_arabic_common(folded, last=phrase.text.rstrip()[-1:]))
    if phrase.language == "en" and phrase.kind is Kind.COMMON:
        return frozenset(_english(phrase.text.strip(), english_plural(phrase.text.strip())))
    return frozenset({_whole(folded)})


def literal(text: str) -> Phrase:
    """A phrase written straight into a condition: a name when it is Arabic, else exact."""
    arabic = _ARABIC_LETTER.search(text) is not None
    return Phrase(text, "ar", Kind.NAME) if arabic else Phrase(text, "und", Kind.EXACT)


def _checked(text: str) -> bytes:
    folded = fold_phrase(text)
    if not folded:
        raise PhraseError(f"{text!r} holds no letter or digit")
    if FOREIGN in folded:
        raise PhraseError(f"{text!r} has letters of a script that Marsad does not fold yet")
    if folded.count(b" ") >= MAX_WORDS:
        raise PhraseError(f"the phrase has more than {MAX_WORDS} words")
    return folded


def _whole(folded: bytes) -> Form:
    return Form(b" " + folded + b" ")


def _arabic_name(folded: bytes) -> Iterator[Form]:
    yield Form(folded + b" ", prefixes=clitics.NAME_PREFIXES)
    if folded.startswith(ARTICLE) and folded[len(ARTICLE) : len(ARTICLE) + 1].strip():
        rest = folded[len(ARTICLE) :] + b" "
        begins_with_lam = rest.startswith(_LAM)
        yield Form(rest, clitics.CONTRACTED_LAM_PREFIXES if begins_with_lam else clitics.CONTRACTED_PREFIXES)


def _arabic_common(folded: bytes, *, last: str) -> Iterator[Form]:
    """Every word may have the article; the last one also a suffix.

    Before a pronoun ta marbuta opens, hamza moves, and alef maqsura stands up: `last` is the letter as it was written.
    """
    head, *rest = folded.split(b" ")
    if len(rest) >= MAX_COMMON_WORDS:
        raise PhraseError(f"a common phrase has at most {MAX_COMMON_WORDS} words; write it under exact")
    choices = [[word, ARTICLE + word] if not word.startswith(ARTICLE) else [word] for word in rest]
    for words in product([head], *choices):
        base = b" ".join(words)
        if last == _TA_MARBUTA and base.endswith(_HA):
            yield Form(base + b" ", clitics.COMMON_PREFIXES)
            yield Form(base[: -len(_HA)] + TA, clitics.COMMON_PREFIXES, clitics.PRONOUNS)
            continue
        yield Form(base, clitics.COMMON_PREFIXES, clitics.COMMON_SUFFIXES)
        if base.endswith(_HAMZA):
            for seat in "وي":
                yield Form(base[: -len(_HAMZA)] + encode_letters(seat), clitics.COMMON_PREFIXES, clitics.PRONOUNS)
        if last == _ALEF_MAQSURA and base.endswith(_YA):
            yield Form(base[: -len(_YA)] + _ALEF, clitics.COMMON_PREFIXES, clitics.PRONOUNS)


def verb_letters(text: str) -> str:
    """An Arabic verb as its author gave it, folded but for a hamza that ends a part: it is no weak letter.

    Raises:
        PhraseError: nothing is left of a part when folded, or letters outside the alphabet.
    """
    return "/".join(map(_part_letters, text.split("/")))


def _part_letters(part: str) -> str:
    folded = spell(_checked(part))
    last = _ARABIC_LETTER.findall(unicodedata.normalize("NFKC", part).replace("\u0640", ""))[-1:]
    return folded[:-1] + last[0] if last and last[0] in "أؤئ" else folded


def _arabic_verb(text: str) -> Iterator[Form]:
    free, bound = arabic_verb(verb_letters(text))
    for form in free:
        yield Form(encode_letters(form), clitics.VERB_PREFIXES, clitics.VERB_SUFFIXES)
    for form in bound:
        yield Form(encode_letters(form), clitics.VERB_PREFIXES, clitics.OBJECTS)


def _english_verb(text: str) -> Iterator[Form]:
    return _english(*english_verb(text))


def _english(*forms: str) -> Iterator[Form]:
    """Each form as it is written, and with its hyphens left out (cease-fire, ceasefire)."""
    for form in forms:
        yield _whole(_checked(form))
        if "-" in form:
            yield _whole(_checked(form.replace("-", "")))


_VERBS = {"ar": _arabic_verb, "en": _english_verb}
