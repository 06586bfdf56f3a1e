"""Articles read together: folded at once, scanned at once, and what was found by article."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from streams.match.article_facts import UNKNOWN, ArticleFacts
from streams.match.furniture import may_be_furniture
from streams.match.vocabulary import Hit, Vocabulary
from streams.match.words import Ints, Words


class ArticleText(NamedTuple):
    """What rules are held against: an article's words, and what is known of it besides."""

    title: str
    text: str
    facts: ArticleFacts = UNKNOWN


class Batch:
    """Articles with the vocabulary's hits in them.

    `articles` and `terms` tell which terms are in which article, sorted and without repeats: hits in page furniture and
    hits of ambiguous phrases are among them.
    """

    def __init__(self, articles: Sequence[ArticleText], vocabulary: Vocabulary) -> None:
        self.texts, self.vocabulary = articles, vocabulary
        self.words = Words([text for title, body, _ in articles for text in (title, body)])
        hits = vocabulary.hits(self.words)
        self._firsts: Ints = self.words.firsts[::2]
        articles_of_hits = np.searchsorted(self._firsts, hits.words, side="right") - 1
        terms, entries, guards = vocabulary.meanings[hits.values].T
        keys = articles_of_hits * len(vocabulary.terms) + terms
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        self._runs = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else order
        self.articles, self.terms = np.divmod(keys[self._runs], max(1, len(vocabulary.terms)))
        self._columns = np.stack((hits.starts, hits.ends, entries, guards))[:, order]
        self._runs_of_articles: list[int] = np.searchsorted(self.articles, np.arange(len(articles) + 1)).tolist()

    def __len__(self) -> int:
        return len(self._firsts) - 1

    @cached_property
    def may_have_furniture(self) -> list[bool]:
        """By article: whether a line of it begins as page furniture does."""
        suspects = may_be_furniture(self.words).nonzero()[0]
        counts: list[int] = np.diff(np.searchsorted(suspects, self._firsts)).tolist()
        return [count > 0 for count in counts]

    def runs(self, article: int) -> dict[int, tuple[int, int]]:
        """By term, which of the batch's hits are its in one article: from the first to before the last."""
        first, last, edges = self._edges(article)
        return dict(zip(self.terms[first:last].tolist(), pairwise(edges), strict=True)) if first < last else {}

    def hits(self, article: int, run: tuple[int, int]) -> list[Hit]:
        """The hits of a run in this article, with positions in its folded text."""
        columns = self._columns[:, run[0] : run[1]].copy()
        columns[:2] -= self._shift(article)
        return list(zip(*columns.tolist(), strict=True))

    def placed_terms(self, article: int) -> tuple[list[int], list[int]]:
        """Where each hit in one article begins, rising, and the term of each."""
        first, last, edges = self._edges(article)
        if first == last:
            return [], []
        starts = self._columns[0, edges[0] : edges[-1]] - self._shift(article)
        terms = self.terms[first:last].repeat(np.diff(edges))
        order = starts.argsort(kind="stable")
        return starts[order].tolist(), terms[order].tolist()

    def _edges(self, article: int) -> tuple[int, int, list[int]]:
        """The article's runs, from the first to before the last, and where each begins, with the end of the last."""
        first, last = self._runs_of_articles[article : article + 2]
        edges: list[int] = self._runs[first : last + 1].tolist()
        return first, last, edges if last < len(self._runs) else [*edges, self._columns.shape[1]]

    def _shift(self, article: int) -> int:
        """By how much positions in the batch are larger than in the article's own folded text."""
        before = self._firsts[article]
        return int(self.words.joined_ends[before - 1]) if before else 0
