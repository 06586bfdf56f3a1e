"""What one article costs the rule engine and the codec, without any stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random
from statistics import median
from typing import TypeVar

from streams.match.batch import ArticleText, Batch
from streams.match.engine import Engine
from streams.messages import ARTICLES
from tests.bench.articles import Pool, Text
from tests.bench.figures import Figure, say
from tests.bench.texts import NEW_WORDS, renewed

PASSES = 5
BATCH = 100
SEED = 1

T = TypeVar("T")


def measure(engine: Engine, pool: Pool) -> list[Figure]:
    """Microseconds of CPU time an article."""
    say("engine: matching without streams")
    how = f"CPU time, median of {PASSES} passes over the pool"
    renewing = f"{how}, {NEW_WORDS:.0%} of the words new in each"
    random = Random(SEED)  # noqa: S311  # the same in every run

    def passes(texts: Sequence[Text], size: int = 1) -> list[list[list[ArticleText]]]:
        """The texts as articles in batches, with other new words in each pass."""
        articles = [[ArticleText(one.title, renewed(one.body, random)) for one in texts] for _ in range(PASSES)]
        return [[one[at : at + size] for at in range(0, len(one), size)] for one in articles]

    def fold_and_scan(batch: Sequence[ArticleText]) -> None:
        Batch(batch, engine.vocabulary)

    rules, count = len(engine.rules), len(pool.texts)
    encoded = [ARTICLES.encode(article) for article in pool.articles(0, count)]
    figures = [
        Figure(
            f"match, {rules} shipped rules, in batches",
            _cost(engine.match_many, passes(pool.texts, BATCH), count),
            "us",
            f"{renewing}, {BATCH} articles at a time",
            aim=150.0,
        ),
        Figure(
            f"match, {rules} shipped rules, one at a time",
            _cost(engine.match_many, passes(pool.texts), count),
            "us",
            renewing,
        ),
        Figure("of that, fold and scan", _cost(fold_and_scan, passes(pool.texts), count), "us", renewing),
        Figure("decode an article's message", _cost(ARTICLES.decode, [encoded] * PASSES, count), "us", how),
    ]
    for language, name in (("ar", "Arabic"), ("en", "English")):
        if texts := pool.of_language(language):
            cost = _cost(engine.match_many, passes(texts), len(texts))
            about = f"{renewing}, {len(texts)} texts"
            figures.append(Figure(f"match, {rules} shipped rules, {name}", cost, "us", about))
    return figures


def _cost(work: Callable[[T], object], passes: Sequence[Sequence[T]], count: int) -> float:
    """Microseconds for each of the `count` articles that one pass has."""
    costs = []
    for items in passes:
        began = time.process_time()
        for item in items:
            work(item)
        costs.append((time.process_time() - began) / count * 1e6)
    return median(costs)
