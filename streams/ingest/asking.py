"""Asks a source for what it has: its feed, wherever that redirects, the sitemaps of an index, or its list page. I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from streams.ingest import polling
from streams.ingest.answers import NOBODY, Caller, Elsewhere, Fetched, Kind, NotModified
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import Entry, Feed, SitemapIndexError
from streams.ingest.reading import Reading
from streams.ingest.robots import host_of
from streams.ingest.visits import Visits
from streams.sections import SourceSettings
from streams.stores.sources import SourceState

_MAPS = 3
"""Sitemaps of an index that are read: that of news, or the newest ones."""


class NotYet(Exception):  # noqa: N818  # it is no error
    """The visit went to the site's robots.txt; the source has its turn at `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"not before {until}")


class Asking:
    """Asks sources, each in the name of its caller, if it has one."""

    def __init__(self, visits: Visits, reading: Reading, callers: Mapping[str, Caller]) -> None:
        self._visits, self._reading, self._callers = visits, reading, callers
        self._fetcher = visits.fetcher

    async def ask(
        self, source: SourceSettings, state: SourceState, now: datetime, *, entered: bool
    ) -> Fetched | NotModified:
        """What the source answers; each host on the way is entered in its turn, the first one was where `entered`.

        Raises:
            FetchError: it fails, or robots.txt forbids a list page.
            NotYet: another turn has to be waited for.
        """
        url, permanent = polling.address_of(source, state), True
        caller = self._callers.get(source.name, NOBODY)
        etag, last_modified = polling.conditions(source, state, now)
        for _ in range(self._fetcher.settings.max_redirects + 1):
            if source.page:
                await self._mind_robots(url, caller, entered=entered)
            async with self._visits.visit(url, entered=entered):
                kind = Kind.PAGE if source.page else Kind.FEED
                found = await self._fetcher.visit(url, kind, etag=etag, last_modified=last_modified, caller=caller)
            if isinstance(found, Elsewhere):
                url, permanent, entered = found.url, permanent and found.permanent, False
            elif isinstance(found, Fetched) and permanent and url != polling.address_of(source, state):
                return replace(found, moved_to=found.moved_to or url)
            else:
                return found if isinstance(found, NotModified) or permanent else replace(found, moved_to=None)
        raise failure(FetchCause.REDIRECTS, f"redirects from host to host, last to {url}", url=str(source.address))

    async def _mind_robots(self, url: str, caller: Caller, *, entered: bool) -> None:
        """See that a list page may be asked for."""
        robots = await self._visits.robots(url, caller.user_agent)
        if robots is None:
            async with self._visits.visit(url, entered=entered):
                await self._visits.fetch_robots(url)
            if entered:
                raise NotYet(self._visits.free_at())
            await self._mind_robots(url, caller, entered=False)
        elif not robots.allow(url):
            if entered:
                await self._visits.leave(host_of(url))
            raise failure(FetchCause.ROBOTS, "is forbidden to us by the site's robots.txt", url=url)

    async def read(self, source: SourceSettings, found: Fetched) -> Feed:
        """A feed, or a page that lists articles as one.

        Raises:
            FetchError: it is neither.
        """
        if source.page:
            return await self._reading.links(found.body, found.final_url, found.content_type, source.links)
        try:
            return await self._reading.feed(found.body, found.final_url, found.content_type)
        except SitemapIndexError as index:
            return await self._gather(source, index)

    async def _gather(self, source: SourceSettings, index: SitemapIndexError) -> Feed:
        """The entries of the best sitemaps of an index, each asked for in its turn."""
        entries: dict[str | None, Entry] = {}
        feed, caller = Feed(()), self._callers.get(source.name, NOBODY)
        for url in index.maps[:_MAPS]:
            async with self._visits.visit(url):
                found = await self._fetcher.fetch(url, Kind.FEED, caller=caller)
            if isinstance(found, Fetched):
                feed = await self._reading.feed(found.body, found.final_url, found.content_type)
                entries |= {entry.link: entry for entry in feed.entries}
        return replace(feed, entries=tuple(entries.values()), gathered=True)
