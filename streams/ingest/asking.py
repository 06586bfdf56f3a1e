"""Asks a source for what it has: its feed, wherever that redirects, the sitemaps of an index, or its list page. I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from streams.errors import FetchError
from streams.ingest import polling
from streams.ingest.answers import NOBODY, Caller, Elsewhere, Fetched, Kind, NotModified
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import Feed, SitemapIndexError
from streams.ingest.reading import Reading
from streams.ingest.robots import LONGEST_DELAY, Robots, host_of, within
from streams.ingest.visits import Visits, forbidden
from streams.sections import SourceSettings
from streams.stores.sources import SourceState

_MAPS = 3
"""Sitemaps of an index that are read: that of news, or the newest ones."""


_NEAR = timedelta(minutes=1)
"""How long a redirect to another host waits for its turn there: whoever waits keeps other sources from being asked."""

log = structlog.get_logger(__name__)


class NotYet(Exception):  # noqa: N818  # it is no error
    """The visit went to the site's robots.txt, or another host has to be waited for; it is one's turn at `until`."""

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
            NotYet: another turn has to be waited for. It is kept: a host that wants an hour between two visits, and
                has many pages, would hardly ever be free just when a redirect leads to it. Not so that of a host which
                was asked on the way, and would be the next time.
        """
        waits = entered
        url, permanent = polling.address_of(source, state), True
        caller = self._callers.get(source.name, NOBODY)
        etag, last_modified = polling.conditions(source, state, now)
        been, patience = list[str](), None
        ask = partial(self._fetcher.visit, etag=etag, last_modified=last_modified, caller=caller)
        for _ in range(self._fetcher.settings.max_redirects + 1):
            if waits and been and host_of(url) not in been:
                until = await self._visits.wait_to_enter(host_of(url), _NEAR, been[-1])
                if until and until - now <= LONGEST_DELAY:
                    raise NotYet(until)
                entered = until is None
            if source.page:
                robots = await self._robots(url, caller, entered=entered, patience=patience)
                ask = partial(ask, allowed=within(robots, url))
            async with self._visits.visit(url, entered=entered, patience=patience):
                found = await ask(url, Kind.PAGE if source.page else Kind.FEED)
            if isinstance(found, Elsewhere):
                been.append(host_of(url))
                url, permanent = found.url, permanent and found.permanent
                entered, patience = False, _NEAR
            elif isinstance(found, Fetched) and permanent and url != polling.address_of(source, state):
                return replace(found, moved_to=found.moved_to or url)
            else:
                return found if isinstance(found, NotModified) or permanent else replace(found, moved_to=None)
        raise failure(FetchCause.REDIRECTS, f"redirects from host to host, last to {url}", url=str(source.address))

    async def _robots(self, url: str, caller: Caller, *, entered: bool, patience: timedelta | None) -> Robots:
        """The rules by which a list page may be asked for."""
        robots = await self._visits.robots(url, caller.user_agent)
        if robots is None:
            async with self._visits.visit(url, entered=entered, patience=patience):
                await self._visits.fetch_robots(url)
            if entered:
                raise NotYet(self._visits.free_at())
            return await self._robots(url, caller, entered=False, patience=patience)
        if not robots.allow(url):
            if entered:
                await self._visits.leave(host_of(url))
            raise forbidden(url)
        return robots

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
        """The entries of the best sitemaps of an index, each asked for in its turn.

        They come and go: one that fails is passed over, unless all do.
        """
        feeds, caller, problem = list[Feed](), self._callers.get(source.name, NOBODY), None
        for url in index.maps[:_MAPS]:
            try:
                async with self._visits.visit(url, patience=LONGEST_DELAY):
                    found = await self._fetcher.fetch(url, Kind.FEED, caller=caller)
                if isinstance(found, Fetched):
                    feeds.append(await self._reading.feed(found.body, found.final_url, found.content_type))
            except FetchError as error:
                problem = problem or error
                log.info("sitemap_failed", source=source.name, problem=str(error))
        if problem and not feeds:
            raise problem
        entries = {entry.link: entry for feed in feeds for entry in feed.entries}
        return replace(feeds[-1] if feeds else Feed(()), entries=tuple(entries.values()), gathered=True)
