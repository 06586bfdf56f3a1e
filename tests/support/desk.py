"""One worker's ingest on a simulated web and a real Redis, for tests that drive it step by step."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from redis.asyncio import Redis

from streams.ingest.feed_producer import FeedProducer
from streams.ingest.fetch import Fetcher
from streams.ingest.page_producer import PageProducer
from streams.ingest.press import Press
from streams.ingest.reading import Reading
from streams.ingest.subscriptions import Subscriptions
from streams.ingest.visits import Visits
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.sections import FetchSettings, SourceSettings
from streams.stores.hosts import HostStore
from streams.stores.sources import SourceStore
from tests.support.newsroom import TOPICS, Clock, RecordingLedger, RecordingPublisher
from tests.support.reading import InlineReading
from tests.support.web import Web, article_page, item, rss

HOST = "news.example"
LONG = "The minister said on Sunday that the foreign forces in the north must leave at once, and that talks go on."
MORE = "Nine people were killed in the north on the same evening, when a shell hit the market of a town, it said."
SUMMARY = "Officials in the capital said that the forces would have to leave within weeks, as agreed last year."


@dataclass
class Desk:
    """One worker's ingest on a web and a Redis, driven step by step."""

    web: Web
    redis: Redis
    clock: Clock = field(default_factory=Clock)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    ledger: RecordingLedger = field(default_factory=RecordingLedger)
    metrics: Metrics = field(default_factory=Metrics)
    reading: Reading = field(default_factory=InlineReading)
    progress: Progress = field(default_factory=lambda: Progress("ingest"))
    limits: dict[str, object] = field(default_factory=dict)
    sources: list[SourceSettings] = field(default_factory=list)
    pushes: Subscriptions | None = None
    fetcher: Fetcher = field(init=False)

    def __post_init__(self) -> None:
        values = {"allow_hosts": [HOST, "b.example"], "host_interval": "0s", "timeout": "2s", "max_bytes": 500_000}
        settings = FetchSettings.model_validate({**values, **self.limits})
        self.fetcher = Fetcher(settings, self.metrics, resolver=self.web.resolver)
        self.store = SourceStore(self.redis, prefix="p:", worker="w")
        press = Press(self.ledger, self.publisher, TOPICS, self.metrics, self.progress)
        self.visits = Visits(
            self.fetcher, HostStore(self.redis, prefix="p:", worker="w"), progress=self.progress, clock=self.clock
        )
        self.pages = PageProducer(self.visits, self.store, self.reading, press, clock=self.clock)

    def source(self, name: str = "News", path: str = "/feed", **fields: object) -> SourceSettings:
        """Add a source."""
        values = {"name": name, "feed": self.web.url(HOST, path), **fields}
        self.sources.append(SourceSettings.model_validate(values))
        return self.sources[-1]

    def feeds(self) -> FeedProducer:
        """A producer for the sources there are now."""
        return FeedProducer(
            self.sources,
            self.visits,
            self.store,
            self.reading,
            progress=self.progress,
            clock=self.clock,
            pushes=self.pushes,
        )

    async def poll(self) -> None:
        """Poll every source now."""
        await self.feeds().run_once()

    async def work(self, *, entries: int = 1) -> None:
        """Begin up to so many entries, as the loop would, and see them through."""
        async with asyncio.TaskGroup() as group:
            for _ in range(entries):
                await self.pages._start_one(group)

    async def drain(self) -> None:
        """One whole pass."""
        await self.poll()
        await self.pages.run_once()

    def put_article(self, path: str, title: str, text: str = LONG) -> str:
        """A page, and the item that leads to it."""
        self.web.put(HOST, path, article_page(title, text, text))
        return item(title, self.web.url(HOST, path), guid=path)

    async def change(self, title: str, *paragraphs: str) -> None:
        """Another headline in the feed, over the page /1 with these paragraphs; an hour later it is polled."""
        self.web.put(HOST, "/1", article_page(title, *paragraphs))
        self.web.put(HOST, "/feed", rss(item(title, self.web.url(HOST, "/1"), guid="/1")))
        self.clock.forward(hours=1)
        await self.drain()
