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


_FIRST, _LAST, _NODE, _PAIR = range(4)
"""Rows of readings, arrays with a column for each stretch of words that leads to a node: its first and its last word,
the node, and the pair of a prefix and a suffix around it. Pairs are numbered so that those of a prefix alone and of a
suffix alone add up to that of both; 0 is neither."""


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
        prefixes = NONE.union(*(before for before, _ in combinations))
        suffixes = NONE.union(*(after for _, after in combinations))
        self._prefixes, self._suffixes = affix_table(prefixes, at_end=False), affix_table(suffixes, at_end=True)
        pairs = [(before, after) for before in self._prefixes.affixes for after in self._suffixes.affixes]
        self._pairs, self._suffix_count = len(pairs), len(self._suffixes.affixes)
        self._bare = np.array([not after for _, after in pairs], dtype=np.bool_)
        # The article belongs to the word: a hit begins with it.
        outside = [len(before) - len(ARTICLE) * before.endswith(ARTICLE) for before, _ in pairs]
        self._outside: Ints = np.array(outside, dtype=np.intp)
        admits = [before in one and after in other for one, other in combinations for before, after in pairs]
        self._admits = np.array(admits, dtype=np.bool_)
        self._useful = self._admits.reshape(-1, len(pairs)).any(axis=0)

    def _take_endings(self, endings: Mapping[tuple[int, int], Iterable[int]]) -> None:
        """Where forms end: by node, a range of endings; by ending, its combination and a range of values."""
        ordered = sorted(endings)
        self._ending_counts: Ints = np.bincount(
            np.fromiter((node for node, _ in ordered), dtype=np.intp, count=len(ordered)), minlength=len(self._goes_on)
        ).astype(np.intp)
        self._ending_firsts: Ints = np.cumsum(self._ending_counts) - self._ending_counts
        combination = np.fromiter((one for _, one in ordered), dtype=np.intp, count=len(ordered))
        self._ending_pairs: Ints = combination * self._pairs
        values = [sorted(set(endings[key])) for key in ordered]
        self._value_counts: Ints = np.fromiter(map(len, values), dtype=np.intp, count=len(values))
        self._value_firsts: Ints = np.cumsum(self._value_counts) - self._value_counts
        self._values: Ints = np.array([value for some in values for value in some], dtype=np.intp)

    def scan(self, words: Words) -> Hits:
        """Every form in the texts; a form of several words stands within one sentence."""
        if not self._words or not len(words):
            return Hits(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
        return self._hits(words, self._walk(words, self._read(words)))

    def _read(self, words: Words) -> Ints:
        """Every way in which a word is a known one, as it stands or with affixes, as readings."""
        plain, numbers = self._table.find(words, words.starts, words.lengths)
        readings = np.zeros((4, len(plain)), dtype=np.intp)
        readings[_FIRST], readings[_LAST], readings[_NODE] = plain, plain, numbers
        word, prefix, suffix = self._affixed(words)
        if not len(word):
            return readings
        starts = words.starts[word] + self._prefixes.lengths.take(prefix)
        lengths = words.ends[word] - self._suffixes.lengths.take(suffix) - starts
        known, affixed = self._table.find(words, starts, lengths)
        word = word[known]
        pairs = prefix[known] * self._suffix_count + suffix[known]
        return np.concatenate((readings, np.stack((word, word, affixed, pairs))), axis=1)

    def _affixed(self, words: Words) -> tuple[Ints, Ints, Ints]:
        """Words with each prefix and suffix that they could have and some form admits, not both empty."""
        before, befores = self._prefixes.of(words)
        after, afters = self._suffixes.of(words)
        pairs = befores * afters - 1
        some = pairs.nonzero()[0]
        owners, pair = ranges(np.ones(len(some), dtype=np.intp), pairs[some])
        word = some[owners]
        several = afters[word]
        outer = pair // several
        prefix = self._prefixes.listed.take(before[word] + outer)
        suffix = self._suffixes.listed.take(after[word] + pair - outer * several)
        useful = self._useful.take(prefix * self._suffix_count + suffix)
        useful &= self._prefixes.lengths.take(prefix) + self._suffixes.lengths.take(suffix) < words.lengths[word]
        return word[useful], prefix[useful], suffix[useful]

    def _walk(self, words: Words, readings: Ints) -> Ints:
        """The readings, and those of several words that begin with one of them."""
        follows = (readings[_PAIR] < self._suffix_count) & self._follows.take(readings[_NODE])
        nexts = readings[:, follows]
        nexts = nexts[:, np.argsort(nexts[_FIRST], kind="stable")]
        counts = np.bincount(nexts[_FIRST], minlength=len(words) + 1)
        firsts = np.cumsum(counts) - counts
        found = [readings]
        step = readings
        while True:
            step = step[:, self._bare.take(step[_PAIR]) & self._goes_on.take(step[_NODE])]
            after = step[_LAST] + 1
            owners, places = ranges(firsts.take(after), counts.take(after))
            keys = (step[_NODE].take(owners) * self._words + nexts[_NODE].take(places)).view(np.uint64)
            known, edges = self._edges.find(keys)
            right = self._edge_keys.take(edges) == keys.take(known)
            known, edges = known[right], edges[right]
            if len(known):
                unbroken = words.gaps.take(step[_LAST].take(owners[known])) == SPACE
                known, edges = known[unbroken], edges[unbroken]
            if not len(known):
                break
            step, following = step[:, owners[known]], nexts[:, places[known]]
            step[_LAST], step[_NODE] = following[_LAST], self._targets.take(edges)
            step[_PAIR] += following[_PAIR]
            found.append(step)
        return np.concatenate(found, axis=1) if len(found) > 1 else readings

    def _hits(self, words: Words, found: Ints) -> Hits:
        """The readings that are whole forms, with what those stand for."""
        owners, endings = ranges(self._ending_firsts.take(found[_NODE]), self._ending_counts.take(found[_NODE]))
        admitted = self._admits.take(self._ending_pairs.take(endings) + found[_PAIR].take(owners))
        owners, endings = owners[admitted], endings[admitted]
        again, values = ranges(self._value_firsts.take(endings), self._value_counts.take(endings))
        first, last, _, pair = found[:, owners[again]]
        starts = words.joined_ends.take(first) - words.lengths.take(first) + self._outside.take(pair)
        return Hits(self._values.take(values), first, starts, words.joined_ends.take(last))
