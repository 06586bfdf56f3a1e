"""Finds the words by which a head tells one happening from another: poles, kinds, scenes, sides, casualties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import NamedTuple

from streams.match.deeds import KINDS, MEANS
from streams.match.fold import Folded
from streams.match.phrases import Kind, Phrase
from streams.match.poles import OPPOSITES
from streams.match.scenes import DEAD, HURT, SCENES, SIDES, TARGETS
from streams.match.turns import DAYS, HOURS, NEGATORS
from streams.match.vocabulary import Vocabulary
from streams.messages import opposite_of


class Group(Enum):
    """What a word is one of."""

    POLE = "pole"
    KIND = "kind"
    MEANS = "means"
    TARGET = "target"
    SCENE = "scene"
    SIDE = "side"
    DEAD = "dead"
    HURT = "hurt"
    DAY = "day"
    HOUR = "hour"
    NEGATOR = "negator"


class Found(NamedTuple):
    """A word in a folded text: where it stands, its group, and what it is within it."""

    start: int
    end: int
    group: Group
    name: str


_CLASSES = (
    (Group.KIND, KINDS),
    (Group.MEANS, MEANS),
    (Group.TARGET, TARGETS),
    (Group.SCENE, SCENES),
    (Group.SIDE, SIDES),
    (Group.DAY, DAYS),
    (Group.HOUR, HOURS),
)
_BITS = 14
"""Heads are short and have few words: 16,384 places, half a megabyte."""
_STOPS = frozenset({"stop|go-on", "end|begin"})
_FIRST_LETTER = 1
"""Where the first word of a folded text begins."""
_GOVERNED = 5
"""Most letters and spaces between a pole and what it governs: "lost the control"."""


def _listed() -> Iterator[tuple[Group, str, dict[str, dict[Kind, str]]]]:
    for left, of_left, right, of_right in OPPOSITES:
        yield Group.POLE, f"{left}|{right}", of_left
        yield Group.POLE, f"{right}|{left}", of_right
    for group, classes in _CLASSES:
        for name, words in classes.items():
            yield group, name, words
    yield Group.DEAD, "dead", DEAD
    yield Group.HURT, "hurt", HURT
    yield Group.NEGATOR, "negator", NEGATORS


@cache
def _vocabulary() -> tuple[Vocabulary, Mapping[int, tuple[tuple[Group, str], ...]]]:
    """The vocabulary of all these words, and what each of its terms is; made when first asked for."""
    vocabulary = Vocabulary({}, {})
    numbers: dict[Phrase, int] = {}
    meanings: dict[int, tuple[tuple[Group, str], ...]] = {}
    for group, name, words in _listed():
        for language, kinds in words.items():
            for kind, texts in kinds.items():
                for text in texts.split(", "):
                    phrase = Phrase(text, language, kind)
                    if phrase not in numbers:
                        numbers[phrase] = vocabulary.number_of_phrase(phrase)
                    term = numbers[phrase]
                    meanings[term] = (*meanings.get(term, ()), (group, name))
    vocabulary.freeze(_BITS)
    return vocabulary, meanings


def head_words(folded: Folded) -> list[Found]:
    """The words of a folded text that are listed, by where they begin."""
    vocabulary, meanings = _vocabulary()
    return sorted(
        (
            Found(start, end, group, name)
            for term, hits in vocabulary.scan(folded).items()
            for start, end, _, _ in hits
            for group, name in meanings[term]
        ),
        key=lambda found: (found.start, -found.end),
    )


def poles_of(found: list[Found]) -> tuple[str, ...]:
    """The poles among the words, sorted, each as `itself|opposite`.

    A pole whose opposite stands there too is left out: together they say nothing. One that follows at once on its
    opposite is what that is done to ("lost control", "rejects the approval").
    """
    said = [one for one in found if one.group is Group.POLE]
    poles = names_of([one for one in said if not any(_governs(other, one) for other in said)], Group.POLE)
    return tuple(pole for pole in poles if opposite_of(pole) not in poles)


def _governs(one: Found, other: Found) -> bool:
    return one.name == opposite_of(other.name) and 0 <= other.start - one.end <= _GOVERNED


def is_negated(found: list[Found]) -> bool:
    """Whether the words negate an odd number of times: "did not deny" says yes.

    That something does not stop says that it goes on; "without delay" and "Halt the drive, Paris tells Kigali" deny
    nothing.
    """
    at_once = [one for one in found if one.group is Group.SCENE and one.name == "at-once"]
    stops = [one for one in found if one.group is Group.POLE and one.name in _STOPS]
    first = min((one.start for one in found), default=0)
    negators = [
        one
        for one in found
        if one.group is Group.NEGATOR
        and not any(idiom.start <= one.start and one.end <= idiom.end for idiom in at_once)
        and not any(0 <= stop.start - one.end <= _GOVERNED for stop in stops)
        and not (one.start <= _FIRST_LETTER and any(stop.start == first for stop in stops))
    ]
    return len(negators) % 2 == 1


def names_of(found: list[Found], group: Group) -> tuple[str, ...]:
    """What is named of a group, sorted."""
    return tuple(sorted({one.name for one in found if one.group is group}))
