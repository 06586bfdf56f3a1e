"""Ended notifications in Redis: which of them the topic of deliveries does not show yet, and how they come back.

An end is noted in the step that records it (`lua/outbox_record.lua`) and taken off the list when the topic has it, so
that a crash between the two writes it twice and never not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.asyncio import Redis

from streams.alerts import NotificationState
from streams.deliveries import Delivery
from streams.stores.connection import reaching_redis
from streams.stores.scripts import EPOCH, Script, instant, milliseconds, seconds

BATCH = 200
"""Notifications in one step."""


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A notification that waits to be sent, as a backup of Redis may have it too.

    What is `held` for a summary, and the summary, may wait for a week. `alert` is "" for what tells of none; `number`
    counts its tellings.
    """

    id: str
    receiver: str
    alert: str
    rule: str
    article: str
    number: int
    added_at: datetime
    held: bool = False


class Deliveries:
    """Reads and restores ends under `prefix`. Every method may raise EngineAwayError."""

    def __init__(self, redis: Redis, *, prefix: str, keep: timedelta, mark: str | None = None) -> None:
        self._redis, self._prefix, self._keep = redis, prefix, seconds(keep)
        self._restore = Script(redis, "outbox", "deliveries_restore", prefix=prefix, mark=mark)

    async def unlogged(self) -> list[Delivery]:
        """Ends that the topic does not show yet, the oldest first, at most BATCH; forgotten ones are left out."""
        with reaching_redis():
            ids = [str(id_) for id_ in await self._redis.zrange(self._unlogged, 0, BATCH - 1)]
            found = dict(zip(ids, await self._fields(ids), strict=True))
            if gone := [id_ for id_, fields in found.items() if not fields]:
                await self._redis.zrem(self._unlogged, *gone)
        ends = [(id_, _ended(fields)) for id_, fields in found.items() if fields]
        return [_delivery(id_, found[id_], state) for id_, state in ends if state]

    async def logged(self, ids: Sequence[str]) -> None:
        """The topic shows these."""
        with reaching_redis():
            await self._redis.zrem(self._unlogged, *ids)

    async def outstanding(self) -> list[Outstanding]:
        """Everything that waits to be sent, by receiver, in order, and then what summaries hold."""
        with reaching_redis():
            receivers = sorted(map(str, await self._redis.smembers(f"{self._prefix}outbox:receivers")))
            ids = [
                str(id_)
                for receiver in receivers
                for id_ in await self._redis.zrange(f"{self._prefix}outbox:due:{receiver}", 0, -1)
            ]
            summaries = sorted(map(str, await self._redis.smembers(f"{self._prefix}outbox:summaries")))
            for summary in summaries:
                ids += map(str, await self._redis.zrange(f"{self._prefix}outbox:held:{summary}", 0, -1))
            rows = [row for at in range(0, len(ids), BATCH) for row in await self._fields(ids[at : at + BATCH])]
        return [_outstanding(id_, fields, summaries) for id_, fields in zip(ids, rows, strict=True) if fields]

    async def restore(self, ends: Mapping[str, Delivery | None]) -> int:
        """Give these outstanding notifications their end; None where the topic shows none. How many have one now."""
        return int(await self._restore.run(self._keep, *(w for id_, end in ends.items() for w in _words(id_, end))))

    @property
    def _unlogged(self) -> str:
        return f"{self._prefix}outbox:unlogged"

    async def _fields(self, ids: Sequence[str]) -> list[Mapping[str, str]]:
        pipe = self._redis.pipeline(transaction=False)
        for id_ in ids:
            pipe.hgetall(f"{self._prefix}notification:{id_}")
        return list(await pipe.execute())


def _words(id_: str, end: Delivery | None) -> tuple[str | int, ...]:
    if end is None:
        return (id_, "", "", "", 0, 0)
    return (id_, end.state.value, end.receipt, end.error, end.attempts, milliseconds(end.seen_at))


def _ended(fields: Mapping[str, str]) -> NotificationState | None:
    """How it has ended; None where it was sent again by hand meanwhile, and is noted once more when that ends."""
    state = NotificationState(fields["state"])
    return None if state in {NotificationState.PENDING, NotificationState.LEASED} else state


def _delivery(id_: str, fields: Mapping[str, str], state: NotificationState) -> Delivery:
    told = _outstanding(id_, fields)
    return Delivery(
        id=id_,
        receiver=told.receiver,
        alert=told.alert,
        rule=told.rule,
        article=told.article,
        number=told.number,
        state=state,
        receipt=fields.get("receipt", ""),
        error=fields.get("error", ""),
        attempts=int(fields["attempt"]),
        added_at=told.added_at,
        seen_at=instant(fields.get("sent_at")) or told.added_at,
    )


def _outstanding(id_: str, fields: Mapping[str, str], summaries: Sequence[str] = ()) -> Outstanding:
    """What the content says, as far as this release knows its form."""
    try:
        content = json.loads(fields["content"])
        rule, article, number = content["match"]["rule"], content["article"]["id"], int(content["number"])
    except (ValueError, LookupError, TypeError):
        rule, article, number = "", "", 0
    return Outstanding(
        id=id_,
        receiver=fields["receiver"],
        alert=fields["alert"],
        rule=rule,
        article=article,
        number=number,
        added_at=instant(fields.get("added_at", fields["since"])) or EPOCH,
        held=fields["state"] == NotificationState.HELD or id_ in summaries,
    )
