"""The accounts of sources in Redis: what their polls came to, how their articles ended, and which are paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from streams.stores.connection import reaching_redis
from streams.stores.scripts import Script, instant, milliseconds

POLLS_KEPT, ENDS_KEPT = 16, 30


@dataclass(frozen=True, slots=True)
class EndLine:
    """How one article of a source ended: `letters` of its text, 0 where it has none, and whether it has a date.

    Of `duplicate` articles those are `overtaken` which only sources brought that are here for less long than this one.
    """

    outcome: str
    letters: int = 0
    dated: bool = False


@dataclass(frozen=True, slots=True)
class PollLine:
    """What one poll came to: `outcome` is `ok`, `not_modified` or the cause of its failure."""

    at: datetime
    outcome: str
    entries: int = 0
    new: int = 0


class SourceBooks:
    """The accounts under `prefix`. Articles are entered in them by `SourceStore`, in the step that ends them."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis, self._prefix = redis, prefix
        self._forget = Script(redis, "seen", "sources_forget", prefix=prefix)

    async def outcomes(self, source: str) -> dict[str, int]:
        """How many articles of the source were found, and how many ended in each outcome."""
        with reaching_redis():
            counts = await self._redis.hgetall(f"{self._prefix}source:{source}:outcomes")
        return {str(outcome): int(count) for outcome, count in counts.items()}

    async def ends(self, source: str) -> list[EndLine]:
        """How the last articles ended, newest first."""
        with reaching_redis():
            lines = await self._redis.lrange(f"{self._prefix}source:{source}:ends", 0, -1)
        split = (str(line).split(" ") for line in lines)
        return [EndLine(outcome, int(letters), dated == "1") for outcome, letters, dated in split]

    def add_poll(self, pipe: Pipeline, source: str, line: PollLine) -> None:
        """Put what a poll came to before those before it, `POLLS_KEPT` in all, when `pipe` is executed."""
        key = f"{self._prefix}source:{source}:polls"
        pipe.lpush(key, f"{milliseconds(line.at)} {line.outcome} {line.entries} {line.new}")
        pipe.ltrim(key, 0, POLLS_KEPT - 1)

    async def polls(self, source: str) -> list[PollLine]:
        """The last polls, newest first."""
        with reaching_redis():
            lines = await self._redis.lrange(f"{self._prefix}source:{source}:polls", 0, -1)
        polls = []
        for line in lines:
            at, outcome, entries, new = str(line).split(" ")
            if (moment := instant(at)) is not None:
                polls.append(PollLine(moment, outcome, int(entries), int(new)))
        return polls

    async def file_read(self, source: str, path: str) -> str | None:
        """The fingerprint that a file had when it was read to its end; None where it never was."""
        with reaching_redis():
            found = await self._redis.hget(f"{self._prefix}source:{source}:files", path)
        return str(found) if found else None

    async def note_file(self, source: str, path: str, fingerprint: str) -> None:
        """The file was read to its end, as it was then."""
        with reaching_redis():
            await self._redis.hset(f"{self._prefix}source:{source}:files", path, fingerprint)

    def pause_key(self, source: str) -> str:
        """Where it is kept since when a source is paused."""
        return f"{self._prefix}source:{source}:paused"

    async def pause(self, source: str, now: datetime) -> None:
        """Poll the source no more, until `unpause`; entries found before are still published."""
        with reaching_redis():
            await self._redis.set(self.pause_key(source), milliseconds(now), nx=True)

    async def unpause(self, source: str) -> bool:
        """Poll it again; whether it was paused."""
        with reaching_redis():
            return bool(await self._redis.delete(self.pause_key(source)))

    async def paused(self, source: str) -> datetime | None:
        """Since when it is paused; None where it is not."""
        with reaching_redis():
            found = await self._redis.get(self.pause_key(source))
        return instant(str(found)) if found else None

    async def forget(self, source: str) -> None:
        """Forget all that is known of a source; entries found before are still published, and counted.

        That its articles were published stays known, so that none is told twice; under its name it begins anew.
        """
        await self._forget.run(source, "", ":outcomes", ":polls", ":ends", ":files", ":paused", ":lease")
