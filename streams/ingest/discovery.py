"""Finds how to follow a site: feeds it links to, well-known places, sitemaps of news, or the page as a list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urljoin

from yarl import URL

from streams.errors import FetchError
from streams.ingest import encodings
from streams.ingest.answers import Caller, Fetched, Kind
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import Feed, SitemapIndexError, absolute
from streams.ingest.fetch import Fetcher
from streams.ingest.glance import looks_like_a_feed
from streams.ingest.identity import canonical_url
from streams.ingest.reading import Reading
from streams.ingest.robots import origin_of, read_robots

PAUSE = timedelta(seconds=1)
"""Between two requests: somebody waits for the answer, and there are twenty at most."""

MOST_TRIED = 20
_ENOUGH = 4
_PLACES = (
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feeds/posts/default",
    "/?feed=rss2",
    "/feed.json",
)
_MAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap.xml")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to follow a site: `kind` is `feed` or `page`; `found_by` says where it was named."""

    kind: str
    url: str
    feed: Feed
    found_by: str


class Discovery:
    """Looks for the feeds of one site, with pauses between requests."""

    def __init__(self, fetcher: Fetcher, reading: Reading, *, caller: Caller, pause: timedelta = PAUSE) -> None:
        self._fetcher, self._reading, self._caller = fetcher, reading, caller
        self._pause = pause.total_seconds()
        self._tried: set[str] = set()

    async def look(self, url: str) -> tuple[Candidate, ...]:
        """What `url` is, or what its page and site lead to, best first.

        Raises:
            FetchError: the address itself does not answer.
        """
        start = await self._get(url, Kind.PAGE)
        if looks_like_a_feed(start.body, start.content_type):
            feed = await self._reading.feed(start.body, start.final_url, start.content_type)
            return (Candidate("feed", start.moved_to or start.final_url, feed, "it is one"),)
        named = await self._reading.feeds_named(start.body, start.final_url, start.content_type)
        found = await self._try_all(named, "the page links to it")
        origin = origin_of(start.final_url)
        if not found:
            found += await self._try_all(
                [urljoin(origin, place) for place in _PLACES], "it is where feeds often are", most=1
            )
        if not found:
            found += await self._sitemaps(origin)
        if not found and (listed := await self._listed(start)):
            found.append(listed)
        return tuple(sorted(found, key=lambda candidate: -_worth(candidate, start.final_url)))

    async def _get(self, url: str, kind: Kind) -> Fetched:
        if self._tried:
            await asyncio.sleep(self._pause)
        self._tried.add(_key(url))
        found = await self._fetcher.fetch(url, kind, caller=self._caller)
        if not isinstance(found, Fetched):
            raise failure(FetchCause.BAD_RESPONSE, "answers 304 to a request without conditions", url=url)
        return found

    async def _try_all(self, urls: Sequence[str], found_by: str, *, most: int = _ENOUGH) -> list[Candidate]:
        """Those of `urls` that are feeds with entries; what is none is passed over."""
        found: list[Candidate] = []
        for url in urls:
            if len(found) >= most or len(self._tried) >= MOST_TRIED:
                break
            if _key(url) in self._tried:
                continue
            try:
                answer = await self._get(url, Kind.FEED)
                feed = await self._reading.feed(answer.body, answer.final_url, answer.content_type)
            except SitemapIndexError as index:
                if inner := await self._try_all(list(index.maps[:2]), found_by, most=1):
                    # The index is what stays; its sitemaps come and go.
                    found.append(replace(inner[0], url=answer.final_url))
                continue
            except FetchError:
                continue
            if feed.entries and not any(_key(answer.final_url) == _key(candidate.url) for candidate in found):
                found.append(Candidate("feed", answer.final_url, feed, found_by))
        return found

    async def _sitemaps(self, origin: str) -> list[Candidate]:
        """Sitemaps of news that robots.txt names, or at their usual places."""
        named: list[str] = []
        try:
            answer = await self._get(f"{origin}/robots.txt", Kind.ROBOTS)
            named = list(read_robots(encodings.decode(answer.body), self._fetcher.user_agent).sitemaps)
        except FetchError:
            pass
        sound = filter(None, (absolute(place, origin) for place in (*named, *_MAPS)))
        urls = sorted(dict.fromkeys(sound), key=lambda url: "news" not in url.lower())
        found = await self._try_all(urls, "robots.txt or its usual place names it", most=1)
        return [candidate for candidate in found if any(entry.published for entry in candidate.feed.entries)]

    async def _listed(self, start: Fetched) -> Candidate | None:
        try:
            listed = await self._reading.links(start.body, start.final_url, start.content_type, None)
        except FetchError:
            return None
        return Candidate("page", start.final_url, listed, "it lists articles itself")


def _worth(candidate: Candidate, start: str) -> float:
    """How likely a candidate is the one meant: of the page's own section, with dated entries, and many of them."""
    entries = candidate.feed.entries
    dated = sum(entry.published is not None for entry in entries) / max(1, len(entries))
    near = _key(candidate.url).startswith(_key(start)) and URL(start).path not in {"", "/"}
    return 2 * near + dated + min(len(entries), 50) / 100


def _key(url: str) -> str:
    try:
        return canonical_url(url)
    except ValueError:
        return url
