"""Appends to topics through Faust's producer: durably, waiting out outages, never losing sight of a failure."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from faust.exceptions import ProducerSendError

from streams.errors import EngineAwayError, EngineError, RecordTooLargeError
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.transports.backoff import pauses
from streams.transports.faust_app import StageApp
from streams.transports.log_reader import refuse_too_large
from streams.transports.outage import Outage

log = logging.getLogger(__name__)

SLOW_AFTER = timedelta(seconds=5)
"""An append that takes longer means that the broker is away; aiokafka itself tries again without end or error."""

_HOLD = "publish"


class StagePublisher:
    """`ports.Publisher` of one stage; usable while its engine runs."""

    def __init__(self, progress: Progress, metrics: Metrics, *, record_limit: int) -> None:
        self._progress, self._limit = progress, record_limit
        self._failures = metrics.retries.labels(progress.stage, "append")
        self._outage = Outage()
        self._app: StageApp | None = None
        self._waiting: set[object] = set()

    @property
    def away(self) -> bool:
        """Whether an append waits for the broker to come back."""
        return bool(self._waiting)

    def attach(self, app: StageApp | None) -> None:
        """Send through this application from now on; None when it stops."""
        self._app = app

    async def publish(self, topic: str, key: str, value: bytes) -> None:
        """Append one record; returns when it is durable, waits while the broker is away.

        Raises:
            RecordTooLargeError: over the limit of the broker or of the configuration.
            EngineAwayError: the engine does not run (not yet, or not any more).
        """
        refuse_too_large(topic, key, value, self._limit)
        for pause in pauses():
            if self._app is None:
                raise EngineAwayError(f"nothing can be appended to {topic}: the engine does not run")
            try:
                await self._send(self._app, topic, key.encode(), value)
            except (EngineError, KafkaError, ProducerSendError) as error:
                if _too_large(error):
                    raise RecordTooLargeError(
                        f"the broker refuses a record of {len(value)} bytes for {topic}"
                    ) from error
                self._hold(f"cannot append to {topic}: {error}")
                self._failures.inc()
                if (count := self._outage.failed()) is not None:
                    log.warning("%d appends failed, lately to %s; they are tried again: %r", count, topic, error)
                await self._pause(pause)
            else:
                if (count := self._outage.succeeded()) is not None:
                    log.warning("appends succeed again, after %d that failed", count)
                if not self._waiting:
                    self._progress.release(_HOLD)
                return

    async def _send(self, app: StageApp, topic: str, key: bytes, value: bytes) -> None:
        """Both waits: until the record has a place in the producer, and until the broker has it."""
        marker = object()

        def slow() -> None:
            self._waiting.add(marker)
            self._hold(f"the broker has not taken a record for {topic} for {SLOW_AFTER.total_seconds():.0f} s")

        timer = asyncio.get_running_loop().call_later(SLOW_AFTER.total_seconds(), slow)
        try:
            await (await app.producer.send(topic, key, value, partition=None, timestamp=None, headers=None))
        finally:
            timer.cancel()
            self._waiting.discard(marker)

    async def _pause(self, seconds: float) -> None:
        marker = object()
        self._waiting.add(marker)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._waiting.discard(marker)

    def _hold(self, reason: str) -> None:
        self._progress.hold(_HOLD, reason)


def _too_large(error: BaseException) -> bool:
    """Whether the broker or its client says that the record will never fit; Faust wraps the client's errors."""
    causes = (error, error.__cause__)
    return any(isinstance(cause, MessageSizeTooLargeError | RecordListTooLargeError) for cause in causes)
