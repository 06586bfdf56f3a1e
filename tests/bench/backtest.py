"""What `marsad rules backtest` gains from a second core."""

from __future__ import annotations

import time

from streams.backtest import Line, RuleSet, outcomes
from streams.match.rulebook import load_rulebook, shipped_rules_dir
from tests.bench.articles import Pool
from tests.bench.figures import Figure, say


def measure(pool: Pool, *, count: int) -> list[Figure]:
    """Articles per second of the shipped rules over an archive of `count` articles, on one core and on two."""
    say("backtest: on one core, then on two")
    folder = shipped_rules_dir()
    rules = RuleSet(folder, tuple(load_rulebook(folder).rules))
    texts = [article.model_dump_json().encode() for article in pool.articles(0, min(count, len(pool.texts)))]
    lines = [Line(texts[number % len(texts)], "archive.jsonl", number + 1) for number in range(count)]
    one, two = (_per_second(rules, lines, processes) for processes in (1, 2))
    how = f"{count:,} articles, {len(rules.rules)} shipped rules, wall clock from the first result on"
    return [
        Figure("backtest on one core", one, "articles/s", how),
        Figure("backtest on two cores, in times of one", two / one, "", how, aim=1.6, at_least=True),
    ]


def _per_second(rules: RuleSet, lines: list[Line], processes: int) -> float:
    """Without the start, which costs each process the compiling of the rules, and an archive of any size the same."""
    results = outcomes(rules, lines, processes=processes)
    next(results)
    began = time.perf_counter()
    articles = sum(outcome.articles for outcome in results)
    return articles / (time.perf_counter() - began)
