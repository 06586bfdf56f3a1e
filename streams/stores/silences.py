"""Silences in Redis: a hash of them all, and for each the alerts that it held back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from redis.asyncio import Redis

from streams.silences import KEEP, Silence
from streams.stores.connection import reaching_redis


class SilenceStore:
    """Keeps silences under `prefix`. Every method may raise EngineAwayError."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis, self._prefix, self._key = redis, prefix, f"{prefix}silences"

    async def put(self, silence: Silence) -> None:
        """Add it, or replace the one of its id."""
        with reaching_redis():
            await self._redis.hset(self._key, silence.id, silence.model_dump_json())

    async def all(self) -> tuple[Silence, ...]:
        """Every silence that is remembered, the one that ends last first."""
        with reaching_redis():
            rows = await self._redis.hvals(self._key)
        return tuple(sorted(map(Silence.model_validate_json, rows), key=lambda each: each.ends_at, reverse=True))

    async def held_by(self, id_: str) -> tuple[str, ...]:
        """The alerts that a silence held back, by id, sorted."""
        with reaching_redis():
            return tuple(sorted(map(str, await self._redis.smembers(f"{self._prefix}silence:{id_}:held"))))

    async def forget(self, silences: Sequence[Silence], *, now: datetime) -> None:
        """Drop those that ended longer than KEEP ago and have been told."""
        old = [each.id for each in silences if each.told and now - each.ends_at > KEEP]
        if old:
            with reaching_redis():
                await self._redis.hdel(self._key, *old)
                await self._redis.delete(*(f"{self._prefix}silence:{id_}:held" for id_ in old))
