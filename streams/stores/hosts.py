"""Which hosts are being asked, by whom, and their robots.txt, so that any number of workers are polite together.

A host is leased by whoever asks it, an entry's page through `SourceStore.claim`, all else through `enter`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from redis.asyncio import Redis

from streams.stores.connection import reaching_redis
from streams.stores.scripts import Script, instant, milliseconds


class HostStore:
    """Leases of hosts under `prefix`. `worker` is unique among live workers."""

    def __init__(self, redis: Redis, *, prefix: str, worker: str, mark: str | None = None) -> None:
        self._redis, self._prefix, self._worker = redis, prefix, worker
        self._enter = Script(redis, "sources", "hosts_enter", prefix=prefix, mark=mark)
        self._leave = Script(redis, "sources", "hosts_leave", prefix=prefix, mark=mark)

    async def enter(self, host: str, now: datetime, lease: timedelta) -> datetime | None:
        """Lease the host for a visit; None where that was done, else when to ask again."""
        ends = milliseconds(now + lease)
        return instant(await self._enter.run(milliseconds(now), self._worker, host, ends) or None)

    async def leave(self, host: str, *, free_at: datetime, now: datetime) -> None:
        """The visit is over; the host is left alone until `free_at`."""
        await self._leave.run(milliseconds(now), self._worker, host, milliseconds(free_at))

    async def robots(self, origin: str) -> str | None:
        """What was kept of the origin's robots.txt; None where nothing is, "" where it has none."""
        with reaching_redis():
            found = await self._redis.get(f"{self._prefix}robots:{origin}")
        return None if found is None else str(found)

    async def keep_robots(self, origin: str, text: str, span: timedelta, *, host: str, delay: timedelta) -> None:
        """Keep the text of a robots.txt for `span`; no worker asks the host sooner than `delay` after another visit."""
        key = f"{self._prefix}host:{host}:delay"
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(f"{self._prefix}robots:{origin}", text, px=span)
            if delay:
                pipe.set(key, int(delay / timedelta(milliseconds=1)), px=span)
            else:
                pipe.delete(key)
            await pipe.execute()
