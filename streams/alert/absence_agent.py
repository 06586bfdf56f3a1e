"""Tells when rules that watch for absence have heard nothing for longer than is usual."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from streams.alert.decision import decide_absence
from streams.alert.looking import look_until
from streams.alert.policy import Policy
from streams.observe.metrics import Metrics
from streams.ports import Clock, utc_now
from streams.stores.alerts import AlertStore
from streams.stores.silences import SilenceStore

PATIENCE = timedelta(minutes=15)
"""From a worker's begin to its first look. While nothing ran, nothing was fetched: sources are asked first, which by
default takes ten minutes."""

Through = Callable[[datetime], Awaitable[datetime | None]]
"""Up to when everything that was seen has been decided, given the time now; None while that is not known."""

_log = structlog.get_logger()


async def _at_once(now: datetime) -> datetime | None:
    return now


class AbsenceAgent:
    """Several may look at once: what is told is committed by one of them.

    Nothing is missed before everything is decided that was seen up to then (`through`).
    """

    def __init__(  # noqa: PLR0913  # two of them are clocks
        self,
        store: AlertStore,
        silences: SilenceStore,
        policy: Policy,
        metrics: Metrics,
        *,
        through: Through = _at_once,
        clock: Clock = utc_now,
    ) -> None:
        self._store, self._silences, self._policy = store, silences, policy
        self._metrics, self._through, self._clock = metrics, through, clock

    async def run(self, ending: asyncio.Event) -> None:
        """After PATIENCE look every now and then until `ending` is set; an engine that is away is asked again later."""
        await look_until(ending, self.look, first=PATIENCE)

    async def look(self) -> None:
        """Tell what is due.

        Raises:
            EngineAwayError: Redis or the broker cannot serve now.
        """
        now = self._clock()
        until = await self._through(now)
        if until is None:
            return
        policy = replace(self._policy, silences=await self._silences.all())
        for ruling in await self._store.tell_absences(partial(decide_absence, policy=policy), until=until, now=now):
            self._metrics.decisions.labels(ruling.reason.value).inc()
            _log.info("absence", alert=ruling.record.id, rule=ruling.record.rule, reason=ruling.reason.value)
