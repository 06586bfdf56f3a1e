"""The match stage publishes what fired and ends what did not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from streams.errors import RecordTooLargeError
from streams.match.batch import ArticleText
from streams.match.engine import Engine, Fired
from streams.match.match_agent import TOGETHER, MatchAgent, match_articles
from streams.messages import MATCHES, Article, Match, Update
from streams.observe.metrics import Metrics
from streams.ports import ArticleStatus, Received, Record
from streams.topics import Topics
from tests.unit.match.building import engine_of, rule_data, rulebook_of

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOPICS = Topics.build(prefix="t-", partitions=1, retention=timedelta(days=7), replication=1)


class Log:
    """A publisher and ledger that remember; publishing waits until `width` calls are under way."""

    def __init__(self, width: int = 1) -> None:
        self.published: list[tuple[str, str, Match]] = []
        self.finished: list[Mapping[str, ArticleStatus]] = []
        self._barrier = asyncio.Barrier(width)
        self.refuse = False

    async def publish(self, topic: str, key: str, value: bytes) -> None:
        """See streams.ports.Publisher."""
        if self.refuse:
            raise RecordTooLargeError("too large")
        await self._barrier.wait()
        self.published.append((topic, key, MATCHES.decode(value)))

    async def enter(self, article_ids: Sequence[str]) -> None:
        """See streams.ports.Ledger."""

    async def finish(self, statuses: Mapping[str, ArticleStatus]) -> None:
        """See streams.ports.Ledger."""
        self.finished.append(dict(statuses))


def _received(article_id: str, text: str, *, revision: int = 1) -> Received[Article]:
    update = Update(revision=revision) if revision > 1 else None
    article = Article(id=article_id, title="", source="s", seen_at=SEEN, text=text, update=update)
    return Received(article, Record("t-articles", 0, 0, None, None))


def _agent(log: Log, metrics: Metrics | None = None) -> MatchAgent:
    engine = engine_of("apple")
    return MatchAgent(lambda: engine, log, log, topics=TOPICS, metrics=metrics or Metrics())


async def test_articles_without_a_match_end_in_one_call() -> None:
    """The ledger is asked once a batch, and nothing is published."""
    log = Log()
    await _agent(log).handle([_received("a", "pear"), _received("b", "plum")])
    assert log.finished == [{"a": ArticleStatus.NO_MATCH, "b": ArticleStatus.NO_MATCH}]
    assert log.published == []


async def test_matches_are_published_side_by_side_under_the_article_id() -> None:
    """Both are under way before either returns, and the handler waits for both."""
    log = Log(width=2)
    await asyncio.wait_for(_agent(log).handle([_received("a", "apple"), _received("b", "an apple")]), 5)
    assert sorted((topic, key) for topic, key, _ in log.published) == [("t-matches", "a"), ("t-matches", "b")]
    assert log.finished == []


async def test_a_match_carries_the_article_the_story_and_the_rulebook() -> None:
    """All later decisions need them."""
    log = Log()
    await _agent(log).handle([_received("a", "apple")])
    ((_, _, match),) = log.published
    assert (match.article.id, match.seen_at, match.rulebook) == ("a", SEEN, "r1:test")
    assert match.story.startswith("s1:")
    assert [rule.rule for rule in match.rules] == ["a-rule"]


async def test_revisions_of_an_article_in_one_batch_are_all_published_in_their_order() -> None:
    """A first one on which nothing fires ends, an update ends nothing."""
    log = Log()
    second, third = (_received("a", text, revision=number) for number, text in ((2, "an apple"), (3, "apple pie")))
    silent = _received("b", "plum", revision=2)
    await _agent(log).handle([_received("a", "pear"), second, third, silent])
    assert [match.article.revision for _, _, match in log.published] == [2, 3]
    assert log.finished == [{"a": ArticleStatus.NO_MATCH}]


async def test_a_match_that_cannot_be_published_is_the_callers_to_see() -> None:
    """Nothing is ended before every match is durable."""
    log = Log()
    log.refuse = True
    with pytest.raises(RecordTooLargeError):
        await _agent(log).handle([_received("a", "apple"), _received("b", "pear")])
    assert log.finished == []


async def test_what_happened_is_counted() -> None:
    """By status and by rule."""
    metrics = Metrics()
    await _agent(Log(), metrics).handle([_received("a", "apple"), _received("b", "pear")])
    value = metrics.registry.get_sample_value
    assert value("marsad_articles_total", {"status": "no_match"}) == 1
    assert value("marsad_rule_matches_total", {"rule": "a-rule"}) == 1


def test_long_articles_are_read_few_at_a_time() -> None:
    """Reading takes a hundred bytes for each letter, and a batch may have 64 articles of 200,000."""
    read: list[list[int]] = []

    class Watched(Engine):
        def evaluate_many(self, articles: Sequence[ArticleText]) -> list[list[Fired]]:
            read.append([len(article.text) for article in articles])
            return super().evaluate_many(articles)

    half = TOGETHER // 2
    lengths = [10, half, half, TOGETHER, 1, TOGETHER + 1, half, half, 5]
    articles = [_received(str(number), "apple".rjust(length)).message for number, length in enumerate(lengths)]
    articles[4] = _received("4", "a").message
    found = match_articles(Watched(rulebook_of(rule_data("apple"))), articles)
    assert read == [[10, half], [half], [TOGETHER], [1], [TOGETHER + 1], [half, half], [5]]
    assert [match.article.id if match else None for match in found] == ["0", "1", "2", "3", None, "5", "6", "7", "8"]
