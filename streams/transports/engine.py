"""A stage on its engine: one Faust application, one consumer group, one publisher, one watchdog.

    broker = open_broker(config)
    engine = StageEngine(broker, "match", dead_letters=topics.dead_letters, progress=progress, metrics=metrics)
    engine.consume(topics.articles, Codec(Article), handler)
    await engine.start()
    ...
    await engine.stop()

Several engines run side by side in one process and loop (`marsad run`), or one (`marsad worker match`). No signal
handler, no logging and no web server is set up here or by Faust.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from faust.types import TP

from streams.errors import EngineAwayError, EngineError
from streams.messages import Codec, Message
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.ports import Handler
from streams.topics import TopicSpec
from streams.transports.backoff import pauses
from streams.transports.broker import Broker
from streams.transports.faust_app import StageApp, options
from streams.transports.offsets import HandledOffsets, Partition
from streams.transports.publisher import StagePublisher
from streams.transports.pump import OnDeadLetter, Pump, Stage
from streams.transports.watchdog import Watchdog

M = TypeVar("M", bound=Message)

AWAY_GRACE = timedelta(milliseconds=200)
"""How long a batch is waited for that itself waits for a broker which is away."""

STOP_MARGIN = timedelta(seconds=15)
"""What a stop may take beyond the handlers' grace: the last commit, leaving the group, closing connections."""

log = logging.getLogger(__name__)


class StageEngine:
    """One stage's engine. Without a call of `consume` it only publishes. It can be started once."""

    def __init__(  # noqa: PLR0913  # each is one thing the composition root has made
        self,
        broker: Broker,
        stage: str,
        *,
        dead_letters: TopicSpec,
        progress: Progress,
        metrics: Metrics,
        on_fatal: Callable[[str], None] | None = None,
    ) -> None:
        self._broker, self._stage, self._progress = broker, stage, progress
        self._on_fatal = on_fatal or (lambda reason: log.critical("stage %s: %s", stage, reason))
        self._needed = {dead_letters.name: dead_letters}
        self._pumps: dict[str, Pump[Any]] = {}
        self._app: StageApp | None = None
        self._watchdog: Watchdog | None = None
        self.offsets = HandledOffsets()
        self.publisher = StagePublisher(progress, metrics, record_limit=broker.config.record_limit)
        self._shared = Stage(
            name=stage,
            progress=progress,
            metrics=metrics,
            publisher=self.publisher,
            offsets=self.offsets,
            dead_letters=dead_letters.name,
            record_limit=broker.config.record_limit,
            pause_partition=self._pause_partition,
            on_fatal=self._on_fatal,
        )

    def consume(
        self, topic: TopicSpec, codec: Codec[M], handler: Handler[M], *, on_dead_letter: OnDeadLetter[M] | None = None
    ) -> None:
        """Give every message of the topic to `handler`, in batches, in order within a partition.

        `on_dead_letter(letter, message)` is called after a message was put aside durably; `message` is None where it
        could not be decoded. It may raise EngineAwayError, and is called again then.
        """
        self._needed[topic.name] = topic
        self._pumps[topic.name] = Pump(self._shared, codec, handler, on_dead_letter)

    def needs(self, topic: TopicSpec) -> None:
        """The stage publishes to this topic: refuse to start without it."""
        self._needed[topic.name] = topic

    @property
    def idle(self) -> bool:
        """Nothing is being handled, nothing waits in memory. The log may hold more: see `LogReader.lag`."""
        return all(pump.idle for pump in self._pumps.values())

    async def start(self) -> None:
        """Take the slot, verify the topics, start consuming. Waits up to `start_patience` for the broker.

        Raises:
            SlotTakenError: another live process works this stage under the same member id.
            TopicError: a topic is missing or has another shape.
            EngineAwayError: the broker did not answer in all that time.
            EngineError: the log is unfit.
        """
        await self._broker.claim(self._stage)
        try:
            async with asyncio.timeout(self._broker.config.start_patience.total_seconds()) as patience:
                await self._verify_topics()
                patience.reschedule(None)
            await self._start_app()
        except TimeoutError as error:
            await self._broker.release(self._stage)
            raise EngineAwayError(f"{self._broker.config.broker_url} does not answer") from error
        except BaseException:
            await self._broker.release(self._stage)
            raise

    async def stop(self) -> None:
        """Finish or give up what is in hand, commit, leave. What was given up is read again at the next start.

        A stop that does not come to an end (a broker that went away meanwhile) is abandoned after the configured
        grace and a margin; the process has to be ended from outside then.
        """
        if self._watchdog is not None:
            await self._watchdog.stop()
        if self._app is not None:
            await self._stop_app(self._app)
        self.publisher.attach(None)
        await self.settle()
        await self._broker.release(self._stage)

    # What the consumer asks (`faust_app.Flow`)

    async def settle(self) -> None:
        """Finish what is in hand, or give it up unacknowledged; take nothing more until `reopen`."""
        grace = AWAY_GRACE if self.publisher.away else self._broker.config.grace
        await asyncio.gather(*(pump.settle(grace) for pump in self._pumps.values()))

    def reopen(self) -> None:
        """Partitions were assigned anew and will be read from their commits: forget all that came before."""
        self.offsets.reset()
        for pump in self._pumps.values():
            pump.reopen()

    async def _verify_topics(self) -> None:
        for pause in pauses():
            try:
                await self._broker.topics.verify(list(self._needed.values()))
            except EngineAwayError as error:
                self._progress.hold(_HOLD, str(error))
                log.warning("%s; trying again", error)
                await asyncio.sleep(pause)
            else:
                self._progress.release(_HOLD)
                return

    async def _start_app(self) -> None:
        config = self._broker.config
        member = f"{config.member}-{_digest(self._pumps)}"
        app = StageApp(config.group(self._stage), factory=self._broker, flow=self, **options(config, member=member))
        app.producer_only = not self._pumps
        for topic, pump in self._pumps.items():
            _add_agent(app, topic, pump)
        app.finalize()
        self._app = app
        starting = asyncio.ensure_future(app.start())
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            # Half a Faust application cannot be cancelled: what is left of it keeps the process from ending.
            await asyncio.wait({starting}, timeout=STOP_MARGIN.total_seconds())
            starting.add_done_callback(lambda started: started.cancelled() or started.exception())
            await self._stop_app(app)
            raise
        except Exception as error:
            with contextlib.suppress(Exception):
                await app.stop()
            raise EngineError(f"stage {self._stage} cannot start on {config.broker_url}: {error}") from error
        self.publisher.attach(app)
        self._watchdog = Watchdog(app, self._progress, on_fatal=self._on_fatal, idle=lambda: self.idle)
        self._watchdog.start()

    async def _stop_app(self, app: StageApp) -> None:
        # A task that is waited for, not a time-out around it: Faust's services swallow cancellation.
        stopping = asyncio.create_task(app.stop())
        limit = self._broker.config.grace + STOP_MARGIN
        done, _ = await asyncio.wait({stopping}, timeout=limit.total_seconds())
        if not done:
            log.error("stage %s did not stop in time; its last commit may be missing, nothing is lost", self._stage)
        elif (error := stopping.exception()) is not None:
            log.error("stage %s stopped with an error: %r", self._stage, error)

    def _pause_partition(self, partition: Partition) -> None:
        if self._app is not None:
            self._app.consumer.pause_partitions([TP(*partition)])


_HOLD = "start"


def _digest(topics: Iterable[str]) -> str:
    """Four letters for a set of topics, part of the static member id.

    A broker gives a static member that comes back its old partitions, also when it subscribes to other topics now
    (another prefix); aiokafka's coordinator dies of that. So another subscription is another member.
    """
    return hashlib.sha256("\n".join(sorted(topics)).encode()).hexdigest()[:4]


def _add_agent(app: StageApp, topic: str, pump: Pump[Any]) -> None:
    """The agent of one topic: hands events to the pump and acknowledges nothing (noack); its body never raises."""

    async def body(stream: Any) -> None:  # Any: Faust's own type lacks noack
        async for event in stream.noack().events():
            await pump.offer(event)

    raw = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    app.agent(raw, name=f"{app.conf.id}-{topic}", concurrency=1)(body)
