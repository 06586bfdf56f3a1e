"""Tells what a silence held back, once it has ended, to those who would have been told at the time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from streams.alert.looking import look_until
from streams.alerts import AlertRecord, Notification, held_back_to
from streams.ports import Clock, utc_now
from streams.silences import KEEP, Held, Silence
from streams.stores.alerts import AlertStore
from streams.stores.silences import SilenceStore

Heard = Callable[[str, datetime], datetime | None]
"""From when on a receiver may be told, given the time now; None for at once."""

_log = structlog.get_logger()


def _at_once(_receiver: str, _now: datetime) -> None:
    return None


class SilenceAgent:
    """Looks after silences that have ended. Several may do so: what is told has one id, whoever tells it.

    A receiver is told when it wants to be `heard` of: a silence may well end in its quiet hours, or before its digest.
    """

    def __init__(
        self,
        silences: SilenceStore,
        alerts: AlertStore,
        *,
        heard: Heard = _at_once,
        clock: Clock = utc_now,
    ) -> None:
        self._silences, self._alerts, self._heard, self._clock = silences, alerts, heard, clock

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
        silences = await self._silences.all()
        lasting = [silence for silence in silences if silence.lasts(now)]
        for silence in silences:
            if silence.ends_at <= now:
                await self._tell(silence, now, lasting)
            if silence.ends_at <= now - KEEP:
                await self._silences.forget(silence)

    async def _tell(self, silence: Silence, now: datetime, lasting: Sequence[Silence]) -> None:
        waiting = {alert: item for alert, item in (await self._silences.held_by(silence.id)).items() if item.waiting}
        if not waiting:
            return
        held, moved = dict[str, Held](), dict[str, tuple[Held, str]]()
        records = await self._alerts.records(list(waiting))
        for alert, item in waiting.items():
            stories = records[alert].happening.origins if alert in records else ()
            other = next((each.id for each in lasting if item.is_held_by(each, alert=alert, stories=stories)), None)
            if other is None:
                held[alert] = item
            else:
                moved[alert] = (item.handed_on(other), other)
        told = told_of(silence, held, records, now=now)
        added = await self._silences.settle(
            silence.id, told, moved, now=now, due=lambda receiver: self._heard(receiver, now)
        )
        if added:
            _log.info("silence_ended", silence=silence.id, alerts=len(held), notifications=added)


def told_of(
    silence: Silence, held: Mapping[str, Held], records: Mapping[str, AlertRecord], *, now: datetime
) -> tuple[Notification, ...]:
    """One notification for each receiver that would have been told of some of the alerts."""
    lines: dict[str, dict[str, str]] = defaultdict(dict)
    for alert, item in held.items():
        record = records.get(alert)
        # The alert of a count may be headed by an article of long ago.
        line = f"{record.title}: {record.headline}" if record and not (record.window and item.line) else item.line
        for receiver in item.waiting if line else ():
            lines[receiver][alert] = line
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
