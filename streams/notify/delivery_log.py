"""Writes to the topic `notifications` how each notification ended, so that a lost Redis can be rebuilt.

Redis keeps a list of the ends that the topic does not show (`streams.stores.deliveries`), so delivery never waits for
the broker, and whatever a crash or an outage keeps from being written is written later.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from streams.deliveries import DELIVERIES
from streams.errors import EngineAwayError, EngineError
from streams.observe.progress import Progress
from streams.stores.deliveries import Deliveries

LOOK_EVERY = timedelta(seconds=1)
"""So much of what was sent may be unknown to the topic when Redis is lost: then the sink is asked, where it can be."""
_HOLD = "notifications"
_log = structlog.get_logger()

Append = Callable[[Sequence[tuple[str, bytes]]], Awaitable[None]]
"""Appends keys and values to the topic, durably."""


class DeliveryLog:
    """Keeps the topic up to date. Several workers may do so at once: what is written twice says the same."""

    def __init__(self, deliveries: Deliveries, append: Append, progress: Progress) -> None:
        self._deliveries, self._append, self._progress = deliveries, append, progress
        self._behind = False

    async def run(self, stop: asyncio.Event) -> None:
        """Write whatever has ended, until `stop`, and then once more. Never ends otherwise."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY.total_seconds()):
                    await stop.wait()
            await self.catch_up()

    async def catch_up(self) -> None:
        """Write what the topic does not show; an outage is told once, and leaves it for the next time."""
        try:
            while ends := await self._deliveries.unlogged():
                await self._append([(end.id, DELIVERIES.encode(end)) for end in ends])
                await self._deliveries.logged([end.id for end in ends])
        except EngineAwayError as error:
            self._note(error)
        except EngineError as error:
            # Nobody but an operator can mend this (the topic is missing), so that readiness has to say it.
            self._note(error)
            self._progress.hold(_HOLD, str(error))
        else:
            if self._behind:
                _log.info("deliveries_logged_again")
            self._behind = False
            self._progress.release(_HOLD)

    def _note(self, error: EngineError) -> None:
        if not self._behind:
            _log.warning("deliveries_not_logged", reason=str(error))
        self._behind = True
