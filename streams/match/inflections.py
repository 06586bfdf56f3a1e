"""The forms of verbs and nouns, made from what a rule's author gives: no stemmer, no dictionary.

Arabic verbs come as `past/present` in the third person masculine singular (`دعا/يدعو`), from which the persons of
news style follow, without the short jussives (لم يدع), which are homographs of other words. English verbs come as
`base`, `base/past` or `base/past/participle` (`withdraw/withdrew/withdrawn`).
"""

from __future__ import annotations

import re

_VOWELS = "aeiou"
_SIBILANT = re.compile(r"(s|x|z|ch|sh)$")
_CLOSED_SYLLABLE = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")
_ARABIC_PRESENT_LENGTH = 2


class InflectionError(ValueError):
    """A verb is not given in the form that its language needs."""


def arabic_verb(given: str) -> tuple[set[str], set[str]]:
    """The forms of an Arabic verb: those that may take an object pronoun, and those that only stand with one.

    Both in folded letters. The second holds the plural without its silent alef (`طالبو` of طالبوهم).

    Raises:
        InflectionError: not `past/present`, or the present does not begin with ي.
    """
    past, slash, present = given.partition("/")
    if not slash or "/" in present or " " in given or len(past) < _ARABIC_PRESENT_LENGTH or present[:1] != "ي":
        raise InflectionError(f"{given!r}: write an Arabic verb as past/present, third person, as in دعا/يدعو")
    free, bound = _past(past)
    for person in "يتنا":
        forms, plurals = _present(person + present[1:])
        free |= forms
        bound |= plurals
    return free, bound


def _past(past: str) -> tuple[set[str], set[str]]:
    stem = past
    free = {past}
    if past[-1] in "اي":  # final-weak: دعا, نفى (folded نفي)
        stem = past[:-1]
        free |= {stem + ending for ending in ("ت", "تا", "وا", "يا", "وت", "يت", "ونا", "ينا")}
        return free, {stem + "ا"}  # دعاهم; not دعوه, which folds to the noun دعوة
    free |= {stem + ending for ending in ("ت", "تا", "ا", "وا", "ن", "نا")}
    return free, {stem + "و"}


def _present(present: str) -> tuple[set[str], set[str]]:
    if present[-1] in "وي":
        stem = present[:-1]
        return {present, stem + "ون", stem + "وا", stem + "يان", stem + "ين"}, set()
    return {present + ending for ending in ("", "ون", "وا", "ان", "ا", "ن", "ين")}, {present + "و"}


def english_verb(given: str) -> set[str]:
    """The forms of an English verb; of a verb with a particle (`pull out`) the first word changes.

    Raises:
        InflectionError: more than three principal parts, or an empty one.
    """
    parts = [part.strip() for part in given.lower().split("/")]
    if len(parts) > 3 or not all(parts):  # noqa: PLR2004  # base, past, participle
        raise InflectionError(f"{given!r}: write an English verb as base, base/past or base/past/participle")
    base, _, particle = parts[0].partition(" ")
    heads = {base, _third_person(base), _stem(base) + "ing"}
    heads |= {part.partition(" ")[0] for part in parts[1:]} or {_regular_past(base)}
    return {f"{head} {particle}".strip() for head in heads}


def _third_person(base: str) -> str:
    return english_plural(base)


def _stem(base: str) -> str:
    """The base as endings that begin with a vowel find it: urge to urg-, hit to hitt-."""
    if base.endswith("e") and not base.endswith(("ee", "ye", "oe")):
        return base[:-1]
    return base + base[-1] if _CLOSED_SYLLABLE.match(base.rpartition("-")[2]) else base


def _regular_past(base: str) -> str:
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return base[:-1] + "ied"
    return _stem(base) + "ed" if not base.endswith("ee") else base + "d"


def english_plural(noun: str) -> str:
    """The regular plural; of a phrase, that of its last word."""
    if _SIBILANT.search(noun):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"
