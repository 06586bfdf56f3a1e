"""Publishes pending entries: fetches the page of each, host by host, reads it, and publishes the article."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from streams.errors import FetchError
from streams.ingest import schedule
from streams.ingest.articles import article_of, broken, headline_of
from streams.ingest.causes import FetchCause
from streams.ingest.fetch import Fetched, Fetcher, Kind
from streams.ingest.press import Press, patiently
from streams.ingest.readers import Page
from streams.ingest.reading import Reading
from streams.messages import DeadCause
from streams.stores.sources import Pending, SourceStore, Wait

PAGES_AT_ONCE = 16
LAST_PASS_TRIES = 2
"""How often a page is tried in a pass that has to come to an end."""

_IDLE = timedelta(seconds=1)
_READING_SPAN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class PageProducer:
    """Publishes what feeds brought. One host is asked one thing at a time, once every `host_interval`."""

    def __init__(
        self,
        fetcher: Fetcher,
        store: SourceStore,
        reading: Reading,
        press: Press,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._fetcher, self._store, self._reading, self._press = fetcher, store, reading, press
        self._clock, self._interval = clock, fetcher.settings.host_interval
        self._lease = fetcher.settings.timeout + _READING_SPAN
        self._free = asyncio.Semaphore(PAGES_AT_ONCE)
        self._wake = asyncio.Event()
        self._last_pass = False
        self._given_up: set[str] = set()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish entries as they come due, until `stop`; what has begun is brought to its end."""
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                if isinstance(wait := await self._start_one(group), Wait):
                    await self._rest(wait)

    async def run_once(self) -> None:
        """Publish or end every pending entry, those put off included; returns when there is none."""
        self._last_pass, self._given_up = True, set()
        try:
            await patiently(self._press.progress, lambda: self._store.hasten(self._clock()))
            while True:
                async with asyncio.TaskGroup() as group:
                    while not isinstance(wait := await self._start_one(group), Wait):
                        pass
                    if wait.until:
                        await self._rest(wait)
                if not await patiently(self._press.progress, self._store.pending):
                    return
        finally:
            self._last_pass = False

    async def _start_one(self, group: asyncio.TaskGroup) -> Pending | Wait:
        """Begin the next entry that is due, if there is one."""
        await self._free.acquire()
        claimed: Pending | Wait = Wait(None)
        try:
            claimed = await patiently(self._press.progress, lambda: self._store.claim(self._clock(), self._lease))
        finally:
            if isinstance(claimed, Wait):
                self._free.release()
        self._press.progress.beat()
        if isinstance(claimed, Pending):
            group.create_task(self._handle(claimed), name=f"page {claimed.id}")
        return claimed

    async def _rest(self, wait: Wait) -> None:
        """Until something may be due, somebody calls `wake`, or a second has passed."""
        span = min(_IDLE, max(timedelta(milliseconds=5), wait.until - self._clock()) if wait.until else _IDLE)
        with contextlib.suppress(TimeoutError):
            # Not wait_for: in Python 3.11 it forgets a cancellation that comes together with the event.
            async with asyncio.timeout(span.total_seconds()):
                await self._wake.wait()
        self._wake.clear()

    async def _handle(self, entry: Pending) -> None:
        """Bring one entry to its end, or put it off. Never raises what another try would raise again."""
        try:
            await self._press.enter(entry.id)
            await self._publish(entry)
        except Exception as error:
            # A defect of ours must not stop every other article; it is counted and kept with the entry.
            log.exception("entry_failed", source=entry.source, url=entry.url)
            detail = f"{type(error).__name__}: {error}"
            await self._press.put_aside(headline_of(entry), DeadCause.HANDLER_ERROR, detail)
            await self._finish(entry, self._clock() + self._interval)
        finally:
            self._free.release()
            self._wake.set()

    async def _publish(self, entry: Pending) -> None:
        problem, page, free_at = broken(entry), None, self._clock()
        if entry.fetch and not problem and entry.host not in self._given_up:
            try:
                page, free_at = await self._page(entry), self._clock() + self._interval
            except FetchError as error:
                problem, free_at = str(error), self._free_at(error)
                if until := self._try_again(entry, error):
                    later = entry.model_copy(update={"tries": entry.tries + 1})
                    await patiently(
                        self._press.progress,
                        lambda: self._store.put_off(later, until, host_free_at=free_at, now=self._clock()),
                    )
                    return
        if article := article_of(entry, page):
            await self._press.publish(article)
        else:
            log.info("article_unreadable", source=entry.source, problem=problem or "neither page nor feed has a text")
            await self._press.refuse(entry.id)
        await self._finish(entry, free_at)

    async def _page(self, entry: Pending) -> Page | None:
        """The entry's page, read."""
        fetched = await self._fetcher.fetch(str(entry.url), Kind.PAGE)
        if not isinstance(fetched, Fetched):
            return None  # never: no condition was sent
        return await self._reading.page(fetched.body, fetched.final_url, fetched.content_type)

    def _free_at(self, error: FetchError) -> datetime:
        limited = error.cause == FetchCause.RATE_LIMITED
        retry_after = None if self._last_pass else error.retry_after
        return schedule.host_free_at(self._clock(), self._interval, rate_limited=limited, retry_after=retry_after)

    def _try_again(self, entry: Pending, error: FetchError) -> datetime | None:
        """When to try the entry again; None where that is of no use, or was done often enough."""
        tries = entry.tries + 1
        if error.permanent:
            return None
        if not self._last_pass:
            return schedule.retry_page(self._clock(), tries=tries, retry_after=error.retry_after)
        if tries < LAST_PASS_TRIES:
            return self._clock()
        self._given_up.add(entry.host)
        return None

    async def _finish(self, entry: Pending, free_at: datetime) -> None:
        await patiently(
            self._press.progress, lambda: self._store.finish(entry, host_free_at=free_at, now=self._clock())
        )
