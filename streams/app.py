"""The composition root: one worker process, from settings to its end.

Everything that lives in a worker is made here and in `streams.stages`, once, and passed down.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog
from prometheus_client import Counter, Gauge

from streams import __version__
from streams.configuration import Configuration
from streams.engines import Engines, open_engines
from streams.errors import ConfigurationError, EmptiedError, EngineAwayError, EngineError, ProblemsError
from streams.guard import Guard
from streams.observe.health import HealthServer
from streams.observe.heartbeat import keep_beating
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.process import Deadline, signals_set
from streams.settings import Secrets, Settings, missing_secrets
from streams.stages import Stages
from streams.stores.marker import LOG
from streams.topics import STAGES

if TYPE_CHECKING:
    from streams.match.reload import LoadedRules

START_PATIENCE = timedelta(seconds=60)
"""How long a start waits for an engine that does not answer; then it exits and leaves it to the supervisor."""
STOP_DEADLINE = timedelta(seconds=50)
"""From the wish to stop to the end, whatever hangs (a broker that went away can hang a Faust stop for ever)."""
DRAIN_PATIENCE = timedelta(seconds=60)
"""A drain does not wait for a notification that is due later than this; it is sent by the next worker."""
DRAIN_SETTLED = timedelta(seconds=5)
"""After so long with nothing on its way, articles that have not ended will not end, and a drain says so."""
_POLL = 0.05

T = TypeVar("T")


class _StoppedError(Exception):
    """The process was told to stop while it was starting."""


_log = structlog.get_logger()


@dataclass
class Worker:
    """One process: some or all of the stages, until it is told to stop, a stage fails, or a drain is done.

    Where `configuration` has other settings, `serve` stops everything in order and starts it with those: what is in
    hand is finished, and every part has the same settings.
    """

    settings: Settings
    secrets: Secrets
    stages: Sequence[str] = STAGES
    rules: Path | None = None
    create_topics: bool = False
    configuration: Configuration | None = None
    rules_of: Callable[[Settings], Path] | None = None
    metrics: Metrics = field(default_factory=Metrics)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    failure: str = ""
    drain_settled: timedelta = DRAIN_SETTLED

    progress: Mapping[str, Progress] = field(init=False)
    _deadline: Deadline = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """One Progress for each stage."""
        self.progress = {stage: Progress(stage) for stage in STAGES if stage in self.stages}

    async def serve(self) -> int:
        """Run until stopped. 0 when stopped cleanly, 1 when a stage failed.

        Raises:
            ProblemsError, EngineError: it cannot start as configured.
        """
        try:
            # All the time: while other settings are taken up it may be told to stop as well.
            with signals_set(self.stop):
                await self._serve()
        except _StoppedError:
            _log.info("stopped_while_starting")
        return 1 if self.failure else 0

    async def _serve(self) -> None:
        before: Settings | None = None
        while True:
            try:
                changed = await self._serve_once()
            except (EngineError, ProblemsError) as error:
                if before is None or self.configuration is None:
                    raise
                # The settings were right in themselves, and are not for what they name.
                self.configuration.refuse(str(error), before)
                self._run_with(before)
                before = None
                continue
            if changed is None:
                return
            before = self.settings
            self._run_with(changed)
            self._hold("taking up changed settings")

    def _run_with(self, settings: Settings) -> None:
        self.settings = settings
        self.rules = self.rules_of(settings) if self.rules_of else self.rules

    async def _serve_once(self) -> Settings | None:
        """Run until stopped, or until there are other settings to run with, which are returned."""
        async with self._running() as (engines, stages):
            _log.info("started", stages=",".join(self.progress))
            member = engines.broker.config.member
            await self._tell(stages, f"started-{member}", f"Marsad has started: {', '.join(self.progress)}", member)
            changed = asyncio.ensure_future(self._changed(stages))
            stopped = asyncio.ensure_future(self.stop.wait())
            try:
                await asyncio.wait({changed, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if self.failure:
                    await self._tell(stages, f"failed-{member}", "A stage of Marsad has stopped", self.failure)
                return changed.result() if changed.done() and not self.stop.is_set() else None
            finally:
                changed.cancel()
                stopped.cancel()

    async def _changed(self, stages: Stages) -> Settings:
        if self.configuration is None:
            await asyncio.Event().wait()  # until it is cancelled
            raise AssertionError
        return await self.configuration.changed(self.metrics, stages.tell_operators)

    def _hold(self, reason: str) -> None:
        for progress in self.progress.values():
            progress.hold("start", reason)

    async def _tell(self, stages: Stages, cause: str, title: str, text: str) -> None:
        """Operators learn of starts and failures, if Redis can take it: a start that nobody asked for was a crash."""
        with contextlib.suppress(EngineError):
            await stages.tell_operators(cause, title, f"{text}\nRelease {__version__}")

    async def drain(self) -> int:
        """One pass over every source, then until every article has ended and every notification is delivered.

        Returns 1 when anything was dead-lettered, remains undelivered, or a stage failed. Raises like `serve`.
        """
        try:
            with signals_set(self.stop):
                return await self._drain()
        except _StoppedError:
            _log.info("stopped_while_starting")
            return 1

    async def _drain(self) -> int:
        async with self._running(once=True) as (engines, stages):
            dead_before = (await engines.outbox.counts()).dead
            drained = asyncio.create_task(self._drained(engines, stages))
            stopped = asyncio.create_task(self.stop.wait())
            await asyncio.wait({drained, stopped}, return_when=asyncio.FIRST_COMPLETED)
            for task in (drained, stopped):
                task.cancel()
            clean = drained.done() and not drained.cancelled() and drained.result()
            dead = (await engines.outbox.counts()).dead > dead_before or self._dead_letters() > 0
        return 0 if clean and not dead and not self.failure else 1

    def fail(self, reason: str) -> None:
        """A stage cannot go on: end the process, so that its supervisor starts a new one."""
        _log.error("stage_failed", reason=reason)
        self.failure = self.failure or reason
        self.stop.set()

    @contextlib.asynccontextmanager
    async def _running(self, *, once: bool = False) -> AsyncIterator[tuple[Engines, Stages]]:
        """Everything started in order, and stopped in order: what produces first, what records last."""
        if missing := missing_secrets(self.settings, self.secrets, self.stages):
            raise ConfigurationError(missing)
        rules = _matching(self.rules) if "match" in self.stages and self.rules else None
        async with contextlib.AsyncExitStack() as stack:
            self._deadline = Deadline(STOP_DEADLINE)
            stack.callback(self._deadline.cancel)
            health = HealthServer(
                self.metrics,
                list(self.progress.values()),
                host=self.settings.health.host,
                port=self.settings.health.port,
                feeds={each.name: each.atom.path for each in self.settings.receivers if each.atom},
            )
            await health.start()
            stack.push_async_callback(health.stop)
            self._beat_for(stack, health)
            _log.info("health", address=health.address)
            engines = await stack.enter_async_context(self._opened(once=once))
            stages = Stages(self, engines, rules, health)
            stack.push_async_callback(stages.end)
            # Last in, first out: the deadline begins before anything is ended.
            stack.callback(self._deadline.begin)
            await self._unless_stopped(stages.begin(once=once))
            yield engines, stages

    def _beat_for(self, stack: contextlib.AsyncExitStack, health: HealthServer) -> None:
        """Tell whoever watches from elsewhere that the worker is ready, as long as it is."""
        said = self.settings.health
        if said.heartbeat and (url := self.secrets.get(said.heartbeat)):
            beating = keep_beating(url, every=said.heartbeat_every, is_ready=lambda: not health.reasons())
            task = asyncio.create_task(beating)
            stack.push_async_callback(asyncio.wait, {task})
            stack.callback(task.cancel)

    async def _unless_stopped(self, step: Awaitable[T]) -> T:
        """A step of the start, given up when the process is told to stop: a broker that is away can hold it for long.

        Raises:
            _StoppedError: it was given up.
        """
        doing, stopped = asyncio.ensure_future(step), asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({doing, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            # Once, and it is waited for: a stage that is being made has to be unmade. A library that swallows the
            # cancellation ends by itself; whatever hangs has its deadline.
            self._deadline.begin()
            doing.cancel()
            await asyncio.wait({doing})
            raise _StoppedError
        finally:
            stopped.cancel()

    @contextlib.asynccontextmanager
    async def _opened(self, *, once: bool) -> AsyncIterator[Engines]:
        """The engines; waits a while for one that does not answer, and makes the topics where that is our job.

        Raises:
            EmptiedError: this is a drain, which cannot wait for a rebuild.
        """
        async with contextlib.AsyncExitStack() as stack:
            engines = await self._patiently(
                lambda: stack.enter_async_context(open_engines(self.settings, self.secrets, mark=LOG))
            )
            if self.create_topics:
                await self._patiently(lambda: engines.broker.topics.create(self.settings.topics.all()))
            guard = Guard(engines, self.progress)
            await self._patiently(guard.claim)
            if once and guard.emptied:
                raise EmptiedError
            watch = asyncio.create_task(guard.watch())
            stack.push_async_callback(asyncio.wait, {watch})
            stack.callback(watch.cancel)
            yield engines

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        deadline = asyncio.get_running_loop().time() + START_PATIENCE.total_seconds()
        while True:
            try:
                return await self._unless_stopped(attempt())
            except EngineAwayError as error:
                if self.stop.is_set() or asyncio.get_running_loop().time() > deadline:
                    raise
                _log.warning("waiting", reason=str(error))
                self._hold(str(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), 1)

    async def _drained(self, engines: Engines, stages: Stages) -> bool:
        """Wait until nothing is on its way, however long an engine is away. False when something will not arrive."""
        await stages.ingested.wait()
        while True:
            try:
                return await self._arrived(engines, stages)
            except EngineAwayError as error:
                _log.warning("waiting", reason=str(error))
                await asyncio.sleep(1)

    async def _arrived(self, engines: Engines, stages: Stages) -> bool:
        quiet_since: float | None = None
        clock = asyncio.get_running_loop().time
        while True:
            tally, counts = await engines.ledger.tally(), await engines.outbox.counts()
            # Between two stages a message is in nobody's hand: the log has to be read to its end as well.
            quiet = stages.idle and counts.leased == 0 and await self._behind(engines) == 0
            if quiet and tally.pending <= 0 and counts.undelivered == 0:
                return True
            if quiet and counts.undelivered and await _due_much_later(engines):
                _log.error("undelivered", notifications=counts.undelivered, held=counts.held, see="marsad alerts list")
                return False
            # What lies behind a newer schema is not read by this release: there is nothing to wait for.
            settled = (quiet or (stages.idle and self._stopped_partitions() > 0)) and counts.undelivered == 0
            quiet_since = (quiet_since or clock()) if settled else None
            if quiet_since and clock() - quiet_since > self.drain_settled.total_seconds():
                _log.error("articles_not_ended", articles=tally.pending, see="marsad status")
                return False
            await asyncio.sleep(_POLL)

    async def _behind(self, engines: Engines) -> int:
        topics = self.settings.topics
        lags = [
            await engines.broker.reader.lag(stage, [topic.name])
            for stage, topic in (("match", topics.articles), ("alert", topics.matches))
        ]
        return sum(lag.behind for by_partition in lags for lag in by_partition.values())

    def _stopped_partitions(self) -> int:
        return _sum(self.metrics.stopped_partitions)

    def _dead_letters(self) -> int:
        return _sum(self.metrics.dead_letters)


def _matching(rules: Path) -> LoadedRules:
    """The rules of this folder, ready to match; a worker without the match stage loads none of it."""
    from streams.match.reload import load
    from streams.timelines import played

    return load(rules, played)


def _sum(metric: Counter | Gauge) -> int:
    """Over all labels; a counter's samples of when each began are left out."""
    samples = (sample for family in metric.collect() for sample in family.samples)
    return int(sum(sample.value for sample in samples if not sample.name.endswith("_created")))


async def _due_much_later(engines: Engines) -> bool:
    due = await engines.outbox.next_due()
    return due is not None and due - datetime.now(UTC) > DRAIN_PATIENCE
