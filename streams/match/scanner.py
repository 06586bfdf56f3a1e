"""Finds the forms of many phrases in many texts at once.

Each word of the texts is looked up as it stands, and once more for every prefix and suffix that it could have: a few
arrays of candidates, of which those in the table of known words remain. Phrases of several words are walked one word
further at a time, all of them together. No step runs through Python for each word or hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from streams.match.affix_table import affix_table
from streams.match.alphabet import SPACE
from streams.match.clitics import ARTICLE, NONE, Affixes
from streams.match.key_table import KeyTable
from streams.match.phrases import Form
from streams.match.word_table import WordTable
from streams.match.words import Ints, Words, ranges

Combination = tuple[Affixes, Affixes]
"""What may be written before a form's first word and after its last one."""

_NOTHING = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Hits:
    """Forms found: the value that each stands for, and where, in joined positions of all texts together.

    `words` are the numbers of their first words. A hit goes from the form's first letter, or that of the article
    written on to it, to the end of its last word. In no certain order, and with repeats where a word can be read in two
    ways.
    """

    values: Ints
    words: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True, slots=True)
class _Readings:
    """Stretches of words that lead to a node: its number, and the numbers of what is written before and after."""

    first: Ints
    last: Ints
    node: Ints
    prefix: Ints
    suffix: Ints

    def only(self, chosen: Ints) -> _Readings:
        return _Readings(
            self.first[chosen], self.last[chosen], self.node[chosen], self.prefix[chosen], self.suffix[chosen]
        )


class Scanner:
    """Forms and the values that each stands for, numbers from 0; several forms may stand for one value."""

    def __init__(self, forms: Mapping[Form, Iterable[int]]) -> None:
        paths = [form.pattern.strip(b" ").split(b" ") for form in forms]
        spelled = dict.fromkeys(word for path in paths for word in path)
        numbers = {word: number for number, word in enumerate(spelled)}
        self._table = WordTable(list(spelled))
        combinations: dict[Combination, int] = {}
        edges: dict[int, int] = {}
        self._words = len(numbers)
        endings: dict[tuple[int, int], list[int]] = {}
        for (form, values), path in zip(forms.items(), paths, strict=True):
            node = numbers[path[0]]  # the first nodes are those of the words
            for word in path[1:]:
                node = edges.setdefault(node * self._words + numbers[word], self._words + len(edges))
            both = (form.prefixes or NONE, form.suffixes or NONE)
            combination = combinations.setdefault(both, len(combinations))
            endings.setdefault((node, combination), []).extend(values)
        self._take_edges(edges)
        self._take_affixes(list(combinations))
        self._take_endings(endings)

    def _take_edges(self, edges: Mapping[int, int]) -> None:
        """Edges by node and word in one number; and which nodes have one, and which words are on one."""
        self._edge_keys = np.fromiter(edges, dtype=np.uint64, count=len(edges))
        self._targets: Ints = np.fromiter(edges.values(), dtype=np.intp, count=len(edges))
        self._edges = KeyTable(self._edge_keys)
        self._goes_on = np.zeros(self._words + len(edges), dtype=np.bool_)
        self._follows = np.zeros(self._words, dtype=np.bool_)
        for key in edges:
            node, word = divmod(key, self._words)
            self._goes_on[node] = self._follows[word] = True

    def _take_affixes(self, combinations: list[Combination]) -> None:
        """Tables of the affixes, and which pairs of them each combination admits."""
        prefixes, suffixes = (NONE.union(*side) for side in (zip(*combinations, strict=True) if combinations else ((), ())))
        self._prefixes, self._suffixes = affix_table(prefixes, at_end=False), affix_table(suffixes, at_end=True)
        # The article belongs to the word: a hit begins with it.
        outside = [len(one) - len(ARTICLE) * one.endswith(ARTICLE) for one in self._prefixes.affixes]
        self._outside: Ints = np.array(outside, dtype=np.intp)
        self._pairs = len(self._suffixes.affixes)
        self._admits = np.array(
            [
                before in one and after in other
                for one, other in combinations
                for before in self._prefixes.affixes
                for after in self._suffixes.affixes
            ],
            dtype=np.bool_,
        )
        per_combination = len(self._prefixes.affixes) * self._pairs
        self._useful = self._admits.reshape(-1, per_combination).any(axis=0)
        self._per_combination = per_combination

    def _take_endings(self, endings: Mapping[tuple[int, int], Iterable[int]]) -> None:
        """Where forms end: by node, a range of endings; by ending, its combination and a range of values."""
        ordered = sorted(endings)
        self._ending_counts: Ints = np.bincount(
            np.fromiter((node for node, _ in ordered), dtype=np.intp, count=len(ordered)), minlength=len(self._goes_on)
        ).astype(np.intp)
        self._ending_firsts: Ints = np.cumsum(self._ending_counts) - self._ending_counts
        combination = np.fromiter((one for _, one in ordered), dtype=np.intp, count=len(ordered))
        self._ending_pairs: Ints = combination * self._per_combination
        values = [sorted(set(endings[key])) for key in ordered]
        self._value_counts: Ints = np.fromiter(map(len, values), dtype=np.intp, count=len(values))
        self._value_firsts: Ints = np.cumsum(self._value_counts) - self._value_counts
        self._values: Ints = np.array([value for some in values for value in some], dtype=np.intp)

    def scan(self, words: Words) -> Hits:
        """Every form in the texts; a form of several words stands within one sentence."""
        if not self._words or not len(words):
            return Hits(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
        readings = self._read(words)
        found = self._walk(words, readings)
        return self._hits(words, found)

    def _read(self, words: Words) -> _Readings:
        """Every way in which a word is a known one, as it stands or with affixes."""
        plain, numbers = self._table.find(words, words.starts, words.lengths)
        word, prefix, suffix = self._affixed(words)
        if not len(word):
            return _Readings(plain, plain, numbers, np.zeros_like(plain), np.zeros_like(plain))
        starts = words.starts[word] + self._prefixes.lengths[prefix]
        lengths = words.ends[word] - self._suffixes.lengths[suffix] - starts
        left = np.flatnonzero(lengths > 0)
        known, affixed = self._table.find(words, starts[left], lengths[left])
        known = left[known]
        zeros = np.zeros_like(plain)
        first = np.concatenate((plain, word[known]))
        return _Readings(
            first,
            first,
            np.concatenate((numbers, affixed)),
            np.concatenate((zeros, prefix[known])),
            np.concatenate((zeros, suffix[known])),
        )

    def _affixed(self, words: Words) -> tuple[Ints, Ints, Ints]:
        """Words with each pair of a prefix and a suffix that they could have and some form admits, not both empty."""
        before, befores = self._prefixes.of(words)
        after, afters = self._suffixes.of(words)
        pairs = befores * afters - 1
        some = np.flatnonzero(pairs)
        owners, pair = ranges(np.ones(len(some), dtype=np.intp), pairs[some])
        word = some[owners]
        several = afters[word]
        outer = pair // several
        prefix = self._prefixes.listed.take(before[word] + outer)
        suffix = self._suffixes.listed.take(after[word] + pair - outer * several)
        useful = np.flatnonzero(self._useful.take(prefix * self._pairs + suffix))
        return word[useful], prefix[useful], suffix[useful]

    def _walk(self, words: Words, readings: _Readings) -> _Readings:
        """The readings, and those of several words that begin with one of them."""
        nexts = readings.only(np.flatnonzero((readings.prefix == 0) & self._follows.take(readings.node)))
        nexts = nexts.only(np.argsort(nexts.first, kind="stable"))
        counts = np.bincount(nexts.first, minlength=len(words) + 1)
        firsts = np.cumsum(counts) - counts
        found = [readings]
        step = readings
        while True:
            step = step.only(np.flatnonzero((step.suffix == 0) & self._goes_on.take(step.node)))
            owners, places = ranges(firsts.take(step.last + 1), counts.take(step.last + 1))
            keys = (step.node[owners] * self._words + nexts.node[places]).view(np.uint64)
            known, edges = self._edges.find(keys)
            right = self._edge_keys.take(edges) == keys[known]
            right &= words.gaps[step.last[owners[known]]] == SPACE
            known, edges = known[right], edges[right]
            if not len(known):
                break
            before, following = step.only(owners[known]), nexts.only(places[known])
            step = _Readings(
                before.first, following.last, self._targets.take(edges), before.prefix, following.suffix
            )
            found.append(step)
        if len(found) == 1:
            return readings
        columns = zip(*((one.first, one.last, one.node, one.prefix, one.suffix) for one in found), strict=True)
        return _Readings(*(np.concatenate(column) for column in columns))

    def _hits(self, words: Words, found: _Readings) -> Hits:
        """The readings that are whole forms, with what those stand for."""
        owners, endings = ranges(self._ending_firsts.take(found.node), self._ending_counts.take(found.node))
        pairs = found.prefix * self._pairs + found.suffix
        admitted = np.flatnonzero(self._admits.take(self._ending_pairs.take(endings) + pairs[owners]))
        owners, endings = owners[admitted], endings[admitted]
        again, values = ranges(self._value_firsts.take(endings), self._value_counts.take(endings))
        chosen = found.only(owners[again])
        starts = words.joined_ends[chosen.first] - words.lengths[chosen.first] + self._outside.take(chosen.prefix)
        return Hits(self._values.take(values), chosen.first, starts, words.joined_ends[chosen.last])
