"""Looks, every few seconds, whether a stage really gets on; says so to `Progress`, and ends what cannot recover.

Faust does not look: one unexpected answer to a SyncGroup leaves a live process that consumes nothing (faust#175, #523,
#532, #603, #640). aiokafka keeps such an error until somebody calls `coordinator.check_errors()`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol, cast

from faust.types import TP

from streams.observe.progress import Progress
from streams.transports.faust_app import StageApp

EVERY = timedelta(seconds=2)
QUIET_AFTER = timedelta(seconds=10)
"""A broker answers a fetch at least every 1.5 s, with or without records (`fetch_max_wait_ms` as Faust sets it)."""

UNASSIGNED_AFTER = timedelta(seconds=30)
UNASSIGNED_FATAL_AFTER = timedelta(seconds=120)

log = logging.getLogger(__name__)


class Watched(Protocol):
    """What both transports' consumers tell a watchdog."""

    def check(self) -> None:
        """Raise whatever went wrong in the background and will not mend by itself."""

    def quiet_for(self) -> float:
        """Seconds since the broker or log last answered a poll."""

    def spare(self) -> bool:
        """Whether it is in good health without a partition, because other members have them all."""

    async def answers(self) -> bool:
        """Whether the broker or log answers when asked something else."""

    def assignment(self) -> set[TP]:
        """The partitions that this member reads."""


class Watchdog:
    """Watches the application of one stage while it runs. `on_fatal` is called once, with why it has to be replaced."""

    def __init__(
        self, app: StageApp, progress: Progress, *, on_fatal: Callable[[str], None], idle: Callable[[], bool]
    ) -> None:
        self._app, self._progress, self._on_fatal, self._idle = app, progress, on_fatal, idle
        self._unassigned = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        if self._app.producer_only:
            self._progress.beat()
        self._task = asyncio.create_task(self._run(), name=f"watchdog-{self._app.conf.id}")

    async def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            try:
                reason = await self._look()
            except Exception as error:
                log.exception("the watchdog of %s failed", self._progress.stage)
                reason = f"the watchdog failed: {error!r}"
            if reason is not None:
                log.critical("%s: %s", self._progress.stage, reason)
                self._progress.hold("fatal", reason)
                self._on_fatal(reason)
                return
            await asyncio.sleep(EVERY.total_seconds())

    async def _look(self) -> str | None:
        """Why the process has to be replaced, None when it may go on."""
        if (crash := _crash(self._app)) is not None:
            return f"the engine crashed: {crash!r}"
        if self._progress.stalled:
            return f"no progress for {self._progress.silence.total_seconds():.0f} s"
        if self._app.producer_only:
            return None
        consumer = cast("Watched", self._app.consumer)
        try:
            consumer.check()
        except Exception as error:  # noqa: BLE001  # whatever it is, it ended the consumer
            return f"the consumer failed: {error!r}"
        if not consumer.assignment():
            return await self._without_partitions(consumer)
        self._unassigned = 0.0
        self._progress.release("assignment")
        await self._look_at_polls(consumer)
        return None

    async def _without_partitions(self, consumer: Watched) -> str | None:
        if consumer.spare() and await consumer.answers():
            self._unassigned = 0.0
            self._progress.release("assignment")
            self._progress.beat()
            return None
        self._unassigned += EVERY.total_seconds()
        if self._unassigned >= UNASSIGNED_FATAL_AFTER.total_seconds():
            return f"no partition was assigned for {self._unassigned:.0f} s"
        if self._unassigned >= UNASSIGNED_AFTER.total_seconds():
            self._progress.hold("assignment", f"no partition assigned for {self._unassigned:.0f} s")
        return None

    async def _look_at_polls(self, consumer: Watched) -> None:
        """Beat when idle and really polling; hold while the broker does not answer."""
        quiet = consumer.quiet_for()
        if quiet < QUIET_AFTER.total_seconds() or await consumer.answers():
            self._progress.release("broker")
            if quiet < QUIET_AFTER.total_seconds() and self._idle():
                self._progress.beat()
        else:
            self._progress.hold("broker", f"the broker has not answered for {quiet:.0f} s")


def _crash(app: StageApp) -> BaseException | None:
    services = [app, app._producer, app._consumer]  # noqa: SLF001  # the properties would make them
    services.append(getattr(app._consumer, "_thread", None))  # noqa: SLF001  # has no supervisor, tells nobody
    for service in services:
        if service is not None and service.crashed:
            return service.crash_reason or RuntimeError("unknown")
    return None
