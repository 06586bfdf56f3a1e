"""Absences in Redis: what is told of an alert where no article comes by then, and which rules ask for that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from redis.asyncio import Redis

from streams.alerts import AlertRecord
from streams.stores.connection import reaching_redis
from streams.stores.scripts import Script, milliseconds
from streams.windows import Absence

MOST = 200
"""Most absences that are told in one step."""


class Absences:
    """Those that `lua/alert_commit.lua` keeps under `prefix`. Every method may raise EngineAwayError."""

    def __init__(self, redis: Redis, *, prefix: str, mark: str | None = None) -> None:
        self._redis, self._prefix = redis, prefix
        self._watch = Script(redis, "absences_watch", prefix=prefix, mark=mark)

    async def watch_only(self, rules: Mapping[str, bool]) -> None:
        """Tell of no absence in other rules from now on: theirs were deleted, or look for none any more.

        Each is said with whether it is on trial; what waits for one that was put on trial, or taken off it, goes too.
        """
        await self._watch.run(json.dumps(dict(rules)))

    async def due(self, until: datetime) -> tuple[str, list[tuple[Absence, AlertRecord]]]:
        """What is to be told by then, and on which version of the records that rests.

        What is forgotten is dropped, and what a match that was under way armed of a rule that no longer watches.
        """
        due, kept = f"{self._prefix}absences:due", f"{self._prefix}absences"
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            pipe.get(f"{self._prefix}alerts:version")
            pipe.get(f"{self._prefix}absences:watched")
            pipe.zrange(due, "-inf", milliseconds(until), byscore=True, offset=0, num=MOST)
            version, watched, ids = await pipe.execute()
            for id_ in ids:
                pipe.hget(kept, id_)
                pipe.hget(f"{self._prefix}alert:{id_}", "record")
            found = await pipe.execute()
            known = {
                id_: (Absence.model_validate_json(absence), AlertRecord.model_validate_json(record))
                for id_, absence, record in zip(ids, found[::2], found[1::2], strict=True)
                if absence and record and _is_watched(absence, watched)
            }
            for id_ in set(ids) - known.keys():
                await self._redis.zrem(due, id_)
                await self._redis.hdel(kept, id_)
        return str(version or "0"), list(known.values())


def _is_watched(absence: str, watched: str | None) -> bool:
    """Whether its rule tells of absence, as the matching workers said last; before they did, whatever waits."""
    fired = json.loads(absence)["match"]["rules"][0]
    return watched is None or json.loads(watched).get(fired["rule"]) is fired["shadow"]
