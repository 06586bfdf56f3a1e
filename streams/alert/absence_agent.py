"""Tells when rules that watch for absence have heard nothing for longer than is usual."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from streams.alert.decision import decide_absence
from streams.alert.policy import Policy
from streams.errors import EngineAwayError
from streams.observe.metrics import Metrics
from streams.stores.alerts import AlertStore
from streams.stores.silences import SilenceStore

EVERY = timedelta(seconds=10)
"""How often it is looked for what is due."""

_log = structlog.get_logger()


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AbsenceAgent:
    """Several may look at once: what is told is committed by one of them."""

    def __init__(
        self,
        store: AlertStore,
        silences: SilenceStore,
        policy: Policy,
        metrics: Metrics,
        *,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._store, self._silences, self._policy = store, silences, policy
        self._metrics, self._clock = metrics, clock

    async def run(self, ending: asyncio.Event) -> None:
        """Look every now and then until `ending` is set; an engine that is away is asked again later."""
        while not ending.is_set():
            with contextlib.suppress(EngineAwayError):
                await self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), EVERY.total_seconds())

    async def look(self) -> None:
        """Tell what is due.

        Raises:
            EngineAwayError: Redis cannot serve now.
        """
        now = self._clock()
        policy = replace(self._policy, silences=await self._silences.all())
        for ruling in await self._store.tell_absences(partial(decide_absence, policy=policy), until=now, now=now):
            self._metrics.decisions.labels(ruling.reason.value).inc()
            _log.info("absence", alert=ruling.record.id, rule=ruling.record.rule, reason=ruling.reason.value)
