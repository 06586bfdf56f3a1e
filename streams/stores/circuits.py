"""Circuits in Redis: whether a receiver is left alone because it fails, shared by all workers.

`streams.notify.circuit` decides; a claim carries the circuit as it is, and `move` writes the next one in one step with
the notice about it, or nothing where another worker has moved it meanwhile. While it is open nothing is claimed before
`until`, and then one attempt at a time (`lua/outbox_claim.lua`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis

from streams.alerts import Notification
from streams.stores.connection import reaching_redis
from streams.stores.scripts import Script, instant, milliseconds


@dataclass(frozen=True, slots=True)
class Circuit:
    """`failures` in a row; open since `opened_at`, if it is, and tried again at `until`, after so many `probes` failed.

    `error` is the last failure's. `version` is what `Circuits.move` compares.
    """

    failures: int = 0
    opened_at: datetime | None = None
    until: datetime | None = None
    probes: int = 0
    error: str = ""
    version: str = "0"

    @property
    def is_open(self) -> bool:
        """Whether the receiver is left alone."""
        return self.opened_at is not None


CLOSED = Circuit()


class Circuits:
    """Reads and moves circuits under `prefix`. Every method may raise EngineAwayError."""

    def __init__(self, redis: Redis, *, prefix: str, mark: str | None = None) -> None:
        self._redis, self._prefix = redis, prefix
        self._move = Script(redis, "outbox", "circuit_move", prefix=prefix, mark=mark)

    async def move(
        self, receiver: str, was: Circuit, becomes: Circuit, *, now: datetime, notice: Notification | None = None
    ) -> bool:
        """Write the next circuit and add the notice; False where another worker has moved it: nothing was written."""
        answer = await self._move.run(
            receiver,
            was.version,
            milliseconds(now),
            becomes.failures,
            milliseconds(becomes.opened_at) if becomes.opened_at else "",
            milliseconds(becomes.until) if becomes.until else "",
            becomes.probes,
            becomes.error,
            *((notice.id, notice.receiver, notice.content.model_dump_json()) if notice else ("", "", "")),
        )
        return bool(answer)

    async def open(self) -> dict[str, Circuit]:
        """The open circuits by receiver."""
        with reaching_redis():
            names = sorted(map(str, await self._redis.smembers(f"{self._prefix}outbox:circuits")))
            pipe = self._redis.pipeline(transaction=False)
            for name in names:
                pipe.hgetall(f"{self._prefix}outbox:circuit:{name}")
            found = await pipe.execute()
        return {name: circuit_from(fields) for name, fields in zip(names, found, strict=True)}


def circuit_from(fields: Mapping[str, str]) -> Circuit:
    """The circuit in a hash; closed where there is none."""
    if not fields:
        return CLOSED
    return Circuit(
        failures=int(fields["failures"]),
        opened_at=instant(fields.get("opened_at")),
        until=instant(fields.get("until")),
        probes=int(fields["probes"]),
        error=fields["error"],
        version=fields["version"],
    )
