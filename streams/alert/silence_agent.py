"""Tells what a silence held back, once it has ended, to those who would have been told at the time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from streams.alert.looking import look_until
from streams.alerts import AlertRecord, Notification, held_back_to
from streams.ports import Clock, utc_now
from streams.silences import KEEP, Held, Silence
from streams.stores.alerts import AlertStore
from streams.stores.outbox import Outbox
from streams.stores.silences import SilenceStore

_log = structlog.get_logger()


class SilenceAgent:
    """Looks after silences that have ended. Several may do so: what is told has one id, whoever tells it."""

    def __init__(
        self,
        silences: SilenceStore,
        alerts: AlertStore,
        outbox: Outbox,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._silences, self._alerts, self._outbox, self._clock = silences, alerts, outbox, clock

    async def run(self, ending: asyncio.Event) -> None:
        """Look at once, then every now and then until `ending` is set; an engine that is away is asked again later."""
        await look_until(ending, self.look, first=timedelta(0))

    async def look(self) -> None:
        """Tell what the silences that have ended held back, and forget those that ended long ago.

        An article that was seen in the silence may be decided after its end: its alert is told at the next look.

        Raises:
            EngineAwayError: Redis cannot serve now.
        """
        now = self._clock()
        for silence in await self._silences.all():
            if silence.ends_at <= now:
                await self._tell(silence, now)
            if silence.ends_at <= now - KEEP:
                await self._silences.forget(silence)

    async def _tell(self, silence: Silence, now: datetime) -> None:
        held = {alert: item for alert, item in (await self._silences.held_by(silence.id)).items() if not item.told}
        views = [await self._alerts.view(alert) for alert in held]
        told = told_of(silence, held, {view.record.id: view.record for view in views if view}, now=now)
        if told:
            await self._outbox.add(list(told), now=now)
            _log.info("silence_ended", silence=silence.id, alerts=len(held), notifications=len(told))
        await self._silences.mark_told(silence.id, held)


def told_of(
    silence: Silence, held: Mapping[str, Held], records: Mapping[str, AlertRecord], *, now: datetime
) -> tuple[Notification, ...]:
    """One notification for each receiver that would have been told of some of the alerts."""
    lines: dict[str, dict[str, str]] = defaultdict(dict)
    for alert, item in held.items():
        for receiver in item.receivers if alert in records else ():
            lines[receiver][alert] = f"{records[alert].title}: {records[alert].headline}"
    return tuple(
        held_back_to(
            receiver,
            silence.id,
            named,
            about=f"{silence.id} ({silence.comment})",
            now=now,
        )
        for receiver, named in sorted(lines.items())
    )
