"""Silences in Redis: a hash of them all, and for each the alerts that it held back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from redis.asyncio import Redis

from streams.alerts import Notice, Notification
from streams.silences import Held, Silence
from streams.stores.connection import reaching_redis
from streams.stores.outbox import encoded
from streams.stores.scripts import Script, milliseconds


class SilenceStore:
    """Keeps silences under `prefix`. Every method may raise EngineAwayError."""

    def __init__(self, redis: Redis, *, prefix: str, mark: str | None = None) -> None:
        self._redis, self._prefix, self._key = redis, prefix, f"{prefix}silences"
        self._settle = Script(redis, "outbox", "silences", "silence_settle", prefix=prefix, mark=mark)

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

    async def settle(
        self,
        id_: str,
        told: Sequence[Notification] = (),
        moved: Mapping[str, tuple[Held, str]] = MappingProxyType({}),
        *,
        now: datetime,
        due: Callable[[str], datetime | None] = lambda _receiver: None,
    ) -> int:
        """Tell what a silence held back, or hand it on, and note to whom that was, in one step.

        What has been told to its receiver, or handed on, since it was read is left alone.

        Args:
            id_: the silence.
            told: notices, each of which names the alerts of which it tells.
            moved: alerts by id, with what waits of each, and the silence that is to hold it back.
            now: the time.
            due: from when on a receiver may be told; None for at once.

        Returns:
            How many of the notices are on their way.
        """
        plan = {
            "told": [
                {
                    "id": each.id,
                    "receiver": each.receiver,
                    "alerts": list(each.content.held) if isinstance(each.content, Notice) else [],
                    "content": encoded(each),
                    "due": str(milliseconds(at)) if (at := due(each.receiver)) else "",
                }
                for each in told
            ],
            "moved": [
                {
                    "alert": alert,
                    "receivers": item.receivers,
                    "to": to,
                    "held": item.model_dump_json(exclude_defaults=True),
                }
                for alert, (item, to) in moved.items()
            ],
        }
        return int(await self._settle.run(milliseconds(now), id_, json.dumps(plan, ensure_ascii=False)))

    async def forget(self, silence: Silence) -> None:
        """Drop it, with what it held back."""
        with reaching_redis():
            await self._redis.hdel(self._key, silence.id)
            await self._redis.delete(self._held(silence.id))

    def _held(self, id_: str) -> str:
        return f"{self._prefix}silence:{id_}:held"
