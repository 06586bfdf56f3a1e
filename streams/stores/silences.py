"""Silences in Redis: a hash of them all, and for each the alerts that it held back."""

from __future__ import annotations

from collections.abc import Mapping

from redis.asyncio import Redis

from streams.silences import Held, Silence
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

    async def held_by(self, id_: str) -> dict[str, Held]:
        """The alerts that a silence held back, by id, sorted."""
        with reaching_redis():
            rows = await self._redis.hgetall(self._held(id_))
        return {str(alert): Held.model_validate_json(row) for alert, row in sorted(rows.items())}

    async def move(self, alert: str, item: Held, *, to: str) -> None:
        """Have another silence hold an alert back, beside what that holds of it already."""
        with reaching_redis():
            row = await self._redis.hget(self._held(to), alert)
            there = Held.model_validate_json(row) if row else Held(receivers=())
            beside = (other for other in there.beside if other != to)
            moved = item.with_more(there.receivers, beside).model_copy(update={"told": False})
            await self._redis.hset(self._held(to), alert, moved.model_dump_json(exclude_defaults=True))

    async def mark_told(self, id_: str, held: Mapping[str, Held]) -> None:
        """Note that those who would have been told of these alerts have been."""
        with reaching_redis():
            for alert, item in held.items():
                told = item.model_copy(update={"told": True})
                await self._redis.hset(self._held(id_), alert, told.model_dump_json(exclude_defaults=True))

    async def forget(self, silence: Silence) -> None:
        """Drop it, with what it held back."""
        with reaching_redis():
            await self._redis.hdel(self._key, silence.id)
            await self._redis.delete(self._held(silence.id))

    def _held(self, id_: str) -> str:
        return f"{self._prefix}silence:{id_}:held"
