"""What one article costs the rule engine and the codec, without any stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

from streams.match.batch import ArticleText
from streams.match.document import Document
from streams.match.engine import Engine
from streams.messages import ARTICLES
from tests.bench.articles import Pool, Text
from tests.bench.figures import Figure, say

PASSES = 5
BATCH = 100

T = TypeVar("T")


def measure(engine: Engine, pool: Pool) -> list[Figure]:
    """Microseconds of CPU time an article."""
    say("engine: matching without streams")
    how = f"CPU time, median of {PASSES} passes over the pool"

    def match(text: Text) -> None:
        engine.match(text.title, text.body)

    def match_batch(batch: Sequence[ArticleText]) -> None:
        engine.match_many(batch)

    together = [ArticleText(text.title, text.body) for text in pool.texts]
    batches = [together[at : at + BATCH] for at in range(0, len(together), BATCH)]
    articles = list(pool.articles(0, len(pool.texts)))
    encoded = [ARTICLES.encode(article) for article in articles]
    rules = len(engine.rules)
    figures = [
        Figure(
            f"match, {rules} shipped rules, in batches",
            _cost(match_batch, batches) * len(batches) / len(together),
            "us",
            f"{how}, {BATCH} articles at a time",
            aim=150.0,
        ),
        Figure(f"match, {rules} shipped rules, one at a time", _cost(match, pool.texts), "us", how),
        Figure(
            "of that, fold and scan",
            _cost(lambda t: Document(t.title, t.body, engine.vocabulary), pool.texts),
            "us",
            how,
        ),
        Figure("decode an article's message", _cost(ARTICLES.decode, encoded), "us", how),
    ]
    for language, name in (("ar", "Arabic"), ("en", "English")):
        if texts := pool.of_language(language):
            figures.append(
                Figure(f"match, {rules} shipped rules, {name}", _cost(match, texts), "us", f"{how}, {len(texts)} texts")
            )
    return figures


def _cost(work: Callable[[T], object], items: Sequence[T]) -> float:
    """Microseconds for one item."""
    costs = []
    for _ in range(PASSES):
        began = time.process_time()
        for item in items:
            work(item)
        costs.append((time.process_time() - began) / len(items) * 1e6)
    return median(costs)
