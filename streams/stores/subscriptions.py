"""What is kept in Redis of subscriptions at hubs (WebSub), and of pushes that have not been followed by a poll.

Each is a hash whose fields are written one by one: a hub may call back one worker before another has had its answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime
from redis.asyncio import Redis

from streams.messages import Model
from streams.stores.connection import reaching_redis
from streams.stores.leases import take_lease
from streams.stores.scripts import Script, instant, milliseconds


class Subscription(Model):
    """Where a source's feed may be subscribed to, and how far that is.

    `hub` is who pushes and `topic` what it calls the feed; `token` the end of our callback's address and `secret` what
    it signs with. `asked` is what was asked for last, at `asked_at`, for the `tries`th time without success. The hub
    has confirmed it `until` then; it is asked again at `renew_at`. `pushed_at` is when it last pushed, `problem` why it
    does not.
    """

    hub: str
    topic: str
    token: str = ""
    secret: str = ""
    asked: Literal["", "subscribe", "unsubscribe"] = ""
    asked_at: AwareDatetime | None = None
    tries: int = 0
    until: AwareDatetime | None = None
    renew_at: AwareDatetime | None = None
    pushed_at: AwareDatetime | None = None
    problem: str = ""

    def holds(self, now: datetime) -> bool:
        """Whether the hub pushes to us."""
        return self.until is not None and self.until > now

    def without_hub(self) -> Subscription:
        """What is left once it has ended: where the feed could be subscribed to again."""
        return Subscription(hub=self.hub, topic=self.topic, pushed_at=self.pushed_at)


class SubscriptionStore:
    """Subscriptions by source, under `prefix`. `worker` is unique among live workers."""

    def __init__(self, redis: Redis, *, prefix: str, worker: str) -> None:
        self._redis, self._prefix, self._worker = redis, prefix, worker
        self._followed = Script(redis, "push_followed", prefix=prefix)

    async def lead(self, span: timedelta) -> bool:
        """Try to be the one worker that speaks to hubs, for `span` at most; renews an own lease."""
        return await take_lease(self._redis, f"{self._prefix}push:lease", self._worker, span)

    async def all(self) -> dict[str, Subscription]:
        """Each source's subscription."""
        with reaching_redis():
            sources = sorted(map(str, await self._redis.smembers(f"{self._prefix}push:sources")))
            pipe = self._redis.pipeline(transaction=False)
            for source in sources:
                pipe.hgetall(self._key(source))
            answers = await pipe.execute() if sources else []
        read = zip(sources, map(_read, answers), strict=True)
        return {source: subscription for source, subscription in read if subscription}

    async def get(self, source: str) -> Subscription | None:
        """One source's subscription; None where its feed names no hub."""
        with reaching_redis():
            fields = await self._redis.hgetall(self._key(source))
        return _read(fields)

    async def named(self, token: str) -> str | None:
        """The source whose callback ends so."""
        with reaching_redis():
            found = await self._redis.hget(f"{self._prefix}push:tokens", token)
        return str(found) if found else None

    async def put(self, source: str, subscription: Subscription) -> None:
        """Begin anew with this one; the callback of the one before is no longer known."""
        before = await self.get(source)
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=True)
            if before and before.token and before.token != subscription.token:
                pipe.hdel(f"{self._prefix}push:tokens", before.token)
            pipe.delete(self._key(source))
            pipe.hset(self._key(source), mapping=_written(subscription.model_dump()))
            pipe.sadd(f"{self._prefix}push:sources", source)
            if subscription.token:
                pipe.hset(f"{self._prefix}push:tokens", subscription.token, source)
            await pipe.execute()

    async def note(self, source: str, **fields: object) -> None:
        """Change some fields of a subscription."""
        with reaching_redis():
            await self._redis.hset(self._key(source), mapping=_written(fields))

    async def forget(self, source: str) -> None:
        """Know nothing of it any more."""
        before = await self.get(source)
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=True)
            if before and before.token:
                pipe.hdel(f"{self._prefix}push:tokens", before.token)
            pipe.delete(self._key(source))
            pipe.srem(f"{self._prefix}push:sources", source)
            pipe.zrem(f"{self._prefix}push:due", source)
            await pipe.execute()

    async def pushed(self, source: str, now: datetime) -> None:
        """A push has come: the source is to be polled."""
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=True)
            pipe.zadd(f"{self._prefix}push:due", {source: milliseconds(now)})
            pipe.hset(self._key(source), mapping=_written({"pushed_at": now}))
            await pipe.execute()

    async def due(self) -> list[str]:
        """The sources that are to be polled because of a push."""
        with reaching_redis():
            return list(map(str, await self._redis.zrange(f"{self._prefix}push:due", 0, -1)))

    async def due_since(self, source: str) -> datetime | None:
        """When the last push came that is still to be followed by a poll."""
        with reaching_redis():
            score = await self._redis.zscore(f"{self._prefix}push:due", source)
        return instant(str(int(score))) if score is not None else None

    async def followed(self, source: str, began: datetime) -> None:
        """A poll that began then has followed every push that came before it."""
        await self._followed.run(source, milliseconds(began))

    def _key(self, source: str) -> str:
        return f"{self._prefix}source:{source}:push"


def _written(fields: Mapping[str, object]) -> Any:
    """The fields as Redis keeps them, what is None as nothing; Any, because its client's types are not to be met."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value)
        for name, value in fields.items()
    }


def _read(fields: Mapping[Any, Any]) -> Subscription | None:
    """None where there is none; a late answer may have left a field of one that is gone."""
    said = {name: value for name, value in fields.items() if value}
    return Subscription.model_validate(said) if {"hub", "topic"} <= said.keys() else None
