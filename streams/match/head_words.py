"""Finds the words by which a head tells one happening from another: poles, kinds, scenes, sides, casualties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import NamedTuple

from streams.match.fold import Folded
from streams.match.phrases import Kind, Phrase
from streams.match.poles import OPPOSITES
from streams.match.scenes import DEAD, HURT, KINDS, SCENES, SIDES
from streams.match.vocabulary import Vocabulary


class Group(Enum):
    """What a word is one of."""

    POLE = "pole"
    KIND = "kind"
    SCENE = "scene"
    SIDE = "side"
    DEAD = "dead"
    HURT = "hurt"


class Found(NamedTuple):
    """A word in a folded text: where it stands, its group, and what it is within it."""

    start: int
    end: int
    group: Group
    name: str


def _listed() -> Iterator[tuple[Group, str, dict[str, dict[Kind, str]]]]:
    for left, of_left, right, of_right in OPPOSITES:
        yield Group.POLE, f"{left}|{right}", of_left
        yield Group.POLE, f"{right}|{left}", of_right
    for group, classes in ((Group.KIND, KINDS), (Group.SCENE, SCENES), (Group.SIDE, SIDES)):
        for name, words in classes.items():
            yield group, name, words
    yield Group.DEAD, "dead", DEAD
    yield Group.HURT, "hurt", HURT


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
    vocabulary.freeze()
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

    A pole whose opposite stands there too is left out: together they say nothing.
    """
    poles = names_of(found, Group.POLE)
    return tuple(pole for pole in poles if "|".join(reversed(pole.split("|"))) not in poles)


def names_of(found: list[Found], group: Group) -> tuple[str, ...]:
    """What is named of a group, sorted."""
    return tuple(sorted({one.name for one in found if one.group is group}))
