"""Asks hosts one at a time, no faster than each wants, and knows what their robots.txt allow. I/O.

One start of a connection for each `host_interval`, or for the site's own Crawl-delay where that is longer; the leases
in Redis keep that up among all workers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from streams.errors import FetchError
from streams.ingest import encodings, schedule
from streams.ingest.answers import Caller, Fetched, Kind
from streams.ingest.causes import FetchCause, failure
from streams.ingest.fetch import Fetcher
from streams.ingest.press import patiently
from streams.ingest.robots import MAX_BYTES, Robots, host_of, origin_of, read_robots
from streams.observe.progress import Progress
from streams.stores.hosts import HostStore

KEEP_ROBOTS = timedelta(days=1)
"""As RFC 9309 has it, 2.4."""
_UNKNOWN_FOR = timedelta(minutes=4)
"""How long a robots.txt that failed is not asked for again, for whichever page: less than the first wait of a page."""
_AT_HAND, _AT_HAND_FOR = 1_000, timedelta(hours=1)
_NO_ROBOTS = frozenset({FetchCause.NOT_FOUND, FetchCause.GONE, FetchCause.REFUSED, FetchCause.TOO_LARGE})
_NO_ROBOTS |= {FetchCause.REDIRECTS, FetchCause.BAD_URL, FetchCause.PRIVATE_ADDRESS, FetchCause.BAD_ENCODING}
"""Answers that leave all allowed (RFC 9309, 2.3.1.3); of any other failure a site is not crawled until it is over."""


class Visits:
    """The visits of one worker to all hosts."""

    def __init__(
        self, fetcher: Fetcher, store: HostStore, *, progress: Progress, clock: Callable[[], datetime]
    ) -> None:
        self.fetcher, self.hosts, self._progress, self._clock = fetcher, store, progress, clock
        self._interval = fetcher.settings.host_interval
        self._lease = fetcher.settings.timeout + timedelta(seconds=10)
        self._at_hand: OrderedDict[tuple[str, str], tuple[datetime, Robots]] = OrderedDict()
        self._failed: dict[str, tuple[datetime, FetchError]] = {}

    async def try_to_enter(self, host: str, came_from: str = "") -> datetime | None:
        """Lease the host; None where that was done, else when to ask again: then it is one's turn.

        Who `came_from` another host, which sent him here, keeps his turn until he can have come that way again.
        """
        return await patiently(
            self._progress, lambda: self.hosts.enter(host, self._clock(), self._lease, came_from=came_from)
        )

    async def wait_to_enter(self, host: str, patience: timedelta | None, came_from: str = "") -> datetime | None:
        """Lease the host after waiting for one's turn; None where that was done, else when that is.

        It is not waited for where it is further away than `patience`.
        """
        while until := await self.try_to_enter(host, came_from):
            wait = until - self._clock()
            if patience and wait > patience:
                return until
            self._progress.beat()
            await asyncio.sleep(min(1.0, max(0.005, wait.total_seconds())))
        return None

    async def leave(self, host: str, error: FetchError | None = None) -> None:
        """The visit is over, with `error` if it failed; the host is left alone for as long as it wants."""
        now, free_at = self._clock(), self.free_at(error)
        await patiently(self._progress, lambda: self.hosts.leave(host, free_at=free_at, now=now))

    @asynccontextmanager
    async def visit(self, url: str, *, entered: bool = False, patience: timedelta | None = None) -> AsyncIterator[None]:
        """Be the one who asks the host of `url`, after waiting for one's turn, unless it was `entered` before.

        Raises:
            FetchError: that turn is further away than `patience` (cause `rate_limited`).
        """
        host, error = host_of(url), None
        if not entered and (until := await self.wait_to_enter(host, patience)):
            message = f"is not asked: {host} is to be left alone until {until:%Y-%m-%d %H:%M} UTC"
            raise failure(FetchCause.RATE_LIMITED, message, url=url, retry_after=until - self._clock())
        try:
            yield
        except FetchError as caught:
            error = caught
            raise
        finally:
            await self.leave(host, error)

    def free_at(self, error: FetchError | None = None) -> datetime:
        """When a host may be asked again after a visit that ended now, with `error` if it failed.

        The store adds what the host's robots.txt asks for.
        """
        limited = error is not None and error.cause == FetchCause.RATE_LIMITED
        retry_after = error.retry_after if error else None
        return schedule.host_free_at(self._clock(), self._interval, rate_limited=limited, retry_after=retry_after)

    async def robots(self, url: str, user_agent: str | None = None) -> Robots | None:
        """What is known of the robots.txt that concerns `url`; None where it has to be fetched first."""
        agent, origin, now = user_agent or self.fetcher.user_agent, origin_of(url), self._clock()
        if (held := self._at_hand.get((origin, agent))) and held[0] > now:
            self._at_hand.move_to_end((origin, agent))
            return held[1]
        text = await patiently(self._progress, lambda: self.hosts.robots(origin))
        return None if text is None else self._hold(origin, agent, text)

    async def fetch_robots(self, url: str) -> None:
        """Fetch and keep the robots.txt that concerns `url`, from a host that has been entered.

        Raises:
            FetchError: the site does not answer for now, or did not just before, so that nobody knows what it allows.
        """
        origin, now = origin_of(url), self._clock()
        self._failed = {key: failed for key, failed in self._failed.items() if failed[0] > now}
        if origin in self._failed:
            raise self._failed[origin][1].with_traceback(None)
        try:
            text = await robots_text(url, self.fetcher)
        except FetchError as error:
            self._failed[origin] = (now + _UNKNOWN_FOR, error)
            raise
        self._at_hand = OrderedDict((key, held) for key, held in self._at_hand.items() if key[0] != origin)
        delay = read_robots(text, self.fetcher.user_agent).delay

        async def keep() -> None:
            await self.hosts.keep_robots(origin, text, KEEP_ROBOTS, host=host_of(url), delay=delay)

        await patiently(self._progress, keep)

    def _hold(self, origin: str, agent: str, text: str) -> Robots:
        """Keep it parsed at hand for an hour: other workers may have fetched it anew."""
        robots = read_robots(text, agent)
        self._at_hand[origin, agent] = (self._clock() + _AT_HAND_FOR, robots)
        while len(self._at_hand) > _AT_HAND:
            self._at_hand.popitem(last=False)
        return robots


async def robots_text(url: str, fetcher: Fetcher) -> str:
    """The robots.txt that concerns `url`; empty where there is none.

    Raises:
        FetchError: the site does not answer for now, so that nobody knows what it allows.
    """
    try:
        fetched = await fetcher.fetch(f"{origin_of(url)}/robots.txt", Kind.ROBOTS)
    except FetchError as error:
        if error.cause not in _NO_ROBOTS:
            raise
        return ""
    return encodings.decode(fetched.body[:MAX_BYTES]) if isinstance(fetched, Fetched) else ""


async def check_allowed(url: str, fetcher: Fetcher, caller: Caller) -> None:
    """That the site lets us fetch a page; asked at once, by somebody who waits.

    Raises:
        FetchError: its robots.txt forbids it, or the site does not answer.
    """
    if not read_robots(await robots_text(url, fetcher), caller.user_agent or fetcher.user_agent).allow(url):
        raise forbidden(url)


def forbidden(url: str) -> FetchError:
    """The error for a page that the site's robots.txt forbids."""
    return failure(FetchCause.ROBOTS, "is forbidden to us by the site's robots.txt", url=url)
