"""What an article says at its head (title and first sentences), by which two happenings are told apart.

The head is where news says what happened; further down stand background and other happenings. Who did what to whom is
taken from its top alone, the title and the first sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from streams.head_hashes import hashed, marked
from streams.match.bylines import MIN_SENTENCE, dateline_in, first_sentences
from streams.match.clitics import ARTICLE
from streams.match.conditions import Scope, within
from streams.match.dates import dates_in
from streams.match.document import Document, Unit
from streams.match.fold import Folded, encode_letters, fold, fold_phrase
from streams.match.frequent_words import FREQUENT
from streams.match.head_words import Found, Group, head_words, is_negated, names_of, poles_of
from streams.match.numbers import ENDLESS, Number, numbers_in
from streams.match.said_on import said_on
from streams.match.spelling import names_spelt
from streams.match.title_words import BESIDE, GLUE, OFFICES, OUTSIDE, SIDES
from streams.match.tolls import MOST_TOLD, pairs_in, victims
from streams.match.vocabulary import NO_ENTRY
from streams.messages import ACTOR, CLASS, THING, Traits

HEAD_WORDS = 60
"""Words of the text, from its first sentences, that belong to its head."""
MOST_WORDS = 32
"""Most words kept of the title and the first sentence."""
TITLE_WORDS = 16
"""Most words kept of the title."""
MOST_TITLED = 10_000_000
"""Likewise in a title, which says how many have fled."""
ACTORS = frozenset({"state", "country", "government", "organisation", "group", "force", "person"})
"""Types of gazetteer entries that act; the others are places, and adjectives such as "foreign"."""
_MARKS = {
    Group.KIND: CLASS,
    Group.DEAD: CLASS,
    Group.HURT: CLASS,
    Group.SCENE: CLASS,
    Group.TARGET: THING,
    Group.DAY: THING,
    Group.SIDE: ACTOR,
}
_SAYING = frozenset({Group.POLE, Group.NEGATOR})
"""What is said of somebody."""
_MIN_LETTERS = 3
_DIGIT = re.compile(rb"\d")
_SAYS_LAST = re.compile(
    r"[,–—]\s+((?=[^,]*\b(?:say|tell|warn|demand|insist|urge|ask|declare|announce|state|order|vow)(?:s|ed)?\b|[^,]*\b(?:said|told)\b)"
    r"[^,–—]{3,60})$"
)
"""The last clause of a title, with a verb of saying: "Troops must go, Ethiopia demands"."""
_YEARS = frozenset({*range(1900, 2100), *range(1400, 1500)})
"""Of both calendars."""
_VAGUE = frozenset({20, 24, 40, 200, 2000})
"""The least that dozens, scores, hundreds and thousands can mean, see `streams.match.number_words`."""
_BEHIND = 16
"""Letters before a number in which the word before it ends."""
_WITHIN = [[fold_phrase(word)] for word in ("in", "inside", "across", "within", "near", "في", "داخل", "قرب")]
_BY, _THE = fold_phrase("by"), fold_phrase("the")
_AMONG_ALL, _IN = fold_phrase("among"), fold_phrase("في")
_BESIDE, _OUTSIDE = (frozenset(fold_phrase(word) for word in words.split()) for words in (BESIDE, OUTSIDE))
_FROM, _DISTANCES = "from of عن من", "km kilometres kilometers miles كم كلم كيلومتر كيلومترا كيلومترات"
_AWAY, _KILOMETRES = (frozenset(fold_phrase(word) for word in words.split()) for words in (_FROM, _DISTANCES))
_NEXT_DAY = [fold_phrase(words).split() for words in ("غداة", "day after")]
"""What stands before another happening: "a day after the strike on Ariha"."""
_FROM_THERE = [[fold_phrase("from")], [fold_phrase("من")]]
"""Whence shells, or those hit, have come."""
_AWAY_WORDS = 4
"""Within so many words before a place a distance from it is told: "25 km to the north of"."""
_SIDES, _OF = frozenset(fold_phrase(word) for word in SIDES.split()), fold_phrase("of")
_OFFICES = tuple(fold_phrase(word) + b" " for word in OFFICES.split())
_GLUE = frozenset(fold_phrase(word) for words in GLUE.values() for word in words.split())
_COMMON = frozenset(fold_phrase(word) for words in FREQUENT.values() for word in words)
_PREFIXES = tuple(encode_letters(one) for one in ("وال", "بال", "فال", "كال", "لل", "ال", "و"))
"""What is taken off an Arabic word before it is compared; the longest that fits."""


_Known = tuple[int, int, str, int]
"""Where a word of a class, or a name, stands, what it is called, and its mark."""


class _Name(NamedTuple):
    """A name in the head: where it stands, its path, and the code of the state that it is or is of, else its id."""

    start: int
    end: int
    path: tuple[str, ...]
    code: str
    acts: bool


class _Head:
    """The head of an article, folded by itself, with what stands in it.

    `top` is where the first sentence after the title ends, `counts` where the second one does, `titled` where the title
    does (0 when there is none), and `title` where it does, or else the first sentence.
    """

    def __init__(self, document: Document, stretches: Sequence[Unit]) -> None:
        self.folded = fold("\n".join(document.words(*stretch) for stretch in stretches))
        ends = self.folded.sentence_ends
        self.titled = self.folded.paragraph_ends[0] if len(stretches) > 1 else 0
        least = self.folded.word_number(self.titled) + MIN_SENTENCE
        self.top = next((end for end in ends if self.folded.word_number(end) > least), ends[-1])
        self.counts = next((end for end in ends if end > self.top), self.top)
        self.title = self.titled or self.top
        self.names = sorted(self._names(document, stretches, [1, self.titled + 1] if self.titled else [1]))
        self.found = [one for one in head_words(self.folded) if not self._is_of_a_name(one)]

    def _is_of_a_name(self, word: Found) -> bool:
        """Whether it is a part of a name: the Free Syrian Army frees nobody."""
        return word.group in _SAYING and any(
            name.acts and name.start <= word.start and word.end <= name.end for name in self.names
        )

    def _names(self, document: Document, stretches: Sequence[Unit], starts: Sequence[int]) -> Iterator[_Name]:
        vocabulary = document.vocabulary
        gazetteers = [term for term in document.terms if vocabulary.terms[term].shape == "gazetteer"]
        for (low, high), start in zip(stretches, starts, strict=True):
            for term in gazetteers:
                for span in within(document.spans(term), low, high):
                    if span.entry != NO_ENTRY:
                        path, entry = vocabulary.path(span.entry), vocabulary.entries[span.entry][1]
                        if entry.type == "origin" and document.folded.spaced.startswith(_OFFICES, span.end + 1):
                            continue
                        own = path[1] if entry.type == "person" else path[-1]
                        code = entry.code if entry.code and entry.type != "group" else own
                        acts = entry.type in ACTORS
                        yield _Name(span.start - low + start, span.end - low + start, path, code, acts)


def traits_of(document: Document) -> Traits:
    """The traits of an article. Names are those that the rulebook's gazetteers know, furniture left out."""
    units = [*document.units(Scope.TITLE, 0, document.length), first_sentences(document)]
    stretches = [stretch for unit in units if unit and (stretch := _trimmed(document, *unit))]
    if not stretches:
        return Traits()
    head = _Head(document, stretches)
    at_top = [one for one in head.found if one.start < head.top]
    numbers = [one for one in numbers_in(head.folded) if _counts(one, head.folded, titled=one.start < head.titled)]
    pairs = [one for one in pairs_in(head.folded) if not one.part]
    counted = victims(head.folded, head.found, sorted([*numbers, *pairs]))
    others = [one for one in numbers if one not in counted.numbers]
    words = head.folded.spaced[: head.top].split()
    there = [name for name in head.names if not _only_lies_by(name, head)]
    known = [*((name.start, name.end) for name in head.names), *((one.start, one.end) for one in head.found)]
    latin, arabic = names_spelt(head.folded, known, head.titled, _is_common)
    return Traits(
        names=tuple(sorted({name.path for name in head.names})),
        headed=tuple(sorted({name.path for name in there if name.start < head.title})),
        aside=tuple(sorted({name.path for name in head.names} - {name.path for name in there})),
        actors=tuple(sorted({name.code for name in head.names if name.acts and name.start < head.top})),
        numbers=tuple(sorted({int(one.low) for one in numbers if one.start < head.counts})),
        deaths=tuple(sorted({int(one.low) for one in counted.tolls})),
        counted=tuple(sorted({int(one.low) for one in others if one.start < head.titled})),
        poles=poles_of([one for one in at_top if one.start < head.title]) or poles_of(at_top),
        kinds=names_of(at_top, Group.KIND),
        means=names_of(at_top, Group.MEANS),
        targets=names_of(at_top, Group.TARGET),
        scenes=names_of(at_top, Group.SCENE),
        words=tuple(sorted({hashed(word) for word in list(dict.fromkeys(_content(words)))[:MOST_WORDS]})),
        title=tuple(islice(_tokens(head, numbers), TITLE_WORDS)),
        negated=is_negated([one for one in at_top if one.start < head.title]),
        days=names_of(at_top, Group.DAY),
        hours=names_of(at_top, Group.HOUR),
        latin=latin,
        arabic=arabic,
        sites=_sites(there, head),
        dates=tuple(sorted(set(dates_in(head.folded.text)))),
        week=names_of(head.found, Group.DAY),
        said_on=said_on(head.folded, head.found),
    )


def _sites(names: Sequence[_Name], head: _Head) -> dict[str, int]:
    """Each place by its path, with the number of the sentence that first says that it happened there, 0 for the title.

    Of those that only lie beside it, with that of the first that says so.
    """
    first = {"/".join(name.path[1:]): name.start for name in [*head.names[::-1], *names[::-1]] if not name.acts}
    ends = head.folded.sentence_ends
    of_title = bisect_right(ends, head.titled) if head.titled else 0
    return {
        path: 0 if start < head.titled else bisect_left(ends, start) - of_title + 1 for path, start in first.items()
    }


def _only_lies_by(name: _Name, head: _Head) -> bool:
    """Whether the head only says where something lies: "near Saraqib", "the Saraqib countryside", "ريف سراقب".

    Or where something was the day before.
    """
    spaced = head.folded.spaced
    start = spaced.rfind(b" ", 0, name.start)  # Arabic writes its article on to a name
    before, said, after = spaced[:start].split(), spaced[name.start : name.end].split(), spaced[name.end :].split()
    if before[-1:] and before[-1] in _AWAY and not _KILOMETRES.isdisjoint(before[-_AWAY_WORDS:]):
        return True
    if any(before[-_AWAY_WORDS:][number : number + len(words)] == words for words in _NEXT_DAY for number in range(3)):
        return True
    return (
        before[-1:] in _FROM_THERE
        or not _BESIDE.isdisjoint([*before[-1:], *said[:1]])
        or not _OUTSIDE.isdisjoint([*said[-1:], *after[:1]])
        or (before[-1:] == [_OF] and not _SIDES.isdisjoint(before[-2:-1]))
    )


def _trimmed(document: Document, low: int, high: int) -> Unit | None:
    """The stretch from its first letter to its last, or to that of word HEAD_WORDS; None where it has no letter.

    A dateline is left out.
    """
    folded = document.folded
    last_word = folded.word_number(low) + HEAD_WORDS
    if last_word < len(folded.word_ends):
        high = min(high, folded.word_ends[last_word])
    low, high = document.trimmed(low, high)
    if low < high and (written := dateline_in(document, low, high)):
        low = written[1]
    return (low, high) if low < high else None


def _counts(number: Number, folded: Folded, *, titled: bool) -> bool:
    """Whether a number counts something that happened.

    It is no year, age ("aged 90", "شيخ في التسعين"), part of another, "dozens", "one family", and not of a whole war.
    """
    said = folded.spaced[number.start : number.end]
    before = folded.spaced[max(0, number.start - _BEHIND) : number.start].split()[-1:]
    if number.part and before != [_AMONG_ALL]:
        return False
    if number.measure == number.start or (before == [_IN] and said.startswith(ARTICLE)):
        return False
    vague = (number.high >= ENDLESS and number.low in _VAGUE) or number.low == 1
    if vague and not _DIGIT.search(said):
        return False
    return 0 < number.low < (MOST_TITLED if titled else MOST_TOLD) and number.low not in _YEARS


def _tokens(head: _Head, numbers: Sequence[Number]) -> Iterator[int]:
    """The title's words that carry meaning in their order, numbers left out; see `Traits.title`."""
    known = [(one.start, one.end, one.name, _MARKS[one.group]) for one in head.found if one.group in _MARKS]
    spaced, said = head.folded.spaced, _who_says(head)
    known += [(name.start, name.end, name.code, ACTOR if _acts(name, spaced) else THING) for name in head.names]
    known += [(number.start, number.end, "", 0) for number in numbers]
    for low, high in ((said, head.title), (0, said)):
        start, end = _who_did_it(spaced, known, low, high)
        for part in ((start, end), (low, start), (end, high)):
            yield from _tokens_in(spaced, known, *part)


def _acts(name: _Name, spaced: bytes) -> bool:
    """Whether it is one who acts, and not where that is: "in Syria"."""
    return name.acts and spaced[: name.start].split()[-1:] not in _WITHIN


def _who_did_it(spaced: bytes, known: Iterable[_Known], low: int, high: int) -> Unit:
    """Where those stand by whom something was done: "hit by Russia" is "Russia hit"; nowhere at the beginning."""
    for start, end, _, mark in sorted(known):
        if mark == ACTOR and low < start < high:
            before = spaced[low:start].split()
            if before[-1:] == [_THE]:
                before.pop()
            if before[-1:] == [_BY]:
                return start, end
    return low, low


def _tokens_in(spaced: bytes, known: Iterable[_Known], low: int, high: int) -> Iterator[int]:
    position, inside = low, [one for one in known if low <= one[0] < high]
    for start, end, name, mark in [*sorted(inside, key=_longest_first), (high, high, "", 0)]:
        if position <= start:
            # Arabic writes a preposition on to a name: لهيئة.
            between = spaced[position:start].rpartition(b" ")[0] if mark == ACTOR else spaced[position:start]
            yield from (marked(word) for word in _telling(between.split()))
            if name:
                yield marked(name.encode(), mark)
            position = end


def _who_says(head: _Head) -> int:
    """Where the last clause of a title begins that says who says the rest: "Go, X says" is "X: go"; else 0."""
    text = head.folded.text[: head.folded.span(0, head.title)[1]]
    found = _SAYS_LAST.search(text)
    return head.folded.position(found.start(1)) if found else 0


def _telling(words: Sequence[bytes]) -> Iterator[bytes]:
    """The words of a title that are more than its joints."""
    return (bare for word in words if word not in _GLUE and (bare := _bare(word)) not in _GLUE)


def _longest_first(span: tuple[int, int, str, int]) -> tuple[int, int]:
    return span[0], -span[1]


def _content(words: Sequence[bytes]) -> Iterator[bytes]:
    """The words that carry meaning, without what Arabic writes before them and English after them."""
    for word in words:
        bare = _bare(word)
        if len(bare) >= _MIN_LETTERS and not _is_common(word) and not bare.isdigit():
            yield bare


def _is_common(word: bytes) -> bool:
    """Whether it is one of the most frequent words, in Arabic also without what is written before it."""
    return word in _COMMON or (not word.isascii() and _bare(word) in _COMMON)


def _bare(word: bytes) -> bytes:
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_LETTERS:
            return word[len(prefix) :]
    for ending in (b"ing", b"ed", b"es", b"s"):
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_LETTERS:
            return word[: -len(ending)]
    return word
