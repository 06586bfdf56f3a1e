"""What matching costs as rules grow to ten thousand and texts to a hundred times an article, on one core.

Beside the engine stand, on the same articles in the same run, the two ways that need no engine: `re` with all phrases
as alternatives (which finds words and decides nothing), and the brute-force evaluator of the tests on a few rules.
"""

from __future__ import annotations

import gc
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from random import Random

from streams.match.batch import ArticleText
from streams.match.engine import Engine
from streams.match.rulebook import Rulebook
from tests.bench import hot_rules
from tests.bench.figures import Figure, say
from tests.bench.proc import resident_megabytes
from tests.bench.texts import NEW_WORDS, renewed
from tests.unit.match.oracle import Oracle, Text

RULES = (100, 1_000, 10_000)
BATCH = 100
PASSES = 3
SEED = 10
_AIMS = {1_000: 12_000.0, 10_000: 7_000.0}
"""Articles per second: four and seven times what Lucene's Monitor, tuned, does without clitics."""
_BRUTE_RULES, _BRUTE_WORDS, _RE_ARTICLES = 30, 120, 3
_TIMES = 10


def measure() -> list[Figure]:
    """Speed, latency, compiling and growth. Texts and rules are invented; see `tests.bench.hot_rules`."""
    texts = hot_rules.articles()
    figures: list[Figure] = []
    for count in RULES:
        say(f"rules: {count} hot rules")
        book = hot_rules.rulebook(texts, count)
        engine, compiling = _compiled(book, count)
        figures += [*compiling, *_speed(engine, texts, count), *_others(engine, book, texts, count)]
    return [*figures, *_growth(engine, book, texts)]


def _compiled(book: Rulebook, count: int) -> tuple[Engine, list[Figure]]:
    gc.collect()
    gc.freeze()  # the parsed rules, which are none of the engine's cost
    before, began = resident_megabytes(os.getpid()), time.process_time()
    engine = Engine(book)
    seconds, grown = time.process_time() - began, resident_megabytes(os.getpid()) - before
    how = f"{len(hot_rules.phrases(book)):,} phrases, CPU time; resident memory grown"
    gc.collect()
    gc.freeze()  # as the workers do
    if count != RULES[-1]:
        return engine, []
    return engine, [
        Figure(f"compile {count:,} rules", seconds, "s", how, aim=3.0),
        Figure(f"memory of {count:,} compiled rules", grown, "MB", how, aim=250.0),
    ]


def _speed(engine: Engine, texts: Sequence[ArticleText], count: int) -> list[Figure]:
    random = Random(SEED)  # noqa: S311  # the same in every run
    passes = [[ArticleText(one.title, renewed(one.text, random)) for one in texts] for _ in range(3 * PASSES)]
    fired = sum(map(len, engine.evaluate_many(texts))) / len(texts)
    how = f"{fired:.2f} rules fire an article; {NEW_WORDS:.0%} of the words are new; CPU time, best of {PASSES}"
    evaluated = len(texts) / min(_in_batches(engine.evaluate_many, one) for one in passes[:PASSES])
    described = len(texts) / min(_in_batches(engine.match_many, one) for one in passes[PASSES : 2 * PASSES])
    spent = [_each(engine, one) for one in passes[2 * PASSES :]]
    alone = sorted(min(one) for one in zip(*spent, strict=True))
    name = f"{count:,} rules"
    return [
        Figure(f"{name}, batches of {BATCH}", evaluated, "articles/s", how, aim=_AIMS.get(count), at_least=True),
        Figure(f"{name}, batches, with evidence and excerpts", described, "articles/s", how),
        Figure(f"{name}, one at a time", len(texts) / sum(alone), "articles/s", "the same, in batches of one"),
        Figure(f"{name}, one at a time, p99", alone[len(alone) * 99 // 100] * 1e3, "ms", "the same", aim=1.0),
    ]


def _others(engine: Engine, book: Rulebook, texts: Sequence[ArticleText], count: int) -> list[Figure]:
    """How many times as long the other ways take for an article."""
    some = list(texts[:_RE_ARTICLES])
    ours = _least(lambda: engine.evaluate_many(texts)) / len(texts)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(hot_rules.phrases(book)))) + r")\b")
    found = _least(lambda: [pattern.findall(one.text) for one in some], passes=1) / len(some)
    oracle, rules = Oracle(book.concepts), list(book.rules.values())[:_BRUTE_RULES]
    text = Text.of("", " ".join(texts[0].text.split()[:_BRUTE_WORDS]))
    brute = _least(lambda: [oracle.met(rule.match, text) for rule in rules], passes=1) / len(rules) * count
    return [
        Figure(f"{count:,} rules, `re` alternation", found / ours, "times", "finds the phrases and decides nothing"),
        Figure(
            f"{count:,} rules, brute force",
            brute / ours,
            "times",
            f"{_BRUTE_RULES} rules on the first {_BRUTE_WORDS} words of one article, for all rules",
        ),
    ]


def _growth(engine: Engine, book: Rulebook, texts: Sequence[ArticleText]) -> list[Figure]:
    """What ten times the text costs: ordinary text, and one phrase over and over.

    Without the rules on a whole document, and with them: of those, many times as many fire on ten articles in one, and
    what is told costs what is told.
    """
    within = Engine(replace(book, rules=hot_rules.within_articles(book)))
    long = " ".join(one.text for one in texts[:_TIMES])
    repeated = " ".join(["Idlib shelling, troops withdraw"] * 500)
    figures = []
    for name, one, text, aim in (
        ("an article", within, long, 15.0),
        ("one repeated phrase", within, repeated, 15.0),
        ("an article, all rules", engine, long, None),
    ):
        short = text[: len(text) // _TIMES]
        cost = _least(partial(one.match, "", text)) / _least(partial(one.match, "", short))
        how = f"{len(one.rules):,} rules, of which {_fires(one, short, text)}"
        figures.append(Figure(f"{_TIMES} times the text, {name}", cost, "times", how, aim=aim))
    return figures


def _fires(engine: Engine, *texts: str) -> str:
    return ", then ".join(str(len(engine.evaluate("", text))) for text in texts) + " fire"


def _in_batches(work: Callable[[Sequence[ArticleText]], object], texts: Sequence[ArticleText]) -> float:
    """Seconds of CPU time for all articles."""
    began = time.process_time()
    for at in range(0, len(texts), BATCH):
        work(texts[at : at + BATCH])
    return time.process_time() - began


def _each(engine: Engine, texts: Sequence[ArticleText]) -> list[float]:
    """Seconds of CPU time for each article alone."""
    spent = []
    for text in texts:
        began = time.process_time()
        engine.evaluate_many([text])
        spent.append(time.process_time() - began)
    return spent


def _least(work: Callable[[], object], passes: int = PASSES) -> float:
    """Seconds of CPU time of the fastest pass."""
    spent = []
    for _ in range(passes):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)
