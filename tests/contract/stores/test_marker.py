"""The mark of an installation: a Redis that lost its data is told from a new one, and nothing is written into it."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from streams.errors import EmptiedError, EngineError
from streams.stores.ledger import RedisLedger
from streams.stores.marker import LOG, REBUILDING, Marker
from streams.stores.outbox import Outbox
from streams.stores.sources import SourceStore


async def test_a_new_redis_is_marked_once(redis: Redis, prefix: str) -> None:
    """The first start on an unused log marks it, and every later one finds the mark."""
    marker = Marker(redis, prefix=prefix)
    assert await marker.log() is None
    assert await marker.claim("kafka:one", used=False)
    assert await marker.claim("kafka:one", used=True)
    assert await marker.log() == "kafka:one"


async def test_an_empty_redis_of_a_used_log_is_not_marked(redis: Redis, prefix: str) -> None:
    """It was emptied, or is the wrong one: nobody but a rebuild may begin to work on it."""
    marker = Marker(redis, prefix=prefix)
    assert not await marker.claim("kafka:one", used=True)
    assert await marker.log() is None


async def test_a_redis_of_another_log_is_refused(redis: Redis, prefix: str) -> None:
    """Two installations that share keys would tell each other's alerts."""
    marker = Marker(redis, prefix=prefix)
    await marker.claim("kafka:one", used=False)
    with pytest.raises(EngineError, match="kafka:one; ours is kafka:two"):
        await marker.claim("kafka:two", used=False)


async def test_no_store_writes_into_a_redis_that_was_emptied(redis: Redis, prefix: str) -> None:
    """What a script would have written into the void is an error instead, and leaves no key."""
    await Marker(redis, prefix=prefix).claim("kafka:one", used=False)
    ledger, outbox = RedisLedger(redis, prefix=prefix, mark=LOG), Outbox(redis, prefix=prefix, mark=LOG)
    await ledger.enter(["a1"])
    await redis.delete(f"{prefix}log", f"{prefix}article:a1", f"{prefix}tally")
    with pytest.raises(EmptiedError, match="marsad rebuild"):
        await ledger.enter(["a2"])
    with pytest.raises(EmptiedError):
        await outbox.counts()
    with pytest.raises(EmptiedError):
        await SourceStore(redis, prefix=prefix, worker="w", mark=LOG).state("feed")
    assert not [key async for key in redis.scan_iter(f"{prefix}*")]


async def test_a_rebuild_keeps_workers_out_until_it_has_ended(redis: Redis, prefix: str) -> None:
    """It writes under a mark of its own; the workers' mark is set last."""
    marker = Marker(redis, prefix=prefix)
    await marker.begin_rebuild(force=False)
    with pytest.raises(EngineError, match="another rebuild"):
        await marker.begin_rebuild(force=False)
    await RedisLedger(redis, prefix=prefix, mark=REBUILDING).enter(["a1"])
    with pytest.raises(EmptiedError):
        await RedisLedger(redis, prefix=prefix, mark=LOG).enter(["a1"])
    await marker.renew_rebuild()
    await marker.end_rebuild("kafka:one")
    await RedisLedger(redis, prefix=prefix, mark=LOG).enter(["a1"])
    with pytest.raises(EmptiedError):
        await RedisLedger(redis, prefix=prefix, mark=REBUILDING).enter(["a1"])


async def test_a_whole_redis_is_rebuilt_only_by_force(redis: Redis, prefix: str) -> None:
    """Workers may be writing to it."""
    marker = Marker(redis, prefix=prefix)
    await marker.claim("kafka:one", used=False)
    with pytest.raises(EngineError, match="--force"):
        await marker.begin_rebuild(force=False)
    await marker.begin_rebuild(force=True)
    assert await marker.log() is None


async def test_a_rebuild_whose_redis_is_emptied_again_ends(redis: Redis, prefix: str) -> None:
    """Half of what it wrote is gone: the workers' mark must not be set."""
    marker = Marker(redis, prefix=prefix)
    await marker.begin_rebuild(force=False)
    await redis.delete(f"{prefix}rebuilding")
    with pytest.raises(EngineError, match="emptied again"):
        await marker.renew_rebuild()
