"""The ingest stage: feeds, pages and files as plain loops beside one another, and the dry look at a source."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from streams.errors import FetchError
from streams.ingest.answers import NOBODY, Caller, Fetched, Kind
from streams.ingest.articles import preview
from streams.ingest.entries import SitemapIndexError
from streams.ingest.feed_producer import FeedProducer, Notice, nobody
from streams.ingest.fetch import Fetcher
from streams.ingest.file_producer import FileProducer, look_at
from streams.ingest.page_producer import PageProducer
from streams.ingest.press import Press, patiently
from streams.ingest.reading import Reading
from streams.ingest.subscriptions import Subscriptions
from streams.ingest.visits import Visits, check_allowed
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.ports import Clock, Ledger, Publisher, utc_now
from streams.sections import SourceSettings
from streams.stores.hosts import HostStore
from streams.stores.sources import SourceStore
from streams.stores.subscriptions import SubscriptionStore
from streams.topics import Topics

GRACE = timedelta(seconds=5)
"""After a stop, how long what is in hand may take to end; what does not is begun again by the next worker."""
_BEAT = 10.0  # seconds


class Ingest:
    """One worker's ingest. `run` or `run_once`, one of them, once."""

    def __init__(  # noqa: PLR0913  # collaborators, each named by the composition root
        self,
        sources: Sequence[SourceSettings],
        *,
        fetcher: Fetcher,
        store: SourceStore,
        hosts: HostStore,
        ledger: Ledger,
        publisher: Publisher,
        topics: Topics,
        metrics: Metrics,
        progress: Progress,
        callers: Mapping[str, Caller] | None = None,
        notice: Notice = nobody,
        subscriptions: SubscriptionStore | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._sources, self._store, self._progress, self._clock = sources, store, progress, clock
        self._reading = Reading(fetcher.settings)
        press = Press(ledger, publisher, topics, metrics, progress)
        self._visits = visits = Visits(fetcher, hosts, progress=progress, clock=clock)
        self._pages = PageProducer(visits, store, self._reading, press, clock=clock, callers=callers)
        self.callbacks: Subscriptions | None = None
        if subscriptions and (address := fetcher.settings.callback):
            self.callbacks = Subscriptions(
                sources, visits, subscriptions, address=address, known=store, progress=progress, clock=clock
            )
        self._feeds = FeedProducer(
            sources,
            visits,
            store,
            self._reading,
            progress=progress,
            clock=clock,
            callers=callers,
            found=self._pages.wake,
            notice=notice,
            pushes=self.callbacks,
        )
        self._files = FileProducer(sources, store, self._reading, press, clock=clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll, fetch, read and publish until `stop`; a loop that fails ends the others, and raises."""
        await self._resume()
        loops = [
            asyncio.create_task(loop.run(stop), name=f"ingest {type(loop).__name__}")
            for loop in (self._feeds, self._pages, self._files, self.callbacks)
            if loop
        ]
        stopped = asyncio.create_task(stop.wait())
        try:
            if not await _failed(loops, stopped):
                self._pages.wake()
                await asyncio.wait(loops, timeout=GRACE.total_seconds())
        finally:
            await _end([*loops, stopped])
            self._reading.close()
        for loop in loops:
            if not loop.cancelled():
                loop.result()

    async def run_once(self) -> None:
        """One pass over every source; returns when each article found has been published or has ended."""
        await self._resume()
        beating = asyncio.create_task(self._beat())
        try:
            await self._feeds.run_once()
            await self._files.run_once()
            await self._pages.run_once()
        finally:
            await _end([beating])
            self._reading.close()

    async def _resume(self) -> None:
        names = [source.name for source in self._sources]
        now, free_at = self._clock(), self._visits.free_at()
        await patiently(self._progress, lambda: self._store.resume(names, now, hosts_free_at=free_at))
        self._progress.beat()

    async def _beat(self) -> None:
        """A pass may wait for a host's turn for longer than it takes to look stalled."""
        while True:
            await asyncio.sleep(_BEAT)
            self._progress.beat()


async def _failed(loops: Sequence[asyncio.Task[None]], stopped: asyncio.Task[bool]) -> bool:
    """Wait until `stopped` is done or a loop has failed; which it was. A loop that merely ends has nothing to do."""
    waiting: set[asyncio.Task[None] | asyncio.Task[bool]] = {*loops, stopped}
    while stopped in waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if any(task.exception() for task in done):
            return True
    return False


async def _end(tasks: Sequence[asyncio.Task[None] | asyncio.Task[bool]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def check_source(source: SourceSettings, fetcher: Fetcher, reading: Reading, caller: Caller | None = None) -> str:
    """What a source answers now, in one line; nothing is kept and nothing published. For `marsad check`.

    Raises:
        FetchError: the feed or list page cannot be fetched or read, or the page is forbidden.
        InputError: a file cannot be read.
    """
    if not source.address:
        return look_at(source)
    kind, caller = Kind.PAGE if source.page else Kind.FEED, caller or NOBODY
    if source.page:
        await check_allowed(source.page, fetcher, caller)
    result = await fetcher.fetch(source.address, kind, caller=caller)
    if not isinstance(result, Fetched):
        raise FetchError("answers 304 to a request without conditions", url=source.address, cause="bad_response")
    try:
        if source.page:
            feed = await reading.links(result.body, result.final_url, result.content_type, source.links)
        else:
            feed = await reading.feed(result.body, result.final_url, result.content_type)
    except SitemapIndexError as index:
        return f"a list of {len(index.maps)} sitemaps: {'; '.join(index.maps[:3])}"
    notes = [f"moved to {result.moved_to}"] if result.moved_to else []
    notes += [f"its XML is faulty ({feed.problem})"] if feed.problem else []
    newest = "; ".join(preview(feed))
    return f"{len(feed.entries)} entries" + (f": {newest}" if newest else "") + "".join(f" [{note}]" for note in notes)
