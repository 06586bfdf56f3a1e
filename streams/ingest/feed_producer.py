"""Polls feeds: a loop for each, which keeps what is new as pending entries. Their pages are `page_producer`'s."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from streams.errors import FetchError
from streams.ingest import health, polling
from streams.ingest.answers import NOBODY, Caller, Elsewhere, Fetched, Kind, NotModified
from streams.ingest.articles import pending_of
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import Entry, Feed
from streams.ingest.identity import canonical_url
from streams.ingest.press import patiently
from streams.ingest.reading import Reading
from streams.ingest.robots import host_of
from streams.ingest.sitemap import SitemapIndexError
from streams.ingest.visits import Visits
from streams.observe.progress import Progress
from streams.sections import SourceSettings
from streams.stores.source_books import PollLine
from streams.stores.sources import Pending, SourceState, SourceStore

POLLS_AT_ONCE = 16
_MAPS = 3
"""Sitemaps of an index that are read: that of news, or the newest ones."""

LEASE = timedelta(minutes=5)
"""Longer than any poll: the fetch and the reading have their own, shorter limits."""
_ELSEWHERE = timedelta(seconds=30)
_LONGEST_SLEEP = timedelta(minutes=1)

_ADVICE = {
    FetchCause.BAD_URL: "correct the source's feed address",
    FetchCause.PRIVATE_ADDRESS: "if the host is meant, name it under fetch.allow_hosts",
    FetchCause.NOT_FOUND: "look for the feed's new address on the publisher's site",
    FetchCause.GONE: "the publisher has ended this feed; look for another, or remove the source",
    FetchCause.NOT_A_FEED: "look for the feed's right address on the publisher's site",
    FetchCause.REFUSED: "the publisher refuses us; set fetch.contact, or ask them",
    FetchCause.TOO_LARGE: "if it is meant to be so large, raise fetch.max_bytes",
    FetchCause.DEFECT: "report it, with the error logged before; it is tried again",
    FetchCause.ROBOTS: "name a feed in place of the page, or ask the publisher",
    FetchCause.NO_ARTICLE: "say which links lead to articles, by a CSS selector under `links`",
    FetchCause.TLS: "the publisher has to renew the certificate; it is tried again",
}
_PATIENCE = "nothing; it is tried again"

log = structlog.get_logger(__name__)


Notice = Callable[[str, str, str], Awaitable[None]]
"""Tells the operators: cause, title and text."""


async def nobody(cause: str, title: str, text: str) -> None:
    """No operators are named."""


class FeedProducer:
    """Polls the feeds among `sources`. `found` is called when a poll has brought something new.

    `notice` is called when a source is in trouble, and when it no longer is.
    """

    def __init__(  # noqa: PLR0913  # collaborators, each named by the composition root
        self,
        sources: Sequence[SourceSettings],
        visits: Visits,
        store: SourceStore,
        reading: Reading,
        *,
        progress: Progress,
        clock: Callable[[], datetime],
        callers: Mapping[str, Caller] | None = None,
        found: Callable[[], None] = lambda: None,
        notice: Notice = nobody,
    ) -> None:
        self._sources = [source for source in sources if source.address]
        self._visits, self._store, self._reading = visits, store, reading
        self._progress, self._clock, self._found, self._callers = progress, clock, found, callers or {}
        self._notice = notice
        self._free = asyncio.Semaphore(POLLS_AT_ONCE)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll each feed when it is due, until `stop`."""
        async with asyncio.TaskGroup() as group:
            for source in self._sources:
                group.create_task(self._follow(source, stop), name=f"feed {source.name}")

    async def run_once(self) -> None:
        """Poll each feed now, whenever it is due; only a server that asked to be left alone is."""
        async with asyncio.TaskGroup() as group:
            for source in self._sources:
                group.create_task(self._poll(source, at_once=True), name=f"feed {source.name}")

    async def _follow(self, source: SourceSettings, stop: asyncio.Event) -> None:
        while not stop.is_set():
            due = await self._poll(source, at_once=False)
            wait = min(_LONGEST_SLEEP, max(timedelta(milliseconds=10), due - self._clock()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait.total_seconds()):
                    await stop.wait()

    async def _poll(self, source: SourceSettings, *, at_once: bool) -> datetime:
        """Poll the source if it is due, nobody else does and its host may be asked; answers when to come back."""
        async with self._free:
            if not await patiently(self._progress, lambda: self._store.lease(source.name, LEASE)):
                return self._clock() + _ELSEWHERE
            try:
                state = await patiently(self._progress, lambda: self._store.state(source.name))
                if state.url != source.address:
                    state = SourceState(url=source.address, polled=_is_known(source, state))
                if await patiently(self._progress, lambda: self._store.books.paused(source.name)):
                    return self._clock() + _LONGEST_SLEEP
                due = state.held_until if at_once else state.next_poll
                if due and due > self._clock():
                    return due
                host = host_of(polling.address_of(source, state))
                if not at_once and (until := await self._visits.try_to_enter(host)):
                    return until
                return await self._poll_now(source, state, entered=not at_once)
            finally:
                await patiently(self._progress, lambda: self._store.leave(source.name))

    async def _poll_now(self, source: SourceSettings, state: SourceState, *, entered: bool) -> datetime:
        """Fetch, read and record; a failure is recorded too."""
        try:
            result = await self._fetch(source, state, entered=entered)
            after = await self._record(source, state, result)
        except FetchError as error:
            after = await self._fail(source, state, error)
        except Exception as error:
            # A defect of ours must not stop every other source; this one is tried again like any that fails.
            log.exception("poll_failed", source=source.name, url=source.feed)
            defect = failure(FetchCause.DEFECT, f"{type(error).__name__}: {error}", url=str(source.address))
            after = await self._fail(source, state, defect)
        await self._tell(source, after)
        self._progress.beat()
        return after.next_poll or self._clock()

    async def _tell(self, source: SourceSettings, state: SourceState) -> None:
        """Tell the operators what is wrong with a source, and when that is over; each once."""
        now = self._clock()
        ends = await patiently(self._progress, lambda: self._store.books.ends(source.name))
        found = {finding.trouble.value: finding.text for finding in health.findings(state, ends, now)}
        if set(found) == set(state.said):
            return
        for trouble in found.keys() - set(state.said):
            log.warning("source_in_trouble", source=source.name, trouble=trouble, problem=found[trouble])
            await self._notify(f"source-{trouble}-{source.name}", f"{source.name} is {trouble}", found[trouble])
        for trouble in set(state.said) - found.keys():
            log.info("source_sound", source=source.name, trouble=trouble)
            await self._notify(f"source-no-longer-{trouble}-{source.name}", f"{source.name} is no longer {trouble}", "")
        told = state.model_copy(update={"said": tuple(sorted(found))})
        await patiently(self._progress, lambda: self._store.save(source.name, told))

    async def _notify(self, cause: str, title: str, text: str) -> None:
        await patiently(self._progress, lambda: self._notice(cause, title, text))

    async def _fetch(self, source: SourceSettings, state: SourceState, *, entered: bool) -> Fetched | NotModified:
        """The feed, wherever redirects lead; each host on the way is entered in its turn, the first one was already."""
        url, permanent = polling.address_of(source, state), True
        caller = self._callers.get(source.name, NOBODY)
        for _ in range(self._visits.fetcher.settings.max_redirects + 1):
            if source.page:
                entered = await self._mind_robots(url, caller, entered=entered)
            async with self._visits.visit(url, entered=entered):
                found = await self._visits.fetcher.visit(
                    url,
                    Kind.PAGE if source.page else Kind.FEED,
                    etag=state.etag,
                    last_modified=state.last_modified,
                    caller=caller,
                )
            if isinstance(found, Elsewhere):
                url, permanent, entered = found.url, permanent and found.permanent, False
            elif isinstance(found, Fetched) and permanent and url != polling.address_of(source, state):
                return replace(found, moved_to=found.moved_to or url)
            else:
                return found if isinstance(found, NotModified) or permanent else replace(found, moved_to=None)
        raise failure(FetchCause.REDIRECTS, f"redirects from host to host, last to {url}", url=str(source.address))

    async def _mind_robots(self, url: str, caller: Caller, *, entered: bool) -> bool:
        """See that a page may be asked for; whether its host is still entered afterwards.

        Raises:
            FetchError: it may not, or nobody knows for now.
        """
        robots = await self._visits.robots(url, caller.user_agent)
        if robots is None:
            async with self._visits.visit(url, entered=entered):
                await self._visits.fetch_robots(url)
            return await self._mind_robots(url, caller, entered=False)
        if not robots.allow(url):
            if entered:
                await self._visits.leave(host_of(url))
            raise failure(FetchCause.ROBOTS, "is forbidden to us by the site's robots.txt", url=url)
        return entered

    async def _read(self, source: SourceSettings, found: Fetched) -> Feed:
        """A feed, or a page that lists articles as one."""
        if source.page:
            return await self._reading.links(found.body, found.final_url, found.content_type, source.links)
        try:
            return await self._reading.feed(found.body, found.final_url, found.content_type)
        except SitemapIndexError as index:
            return await self._gather(source, index)

    async def _gather(self, source: SourceSettings, index: SitemapIndexError) -> Feed:
        """The entries of the best sitemaps of an index, each asked for in its turn."""
        entries: dict[str | None, Entry] = {}
        feed = Feed(())
        for url in index.maps[:_MAPS]:
            async with self._visits.visit(url):
                found = await self._visits.fetcher.fetch(url, Kind.FEED, caller=self._callers.get(source.name, NOBODY))
            if isinstance(found, Fetched):
                feed = await self._reading.feed(found.body, found.final_url, found.content_type)
                entries |= {entry.link: entry for entry in feed.entries}
        return replace(feed, entries=tuple(entries.values()), gathered=True)

    async def _fail(self, source: SourceSettings, state: SourceState, error: FetchError) -> SourceState:
        poll = polling.failed(source, state, error, self._clock())
        await patiently(self._progress, lambda: self._store.save(source.name, poll.state))
        line = PollLine(self._clock(), str(error.cause))
        await patiently(self._progress, lambda: self._store.books.log_poll(source.name, line))
        for news in poll.news:
            advice = _ADVICE.get(FetchCause(error.cause), _PATIENCE)
            log.warning(news.value, source=source.name, cause=error.cause, problem=str(error), do=advice)
        return poll.state

    async def _record(self, source: SourceSettings, state: SourceState, result: Fetched | NotModified) -> SourceState:
        """Keep what the poll brought, with the state after it, in one step; then its tempo."""
        now, first, gathered = self._clock(), not state.polled, False
        entries: tuple[Pending, ...] = ()
        if isinstance(result, Fetched) and (digest := _digest(result.body)) != state.body_hash:
            feed = await self._read(source, result)
            entries = pending_of(feed, source, backlog=first and not source.alert_archive, now=now)
            gathered = feed.gathered
            state = state.model_copy(update={"body_hash": None if gathered else digest, "entries": len(entries)})
        if gathered and isinstance(result, Fetched):
            result = replace(result, etag=None, last_modified=None)
        poll = polling.succeeded(source, state, result, now)
        present = [entry.id for entry in entries]
        new = await patiently(
            self._progress, lambda: self._store.record(source.name, poll.state, entries, present=present, now=now)
        )
        after = polling.paced(source, poll.state, new=new, first=first, now=now)
        await patiently(self._progress, lambda: self._store.save(source.name, after))
        line = PollLine(now, "ok" if isinstance(result, Fetched) else "not_modified", len(entries), new)
        await patiently(self._progress, lambda: self._store.books.log_poll(source.name, line))
        for news in poll.news:
            log.warning(news.value, source=source.name, url=source.address, now_at=polling.address_of(source, after))
        if new:
            log.info("feed_polled", source=source.name, new=new, backlog=entries[0].backlog)
            self._found()
        return after


def _is_known(source: SourceSettings, state: SourceState) -> bool:
    """Whether a source's new address is that of the feed it was: what is new there is news then, and no archive."""
    try:
        known = {canonical_url(address) for address in (state.url, state.moved_to) if address}
        return state.polled and canonical_url(str(source.address)) in known
    except ValueError:
        return False  # no address at all, as the fetch will say


def _digest(body: bytes) -> str:
    """Some servers never change their ETag, others change it every time: the body says whether anything is new."""
    return hashlib.sha256(body).hexdigest()[:32]
