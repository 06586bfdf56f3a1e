"""What waits for a summary, in Redis: which notifications are held back for a receiver, and the summary to tell them.

A claim names what has not been ruled on; the caller decides (`streams.notify.holding`), and `rule` writes it all in one
step, or nothing where another worker has ruled meanwhile. What is held stays until its summary is delivered, so a
crash at any point leaves each notification either unruled, or passed, or held by a summary that is on its way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.asyncio import Redis

from streams.alerts import HeldBy, Hold, Summary, summary_id
from streams.stores.connection import reaching_redis
from streams.stores.scripts import Script, instant, milliseconds, seconds


@dataclass(frozen=True, slots=True)
class Unruled:
    """Due notifications of a receiver on which its storm limit has not been asked, oldest first.

    `recent` are the times of the latest ones that were ruled on, rising, at most as many as the limit. `version` is
    what `rule` has to be given.
    """

    receiver: str
    version: str
    recent: tuple[datetime, ...]
    fresh: tuple[tuple[str, str, datetime | None], ...]
    """Ids, contents (JSON) and when they were added."""


class Storms:
    """Writes rulings under `prefix`."""

    def __init__(self, redis: Redis, *, prefix: str, keep: timedelta, mark: str | None = None) -> None:
        self._redis, self._prefix, self._keep = redis, prefix, seconds(keep)
        self._rule = Script(redis, "outbox", "storm_rule", prefix=prefix, mark=mark)
        self._retime = Script(redis, "outbox", "storm_retime", prefix=prefix, mark=mark)

    async def rule(self, unruled: Unruled, hold: Hold, *, limit: int, window: timedelta, now: datetime) -> int | None:
        """Let everything pass but what is held, which the receiver's open summary of its kind is to tell, or a new one.

        `limit` and `window` are those of the storm limit: how many arrivals are remembered, and for how long.

        Raises:
            EngineAwayError: Redis cannot serve now.

        Returns:
            How many are held now; None where another worker has ruled meanwhile, and nothing was written.
        """
        summary = Summary(seen_at=now, until=hold.until, by=hold.by, limit=limit)
        rulings = [word for id_, *_ in unruled.fresh for word in (id_, "hold" if id_ in hold.ids else "pass")]
        answer = await self._rule.run(
            unruled.receiver,
            milliseconds(now),
            unruled.version,
            limit,
            round(window / timedelta(milliseconds=1)),
            self._keep,
            summary_id(unruled.receiver, hold.by, now),
            summary.model_dump_json(),
            milliseconds(summary.until),
            hold.by.value,
            *rulings,
        )
        return None if int(answer) < 0 else int(answer)

    async def dues(self, receiver: str) -> dict[HeldBy, datetime]:
        """When the receiver's open summaries are to be told, by why they hold.

        Raises:
            EngineAwayError: Redis cannot serve now.
        """
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            pipe.hmget(f"{self._prefix}outbox:storm:{receiver}", [f"summary:{by.value}" for by in HeldBy])
            (ids,) = await pipe.execute()
            for id_ in ids:
                pipe.hget(f"{self._prefix}notification:{id_}", "due")
            found = await pipe.execute()
        return {by: due for by, at in zip(HeldBy, found, strict=True) if (due := instant(at))}

    async def retime(self, receiver: str, times: Mapping[HeldBy, datetime]) -> None:
        """Have the receiver's open summaries of these kinds told then, sooner or later than they were to be.

        Raises:
            EngineAwayError: Redis cannot serve now.
        """
        words: list[str | int] = []
        for by, at in times.items():
            # As it is written in a summary's content.
            said = Summary(seen_at=at, until=at, by=by).model_dump(mode="json")["until"]
            words += [by.value, milliseconds(at), said]
        if words:
            await self._retime.run(receiver, *words)


def unruled_from(receiver: str, version: str, times: Sequence[str], flat: Sequence[str]) -> Unruled:
    """What `lua/outbox_claim.lua` answers."""
    recent = tuple(at for at in map(instant, times) if at)
    fresh = zip(flat[::3], flat[1::3], map(instant, flat[2::3]), strict=True)
    return Unruled(receiver, version, recent, tuple(fresh))
