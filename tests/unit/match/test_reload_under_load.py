"""While articles are matched, the rules change again and again: none is lost, none sees half of a change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from streams.match.match_agent import MatchAgent
from streams.match.reload import Outcome, RulesInForce, load
from streams.messages import MATCHES, Article, Match
from streams.observe.metrics import Metrics
from streams.ports import ArticleStatus, Received, Record
from streams.topics import Topics
from tests.unit.match.building import rule_data, write_rules

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOPICS = Topics.build(prefix="t-", partitions=1, retention=timedelta(days=7), replication=1)
TEXT = "An apple, an orange and a cherry."
RULES = ("a-rule", "b-rule", "c-rule")


class Log:
    """A publisher and ledger that remember, and let others run meanwhile."""

    def __init__(self) -> None:
        self.matches: list[Match] = []
        self.ended: list[str] = []

    async def publish(self, topic: str, key: str, value: bytes) -> None:  # noqa: ARG002  # the port's
        """See streams.ports.Publisher."""
        await asyncio.sleep(0)
        self.matches.append(MATCHES.decode(value))

    async def enter(self, article_ids: Sequence[str]) -> None:
        """See streams.ports.Ledger."""

    async def finish(self, statuses: Mapping[str, ArticleStatus]) -> None:
        """See streams.ports.Ledger."""
        self.ended.extend(statuses)


def edition(word: str, name: str) -> dict[str, Any]:
    """One rule of the edition of the rules that looks for this word."""
    examples = {
        "fires": [{"lang": "en", "text": word}],
        "silent": [{"lang": "en", "text": "plum", "because": "another fruit"}],
    }
    return rule_data(word, id=name, examples=examples)


async def change(folder: Path, word: str) -> None:
    """Write an edition as an editor does: file by file, and each in two steps."""
    for name in RULES:
        path = folder / f"{name}.yaml"
        write_rules(folder, {path.name: edition(word, name)})
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        await asyncio.sleep(0.002)
        path.write_bytes(whole)


async def nobody(_cause: str, _title: str, _text: str) -> None:
    """Operators who are not told."""


def batch(number: int) -> list[Received[Article]]:
    """Three articles with a fruit of every edition."""
    articles = [Article(id=f"{number}-{n}", title="", source="s", seen_at=SEEN, text=TEXT) for n in range(3)]
    return [Received(article, Record("t-articles", 0, number, None, None)) for article in articles]


async def test_no_article_is_lost_or_sees_half_a_rulebook(tmp_path: Path) -> None:
    """Every article is matched once, and by rules that all belong to the edition whose version its match carries."""
    folder = write_rules(tmp_path, {f"{name}.yaml": edition("apple", name) for name in RULES})
    metrics, log, ending = Metrics(), Log(), asyncio.Event()
    rules = RulesInForce(load(folder), metrics, tell=nobody, interval=timedelta(milliseconds=10))
    agent = MatchAgent(lambda: rules.engine, log, log, topics=TOPICS, metrics=metrics)
    loop = asyncio.create_task(rules.run(ending))
    batches = 0
    async with asyncio.timeout(30):
        for turn, word in enumerate(("orange", "cherry", "apple", "orange"), start=1):
            changing = asyncio.create_task(change(folder, word))
            before = rules.engine.version
            while not changing.done() or rules.engine.version == before or taken_up(metrics) < turn:
                await agent.handle(batch(batches))
                batches += 1
                await asyncio.sleep(0)
        await agent.handle(batch(batches))
    ending.set()
    await loop
    assert log.ended == []
    assert [match.article.id for match in log.matches] == [f"{b}-{n}" for b in range(batches + 1) for n in range(3)]
    seen = {match.rulebook: words_of(match) for match in log.matches}
    assert all(words_of(match) == seen[match.rulebook] for match in log.matches)
    assert sorted(seen.values()) == [("apple",) * 3, ("cherry",) * 3, ("orange",) * 3]


def taken_up(metrics: Metrics) -> float:
    """How often a change was taken up."""
    labels = {"outcome": Outcome.TAKEN_UP.value}
    return metrics.registry.get_sample_value("marsad_rulebook_reloads_total", labels) or 0.0


def words_of(match: Match) -> tuple[str, ...]:
    """The word on which each rule fired."""
    return tuple(rule.evidence[0].text for rule in match.rules)
