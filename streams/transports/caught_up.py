"""Up to when everything that was put on the log has gone through the stages: what is not there by then did not come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime

from streams.transports.log_reader import Lag
from streams.transports.offsets import Partition

AskLag = Callable[[str, Iterable[str]], Awaitable[Mapping[Partition, Lag]]]
"""`streams.transports.log_reader.LogReader.lag`."""


class CaughtUp:
    """Watches `stages`, each with the topic it reads, in the order in which a message passes them."""

    def __init__(self, lag: AskLag, stages: Sequence[tuple[str, str]]) -> None:
        self._lag, self._stages = lag, tuple(stages)
        self._through: datetime | None = None
        self._at: datetime | None = None
        self._passed = 0
        self._ends: Mapping[Partition, int] = {}

    async def through(self, now: datetime) -> datetime | None:
        """The latest time known, at most `now`; None while there is none. Ask every now and then.

        Raises:
            EngineAwayError: the broker does not answer.
        """
        if self._at is None:
            self._ends, self._passed = await self._ends_of(0), 0
            self._at = now
        while self._passed < len(self._stages):
            stage, topic = self._stages[self._passed]
            lag = await self._lag(stage, [topic])
            if any(at in lag and lag[at].committed < end for at, end in self._ends.items()):
                return self._through
            # A stage commits what it has passed on: all of it stands in the next topic now.
            self._passed += 1
            self._ends = await self._ends_of(self._passed) if self._passed < len(self._stages) else {}
        self._through, self._at = self._at, None
        return self._through

    async def _ends_of(self, index: int) -> Mapping[Partition, int]:
        stage, topic = self._stages[index]
        return {at: lag.end for at, lag in (await self._lag(stage, [topic])).items()}
