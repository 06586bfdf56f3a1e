"""Articles read together: folded at once, scanned at once, and what was found by article and term."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.match.article_facts import UNKNOWN, ArticleFacts
from streams.match.furniture import may_be_furniture
from streams.match.vocabulary import Hit, Vocabulary
from streams.match.words import Ints, Words, ranges


class ArticleText(NamedTuple):
    """What rules are held against: an article's words, and what is known of it besides."""

    title: str
    text: str
    facts: ArticleFacts = UNKNOWN


class Batch:
    """Articles with the vocabulary's hits in them.

    `articles` and `terms` tell which terms are in which article, sorted and without repeats: hits in page furniture and
    hits of ambiguous phrases are among them. Words are counted through all articles.
    """

    def __init__(self, articles: Sequence[ArticleText], vocabulary: Vocabulary) -> None:
        self.texts, self.vocabulary = articles, vocabulary
        self.words = Words([text for title, body, _ in articles for text in (title, body)])
        self._terms = max(1, len(vocabulary.terms))
        self._firsts: Ints = self.words.firsts[::2]
        hits = vocabulary.hits(self.words)
        owners = np.arange(len(articles)).repeat(self._firsts[1:] - self._firsts[:-1])
        keys = owners.take(hits.firsts) * self._terms + vocabulary.meanings[0].take(hits.values)
        self._present = np.zeros(len(articles) * self._terms, dtype=np.bool_)
        self._present[keys] = True
        places = keys * (len(self.words) + 1) + hits.firsts
        self._hits, self._order = hits, places.argsort()
        self._places, keys = places[self._order], keys[self._order]
        changes = np.ones(len(keys) + 1, dtype=np.bool_)
        np.not_equal(keys[1:], keys[:-1], out=changes[1:-1])
        self._runs = changes.nonzero()[0]  # where each pair's hits begin, and the end
        self._run_keys = keys[self._runs[:-1]]
        self.articles, self.terms = np.divmod(self._run_keys, self._terms)

    def __len__(self) -> int:
        return len(self._firsts) - 1

    @cached_property
    def may_have_furniture(self) -> list[bool]:
        """By article: whether a line of it begins as page furniture does."""
        suspects = may_be_furniture(self.words).nonzero()[0]
        counts: list[int] = np.diff(np.searchsorted(suspects, self._firsts)).tolist()
        return [count > 0 for count in counts]

    def has(self, articles: Ints, terms: Ints) -> npt.NDArray[np.bool_]:
        """Of each pair: whether the term is in the article."""
        return self._present.take(articles * self._terms + terms)

    def stretches(self, articles: Ints) -> tuple[Ints, Ints]:
        """The first and the last word of each article."""
        return self._firsts.take(articles), self._firsts.take(articles + 1) - 1

    def articles_of(self, words: Ints) -> Ints:
        """The article that each word is in."""
        return self._firsts.searchsorted(words, side="right") - 1

    def words_of(self, articles: Ints, terms: Ints) -> tuple[Ints, Ints]:
        """The first words of all hits of each pair of an article and a term, and for each the place of its pair."""
        keys = articles * self._terms + terms
        known = self._present.take(keys).nonzero()[0]
        lows = keys[known] * (len(self.words) + 1)
        firsts = self._places.searchsorted(lows)
        owners, places = ranges(firsts, self._places.searchsorted(lows + len(self.words)) - firsts)
        return known[owners], self._places.take(places) - lows.take(owners)

    def fetch(self, articles: Ints, terms: Ints) -> list[dict[int, list[Hit]]]:
        """By article: the hits of each of the terms that are asked for in it, with positions in its folded text."""
        found: list[dict[int, list[Hit]]] = [{} for _ in range(len(self))]
        keys = articles * self._terms + terms
        runs = self._run_keys.searchsorted(keys)
        known = self._present.take(keys)
        firsts = self._runs.take(runs[known])
        counts = self._runs.take(runs[known] + 1) - firsts
        hits = self._told(ranges(firsts, counts)[1])
        end = 0
        for article, term, count in zip(articles[known].tolist(), terms[known].tolist(), counts.tolist(), strict=True):
            found[article][term] = hits[end : end + count]
            end += count
        return found

    def hits(self, article: int, term: int) -> Sequence[Hit]:
        """The hits of one term in one article, with positions in its folded text."""
        key = article * self._terms + term
        if not self._present[key]:
            return ()
        run = int(np.searchsorted(self._run_keys, key))
        return self._told(np.arange(self._runs[run], self._runs[run + 1]))

    def terms_of(self, article: int) -> frozenset[int]:
        """The terms in one article."""
        first, last = np.searchsorted(self.articles, (article, article + 1))
        return frozenset(self.terms[first:last].tolist())

    def placed_terms(self, article: int) -> tuple[list[int], list[int]]:
        """Where each hit in one article begins, rising, and the term of each."""
        first, last = np.searchsorted(
            self._places, np.array((article, article + 1)) * self._terms * (len(self.words) + 1)
        )
        starts, _ = self._hits.some(self._order[first:last]).spans(self.words)
        terms = self._places[first:last] // (len(self.words) + 1) - article * self._terms
        order = starts.argsort()
        return (starts[order] - self._shifts[article]).tolist(), terms[order].tolist()

    def _told(self, chosen: Ints) -> list[Hit]:
        """The hits of these numbers."""
        hits = self._hits.some(self._order.take(chosen))
        starts, ends = hits.spans(self.words)
        shifts = self._shifts.take(self._firsts.searchsorted(hits.firsts, side="right") - 1)
        _, entries, guards = self.vocabulary.meanings.take(hits.values, axis=1)
        return list(
            zip((starts - shifts).tolist(), (ends - shifts).tolist(), entries.tolist(), guards.tolist(), strict=True)
        )

    @cached_property
    def _shifts(self) -> Ints:
        """By how much positions in the batch are larger than in each article's own folded text."""
        return np.concatenate(([0], self.words.joined_ends)).take(self._firsts[:-1])
