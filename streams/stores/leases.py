"""Leases in Redis: one worker at a time, for a while."""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from streams.stores.connection import reaching_redis


async def take_lease(redis: Redis, key: str, worker: str, span: timedelta) -> bool:
    """Try to be the one worker that has `key`, for `span` at most; renews an own lease.

    Raises:
        EngineAwayError: Redis cannot serve now.
    """
    span_ms = int(span / timedelta(milliseconds=1))
    with reaching_redis():
        if await redis.set(key, worker, nx=True, px=span_ms):
            return True
        if await redis.get(key) != worker:
            return False
        await redis.pexpire(key, span_ms)
        return True
