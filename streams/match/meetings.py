"""Finds where groups of terms meet: in one sentence, paragraph or title, or so many words apart.

It is looked up for many articles and many windows at once, in arrays: where each group is in each article once,
however many windows ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from streams.match.batch import Batch
from streams.match.conditions import Scope, Terms
from streams.match.demands import Window
from streams.match.words import Ints, Words, listed, ranges

_NONE, _SENTENCE, _PARAGRAPH, _TITLE = range(4)
_KINDS: Final = {Scope.SENTENCE: _SENTENCE, Scope.PARAGRAPH: _PARAGRAPH, Scope.TITLE: _TITLE}
FAR: Final = 1 << 40
"""More words than any text has."""

Asked = tuple[Window, Sequence[Terms]]
"""A window, and of its groups those that are asked for."""


class PackedLists:
    """Lists of numbers, packed."""

    def __init__(self, lists: Iterable[Iterable[int]]) -> None:
        flat = [list(one) for one in lists]
        self.bounds: Ints = np.cumsum([0, *map(len, flat)])
        self.items: Ints = np.fromiter((item for one in flat for item in one), dtype=np.intp)

    def of(self, numbers: Ints) -> tuple[Ints, Ints]:
        """The items of all of these lists, and for each the place of its list among `numbers`."""
        owners, places = listed(self.bounds, numbers)
        return owners, self.items.take(places)


class Pairs(NamedTuple):
    """Articles of a batch, each with an alternative that may be in it, and where the groups of its windows are.

    `places` are first words of hits by group, rising; those of a pair's group are counted from one of its `bases`, of
    which there is a row for each group of each window.
    """

    words: Words
    alternative: Ints
    places: Ints
    bases: Ints


class Rows(NamedTuple):
    """Numbers of pairs, each with a stretch of its article, from one word to another."""

    pair: Ints
    low: Ints
    high: Ints

    def some(self, chosen: Ints) -> Rows:
        """The rows of these numbers."""
        return Rows(self.pair[chosen], self.low[chosen], self.high[chosen])


class Groups:
    """Groups of terms, each with a number; `_NONE` is that of the empty one."""

    def __init__(self) -> None:
        self._numbers: dict[Terms, int] = {frozenset(): _NONE}
        self._terms = PackedLists(())

    def columns(self, groups: Sequence[Sequence[Terms]]) -> list[Ints]:
        """The numbers of the groups of some things: the first of each, then the second of each."""
        padded = zip_longest(*groups, fillvalue=frozenset())
        numbers = [[self._numbers.setdefault(group, len(self._numbers)) for group in column] for column in padded]
        return [np.array(column, dtype=np.intp) for column in numbers]

    def freeze(self) -> None:
        """Make the groups ready to be looked for; none can be added afterwards."""
        self._terms = PackedLists(map(sorted, self._numbers))

    def present(self, batch: Batch, article: Ints, group: Ints) -> Ints:
        """Which pairs of an article and a group have one of its terms there, or an empty group."""
        owners, terms = self._terms.of(group)
        found = group == _NONE
        found[owners[batch.has(article[owners], terms)]] = True
        numbers: Ints = found.nonzero()[0]
        return numbers

    def places(self, batch: Batch, article: Ints, groups: Ints) -> tuple[Ints, Ints]:
        """Where the groups, a column for each article, are in it: `places` and `bases` of `Pairs`."""
        keys = groups + article * len(self._numbers)
        pairs = distinct(keys.ravel())
        articles, numbers = np.divmod(pairs, len(self._numbers))
        owners, terms = self._terms.of(numbers)
        again, words = batch.words_of(articles[owners], terms)
        room = len(batch.words) + 1
        return np.sort(owners[again] * room + words), pairs.searchsorted(keys) * room


class Windows:
    """One window of each alternative, or none; `first` is the first row of its groups among those of all windows."""

    def __init__(self, windows: Sequence[Asked | None], groups: Groups, first: int) -> None:
        self._kinds: Ints = np.array([_KINDS[one[0].scope] if one else _NONE for one in windows], dtype=np.intp)
        self._units: Ints = np.array([one[0].units if one else 1 for one in windows], dtype=np.intp)
        reaches = [FAR if one is None or one[0].reach is None else one[0].reach for one in windows]
        self._reaches: Ints = np.array(reaches, dtype=np.intp)
        self.columns, self._first = groups.columns([one[1] if one else () for one in windows]), first

    def are_asked(self, alternative: Ints) -> npt.NDArray[np.bool_]:
        """Of each alternative: whether it has a window."""
        asked: npt.NDArray[np.bool_] = self._kinds.take(alternative) != _NONE
        return asked

    def hold(self, pairs: Pairs, rows: Rows) -> Rows:
        """The rows without a window, and those in which it is somewhere."""
        passed = ~self.are_asked(pairs.alternative[rows.pair])
        asked = (~passed).nonzero()[0]
        if not len(asked):
            return rows
        owners, _, _ = self._found(pairs, rows.some(asked))
        passed[asked[owners]] = True
        return rows.some(passed.nonzero()[0])

    def parted(self, pairs: Pairs, rows: Rows) -> Rows:
        """The rows without a window, and in place of each other one a row for each stretch in which its window is."""
        has = self.are_asked(pairs.alternative[rows.pair])
        whole, asked = (~has).nonzero()[0], has.nonzero()[0]
        if not len(asked):
            return rows
        owners, low, high = self._found(pairs, rows.some(asked))
        return Rows(
            rows.pair[np.concatenate((whole, asked[owners]))],
            np.concatenate((rows.low[whole], low)),
            np.concatenate((rows.high[whole], high)),
        )

    def _found(self, pairs: Pairs, rows: Rows) -> tuple[Ints, Ints, Ints]:
        """The stretches of the rows in which all groups of the window are: the row, the first word and the last."""
        bases = pairs.bases[self._first][rows.pair]
        firsts = pairs.places.searchsorted(bases + rows.low)
        owners, places = ranges(firsts, pairs.places.searchsorted(bases + rows.high, side="right") - firsts)
        words = pairs.places[places] - bases[owners]
        low, high = self._bounds(pairs.words, words, pairs.alternative[rows.pair[owners]])
        low, high = np.maximum(low, rows.low[owners]), np.minimum(high, rows.high[owners])
        kept = low <= words
        kept[1:] &= (owners[1:] != owners[:-1]) | (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        for number, column in enumerate(self.columns[1:], self._first + 1):
            owners, low, high = owners[kept], low[kept], high[kept]
            pair = rows.pair[owners]
            bases = pairs.bases[number][pair]
            firsts = pairs.places.searchsorted(bases + low)
            lasts = pairs.places.searchsorted(bases + high, side="right")
            kept = (firsts < lasts) | (column.take(pairs.alternative[pair]) == _NONE)
        return owners[kept], low[kept], high[kept]

    def _bounds(self, words: Words, hits: Ints, alternative: Ints) -> tuple[Ints, Ints]:
        """The first and the last word of the window around the first word of each hit."""
        low, high = np.zeros(len(hits), dtype=np.intp), np.zeros(len(hits), dtype=np.intp)
        kinds = self._kinds.take(alternative)
        for kind, last_words in (
            (_SENTENCE, words.sentence_ends),
            (_PARAGRAPH, words.paragraph_ends),
            (_TITLE, words.firsts[1:] - 1),
        ):
            some = (kinds == kind).nonzero()[0]
            if len(some):
                at = np.searchsorted(last_words, hits[some])
                beyond = self._units.take(alternative[some])
                high[some] = last_words.take(at + beyond - 1, mode="clip")
                low[some] = np.where(at >= beyond, last_words.take(at - beyond, mode="clip") + 1, 0)
                if kind == _TITLE:
                    low[some[at % 2 == 1]] = FAR  # a text, not a title
        reach = self._reaches.take(alternative)
        return np.maximum(low, hits - reach), np.minimum(high, hits + reach)


def distinct(keys: Ints) -> Ints:
    """The keys in order, each once."""
    rising = np.sort(keys)
    return rising[changes(rising)]


def changes(keys: Ints) -> Ints:
    """Where keys in order begin to differ from those before."""
    differ = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=differ[1:])
    return differ.nonzero()[0]
