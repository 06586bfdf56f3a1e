"""Which hosts are being asked, by whom, and their robots.txt, so that any number of workers are polite together.

A host is leased by whoever asks it, an entry's page through `SourceStore.claim`, all else through `enter`.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from redis.asyncio import Redis

from streams.stores.connection import reaching_redis
from streams.stores.scripts import Script, instant, milliseconds

LEFT_OUT_KEPT = 1_000
KEEP_DELAY = timedelta(days=30)
"""How long a host's Crawl-delay is kept after its robots.txt was fetched last."""


class HostStore:
    """Leases of hosts under `prefix`. `worker` is unique among live workers."""

    def __init__(self, redis: Redis, *, prefix: str, worker: str, mark: str | None = None) -> None:
        self._redis, self._prefix, self._worker = redis, prefix, worker
        self._enter = Script(redis, "sources", "hosts_enter", prefix=prefix, mark=mark)
        self._leave = Script(redis, "sources", "hosts_leave", prefix=prefix, mark=mark)

    async def enter(self, host: str, now: datetime, lease: timedelta, *, came_from: str = "") -> datetime | None:
        """Lease the host for a visit; None where that was done, else when to ask again.

        The turn is kept for a moment, or where one `came_from` another host until that may be asked again, and longer.
        """
        ends = milliseconds(now + lease)
        return instant(await self._enter.run(milliseconds(now), self._worker, host, ends, came_from) or None)

    async def leave(self, host: str, *, free_at: datetime, now: datetime) -> None:
        """The visit is over; the host is left alone until `free_at`."""
        await self._leave.run(milliseconds(now), self._worker, host, milliseconds(free_at))

    async def lines(self, host: str) -> bytes | None:
        """What was kept of the lines that come again on a host's pages."""
        with reaching_redis():
            found = await self._redis.get(f"{self._prefix}host:{host}:lines")
        return b64decode(found) if found else None

    async def keep_lines(self, host: str, packed: bytes, span: timedelta) -> None:
        """Keep it for `span`. Only who has leased the host does."""
        with reaching_redis():
            await self._redis.set(f"{self._prefix}host:{host}:lines", b64encode(packed).decode(), px=span)

    async def note_left_out(self, article: str, lines: int) -> None:
        """Remember of an article that lines were left out of it; of the last `LEFT_OUT_KEPT` that had any."""
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            pipe.lpush(f"{self._prefix}lines_left_out", f"{article} {lines}")
            pipe.ltrim(f"{self._prefix}lines_left_out", 0, LEFT_OUT_KEPT - 1)
            await pipe.execute()

    async def left_out(self, article: str) -> int:
        """How many lines were left out of an article when it was published last, as far as it is remembered."""
        with reaching_redis():
            rows = await self._redis.lrange(f"{self._prefix}lines_left_out", 0, -1)
        noted = (str(row).split(" ") for row in rows)
        return next((int(lines) for each, lines in noted if each == article), 0)

    async def robots(self, origin: str) -> str | None:
        """What was kept of the origin's robots.txt; None where nothing is, "" where it has none."""
        with reaching_redis():
            found = await self._redis.get(f"{self._prefix}robots:{origin}")
        return None if found is None else str(found)

    async def keep_robots(self, origin: str, text: str, span: timedelta, *, host: str, delay: timedelta) -> None:
        """Keep the text of a robots.txt for `span`; no worker asks the host sooner than `delay` after another visit.

        The delay is kept for longer than the text, which is fetched anew for pages alone: feeds are polled meanwhile,
        and workers go by a text that they have at hand. Of the origins of a host, with and without `www.`, the one that
        asks for most counts.
        """
        key, milli = f"{self._prefix}host:{host}:delay", int(delay / timedelta(milliseconds=1))
        with reaching_redis():
            known, by = await self._redis.mget(key, f"{key}:by")
            another = known is not None and by not in {None, origin} and int(known) > milli
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(f"{self._prefix}robots:{origin}", text, px=span)
            if delay and not another:
                pipe.set(key, milli, px=KEEP_DELAY)
                pipe.set(f"{key}:by", origin, px=KEEP_DELAY)
            elif not another:
                pipe.delete(key, f"{key}:by")
            await pipe.execute()
