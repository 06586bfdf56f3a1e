"""Fetches the page of an entry, of a host that has been leased, and reads it. I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from streams.ingest.addresses import address_of
from streams.ingest.answers import NOBODY, Caller, Elsewhere, Fetched, Kind
from streams.ingest.causes import FetchCause, failure
from streams.ingest.identity import is_front
from streams.ingest.pages import Page
from streams.ingest.reading import Reading
from streams.ingest.robots import host_of, within
from streams.ingest.visits import Visits, forbidden
from streams.stores.sources import Pending


@dataclass(frozen=True, slots=True)
class Detour:
    """The page is to be asked for in another turn: a robots.txt came first, or it is at another host or origin.

    Or it is where the site's robots.txt forbids it, as that turn will tell.
    """

    entry: Pending
    host: str


class EntryPages:
    """Visits pages. `callers` are the sources whose pages are asked for in another name."""

    def __init__(self, visits: Visits, reading: Reading, callers: Mapping[str, Caller]) -> None:
        self._visits, self._reading, self._callers = visits, reading, callers

    async def visit(self, entry: Pending) -> Page | Detour:
        """The entry's page, read, or where else to go first.

        Raises:
            FetchError: it is forbidden, does not answer, or is no article.
        """
        url, caller = entry.at or str(entry.url), self._callers.get(entry.source, NOBODY)
        address_of(url, url)  # what is no address at all has no robots.txt either
        robots = await self._visits.robots(url, caller.user_agent)
        if robots is None:
            await self._visits.fetch_robots(url)
            return Detour(entry, entry.host)
        if not robots.allow(url):
            raise forbidden(url)
        found = await self._visits.fetcher.visit(url, Kind.PAGE, caller=caller, allowed=within(robots, url))
        if isinstance(found, Elsewhere):
            if entry.hops >= self._visits.fetcher.settings.max_redirects:
                raise failure(FetchCause.REDIRECTS, f"redirects from host to host, last to {found.url}", url=url)
            moved = entry.model_copy(update={"at": found.url, "hops": entry.hops + 1})
            return Detour(moved, host_of(found.url))
        assert isinstance(found, Fetched)  # noqa: S101  # no condition was sent
        if is_front(found.final_url) and not is_front(str(entry.url)):
            raise failure(FetchCause.FRONT_PAGE, f"redirects to the front page {found.final_url}", url=url)
        page = await self._reading.page(found.body, found.final_url, found.content_type)
        return replace(page, found_at=found.final_url)
