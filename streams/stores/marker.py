"""The mark of an installation in its Redis, by which workers know that Redis still holds what they kept there.

`<prefix>log` names the log (a Kafka cluster or the embedded file) whose work this Redis remembers. It is set at the
first start, never expires, and every script looks for it before it does anything (`streams.stores.scripts`): a Redis
that lost its data answers nothing but EmptiedError, at the very call that would have written into the void. `marsad
rebuild` sets the mark again, last of all; until then it works under a mark of its own, `<prefix>rebuilding`, which goes
by itself.
"""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from streams.errors import EngineError
from streams.stores.connection import EMPTIED, reaching_redis

LOG = "log"
"""Under which workers write."""
REBUILDING = "rebuilding"
"""Under which a rebuild writes."""
REBUILD_LEASE = timedelta(seconds=60)
"""How long the mark of a rebuild outlives its last step."""

PRELUDE = f"if redis.call('EXISTS', KEYS[2]) == 0 then return redis.error_reply('{EMPTIED} no mark') end"
"""What every script begins with; KEYS[2] is the mark."""


class Marker:
    """The marks under `prefix`. Every method may raise EngineAwayError."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis, self._log, self._rebuilding = redis, f"{prefix}{LOG}", f"{prefix}{REBUILDING}"

    async def log(self) -> str | None:
        """The log that this Redis belongs to; None where it has no mark."""
        with reaching_redis():
            found = await self._redis.get(self._log)
        return str(found) if found else None

    async def claim(self, log: str, *, used: bool) -> bool:
        """See that this Redis belongs to this log; mark it at the first start, when the log was never `used`.

        False where the mark is missing although the log was used: Redis was emptied, or is the wrong one.

        Raises:
            EngineError: it belongs to another log.
        """
        if not used:
            with reaching_redis():
                await self._redis.set(self._log, log, nx=True)
        marked = await self.log()
        if marked is not None and marked != log:
            raise EngineError(
                f"this Redis remembers the work of another log ({marked}; ours is {log}): correct engines.redis,"
                " engines.prefix or engines.broker. Where the log was really replaced, stop the workers and run"
                " `marsad rebuild --force`"
            )
        return marked is not None

    async def begin_rebuild(self, *, force: bool) -> None:
        """Take the marks for a rebuild: nobody else writes until `end_rebuild`.

        Raises:
            EngineError: Redis is whole and `force` is not said, or another rebuild is under way.
        """
        if not force and await self.log() is not None:
            raise EngineError(
                "Redis holds what Marsad kept in it, and workers may be writing to it: there is nothing to rebuild."
                " To add what a restored backup lacks, stop the workers and say --force"
            )
        with reaching_redis():
            if not await self._redis.set(self._rebuilding, "1", nx=True, px=_LEASE_MS):
                raise EngineError(
                    f"another rebuild is under way, or was killed less than {REBUILD_LEASE.total_seconds():.0f} s ago"
                )
            await self._redis.delete(self._log)

    async def renew_rebuild(self) -> None:
        """The rebuild goes on.

        Raises:
            EngineError: it took too long over one step, or Redis was emptied again.
        """
        with reaching_redis():
            if not await self._redis.set(self._rebuilding, "1", xx=True, px=_LEASE_MS):
                raise EngineError(
                    "the mark of this rebuild is gone: Redis was emptied again; run `marsad rebuild` anew"
                )

    async def end_rebuild(self, log: str) -> None:
        """All is there: workers may go on."""
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(self._log, log)
            pipe.delete(self._rebuilding)
            await pipe.execute()

    async def give_up_rebuild(self) -> None:
        """Let another rebuild begin at once."""
        with reaching_redis():
            await self._redis.delete(self._rebuilding)


_LEASE_MS = round(REBUILD_LEASE / timedelta(milliseconds=1))
