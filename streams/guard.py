"""Sees, at a worker's start and as long as it runs, that its Redis holds what was kept there (`streams.stores.marker`).

The scripts refuse to work without the mark by themselves; this is what makes a worker not ready, even with nothing to
do, and says once what has happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog

from streams.engines import Engines, log_was_used
from streams.errors import EmptiedError, EngineAwayError
from streams.observe.progress import Progress
from streams.stores.marker import Marker

LOOK_EVERY = timedelta(seconds=2)
_HOLD = "emptied"
_log = structlog.get_logger()


class Guard:
    """Watches the mark of one worker's Redis; `progress` is that of its stages."""

    def __init__(self, engines: Engines, progress: Mapping[str, Progress]) -> None:
        self._engines, self._progress = engines, progress
        self._marker = Marker(engines.redis, prefix=engines.prefix)
        self.emptied = False

    async def claim(self) -> None:
        """Mark a Redis that is as new as the log; see whether any other is ours, and still holds something.

        Raises:
            EngineError: it is another installation's.
            EngineAwayError: Redis or the broker does not answer.
        """
        marked = await self._marker.log() is not None
        if marked and set(self._progress) == {"notify"}:
            return  # delivery goes on without the broker
        reader = self._engines.broker.reader
        used = not marked and await log_was_used(self._engines.broker, self._engines.settings.topics)
        self._note(whole=await self._marker.claim(await reader.identity(), used=used))

    async def watch(self) -> None:
        """Look again and again, until cancelled; a Redis that is away is the stages' affair."""
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            try:
                self._note(whole=await self._marker.log() is not None)
            except EngineAwayError:
                continue

    def _note(self, *, whole: bool) -> None:
        if whole and self.emptied:
            _log.info("redis_rebuilt")
        if not whole and not self.emptied:
            _log.error("redis_emptied", reason=str(EmptiedError()))
        self.emptied = not whole
        for progress in self._progress.values():
            if whole:
                progress.release(_HOLD)
            else:
                progress.hold(_HOLD, str(EmptiedError()))
