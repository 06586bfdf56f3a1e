"""The composition root: builds the stages of one process from settings, runs them, and ends them.

Everything that lives in a worker is made here, once, and passed down; nothing else knows all the stages. This is also
the only place with signal handlers, and the only one that may end the process the hard way.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import structlog

from streams.alert.alert_agent import AlertAgent
from streams.alert.decision import Policy
from streams.alerts import Notice, Notification, notice_id
from streams.engines import Engines, open_engines
from streams.errors import EngineAwayError
from streams.ingest.fetch import Fetcher
from streams.ingest.ingest import Ingest
from streams.match.engine import Engine
from streams.match.match_agent import MatchAgent
from streams.match.rulebook import load_rulebook
from streams.messages import ARTICLES, MATCHES, Article, DeadLetter, Match, Message
from streams.notify import receivers
from streams.notify.deliver_agent import DeliverAgent
from streams.notify.delivery import Delivery
from streams.observe.health import HealthServer
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.ports import ArticleStatus
from streams.settings import Secrets, Settings
from streams.stores.sources import SourceStore
from streams.topics import STAGES
from streams.transports.engine import StageEngine

START_PATIENCE = timedelta(seconds=60)
"""How long a start waits for an engine that does not answer; then it exits and leaves it to the supervisor."""
STOP_DEADLINE = timedelta(seconds=50)
"""From the wish to stop to the end, whatever hangs (a broker that went away can hang a Faust stop for ever)."""
DRAIN_PATIENCE = timedelta(seconds=60)
"""A drain does not wait for a notification that is due later than this; it is sent by the next worker."""
DRAIN_SETTLED = timedelta(seconds=5)
"""So long has nothing been on its way anywhere while articles have not ended, before a drain says that they will not."""
_POLL = 0.05

T = TypeVar("T")
_log = structlog.get_logger()


@dataclass
class Worker:
    """One process: some or all of the stages, until it is told to stop, a stage fails, or a drain is done."""

    settings: Settings
    secrets: Secrets
    stages: Sequence[str] = STAGES
    rules: Path | None = None
    create_topics: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    failure: str = ""

    def __post_init__(self) -> None:
        """One Progress for each stage."""
        self.progress = {stage: Progress(stage) for stage in STAGES if stage in self.stages}

    async def serve(self) -> int:
        """Run until stopped. 0 when stopped cleanly, 1 when a stage failed.

        Raises:
            ProblemsError, EngineError: it cannot start as configured.
        """
        async with self._running():
            _log.info("started", stages=",".join(self.progress))
            await self.stop.wait()
        return 1 if self.failure else 0

    async def drain(self) -> int:
        """One pass over every source, then until every article has ended and every notification is delivered.

        Returns 1 when anything was dead-lettered, remains undelivered, or a stage failed. Raises like `serve`.
        """
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
        engine = Engine(load_rulebook(self.rules)) if "match" in self.stages and self.rules else None
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(signals_set(self.stop))
            deadline = Deadline(STOP_DEADLINE)
            stack.callback(deadline.cancel)
            health = HealthServer(
                self.metrics,
                list(self.progress.values()),
                host=self.settings.health.host,
                port=self.settings.health.port,
            )
            await health.start()
            stack.push_async_callback(health.stop)
            _log.info("health", address=health.address)
            engines = await stack.enter_async_context(self._opened())
            stages = Stages(self, engines, engine)
            stack.push_async_callback(stages.end)
            # Last in, first out: the deadline begins before anything is ended.
            stack.callback(deadline.begin)
            await stages.begin(once=once)
            yield engines, stages

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncIterator[Engines]:
        """The engines; waits a while for one that does not answer, and makes the topics where that is our job."""
        async with contextlib.AsyncExitStack() as stack:
            engines = await self._patiently(
                lambda: stack.enter_async_context(open_engines(self.settings, self.secrets))
            )
            if self.create_topics:
                await self._patiently(lambda: engines.broker.topics.create(self.settings.topics.all()))
            yield engines

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        deadline = asyncio.get_running_loop().time() + START_PATIENCE.total_seconds()
        while True:
            try:
                return await attempt()
            except EngineAwayError as error:
                if self.stop.is_set() or asyncio.get_running_loop().time() > deadline:
                    raise
                _log.warning("waiting", reason=str(error))
                for progress in self.progress.values():
                    progress.hold("start", str(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), 1)

    async def _drained(self, engines: Engines, stages: Stages) -> bool:
        """Wait until nothing is on its way. False when something will not arrive."""
        await stages.ingested.wait()
        quiet_since: float | None = None
        clock = asyncio.get_running_loop().time
        while True:
            tally, counts = await engines.ledger.tally(), await engines.outbox.counts()
            if tally.pending <= 0 and counts.undelivered == 0 and stages.idle:
                return True
            if counts.undelivered and counts.leased == 0 and stages.idle and await _due_much_later(engines):
                _log.error("undelivered", notifications=counts.undelivered, see="marsad alerts list")
                return False
            settled = counts.undelivered == 0 and stages.idle and await self._behind(engines) == 0
            quiet_since = (quiet_since or clock()) if settled else None
            if quiet_since and clock() - quiet_since > DRAIN_SETTLED.total_seconds():
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

    def _dead_letters(self) -> int:
        samples = (sample for metric in self.metrics.dead_letters.collect() for sample in metric.samples)
        return int(sum(sample.value for sample in samples if sample.name.endswith("_total")))


async def _due_much_later(engines: Engines) -> bool:
    due = await engines.outbox.next_due()
    return due is not None and due - datetime.now(UTC) > DRAIN_PATIENCE


class Stages:
    """The stages of one worker on its engines."""

    def __init__(self, worker: Worker, engines: Engines, rules: Engine | None) -> None:
        self._worker, self._engines, self._rules = worker, engines, rules
        self._stack = contextlib.AsyncExitStack()
        self._stream_engines: list[StageEngine] = []
        self._ending = asyncio.Event()
        self.ingested = asyncio.Event()

    @property
    def idle(self) -> bool:
        """No stage has anything in hand."""
        return all(engine.idle for engine in self._stream_engines)

    async def begin(self, *, once: bool) -> None:
        """Start the stages, those that listen before the one that brings articles."""
        starters = {"notify": self._begin_notify, "alert": self._begin_alert, "match": self._begin_match}
        wanted = [start() for stage, start in starters.items() if stage in self._worker.stages]
        # All are waited for, so that what did start is stopped again when another could not.
        for outcome in await asyncio.gather(*wanted, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        if "ingest" in self._worker.stages:
            await self._begin_ingest(once=once)
        else:
            self.ingested.set()

    async def end(self) -> None:
        """Stop the stages in the order of the article's way; each finishes or gives up what it has in hand."""
        self._ending.set()
        await self._stack.aclose()

    async def _begin_notify(self) -> None:
        worker, engines = self._worker, self._engines
        notifiers = receivers.build(worker.settings.receivers, worker.secrets)
        for notifier in notifiers.values():
            self._stack.push_async_callback(notifier.close)
        delivery = Delivery(engines.outbox, worker.metrics, operators=worker.settings.operators)
        agent = DeliverAgent(delivery, notifiers, worker.progress["notify"])
        self._keep_running("notify", agent.run(self._ending))

    async def _begin_alert(self) -> None:
        worker = self._worker
        policy = Policy(max_age=worker.settings.alerts.max_age, receivers_of=worker.settings.receivers_of)
        agent = AlertAgent(self._engines.alerts, policy, worker.metrics)
        engine = self._engine("alert")
        engine.consume(worker.settings.topics.matches, MATCHES, agent.handle, on_dead_letter=self._ended_dead)
        await self._start(engine)

    async def _begin_match(self) -> None:
        worker, rules = self._worker, self._rules
        if rules is None:
            raise ValueError("the match stage needs a rulebook")
        topics = worker.settings.topics
        engine = self._engine("match")
        agent = MatchAgent(lambda: rules, engine.publisher, self._engines.ledger, topics=topics, metrics=worker.metrics)
        engine.needs(topics.matches)
        engine.consume(topics.articles, ARTICLES, agent.handle, on_dead_letter=self._ended_dead)
        await self._start(engine)
        _log.info("rules", version=rules.version)

    async def _begin_ingest(self, *, once: bool) -> None:
        worker = self._worker
        engine = self._engine("ingest")
        engine.needs(worker.settings.topics.articles)
        await self._start(engine)
        fetcher = await self._stack.enter_async_context(Fetcher(worker.settings.fetch, metrics=worker.metrics))
        ingest = Ingest(
            worker.settings.sources,
            fetcher=fetcher,
            store=SourceStore(self._engines.redis, prefix=self._engines.prefix, worker=worker.settings.group_instance),
            ledger=self._engines.ledger,
            publisher=engine.publisher,
            topics=worker.settings.topics,
            metrics=worker.metrics,
            progress=worker.progress["ingest"],
        )

        async def run() -> None:
            if once:
                await ingest.run_once()
                self.ingested.set()
            else:
                await ingest.run(self._ending)

        self._keep_running("ingest", run())

    def _engine(self, stage: str) -> StageEngine:
        worker = self._worker
        return StageEngine(
            self._engines.broker,
            stage,
            dead_letters=worker.settings.topics.dead_letters,
            progress=worker.progress[stage],
            metrics=worker.metrics,
            on_fatal=worker.fail,
        )

    async def _start(self, engine: StageEngine) -> None:
        await engine.start()
        self._stream_engines.append(engine)
        self._stack.push_async_callback(engine.stop)

    def _keep_running(self, stage: str, loop: Awaitable[None]) -> None:
        """Run a stage's own loop; its end before ours is a failure of the stage."""
        task = asyncio.ensure_future(loop)

        def ended(task: asyncio.Future[None]) -> None:
            if task.cancelled() or (error := task.exception()) is None:
                return
            self._worker.fail(f"{stage}: {type(error).__name__}: {error}")

        async def finish() -> None:
            done, _ = await asyncio.wait({task}, timeout=STOP_DEADLINE.total_seconds() / 2)
            if not done:
                task.cancel()
            await asyncio.wait({task})

        task.add_done_callback(ended)
        self._stack.push_async_callback(finish)

    async def _ended_dead(self, letter: DeadLetter, message: Message | None) -> None:
        """A message was put aside: its article has ended, and the operators are told, once an hour for each stage."""
        match message:
            case Article(id=article):
                pass
            case Match(article=head):
                article = head.id
            case _:
                article = letter.id
        await self._engines.ledger.finish({article: ArticleStatus.DEAD_LETTERED})
        self._worker.metrics.articles.labels(ArticleStatus.DEAD_LETTERED.value).inc()
        if operators := self._worker.settings.operators:
            now = datetime.now(UTC)
            cause = f"dead-letter-{letter.stage}"
            notice = Notice(
                cause=cause,
                title=f"The {letter.stage} stage put a message aside ({letter.cause.value})",
                text=f"{letter.id}: {letter.detail}\nSee `marsad dead-letters list`; more of them this hour are not told.",
                seen_at=now,
            )
            told = Notification(id=notice_id(cause, operators, now), receiver=operators, content=notice)
            await self._engines.outbox.add([told], now=now)


@contextlib.contextmanager
def signals_set(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`; a second one ends the process at once."""
    loop = asyncio.get_running_loop()

    def handle(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)
        _log.info("stopping", signal=number.name)
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, handle, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


class Deadline:
    """Ends the process some time after `begin`, whatever hangs, unless `cancel` comes first.

    What was not recorded by then is done again at the next start.
    """

    def __init__(self, span: timedelta) -> None:
        self._timer = threading.Timer(span.total_seconds(), self._end)
        self._timer.daemon = True

    def begin(self) -> None:
        """Start the time."""
        self._timer.start()

    def cancel(self) -> None:
        """All has ended by itself."""
        self._timer.cancel()

    def _end(self) -> None:
        _log.error("stop_took_too_long", seconds=self._timer.interval)
        os._exit(1)
