"""One topic's events on their way through a stage's handler: batches, retries, dead letters, acknowledgement.

The agent hands events over with `offer`; one task takes whatever is ready, up to `BATCH`, without waiting for more.
An event is marked handled only when all its effects are durable; commits never pass one that is not (`offsets`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from faust.types import EventT
from faust.types import Message as FaustMessage

from streams.errors import EngineAwayError, MalformedMessageError, NewerSchemaError, RecordTooLargeError
from streams.messages import Codec, DeadCause, DeadLetter, Message
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.ports import Handler, Publisher, Received, Record
from streams.transports.backoff import pauses
from streams.transports.dead_letters import cut_to, dead_letter
from streams.transports.offsets import HandledOffsets, Partition

M = TypeVar("M", bound=Message)
OnDeadLetter = Callable[[DeadLetter, M | None], Awaitable[None]]

BATCH = 64
"""Most messages in one call of a handler: enough for vectorised matching, few enough to repeat after a crash."""

RETRIES = 3
"""How often a batch that failed is tried again before it is split, and a single message before it is put aside."""

log = logging.getLogger(__name__)
_lines = structlog.get_logger()
_codec = Codec(DeadLetter)


class _GivenUp(Exception):  # noqa: N818  # not an error: the batch will be read again
    """The stage has to let go of what it has in hand."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every pump of one stage shares. `pause_partition` stops fetching; `dead_letters` is that topic's name."""

    name: str
    progress: Progress
    metrics: Metrics
    publisher: Publisher
    offsets: HandledOffsets
    dead_letters: str
    record_limit: int
    pause_partition: Callable[[Partition], None]
    on_fatal: Callable[[str], None]


class Pump(Generic[M]):
    """Takes events of one topic, in order, at most one batch at a time."""

    def __init__(
        self, stage: Stage, codec: Codec[M], handler: Handler[M], on_dead_letter: OnDeadLetter[M] | None = None
    ) -> None:
        self._stage, self._codec, self._handler, self._on_dead_letter = stage, codec, handler, on_dead_letter
        self._inbox: asyncio.Queue[tuple[int, EventT[Any]]] = asyncio.Queue(2 * BATCH)
        self._epoch = 0
        self._leaving = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopped: set[Partition] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Nothing is in hand and nothing waits."""
        return self._idle.is_set() and self._inbox.empty()

    async def offer(self, event: EventT[Any]) -> None:
        """Take an event; waits while two batches are waiting already."""
        await self._inbox.put((self._epoch, event))

    async def settle(self, grace: timedelta) -> None:
        """Let the batch in hand finish within `grace`, or give it up; take no more until `reopen`."""
        self._epoch += 1
        self._leaving.set()
        task, self._task = self._task, None
        if task is None:
            return
        if not self._idle.is_set():
            idle = asyncio.ensure_future(self._idle.wait())
            await asyncio.wait({idle, task}, timeout=grace.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
            idle.cancel()
        task.cancel()
        await asyncio.wait({task})
        self._idle.set()

    def reopen(self) -> None:
        """Begin to take events; those offered before are forgotten, they will be read again."""
        self._epoch += 1
        for partition in self._stopped:
            self._stage.progress.release(_hold_key(partition))
        self._stopped.clear()
        self._count_stopped()
        self._leaving.clear()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"pump-{self._stage.name}")

    async def _run(self) -> None:
        try:
            while True:
                batch = await self._next()
                if not batch:
                    continue
                self._idle.clear()
                try:
                    await self._handle(batch)
                except _GivenUp:
                    return
                finally:
                    self._idle.set()
        except Exception as error:  # a task that ends unseen would leave a worker that does nothing
            log.exception("stage %s cannot go on", self._stage.name)
            self._stage.on_fatal(f"{type(error).__name__}: {error}")

    async def _next(self) -> list[FaustMessage]:
        """Whatever is ready and new; waits for the first event only.

        Faust's stream gives one event in a turn of the loop, so turns are given to it while it has more.
        """
        waiting = [await self._inbox.get()]
        while len(waiting) < BATCH:
            await asyncio.sleep(0)
            if self._inbox.empty():
                break
            waiting.append(self._inbox.get_nowait())
        return [event.message for epoch, event in waiting if epoch == self._epoch and self._receive(event.message)]

    def _receive(self, message: FaustMessage) -> bool:
        partition = _partition(message)
        return partition not in self._stopped and self._stage.offsets.receive(partition, message.offset)

    async def _handle(self, batch: list[FaustMessage]) -> None:
        started = time.perf_counter()
        received: list[Received[M]] = []
        for message in batch:
            if _partition(message) in self._stopped:
                continue
            record = _record(message)
            try:
                received.append(Received(self._codec.decode(message.value), record))
            except NewerSchemaError as error:
                self._stop_partition(_partition(message), error)
            except MalformedMessageError as error:
                await self._put_aside(record, DeadCause.MALFORMED, str(error), at=_time(message))
                self._done(record)
        if received:
            await self._attempt(received)
        self._stage.metrics.messages.labels(self._stage.name).inc(len(received))
        self._stage.metrics.handle_seconds.labels(self._stage.name).observe(time.perf_counter() - started)
        self._stage.progress.beat()

    async def _attempt(self, received: Sequence[Received[M]]) -> None:
        """Handle these together; where that keeps failing, one by one; what fails alone is put aside."""
        error = await self._try(received)
        if error is None:
            for one in received:
                self._done(one.record)
        elif len(received) > 1:
            for one in received:
                await self._attempt([one])
        else:
            only = received[0]
            cause = DeadCause.TOO_LARGE if isinstance(error, RecordTooLargeError) else DeadCause.HANDLER_ERROR
            detail = f"{type(error).__name__}: {error}"
            log.error("%s put aside %s: %s", self._stage.name, _place(only.record), detail, exc_info=error)
            await self._put_aside(only.record, cause, detail, at=only.message.seen_at, message=only.message)
            self._done(only.record)

    async def _try(self, received: Sequence[Received[M]]) -> Exception | None:
        """Call the handler until it succeeds (None) or has failed for good; for ever while an engine is away."""
        failures = 0
        for pause in pauses():
            try:
                await self._handler(received)
            except EngineAwayError as error:
                self._stage.progress.hold(_AWAY, str(error))
                self._stage.metrics.retries.labels(self._stage.name, "engine_away").inc()
            except RecordTooLargeError as error:
                return error
            except Exception as error:  # noqa: BLE001  # any failure of a handler is counted and ends as a dead letter
                failures += 1
                if failures > RETRIES:
                    return error
                self._stage.metrics.retries.labels(self._stage.name, "handler_error").inc()
            else:
                self._stage.progress.release(_AWAY)
                return None
            await self._pause(pause)
        raise AssertionError("pauses never end")

    async def _put_aside(
        self, record: Record, cause: DeadCause, detail: str, *, at: datetime, message: M | None = None
    ) -> None:
        letter = dead_letter(record, stage=self._stage.name, cause=cause, detail=detail, seen_at=at)
        try:
            await self._stage.publisher.publish(self._stage.dead_letters, letter.id, _codec.encode(letter))
        except RecordTooLargeError:
            letter = cut_to(letter, self._stage.record_limit)
            await self._stage.publisher.publish(self._stage.dead_letters, letter.id, _codec.encode(letter))
        self._stage.metrics.dead_letters.labels(self._stage.name, cause.value).inc()
        _lines.error("message_put_aside", stage=letter.stage, letter=letter.id, cause=cause.value, detail=letter.detail)
        if self._on_dead_letter is not None:
            await self._tell(self._on_dead_letter, letter, message)

    async def _tell(self, listener: OnDeadLetter[M], letter: DeadLetter, message: M | None) -> None:
        """Tell the stage of a letter that is durable already; insists while an engine is away."""
        for pause in pauses():
            try:
                await listener(letter, message)
            except EngineAwayError as error:
                self._stage.progress.hold(_AWAY, str(error))
            except Exception:
                log.exception("stage %s could not note the dead letter %s", self._stage.name, letter.id)
                return
            else:
                self._stage.progress.release(_AWAY)
                return
            await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless the stage has to let go."""
        try:
            async with asyncio.timeout(seconds):
                await self._leaving.wait()
        except TimeoutError:
            return
        raise _GivenUp

    def _done(self, record: Record) -> None:
        self._stage.offsets.handle(Partition(record.topic, record.partition), record.offset)

    def _stop_partition(self, partition: Partition, error: NewerSchemaError) -> None:
        """Neither handle nor commit anything further of it; a release that can read it will begin right here."""
        self._stopped.add(partition)
        self._stage.pause_partition(partition)
        self._stage.progress.hold(_hold_key(partition), f"{partition.topic}/{partition.partition} stopped: {error}")
        self._count_stopped()
        log.error("%s/%d stopped: %s", partition.topic, partition.partition, error)

    def _count_stopped(self) -> None:
        self._stage.metrics.stopped_partitions.labels(self._stage.name).set(len(self._stopped))


_AWAY = "engine"


def _hold_key(partition: Partition) -> str:
    return f"schema {partition.topic}/{partition.partition}"


def _partition(message: FaustMessage) -> Partition:
    return Partition(message.topic, message.partition)


def _record(message: FaustMessage) -> Record:
    return Record(message.topic, message.partition, message.offset, message.key, message.value)


def _place(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def _time(message: FaustMessage) -> datetime:
    """When the record was appended: the same however often it is read."""
    return datetime.fromtimestamp(message.timestamp, UTC)
