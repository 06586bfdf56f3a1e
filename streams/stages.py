"""The stages of one worker, put together from their parts on its engines: what is built here is built nowhere else.

A stage's parts are imported when it begins: a worker of one stage starts in half the time of one that has them all.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

import structlog

from streams.alerts import notice_to
from streams.engines import Engines
from streams.messages import ARTICLES, MATCHES, Article, DeadLetter, Match, Message
from streams.observe.health import HealthServer
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.ports import ArticleStatus
from streams.process import hangup_means
from streams.settings import Secrets, Settings

if TYPE_CHECKING:
    from streams.match.engine import Engine
    from streams.match.reload import LoadedRules
    from streams.transports.engine import StageEngine

LOOP_GRACE = timedelta(seconds=25)
"""How long the loops of ingest and notify may take to end; longer than the longest attempt to deliver (20 s)."""

IDLE_BEAT = timedelta(seconds=10)
"""How often a stage that is done says so; well within `streams.observe.progress.STALL_AFTER`."""

_log = structlog.get_logger()


class Host(Protocol):
    """What the stages ask of the process they run in."""

    settings: Settings
    secrets: Secrets
    stages: Sequence[str]
    metrics: Metrics
    progress: Mapping[str, Progress]

    def fail(self, reason: str) -> None:
        """A stage cannot go on."""


class Stages:
    """The stages of one worker on its engines."""

    def __init__(
        self, host: Host, engines: Engines, rules: LoadedRules | None, health: HealthServer | None = None
    ) -> None:
        self._host, self._engines, self._rules, self._health = host, engines, rules, health
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
        starters: dict[str, Callable[[], Awaitable[None]]] = {
            "notify": partial(self._begin_notify, once=once),
            "alert": self._begin_alert,
            "match": self._begin_match,
        }
        wanted = [start() for stage, start in starters.items() if stage in self._host.stages]
        # All are waited for, so that what did start is stopped again when another could not.
        for outcome in await asyncio.gather(*wanted, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        if "ingest" in self._host.stages:
            await self._begin_ingest(once=once)
        else:
            self.ingested.set()

    async def end(self) -> None:
        """Stop the stages, ingest first; each finishes or gives up what it has in hand."""
        self._ending.set()
        await self._stack.aclose()

    async def _begin_notify(self, *, once: bool) -> None:
        from streams.notify import receivers
        from streams.notify.deliver_agent import UNKNOWN_PATIENCE, DeliverAgent
        from streams.notify.delivery import Delivery
        from streams.notify.delivery_log import DeliveryLog
        from streams.notify.holding import holding_of

        host, engines = self._host, self._engines
        notifiers = receivers.build(host.settings.receivers, host.secrets)
        for notifier in notifiers.values():
            self._stack.push_async_callback(notifier.close)
        delivery = Delivery(
            engines.outbox,
            host.metrics,
            operators=host.settings.operators,
            timeout=host.settings.notify.timeout,
        )
        holding = {receiver.name: holding_of(receiver) for receiver in host.settings.receivers}
        patience = timedelta() if once else UNKNOWN_PATIENCE
        agent = DeliverAgent(delivery, notifiers, host.progress["notify"], holding=holding, patience=patience)
        self._keep_running("notify", agent.run(self._ending))
        topic = host.settings.topics.notifications.name
        log = DeliveryLog(
            engines.deliveries,
            lambda records: engines.broker.reader.append_all(topic, records),
            host.progress["notify"],
        )
        self._keep_running("notify", log.run(self._ending))
        # The other stages have an engine, whose watchdog does this.
        self._keep_running("notify", self._watch(host.progress["notify"]))

    async def _begin_alert(self) -> None:
        from streams.alert.absence_agent import AbsenceAgent
        from streams.alert.alert_agent import AlertAgent
        from streams.alert.policy import Policy
        from streams.alert.silence_agent import SilenceAgent
        from streams.notify.holding import Holding, from_when, holding_of
        from streams.transports.caught_up import CaughtUp

        host = self._host
        said = host.settings
        policy = Policy(said.alerts.max_age, said.route_tree, inhibitions=said.inhibitions)
        agent = AlertAgent(self._engines.alerts, self._engines.silences, policy, host.metrics)
        engine = self._engine("alert")
        engine.consume(host.settings.topics.matches, MATCHES, agent.handle, on_dead_letter=self._ended_dead)
        await self._start(engine)
        engines = self._engines
        asked = {each.name: holding_of(each) for each in said.receivers}

        def heard(receiver: str, now: datetime) -> datetime | None:
            return from_when(asked.get(receiver, Holding()), now)

        silences = SilenceAgent(engines.silences, engines.alerts, heard=heard)
        self._keep_running("alert", silences.run(self._ending))
        passed = [("match", said.topics.articles.name), ("alert", said.topics.matches.name)]
        through = CaughtUp(engines.broker.reader.lag, passed).through
        absences = AbsenceAgent(engines.alerts, engines.silences, policy, host.metrics, through=through)
        self._keep_running("alert", absences.run(self._ending))

    async def _begin_match(self) -> None:
        from streams.match.match_agent import MatchAgent
        from streams.match.reload import RulesInForce
        from streams.match.rule_files import Status

        host = self._host
        if self._rules is None:
            raise ValueError("the match stage needs a rulebook")

        async def taken_up(engine: Engine) -> None:
            watching = [one.file for one in engine.rules if one.file.alert.absence]
            await self._engines.alerts.absences.watch_only({rule.id: rule.status is Status.SHADOW for rule in watching})

        rules = RulesInForce(self._rules, host.metrics, tell=self.tell_operators, taken_up=taken_up)
        topics = host.settings.topics
        engine = self._engine("match")
        agent = MatchAgent(
            lambda: rules.engine,
            engine.publisher,
            self._engines.ledger,
            topics=topics,
            metrics=host.metrics,
            sources={source.name: source for source in host.settings.sources},
        )
        engine.needs(topics.matches)
        engine.consume(topics.articles, ARTICLES, agent.handle, on_dead_letter=self._ended_dead)
        await self._start(engine)
        _log.info("rules", version=rules.engine.version)
        self._stack.enter_context(hangup_means(rules.ask))
        self._keep_running("match", rules.run(self._ending))

    async def _begin_ingest(self, *, once: bool) -> None:
        from streams.ingest.callers import callers_of
        from streams.ingest.fetch import Fetcher
        from streams.ingest.ingest import Ingest
        from streams.stores.hosts import HostStore
        from streams.stores.sources import SourceStore
        from streams.stores.subscriptions import SubscriptionStore

        host = self._host
        engine = self._engine("ingest")
        engine.needs(host.settings.topics.articles)
        await self._start(engine)
        fetcher = await self._stack.enter_async_context(Fetcher(host.settings.fetch, metrics=host.metrics))
        redis, prefix, mark = self._engines.redis, self._engines.prefix, self._engines.mark
        worker = self._engines.broker.config.member
        ingest = Ingest(
            host.settings.sources,
            fetcher=fetcher,
            store=SourceStore(redis, prefix=prefix, worker=worker, mark=mark),
            hosts=HostStore(redis, prefix=prefix, worker=worker, mark=mark),
            ledger=self._engines.ledger,
            publisher=engine.publisher,
            topics=host.settings.topics,
            metrics=host.metrics,
            progress=host.progress["ingest"],
            callers=callers_of(host.settings.sources, host.secrets.get),
            notice=self.tell_operators,
            subscriptions=None if once else SubscriptionStore(redis, prefix=prefix, worker=worker),
        )
        if self._health:
            self._health.callbacks = ingest.callbacks

        async def run() -> None:
            if once:
                await ingest.run_once()
                self.ingested.set()
                await self._keep_beating("ingest")
            else:
                await ingest.run(self._ending)

        self._keep_running("ingest", run())

    def _engine(self, stage: str) -> StageEngine:
        from streams.transports.engine import StageEngine

        host = self._host
        # What came before, imports above all, can take a minute on a busy machine: that is no silence of the stage.
        host.progress[stage].beat()
        return StageEngine(
            self._engines.broker,
            stage,
            dead_letters=host.settings.topics.dead_letters,
            progress=host.progress[stage],
            metrics=host.metrics,
            on_fatal=host.fail,
        )

    async def _start(self, engine: StageEngine) -> None:
        await engine.start()
        self._stream_engines.append(engine)
        self._stack.push_async_callback(engine.stop)

    def _keep_running(self, stage: str, loop: Awaitable[None]) -> None:
        """Run a stage's own loop; its end before ours is a failure of the stage."""
        task = asyncio.ensure_future(loop)

        def ended(task: asyncio.Future[None]) -> None:
            if task.cancelled():
                return
            if error := task.exception():
                self._host.fail(f"{stage}: {type(error).__name__}: {error}")
            elif not self._ending.is_set():
                self._host.fail(f"{stage} has ended by itself")

        async def finish() -> None:
            done, _ = await asyncio.wait({task}, timeout=LOOP_GRACE.total_seconds())
            if not done:
                task.cancel()
            await asyncio.wait({task})

        task.add_done_callback(ended)
        self._stack.push_async_callback(finish)

    async def _watch(self, progress: Progress) -> None:
        """End the process, for its supervisor to start anew, when a stage makes no progress for no known reason."""
        while not self._ending.is_set():
            if progress.stalled:
                self._host.fail(f"{progress.stage}: no progress for {progress.silence.total_seconds():.0f} s")
                await self._ending.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), IDLE_BEAT.total_seconds())

    async def _keep_beating(self, stage: str) -> None:
        """A stage with nothing left to do, while others go on, is not stalled."""
        while not self._ending.is_set():
            self._host.progress[stage].beat()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), IDLE_BEAT.total_seconds())

    async def _ended_dead(self, letter: DeadLetter, message: Message | None) -> None:
        """A message was put aside: its article has ended, and the operators are told, once an hour for each stage."""
        await self._engines.ledger.finish({article_of(letter, message): ArticleStatus.DEAD_LETTERED})
        self._host.metrics.articles.labels(ArticleStatus.DEAD_LETTERED.value).inc()
        await self.tell_operators(
            f"dead-letter-{letter.stage}",
            f"The {letter.stage} stage put a message aside ({letter.cause.value})",
            f"{letter.id}: {letter.detail}\nSee `marsad dead-letters list`; others of this hour are not told.",
        )

    async def tell_operators(self, cause: str, title: str, text: str, at: datetime | None = None) -> None:
        """A notice about Marsad itself, where somebody is to be told; one for each cause and hour, of `at` if given.

        Raises:
            EngineAwayError: Redis cannot serve now.
        """
        if operators := self._host.settings.operators:
            now = datetime.now(UTC)
            await self._engines.outbox.add(
                [notice_to(operators, cause=cause, title=title, text=text, now=at or now)], now=now
            )


def article_of(letter: DeadLetter, message: Message | None) -> str:
    """The id under which the books know the article of a message that was put aside.

    Both topics are keyed by it, so a message that cannot be decoded still ends the article that it was.
    """
    match message:
        case Article(id=article):
            return article
        case Match(article=head):
            return head.id
        case _:
            return letter.key or letter.id
