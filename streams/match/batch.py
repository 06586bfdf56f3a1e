"""Articles read together: folded at once, scanned at once, and what was found by article."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
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

    def hits(self, article: int) -> tuple[list[Hit], dict[int, tuple[int, int]]]:
        """The hits in one article, with positions in its folded text; and by term, which of them are its."""
        first, last = self._runs_of_articles[article : article + 2]
        if first == last:
            return [], {}
        runs = self._runs[first : last + 1].tolist()
        end = runs[-1] if last < len(self._runs) else self._columns.shape[1]
        columns = self._columns[:, runs[0] : end].copy()
        before = self._firsts[article]
        if before:
            columns[:2] -= self.words.joined_ends[before - 1]
        edges = [run - runs[0] for run in runs[: last - first]]
        bounds = zip(edges, [*edges[1:], columns.shape[1]], strict=True)
        return list(zip(*columns.tolist(), strict=True)), dict(
            zip(self.terms[first:last].tolist(), bounds, strict=True)
        )
