"""Finds the numbers of a head that count the dead and the wounded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter

from streams.match.fold import Folded, fold_phrase
from streams.match.head_words import Found, Group
from streams.match.numbers import MEASURES, Number

MOST_TOLD = 100_000
"""From here on numbers count a whole war, or money."""
MOST_WORDS = 6
"""Most words between a number and the word that says what it counts."""
_NEXT_CLAUSE = 4
"""So many words more are between a number and a verb behind it that begins the next clause: "killed 5 and wounded"."""
_SOME = frozenset({"children", "women", "school", "journalist", "rescuers"})
"""Of the dead some are told apart."""
_DEEDS = frozenset({Group.KIND, Group.MEANS})
"""What is counted beside the dead: five shells, three raids."""
_OF_THEM = "of منهم منهن منها منهما بينهم بينهن"
_PARTS, _TIMES = (frozenset(fold_phrase(word) for word in words.split()) for words in (_OF_THEM, "time times مرة مرات"))
_UNITS = MEASURES | _TIMES
_AND_EN, _AND_AR = fold_phrase("and"), fold_phrase("و")


def victims(folded: Folded, found: Sequence[Found], numbers: Sequence[Number]) -> dict[Number, Found]:
    """The numbers that count the dead and the wounded, each with its word.

    Words of casualties and numbers of a sentence are paired in their order, so that as many as possible have the other
    as near as possible.
    """
    ends = folded.sentence_ends
    words = [one for one in found if one.group in {Group.DEAD, Group.HURT}]
    others = [one for one in found if one.group in _DEEDS]
    counts = [one for one in numbers if one.low < MOST_TOLD and not _counts_others(folded, one, others)]
    taken: dict[Number, Found] = {}
    for sentence in {bisect_left(ends, word.start) for word in words}:
        said = [one for one in words if bisect_left(ends, one.start) == sentence]
        some = [one for one in counts if bisect_left(ends, one.start) == sentence]
        taken.update(_paired(folded, some, list({one.start: one for one in said}.values())))
    return taken


def tells_toll(folded: Folded, found: Sequence[Found], number: Number) -> bool:
    """Whether a number of dead is of all of them: three children, or three of them, may be among ten."""
    some = [one for one in found if one.name in _SOME]
    return not any(_follows(folded, number, one) for one in some) and _word_after(folded, number) not in _PARTS


def _counts_others(folded: Folded, number: Number, others: Sequence[Found]) -> bool:
    return _word_after(folded, number) in _UNITS or any(_follows(folded, number, one) for one in others)


def _follows(folded: Folded, number: Number, word: Found) -> bool:
    return word.start > number.start and words_apart(folded, number, word) == 0


def _word_after(folded: Folded, number: Number) -> bytes:
    return next(iter(folded.spaced[number.end :].split(maxsplit=1)), b"")


def _paired(folded: Folded, numbers: Sequence[Number], words: Sequence[Found]) -> dict[Number, Found]:
    """Numbers and words, each in their order, in pairs that do not cross, by how near those of a pair are in all.

    It is the alignment of two sequences (Needleman and Wunsch, 1970).
    """
    best: list[tuple[int, tuple[tuple[Number, Found], ...]]] = [(0, ())] * (len(words) + 1)
    for number in numbers:
        row = [best[0]]
        for index, word in enumerate(words):
            near, pairs = best[index]
            gain = MOST_WORDS + 1 - _distance(folded, number, word)
            joined = [(near + gain, (*pairs, (number, word)))] if gain > 0 else []
            row.append(max(*joined, row[index], best[index + 1], key=itemgetter(0)))
        best = row
    return dict(best[-1][1])


def _distance(folded: Folded, number: Number, word: Found) -> int:
    apart = words_apart(folded, number, word)
    if number.start > word.start:
        return apart
    start = folded.spaced.rfind(b" ", 0, word.start) + 1
    before = folded.spaced[:start].rsplit(maxsplit=1)
    joined = before[-1:] == [_AND_EN] or (start < word.start and folded.spaced[start:].startswith(_AND_AR))
    return apart + _NEXT_CLAUSE if joined and apart else apart


def words_apart(folded: Folded, number: Number, word: Found) -> int:
    """How many words stand between the two."""
    before, after = (number.end, word.start) if number.start < word.start else (word.end, number.start)
    return max(0, folded.word_number(after) - folded.word_number(before - 1) - 1)
