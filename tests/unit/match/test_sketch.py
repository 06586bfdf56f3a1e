"""An edited copy of a text shares enough prints with it, and another text does not."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from streams.alert.copies import MIN_CONTAINMENT, MIN_SHARED
from streams.match.sketch import MOST, SHORT, sketch
from streams.messages import Sketch

_VOCABULARY = [b"w%d" % rank for rank in range(1, 5001)]
_WEIGHTS = [1 / rank for rank in range(1, 5001)]  # Zipf's law


def is_like(one: Sketch, other: Sketch) -> bool:
    """By the measure of `streams.alert.copies`."""
    for some, others in ((one.pairs, other.pairs), (one.triples, other.triples)):
        shared = len(set(some) & set(others))
        if shared >= MIN_SHARED and shared / min(len(some), len(others)) >= MIN_CONTAINMENT:
            return True
    return False


def text(seed: int, words: int) -> list[bytes]:
    """Words of a made-up text, as frequent as the words of a language, so that two texts share many."""
    return random.Random(seed).choices(_VOCABULARY, _WEIGHTS, k=words)  # noqa: S311  # no secret


def edited(words: list[bytes], share: float, seed: int) -> list[bytes]:
    """The words with a share of them replaced."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    return [b"x%d" % chance.randrange(10**6) if chance.random() < share else word for word in words]


@pytest.mark.parametrize(
    ("name", "edit", "least"),
    [
        ("a tenth of the words changed", lambda words, seed: edited(words, 0.1, seed), 0.98),
        ("a seventh of the words changed", lambda words, seed: edited(words, 0.15, seed), 0.85),
        ("cut to 40 %", lambda words, _: words[: len(words) * 2 // 5], 0.9),
        ("a new beginning of 40 words", lambda words, seed: text(seed + 10_000, 40) + words, 0.98),
        ("halves exchanged", lambda words, _: words[len(words) // 2 :] + words[: len(words) // 2], 0.98),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_edited_copies_are_known_again(name: str, edit: object, least: float) -> None:
    """Of 100 texts of 200 to 800 words, at least the share is found again after each kind of edit."""
    assert callable(edit), name
    found = 0
    for seed in range(100):
        words = text(seed, 200 + 6 * seed)
        found += is_like(sketch(b" ".join(words)), sketch(b" ".join(edit(words, seed))))
    assert found >= 100 * least


def test_other_texts_are_not_taken_for_copies() -> None:
    """No two of 120 texts of all lengths, which share their frequent words, are alike."""
    sketches = [sketch(b" ".join(text(seed, 8 + 7 * seed))) for seed in range(120)]
    assert not [pair for pair in combinations(range(120), 2) if is_like(*(sketches[one] for one in pair))]


def test_a_short_text_has_prints_of_two_words_and_a_long_one_has_not() -> None:
    """Below 120 words all pairs are kept, from 120 on only a sixteenth of the triples."""
    short, long = (sketch(b" ".join(text(1, count))) for count in (SHORT - 1, SHORT))
    assert len(short.pairs) > SHORT // 2
    assert (long.pairs, long.words) == ((), SHORT)
    assert 0 < len(long.triples) < SHORT // 4


@pytest.mark.parametrize("words", [0, 1, 2, 3])
def test_the_shortest_texts_have_few_prints(words: int) -> None:
    """A text without three words has no triples; nothing breaks."""
    found = sketch(b" ".join([b"word%d" % index for index in range(words)]))
    assert (found.words, len(found.pairs)) == (words, max(0, words - 1))


def test_a_very_long_text_keeps_the_lowest_prints() -> None:
    """40,000 words: as many prints as are kept at most, sorted, and the copy has the same."""
    words = text(3, 40_000)
    found = sketch(b" ".join(words))
    assert len(found.triples) == MOST
    assert list(found.triples) == sorted(found.triples)
    assert is_like(found, sketch(b" ".join(edited(words, 0.1, 1))))


def test_prints_are_the_same_on_every_machine() -> None:
    """They are kept in Redis and compared for days: no hash of Python's own, which changes with each process."""
    pairs = sketch(b"shelling in idlib kills five").pairs
    assert pairs == (201300333429, 332882952623, 734368475303, 783930274893)
