"""The ledger in Redis: which articles entered and how each ended, counted once whatever is redelivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from redis.asyncio import Redis

from streams.ports import ArticleStatus
from streams.stores.connection import reaching_redis
from streams.stores.scripts import Script, seconds

KEEP = timedelta(days=14)
"""How long an article is remembered by id: twice the topics' usual retention, so longer than any redelivery."""
BATCH = 500
"""Articles in one script call; Redis serves nobody else meanwhile (about 1 ms)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Articles that entered, and how many ended in each status (those that occur)."""

    entered: int
    statuses: dict[ArticleStatus, int]

    @property
    def pending(self) -> int:
        """Articles still on their way."""
        return self.entered - sum(self.statuses.values())


class RedisLedger:
    """`streams.ports.Ledger` in Redis, under `prefix`. Counters never expire; articles are remembered for `keep`."""

    def __init__(self, redis: Redis, *, prefix: str, keep: timedelta = KEEP, mark: str | None = None) -> None:
        self._redis, self._prefix, self._keep = redis, prefix, seconds(keep)
        self._enter = Script(redis, "ledger", "ledger_enter", prefix=prefix, mark=mark)
        self._finish = Script(redis, "ledger", "ledger_finish", prefix=prefix, mark=mark)

    async def enter(self, article_ids: Sequence[str]) -> None:
        """Count articles as entered; see the port."""
        for batch in _batches(article_ids):
            await self._enter.run(self._keep, *batch)

    async def finish(self, statuses: Mapping[str, ArticleStatus]) -> None:
        """Give articles their terminal status; the first one stands."""
        for batch in _batches(list(statuses)):
            await self._finish.run(self._keep, *(word for id_ in batch for word in (id_, statuses[id_].value)))

    async def status(self, article_id: str) -> ArticleStatus | None:
        """How an article ended; None while it is on its way, or when it is not known (any more)."""
        with reaching_redis():
            found = await self._redis.get(f"{self._prefix}article:{article_id}")
        return ArticleStatus(str(found)) if found else None

    async def tally(self) -> Tally:
        """The counts since this Redis was new."""
        with reaching_redis():
            found = await self._redis.hgetall(f"{self._prefix}tally")
        counts = {str(name): int(count) for name, count in found.items()}
        entered = counts.pop("entered", 0)
        return Tally(entered, {ArticleStatus(name): count for name, count in counts.items()})

    async def pending(self) -> int:
        """Articles that entered and have not ended."""
        return (await self.tally()).pending


def _batches(ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(ids)
    while batch := tuple(islice(rest, BATCH)):
        yield batch
