"""Runs ingest workers over a simulated web, from one moment at which something is due to the next, and kills some."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from redis.asyncio import Redis

from streams.ingest.feed_producer import FeedProducer
from streams.ingest.fetch import Fetcher
from streams.ingest.page_producer import PageProducer
from streams.ingest.press import Press, patiently
from streams.ingest.visits import Visits
from streams.messages import Article
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.sections import FetchSettings, SourceSettings
from streams.stores.connection import reaching_redis
from streams.stores.hosts import HostStore
from streams.stores.ledger import RedisLedger
from streams.stores.sources import Pending, SourceStore
from tests.month.bodies import MOST_BYTES
from tests.month.habits import Habit
from tests.month.mortal import KilledError, Life, MortalPublisher, MortalRedis
from tests.month.world import World
from tests.support.newsroom import TOPICS, RecordingPublisher
from tests.support.reading import InlineReading

PREFIX = "p:"
STEP = timedelta(seconds=1)
EVERY, SLOWEST = timedelta(minutes=30), timedelta(hours=4)
_AGE_EVERY = timedelta(hours=1)
_FUSE = (1, 400)
"""Steps that a worker has left when its end is decided."""

_FAR = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Notice:
    """What operators were told."""

    at: datetime
    title: str


@dataclass(slots=True)
class Simulated:
    """What the workers of a simulation share, and what came out.

    `kills` says when a worker is to die soon, `outages` when Redis goes away: `outage` is what happens then.
    """

    world: World
    redis: Redis
    chance: random.Random
    kills: list[datetime] = field(default_factory=list)
    outages: list[datetime] = field(default_factory=list)
    outage: Callable[[], Awaitable[None]] | None = None
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    published_at: list[datetime] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    killed: int = 0
    in_flight: set[str] = field(default_factory=set)
    _names: count[int] = field(default_factory=count)
    _aged: datetime = field(init=False)
    _crew: list[_Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._aged = self.world.clock.now

    @property
    def articles(self) -> list[Article]:
        """All that was published, in order."""
        return self.publisher.articles

    @property
    def sources(self) -> list[SourceSettings]:
        """One for each outlet."""
        found = []
        for outlet in self.world.outlets.values():
            kind = "page" if outlet.habit is Habit.LIST else "feed"
            values = {"name": outlet.name, kind: self.world.address(outlet), "every": EVERY, "slowest": SLOWEST}
            found.append(SourceSettings.model_validate(values))
        return found

    def wake(self) -> None:
        """Something was found: whoever is there looks for it."""
        for worker in self._crew:
            worker.awake = True

    async def run(self, span: timedelta, *, workers: int, each_day: Callable[[], None] = lambda: None) -> None:
        """Let time pass, with so many workers at work side by side."""
        clock = self.world.clock
        until, day = clock.now + span, clock.now
        self._crew = crew = [_Worker(self, self._name()) for _ in range(workers)]
        try:
            while clock.now < until:
                self._decide_ends(crew)
                due = await asyncio.gather(self._weather(), *(self._work(crew, number) for number in range(workers)))
                self.world.heard(by_all=True)
                self.published_at += [clock.now] * (len(self.articles) - len(self.published_at))
                clock.now = max(clock.now + STEP, min(until, *due))
                if clock.now >= day:
                    each_day()
                    day += timedelta(days=1)
        finally:
            for worker in crew:
                await worker.close()

    def _name(self) -> str:
        return f"w{next(self._names)}"

    def _decide_ends(self, crew: list[_Worker]) -> None:
        if self.kills and self.world.clock.now >= self.kills[0]:
            self.kills.pop(0)
            self.chance.choice(crew).life.steps = self.chance.randint(*_FUSE)

    async def _work(self, crew: list[_Worker], number: int) -> datetime:
        """All that a worker has to do now; one that dies is followed by another, in its place or as a stranger."""
        worker = crew[number]
        try:
            return await worker.work()
        except BaseExceptionGroup as group:
            _, rest = group.split(KilledError)
            if rest is not None:
                raise
        except KilledError:
            pass
        self.killed += 1
        self.in_flight |= worker.life.published
        self.world.heard(by_all=False)
        await worker.close()
        crew[number] = _Worker(self, worker.name if self.killed % 2 else self._name())
        await asyncio.create_task(crew[number].resume())  # this task counts as cancelled
        self.wake()
        return self.world.clock.now + STEP

    async def _weather(self) -> datetime:
        """What Redis does by its own clock, by the simulation's; and its outages."""
        now = self.world.clock.now
        if self.outage and self.outages and now >= self.outages[0]:
            self.outages.pop(0)
            await self.outage()
        if now - self._aged >= _AGE_EVERY:
            await patiently(Progress("weather"), lambda: self._age(now - self._aged))
            self._aged = now
        return now + _FAR

    async def _age(self, span: timedelta) -> None:
        """Let the keys that are kept for a time come closer to their end."""
        keys = [f"{PREFIX}source:{outlet.name}:lease" for outlet in self.world.outlets.values()]
        for host in self.world.hosts:
            keys += [f"{PREFIX}robots:{self.world.url(host, '')}", f"{PREFIX}host:{host}:delay"]
        passed = int(span / timedelta(milliseconds=1))
        with reaching_redis():
            look = self.redis.pipeline(transaction=False)
            for key in keys:
                look.pttl(key)
            lefts = await look.execute()
            age = self.redis.pipeline(transaction=False)
            for key, left in zip(keys, lefts, strict=True):
                if left > 0:
                    age.pexpire(key, max(1, left - passed))
            await age.execute()


class _Worker:
    """One worker, whose loops are driven by hand."""

    def __init__(self, simulated: Simulated, name: str) -> None:
        world, self._clock, self.name = simulated.world, simulated.world.clock, name
        self.life = Life(simulated.chance)
        redis = MortalRedis(connection_pool=simulated.redis.connection_pool)
        redis.life = self.life
        values = {"allow_hosts": world.hosts, "host_interval": world.interval, "timeout": "5s", "max_bytes": MOST_BYTES}
        self._fetcher = Fetcher(FetchSettings.model_validate(values), Metrics(), resolver=world.resolver)
        self._progress = progress = Progress("ingest")
        self._reading, self._sources = InlineReading(), simulated.sources
        self._store = SourceStore(redis, prefix=PREFIX, worker=name)
        self._visits = visits = Visits(
            self._fetcher, HostStore(redis, prefix=PREFIX, worker=name), progress=progress, clock=self._clock
        )
        publisher = MortalPublisher(self.life, simulated.publisher)
        press = Press(RedisLedger(redis, prefix=PREFIX), publisher, TOPICS, Metrics(), progress)

        async def notice(cause: str, title: str, text: str, at: datetime) -> None:
            del cause, text
            if (one := Notice(at, title)) not in simulated.notices:  # as the outbox has it
                simulated.notices.append(one)

        self._feeds = FeedProducer(
            self._sources,
            visits,
            self._store,
            self._reading,
            progress=progress,
            clock=self._clock,
            found=simulated.wake,
            notice=notice,
        )
        self._pages = PageProducer(visits, self._store, self._reading, press, clock=self._clock)
        self._due = [(self._clock.now, number) for number in range(len(self._sources))]
        self.awake, self._look_at = True, self._clock.now

    async def resume(self) -> None:
        """Take back what one of its name had leased."""
        names = [source.name for source in self._sources]
        now, free_at = self._clock.now, self._visits.free_at()
        await patiently(self._progress, lambda: self._store.resume(names, now, hosts_free_at=free_at))

    async def work(self) -> datetime:
        """All that is due now; when to come back."""
        now = self._clock.now
        self.life.published.clear()
        polls = []
        while self._due and self._due[0][0] <= now:
            polls.append(heapq.heappop(self._due)[1])
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._poll(number)) for number in polls]
        for number, task in zip(polls, tasks, strict=True):
            heapq.heappush(self._due, (max(task.result(), now + STEP), number))
        if self.awake or self._look_at <= self._clock.now:
            self.awake, self._look_at = False, await self._publish() or self._clock.now + _FAR
        return min(self._due[0][0], self._look_at)

    async def _publish(self) -> datetime | None:
        """Every entry that is due; when to look again."""
        while True:
            started = False
            async with asyncio.TaskGroup() as group:
                while isinstance(claimed := await self._pages._start_one(group), Pending):
                    started = True
            if not started:
                return claimed.until

    async def _poll(self, number: int) -> datetime:
        return await self._feeds._poll(self._sources[number], at_once=False)

    async def close(self) -> None:
        """Let go of what a process holds."""
        await self._fetcher.close()
        self._reading.close()
