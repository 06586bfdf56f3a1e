"""Runs ingest workers over a simulated web, from one moment at which something is due to the next."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from redis.asyncio import Redis

from streams.ingest.feed_producer import FeedProducer
from streams.ingest.fetch import Fetcher
from streams.ingest.page_producer import PageProducer
from streams.ingest.press import Press
from streams.ingest.reading import Reading
from streams.ingest.visits import Visits
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.sections import FetchSettings, SourceSettings
from streams.stores.hosts import HostStore
from streams.stores.sources import Pending, SourceStore
from tests.support.newsroom import TOPICS, RecordingLedger, RecordingPublisher
from tests.support.world import Habit, World

STEP = timedelta(seconds=1)


@dataclass(slots=True)
class Simulated:
    """What the workers of a simulation share, and what came out."""

    world: World
    redis: Redis
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    ledger: RecordingLedger = field(default_factory=RecordingLedger)
    notices: list[tuple[datetime, str]] = field(default_factory=list)
    first_published: dict[str, datetime] = field(default_factory=dict)

    @property
    def sources(self) -> list[SourceSettings]:
        """One for each outlet."""
        found = []
        for key, outlet in self.world.outlets.items():
            kind = "page" if outlet.habit is Habit.LIST else "feed"
            values = {"name": outlet.name, kind: self.world.address(key), "every": "30m", "slowest": "4h"}
            found.append(SourceSettings.model_validate(values))
        return found

    async def run(self, span: timedelta, *, workers: int) -> None:
        """Let time pass, with so many workers at work side by side."""
        until = self.world.clock.now + span
        crew = [_Worker(self, f"w{number}") for number in range(workers)]
        try:
            while self.world.clock.now < until:
                due = await asyncio.gather(*(worker.work() for worker in crew))
                later = self.world.clock.now + STEP
                self.world.clock.now = min(until, max(later, min(due)))
        finally:
            for worker in crew:
                await worker.close()


class _Worker:
    """One worker, whose loops are driven by hand."""

    def __init__(self, simulated: Simulated, name: str) -> None:
        world, self._clock = simulated.world, simulated.world.clock
        hosts = sorted({outlet.host for outlet in world.outlets.values()})
        values = {"allow_hosts": hosts, "host_interval": world.interval, "timeout": "10s"}
        self._fetcher = Fetcher(FetchSettings.model_validate(values), Metrics(), resolver=world.resolver)
        progress, self._reading = Progress("ingest"), Reading()
        store = SourceStore(simulated.redis, prefix="p:", worker=name)
        kept = HostStore(simulated.redis, prefix="p:", worker=name)
        visits = Visits(self._fetcher, kept, progress=progress, clock=self._clock)
        press = Press(simulated.ledger, simulated.publisher, TOPICS, Metrics(), progress)

        async def notice(cause: str, title: str, text: str) -> None:
            del cause, text
            simulated.notices.append((self._clock.now, title))

        self._feeds = FeedProducer(
            simulated.sources, visits, store, self._reading, progress=progress, clock=self._clock, notice=notice
        )
        self._pages = PageProducer(visits, store, self._reading, press, clock=self._clock)
        self._due = [(self._clock.now, number) for number in range(len(simulated.sources))]
        self._sources = simulated.sources

    async def work(self) -> datetime:
        """All that is due now; when to come back."""
        now = self._clock.now
        polls = []
        while self._due and self._due[0][0] <= now:
            polls.append(heapq.heappop(self._due)[1])
        for number, due in zip(polls, await asyncio.gather(*map(self._poll, polls)), strict=True):
            heapq.heappush(self._due, (max(due, now + STEP), number))
        async with asyncio.TaskGroup() as group:
            while isinstance(claimed := await self._pages._start_one(group), Pending):
                pass
        soonest = self._due[0][0]
        return min(soonest, claimed.until) if claimed.until else soonest

    async def _poll(self, number: int) -> datetime:
        return await self._feeds._poll(self._sources[number], at_once=False)

    async def close(self) -> None:
        await self._fetcher.close()
        self._reading.close()
