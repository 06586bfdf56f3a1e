"""Finds the numbers of a head that count the dead and the wounded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from streams.match.fold import Folded, encode_letters, fold_phrase
from streams.match.head_words import Found, Group
from streams.match.numbers import AMONG, MEASURES, Number

MOST_TOLD = 100_000
"""From here on numbers count a whole war, or money."""
MOST_WORDS = 8
"""Most words between a number and the word that says what it counts."""
_NEXT_CLAUSE = 4
"""So many words more are between a number and a verb behind it that begins the next clause: "killed 5 and wounded"."""
_SOME = frozenset({"children", "women", "school", "journalist", "rescuers"})
"""Of the dead some are told apart, and are all of them where no others are counted."""
_DEEDS = frozenset({Group.KIND, Group.MEANS})
"""What is counted beside the dead: five shells, three raids."""
_OF_THEM = "of others more منهم منهن منها منهما بينهم بينهن آخرون آخرين"
_TWO = """
    شخصان شخصين قتيلان قتيلين شهيدان شهيدين مدنيان جنديان جنديين رجلان رجلين شابان شابين عنصران عنصرين شقيقان شقيقين
    أخوان أخوين جثتان جثتين فتيان عاملان متطوعان مسعفان مقاتلان صحفيان إعلاميان ضابطان ضابطين شرطيان زوجان زوجين
"""
_PAIRS = frozenset(fold_phrase(word) for word in _TWO.split())
_ON = tuple(encode_letters(letter) for letter in "وبلف")
"""What Arabic writes before a noun."""
_PARTS, _TIMES = (frozenset(fold_phrase(word) for word in words.split()) for words in (_OF_THEM, "time times مرة مرات"))
_UNITS = MEASURES | _TIMES
_LIVES = fold_phrase("lives")
_TAKEN_BY = "take takes took taken taking claim claims claimed claiming cost"
_TAKES = frozenset(fold_phrase(word) for word in _TAKEN_BY.split())
_TAKEN = 4
"""Most words from a verb of taking lives to their number, itself included: "took at least eight lives"."""
_AND_EN, _AND_AR = fold_phrase("and"), fold_phrase("و")
_JOINTS = frozenset(fold_phrase(word) for word in ["and", "or", "أو", "و"])


class Victims(NamedTuple):
    """The numbers of a head that count people killed or hurt, and the tolls, those that say how many died in all."""

    numbers: frozenset[Number]
    tolls: frozenset[Number]


def victims(folded: Folded, found: Sequence[Found], numbers: Sequence[Number]) -> Victims:
    """The numbers that count the dead and the wounded.

    Words of casualties and numbers of a sentence are paired in their order, so that as many as possible have the other
    as near as possible. Three children, or three of them, may be among ten: they are paired by themselves.
    """
    deeds = [one for one in found if one.group in _DEEDS]
    some = [one for one in found if one.name in _SOME]
    counts = [one for one in numbers if one.low < MOST_TOLD and not _counts_others(folded, one, deeds)]
    lost = frozenset(one for one in counts if _are_lives_taken(folded, one))
    of_them = [one for one in counts if _word_after(folded, one) in _PARTS]
    of_some = [one for one in counts if one not in of_them and any(_follows(folded, one, word) for word in some)]
    of_all = [one for one in counts if one not in of_them and one not in of_some]
    words = list(_casualties(folded, found, of_all))
    all_, some_, rest = (_paired_in_sentences(folded, which, words) for which in (of_all, of_some, of_them))
    return Victims(frozenset({*lost, *all_, *some_, *rest}), lost | _tolls(all_) or _tolls(some_) or _tolls(rest))


def pairs_in(folded: Folded) -> Iterator[Number]:
    """The Arabic duals of people, each as a two: "مقتل شخصين"; those of others ("بينهم شابان") are a part."""
    end = 0
    before = b""
    for word in folded.spaced.split(b" "):
        start, end = end, end + len(word) + 1
        if word in _PAIRS or (word[:1] in _ON and word[1:] in _PAIRS):
            yield Number(start, end - 1, 2, 2, before in AMONG)
        before = word


def _are_lives_taken(folded: Folded, number: Number) -> bool:
    """Whether so many lives were taken: "claimed at least eight lives"."""
    before = folded.spaced[: number.start].split()[-_TAKEN:]
    return _word_after(folded, number) == _LIVES and not _TAKES.isdisjoint(before)


def _tolls(paired: Mapping[Number, Found]) -> frozenset[Number]:
    return frozenset(number for number, word in paired.items() if word.group is Group.DEAD)


def _casualties(folded: Folded, found: Sequence[Found], numbers: Sequence[Number]) -> Iterator[Found]:
    """The words of the dead and the wounded; those of both together, "20 dead and wounded", tell no toll."""
    words = [one for one in found if one.group in {Group.DEAD, Group.HURT}]
    both = {
        word
        for one, other in pairwise(words)
        if one.group is not other.group and _are_counted_together(folded, one, other, numbers)
        for word in (one, other)
    }
    for word in words:
        yield word._replace(group=Group.HURT) if word in both else word


def _are_counted_together(folded: Folded, one: Found, other: Found, numbers: Sequence[Number]) -> bool:
    """Whether "and" or "or" joins two words at once, and each has no number of its own: "5 killed and wounded 9"."""
    start = folded.spaced.rfind(b" ", 0, other.start) + 1
    between = folded.spaced[one.end : start].split()
    joined = (len(between) == 1 and between[0] in _JOINTS) or (
        not between and start < other.start and folded.spaced[start:].startswith(_AND_AR)
    )
    before = any(number.start < one.start and words_apart(folded, number, one) <= MOST_WORDS for number in numbers)
    behind = any(number.start > other.start and words_apart(folded, number, other) == 0 for number in numbers)
    return joined and not (before and behind)


def _paired_in_sentences(folded: Folded, numbers: Sequence[Number], words: Sequence[Found]) -> dict[Number, Found]:
    """The numbers, each with the word of casualties of its sentence that it counts."""
    ends = folded.sentence_ends
    taken: dict[Number, Found] = {}
    for sentence in {bisect_left(ends, word.start) for word in words}:
        said = [one for one in words if bisect_left(ends, one.start) == sentence]
        some = [one for one in numbers if bisect_left(ends, one.start) == sentence]
        taken.update(_paired(folded, some, list({one.start: one for one in said}.values())))
    return taken


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
    return apart + _NEXT_CLAUSE if joined else apart


def words_apart(folded: Folded, number: Number, word: Found) -> int:
    """How many words stand between the two."""
    before, after = (number.end, word.start) if number.start < word.start else (word.end, number.start)
    return max(0, folded.word_number(after) - folded.word_number(before - 1) - 1)
