"""Finds the forms of many phrases in many texts at once.

A word that was met before is looked up in a lexicon, which tells the forms that it is, begins and goes on. A new one is
looked up in the table of the forms' words, as it stands and once more for every prefix and suffix that it could have.
Phrases of several words are walked one word further at a time, all of them together. No step runs through Python for
each word or hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

import numpy as np

from streams.match.affix_table import affix_table
from streams.match.alphabet import SPACE
from streams.match.clitics import ARTICLE, NONE, Affixes
from streams.match.key_table import KeyTable
from streams.match.lexicon import BITS, Lexicon, Lists
from streams.match.phrases import Form
from streams.match.word_table import WordTable
from streams.match.words import Ints, Words, listed, ranges

Combination = tuple[Affixes, Affixes]
"""What may be written before a form's first word and after its last one."""

_OPENS, _FOLLOWS, _FLAGS = 1, 2, 2
"""Flags in the lowest bits of a word's entry: some forms begin with it, in some it comes later. And how many bits."""
_NOTHING = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Hits:
    """Forms found: the value that each stands for, and the numbers of its first and its last word.

    `outside` are the letters of the first word that stand before the hit: it goes from the form's first letter, or that
    of the article written on to it, to the end of its last word. In no certain order, and with repeats where a word can
    be read in two ways.
    """

    values: Ints
    firsts: Ints
    lasts: Ints
    outside: Ints

    def some(self, chosen: Ints) -> Hits:
        """The hits of these numbers."""
        return Hits(*(one.take(chosen) for one in (self.values, self.firsts, self.lasts, self.outside)))

    def spans(self, words: Words) -> tuple[Ints, Ints]:
        """Where the hits begin and end, in joined positions of all texts together."""
        starts = words.joined_ends.take(self.firsts) - words.lengths.take(self.firsts) + self.outside
        return starts, words.joined_ends.take(self.lasts)


class Scanner:
    """Forms and the values that each stands for, numbers from 0; several forms may stand for one value.

    A form is a path of nodes, of which the first are its words. A reading is a way in which words lead to a node: with
    a pair of a prefix before the first word and a suffix after the last one. Pairs are numbered so that those of a
    prefix alone and of a suffix alone add up to that of both; 0 is neither.

    What it learns of words, in 2 ** `bits` places, does not show in what it finds. Threads may share it.
    """

    def __init__(self, forms: Mapping[Form, Iterable[int]], bits: int = BITS) -> None:
        paths = [form.pattern.strip(b" ").split(b" ") for form in forms]
        spelled = dict.fromkeys(word for path in paths for word in path)
        numbers = {word: number for number, word in enumerate(spelled)}
        self._table = WordTable(list(spelled))
        self._lexicon = Lexicon(bits)
        self._lock = Lock()
        self._forget()
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
        self._targets: Ints = np.fromiter(edges.values(), dtype=np.intp, count=len(edges))
        self._edges = KeyTable(np.fromiter(edges, dtype=np.uint64, count=len(edges)))
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
        self._useful |= self._bare  # of the first word of several
        self._useful[: self._suffix_count] = True  # of the last one
        self._pair_lengths: Ints = np.array([len(before) + len(after) for before, after in pairs], dtype=np.intp)

    def _take_endings(self, endings: Mapping[tuple[int, int], Iterable[int]]) -> None:
        """Where forms end: by node, a range of endings; by ending, its combination and the value."""
        ordered = [(*key, value) for key in sorted(endings) for value in sorted(set(endings[key]))]
        node, combination, self._values = np.array(ordered, dtype=np.intp).reshape(-1, 3).T.copy()
        self._endings: Ints = node.searchsorted(np.arange(len(self._goes_on) + 1))
        self._ending_pairs: Ints = combination * self._pairs

    def scan(self, words: Words) -> Hits:
        """Every form in the texts; a form of several words stands within one sentence."""
        if not self._words or not len(words):
            return Hits(_NOTHING, _NOTHING, _NOTHING, _NOTHING)
        with self._lock:
            if self._lexicon.is_full:
                self._forget()
            entries = self._lexicon.entries(words, lambda chosen: self._learn(words, chosen))
            some = entries.nonzero()[0]
            owners, (values, outside) = self._alone.of(entries[some] >> _FLAGS)
            firsts = some[owners]
            found = [(values, firsts, firsts, outside), *self._walk(words, entries)]
        return Hits(*map(np.concatenate, zip(*found, strict=True))) if len(found) > 1 else Hits(*found[0])

    def _forget(self) -> None:
        """Begin anew with lists by entry: of values and letters before them, and of readings that others go on."""
        self._lexicon.forget()
        self._alone, self._opening, self._following = Lists(), Lists(), Lists()

    def _learn(self, words: Words, chosen: Ints) -> Ints:
        """Enter into the lists what these words stand for; the entry of each, 0 for those without any form."""
        owner, node, pair = self._read(words, chosen)
        numbers = np.zeros(len(chosen), dtype=np.intp)
        if not len(owner):
            return numbers
        hit, values = self._completed(node, pair)
        opens = (self._bare.take(pair) & self._goes_on.take(node)).nonzero()[0]
        follows = ((pair < self._suffix_count) & self._follows.take(node)).nonzero()[0]
        counts = [np.bincount(owner[one], minlength=len(chosen)) for one in (hit, opens, follows)]
        known = (counts[0] + counts[1] + counts[2]).nonzero()[0]
        numbers[known] = np.arange(len(self._alone), len(self._alone) + len(known)) << _FLAGS
        numbers[owner[opens]] |= _OPENS
        numbers[owner[follows]] |= _FOLLOWS
        self._alone.add(counts[0][known], values, self._outside.take(pair[hit]))
        self._opening.add(counts[1][known], node[opens], pair[opens])
        self._following.add(counts[2][known], node[follows], pair[follows])
        return numbers

    def _read(self, words: Words, chosen: Ints) -> tuple[Ints, Ints, Ints]:
        """Every way in which a word is a known one, as it stands or with affixes: its place, the node and the pair."""
        starts, lengths = words.starts[chosen], words.lengths[chosen]
        before, befores = self._prefixes.of(words, starts)
        after, afters = self._suffixes.of(words, starts + lengths - 1)
        owner, outer = ranges(before, befores)
        again, inner = ranges(after[owner], afters[owner])
        owner, prefix, suffix = (
            owner[again],
            self._prefixes.listed.take(outer[again]),
            self._suffixes.listed.take(inner),
        )
        pair = prefix * self._suffix_count + suffix
        starts = starts[owner] + self._prefixes.lengths.take(prefix)
        lengths = lengths[owner] - self._pair_lengths.take(pair)
        useful = (self._useful.take(pair) & (lengths > 0)).nonzero()[0]
        known, node = self._table.find(words, starts[useful], lengths[useful])
        useful = useful[known]
        return owner[useful], node, pair[useful]

    def _walk(self, words: Words, entries: Ints) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
        """The hits of forms of several words, those of two words first."""
        follows = np.zeros(len(entries) + 1, dtype=np.bool_)
        np.not_equal(entries & _FOLLOWS, 0, out=follows[:-1])
        first = ((entries & _OPENS) * follows[1:]).nonzero()[0]
        if not len(first):
            return
        first = first[words.gaps.take(first) == SPACE]
        owners, (node, pair) = self._opening.of(entries.take(first) >> _FLAGS)
        first = last = first[owners]
        while len(first):
            owners, (word, ending) = self._following.of(entries.take(last + 1) >> _FLAGS)
            known, edges = self._edges.find((node[owners] * self._words + word).view(np.uint64))
            owners = owners[known]
            first, last = first[owners], last[owners] + 1
            node, pair = self._targets.take(edges), pair[owners] + ending[known]
            hit, values = self._completed(node, pair)
            yield values, first[hit], last[hit], self._outside.take(pair[hit])
            on = self._bare.take(pair) & self._goes_on.take(node) & follows.take(last + 1)
            on &= words.gaps.take(last) == SPACE
            on = on.nonzero()[0]
            first, last, node, pair = first[on], last[on], node[on], pair[on]

    def _completed(self, node: Ints, pair: Ints) -> tuple[Ints, Ints]:
        """Which of the readings are whole forms, and the values that those stand for, one for each time told."""
        owners, endings = listed(self._endings, node)
        admitted = self._admits.take(self._ending_pairs.take(endings) + pair.take(owners)).nonzero()[0]
        return owners[admitted], self._values.take(endings[admitted])
