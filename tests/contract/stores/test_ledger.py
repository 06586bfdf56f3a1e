"""The ledger counts each article once and keeps its first status."""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from streams.ports import ArticleStatus
from streams.stores.ledger import BATCH, RedisLedger, Tally


async def test_a_new_ledger_is_empty(ledger: RedisLedger) -> None:
    """Nothing entered, nothing ended, nothing pending."""
    assert (await ledger.tally(), await ledger.pending()) == (Tally(0, {}), 0)


async def test_entering_twice_counts_once(ledger: RedisLedger) -> None:
    """Redelivery of an article does not count it again, within a batch or across batches."""
    await ledger.enter(["a", "b", "a"])
    await ledger.enter(["b", "c"])
    assert await ledger.tally() == Tally(3, {})


async def test_the_first_status_stands(ledger: RedisLedger) -> None:
    """A later status changes neither the article nor the counts."""
    await ledger.enter(["a"])
    await ledger.finish({"a": ArticleStatus.ALERTED})
    await ledger.finish({"a": ArticleStatus.DEAD_LETTERED})
    await ledger.enter(["a"])
    assert await ledger.status("a") is ArticleStatus.ALERTED
    assert await ledger.tally() == Tally(1, {ArticleStatus.ALERTED: 1})


async def test_an_unknown_article_is_entered_when_it_finishes(ledger: RedisLedger) -> None:
    """Statuses add up to what entered even when the entry was forgotten."""
    await ledger.finish({"a": ArticleStatus.NO_MATCH, "b": ArticleStatus.NO_MATCH})
    assert await ledger.tally() == Tally(2, {ArticleStatus.NO_MATCH: 2})


async def test_an_article_on_its_way_has_no_status(ledger: RedisLedger) -> None:
    """Entered and unknown articles have no status; the entered one is pending."""
    await ledger.enter(["a"])
    assert (await ledger.status("a"), await ledger.status("x"), await ledger.pending()) == (None, None, 1)


async def test_large_batches_are_split(ledger: RedisLedger) -> None:
    """More articles than one script call takes are all counted."""
    ids = [f"a{index}" for index in range(2 * BATCH + 1)]
    await ledger.enter(ids)
    await ledger.finish(dict.fromkeys(ids, ArticleStatus.NO_MATCH))
    assert await ledger.tally() == Tally(len(ids), {ArticleStatus.NO_MATCH: len(ids)})


async def test_articles_expire_and_counters_do_not(redis: Redis, prefix: str) -> None:
    """Every article's key has a time to live; the counts have none."""
    ledger = RedisLedger(redis, prefix=prefix, keep=timedelta(days=14))
    await ledger.enter(["a", "b"])
    await ledger.finish({"a": ArticleStatus.NO_MATCH})
    lives = [await redis.ttl(f"{prefix}{key}") for key in ("article:a", "article:b", "tally")]
    fortnight = 14 * 24 * 3600
    assert [fortnight - 60 < life <= fortnight for life in lives] == [True, True, False]
    assert lives[2] == -1
