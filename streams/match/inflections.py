"""The forms of verbs and nouns, made from what a rule's author gives: no stemmer, no dictionary.

Arabic verbs come as `past/present` in the third person masculine singular (`دعا/يدعو`), from which the persons of
news style follow, without the short jussives (لم يدع), which are homographs of other words. English verbs come as
`base`, `base/past` or `base/past/participle` (`withdraw/withdrew/withdrawn`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_VOWELS = "aeiou"
_SIBILANT = re.compile(r"(s|x|z|ch|sh)$")
_CLOSED_SYLLABLE = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")
_DOUBLING = re.compile(
    r"(?:[^aeiou][aeiou]l|fer|cur|deter|inter|mit|get|gret|set|qit|bat|fit|gin|eqip|nap|ship|bid|bed|gram)$"
)
"""Ends of longer verbs that double their last letter (admit, refer), or do so in Britain (travel); both are taken."""
_ROUND = re.compile(r"[^aeiou]o$")
_HARD_CH = re.compile(r"(?:mon|tri|lig|ier|tr)arch$|\b(?:stomach|epoch|eunuch)$")
"""Nouns whose ch is a k: monarchs, patriarchs, oligarchs."""
_ARABIC_PRESENT_LENGTH = 2


class InflectionError(ValueError):
    """A verb is not given in the form that its language needs."""


@dataclass(frozen=True, slots=True)
class Inflected:
    """A form of a verb, and whom it is about; one that is `bound` only stands with an object pronoun."""

    form: str
    person: str
    bound: bool = False


_PAST_SOUND = {
    "": "past, he",
    "ت": "past, she, you or I",
    "تا": "past, they two (f)",
    "ا": "past, they two",
    "وا": "past, they",
    "ن": "past, they (f)",
    "نا": "past, we",
}
_PAST_WEAK = {
    "ت": "past, she",
    "تا": "past, they two (f)",
    "وا": "past, they or they two",
    "يا": "past, they two",
    "وت": "past, you or I",
    "يت": "past, you or I",
    "ونا": "past, we",
    "ينا": "past, we",
}
"""By ending: whom the past is about. Final-weak verbs (دعا, نفى) are given both weak letters: folding mixes them up."""
_SEATS = {"أ": "ا", "ئ": "ي", "ؤ": "و", "ء": "ء"}
"""The letters of a hamza that ends a verb, and what they fold to. They are no weak letters: بدأت, not بدت."""
_PRESENT = {"ي": "present, he or they", "ت": "present, she or you", "ن": "present, we", "ا": "present, I"}


def arabic_verb(given: str) -> tuple[set[str], set[str]]:
    """The forms of an Arabic verb: those that may take an object pronoun, and those that only stand with one.

    Both in folded letters; `given` is folded but for a hamza that ends a part. The second holds the plural without its
    silent alef (`طالبو` of طالبوهم).

    Raises:
        InflectionError: not `past/present`, or the present does not begin with ي.
    """
    paradigm = arabic_paradigm(given)
    return {one.form for one in paradigm if not one.bound}, {one.form for one in paradigm if one.bound}


def arabic_paradigm(given: str) -> list[Inflected]:
    """The forms of an Arabic verb with their persons, past before present. Raises like `arabic_verb`."""
    past, slash, present = given.partition("/")
    if not slash or "/" in present or " " in given or len(past) < _ARABIC_PRESENT_LENGTH or present[:1] != "ي":
        raise InflectionError(f"{given!r}: write an Arabic verb as past/present, third person, as in دعا/يدعو")
    presents = [(letter + present[1:], person) for letter, person in _PRESENT.items()]
    return [
        *_past(past),
        *_moved_hamza(past, _PAST_SOUND["وا"]),
        *(one for word, person in presents for one in _present(word, person)),
        *(one for word, person in presents for one in _moved_hamza(word, person)),
    ]


def _past(past: str) -> Iterator[Inflected]:
    stem = past[:-1]
    if past[-1] in "اي":  # final-weak: دعا, نفى (folded نفي)
        yield Inflected(past, "past, he")
        yield from (Inflected(stem + ending, person) for ending, person in _PAST_WEAK.items())
        yield Inflected(stem + "ا", "past, he", bound=True)  # دعاهم; not دعوه, which folds to the noun دعوة
        return
    past = stem + _SEATS.get(past[-1], past[-1])
    yield from (Inflected(past + ending, person) for ending, person in _PAST_SOUND.items())
    yield Inflected(past + "و", "past, they", bound=True)


def _present(present: str, person: str) -> Iterator[Inflected]:
    weak = present[-1] in "وي"
    stem = present[:-1] if weak else present[:-1] + _SEATS.get(present[-1], present[-1])
    dual = "وان" if present[-1] == "و" else "يان"
    endings = ("ون", "وا", dual, "ين") if weak else ("", "ون", "وا", "ان", "ا", "ن", "ين")
    if weak:
        yield Inflected(present, person)
    yield from (Inflected(stem + ending, person) for ending in endings)
    if not weak:
        yield Inflected(stem + "و", person, bound=True)


def _moved_hamza(word: str, person: str) -> Iterator[Inflected]:
    """The plural of a verb that ends in hamza where it has another seat before it: بدؤوا, يبدؤون, يجيئون."""
    if word[-1] not in "أء":
        return
    stem = word[:-1] + ("ي" if word[-2] == "ي" else "و")
    endings = ("وا",) if person.startswith("past") else ("ون", "وا")
    yield from (Inflected(stem + ending, person) for ending in endings)
    yield Inflected(stem + "و", person, bound=True)


def english_verb(given: str) -> set[str]:
    """The forms of an English verb; of a verb with a particle (`pull out`) the first word changes.

    Raises:
        InflectionError: more than three principal parts, or an empty one.
    """
    return {one.form for one in english_paradigm(given)}


def english_paradigm(given: str) -> list[Inflected]:
    """The forms of an English verb with what they are. Raises like `english_verb`."""
    parts = [part.strip() for part in given.lower().split("/")]
    if len(parts) > 3 or not all(parts):  # noqa: PLR2004  # base, past, participle
        raise InflectionError(f"{given!r}: write an English verb as base, base/past or base/past/participle")
    base, _, particle = parts[0].partition(" ")
    heads = [(base, "present"), (_third_person(base), "he, she, it")]
    heads += [((f"{base[:-2]}y" if base.endswith("ie") else stem) + "ing", "-ing") for stem in _stems(base)]
    heads += zip([part.partition(" ")[0] for part in parts[1:]], ("past", "participle"), strict=False)
    heads += [(past, "past") for past in _regular_pasts(base)] if not parts[1:] else []
    return [Inflected(f"{head} {particle}".strip(), person) for head, person in heads]


def _third_person(base: str) -> str:
    return base + "es" if _ROUND.search(base) else english_plural(base)


def _stems(base: str) -> tuple[str, ...]:
    """The base as endings that begin with a vowel find it: urge to urg-, hit to hitt-; travel to either of two."""
    if base.endswith("e") and base != "be" and not base.endswith(("ee", "ye", "oe")):
        return (base[:-1],)
    if base.endswith("ic"):
        return (base + "k",)
    last = base.rpartition("-")[2].replace("qu", "q")
    if _CLOSED_SYLLABLE.match(last):
        return (base + base[-1],)
    return (base, base + base[-1]) if _DOUBLING.search(last) else (base,)


def _regular_pasts(base: str) -> list[str]:
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return [base[:-1] + "ied"]
    return [base + "d"] if base.endswith("ee") else [stem + "ed" for stem in _stems(base)]


def english_plural(noun: str) -> str:
    """The regular plural; of a phrase, that of its last word."""
    if _SIBILANT.search(noun) and not _HARD_CH.search(noun):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"
