"""Polls feeds: a loop for each, which keeps what is new or changed as pending entries.

Their pages are `page_producer`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from streams.errors import FetchError
from streams.ingest import encodings, health, polling
from streams.ingest.answers import Caller, Fetched, NotModified
from streams.ingest.articles import pending_of, shared_in
from streams.ingest.asking import Asking, NotYet
from streams.ingest.causes import FetchCause, failure
from streams.ingest.identity import canonical_url
from streams.ingest.press import patiently
from streams.ingest.reading import Reading
from streams.ingest.robots import host_of
from streams.ingest.subscriptions import Subscriptions
from streams.ingest.visits import Visits
from streams.observe.progress import Progress
from streams.sections import SourceSettings
from streams.stores.source_books import PollLine
from streams.stores.sources import Found, Pending, SourceState, SourceStore, Untold

POLLS_AT_ONCE = 16
LEASE = timedelta(minutes=5)
"""Longer than any poll: the fetch and the reading have their own, shorter limits."""
_ELSEWHERE = timedelta(seconds=30)
_AFTER_PUSH = timedelta(seconds=30)
"""Between two polls at least, however often a hub pushes."""
_LONGEST_SLEEP = timedelta(minutes=10)
_SHARED_KEPT = 4
_PAUSED_LOOK = timedelta(minutes=1)

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


Notice = Callable[[str, str, str, datetime], Awaitable[None]]
"""Tells the operators: cause, title and text, as of a time. What was told of that cause and time is not told again."""


async def nobody(cause: str, title: str, text: str, at: datetime) -> None:
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
        pushes: Subscriptions | None = None,
    ) -> None:
        self._sources = [source for source in sources if source.address]
        self._visits, self._store, self._asking = visits, store, Asking(visits, reading, callers or {})
        self._progress, self._clock, self._found = progress, clock, found
        self._notice, self._pushes = notice, pushes
        self._awake = {source.name: asyncio.Event() for source in self._sources}
        if pushes:
            pushes.poll = self.wake
        self._free = asyncio.Semaphore(POLLS_AT_ONCE)

    def wake(self, source: str) -> None:
        """Look now whether a source is to be polled: its hub has pushed."""
        if source in self._awake:
            self._awake[source].set()

    async def run(self, stop: asyncio.Event) -> None:
        """Poll each feed when it is due, until `stop`."""
        async with asyncio.TaskGroup() as group:
            for source in self._sources:
                group.create_task(self._follow(source, stop), name=f"feed {source.name}")
            group.create_task(self._wake_all(stop), name="feeds end")

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
                    await self._awake[source.name].wait()
            self._awake[source.name].clear()

    async def _wake_all(self, stop: asyncio.Event) -> None:
        """One who waits for the end, in place of each of thousands."""
        await stop.wait()
        for awake in self._awake.values():
            awake.set()

    async def _poll(self, source: SourceSettings, *, at_once: bool) -> datetime:
        """Poll the source if it is due, nobody else does and its host may be asked; answers when to come back."""
        async with self._free:
            _, until = await self._look(source, at_once=at_once)  # most looks find nothing due, and need no lease
            if until:
                return until
            if not await patiently(self._progress, lambda: self._store.lease(source.name, LEASE)):
                return self._clock() + _ELSEWHERE
            try:
                state, until = await self._look(source, at_once=at_once)
                if until:
                    return until
                host = host_of(polling.address_of(source, state))
                if not at_once and (until := await self._visits.try_to_enter(host)):
                    return until
                return await self._poll_now(source, state, entered=not at_once)
            finally:
                await patiently(self._progress, lambda: self._store.leave(source.name))

    async def _look(self, source: SourceSettings, *, at_once: bool) -> tuple[SourceState, datetime | None]:
        """Where the source stands, and when to come back; None where it is due."""
        state, paused = await patiently(self._progress, lambda: self._store.look(source.name))
        if state.url != source.address:
            state = _at_new_address(source, state)
        now, due = self._clock(), state.held_until if at_once else await self._due(source, state)
        if paused:
            return state, now + _PAUSED_LOOK
        return state, due if due and due > now else None

    async def _due(self, source: SourceSettings, state: SourceState) -> datetime | None:
        """When the source is polled next: soon after a push, unless it fails just now."""
        pushed = await self._pushes.pushed(source.name) if self._pushes else None
        if pushed is None or state.problem or not state.polled_at:
            return polling.due(source, state, self._clock())
        return max(filter(None, (state.held_until, state.polled_at + _AFTER_PUSH)))

    async def _poll_now(self, source: SourceSettings, state: SourceState, *, entered: bool) -> datetime:
        """Fetch, read and record; a failure is recorded too."""
        began, pushed = self._clock(), await self._pushes.pushed(source.name) if self._pushes else None
        try:
            result = await self._asking.ask(source, state, began, entered=entered)
            after, line = await self._record(source, state, result)
            if self._pushes:
                after = self._relying(self._pushes, source, after, began=began, pushed=pushed is not None)
            await patiently(self._progress, lambda: self._store.save(source.name, after, line))
            if self._pushes:
                await self._pushes.followed(source.name, began)
        except NotYet as turn:
            return turn.until
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
        now, ends = self._clock(), []
        if state.new_at == state.polled_at or state.said:  # else its articles are as they were
            ends = await patiently(self._progress, lambda: self._store.books.ends(source.name))
        found = {finding.trouble.value: finding.text for finding in health.findings(state, ends, now)}
        change = health.change(state, found)
        for trouble in change.began:
            self._visits.fetcher.metrics.source_troubles.labels(trouble, "began").inc()
            log.warning("source_in_trouble", source=source.name, trouble=trouble, problem=found[trouble])
        for trouble in change.ended:
            self._visits.fetcher.metrics.source_troubles.labels(trouble, "ended").inc()
            log.info("source_sound", source=source.name, trouble=trouble)
        news = [Untold(trouble=trouble, text=found[trouble], at=now) for trouble in sorted(change.began)]
        news += [Untold(trouble=f"no longer {trouble}", at=now) for trouble in sorted(change.ended)]
        untold = (*state.untold, *news)
        if news or change.said != set(state.said):
            # Before it is told: whoever is killed meanwhile tells it again, as of then, and not as something new.
            state = state.model_copy(update={"said": tuple(sorted(change.said)), "untold": untold})
            await patiently(self._progress, lambda: self._store.save(source.name, state))
        for one in untold:
            await self._notify(source.name, one)
        if untold:
            told = state.model_copy(update={"untold": ()})
            await patiently(self._progress, lambda: self._store.save(source.name, told))

    async def _notify(self, source: str, untold: Untold) -> None:
        cause, title = f"source-{untold.trouble.replace(' ', '-')}-{source}", f"{source} is {untold.trouble}"
        await patiently(self._progress, lambda: self._notice(cause, title, untold.text, untold.at))

    async def _fail(self, source: SourceSettings, state: SourceState, error: FetchError) -> SourceState:
        poll = polling.failed(source, state, error, self._clock())
        line = PollLine(self._clock(), str(error.cause))
        await patiently(self._progress, lambda: self._store.save(source.name, poll.state, line))
        for news in poll.news:
            advice = _ADVICE.get(FetchCause(error.cause), _PATIENCE)
            log.warning(news.value, source=source.name, cause=error.cause, problem=str(error), do=advice)
        return poll.state

    async def _record(
        self, source: SourceSettings, state: SourceState, result: Fetched | NotModified
    ) -> tuple[SourceState, PollLine]:
        """Keep the entries that the poll brought, if any; the state after it, with its tempo, and what it came to.

        With entries a state is kept that asks the server for none of them again, in one step: killed before the state
        returned is kept, the source has its entries. Without any it is just polled again.
        """
        now, first, gathered, changed = self._clock(), not state.polled, False, False
        entries: tuple[Pending, ...] = ()
        if isinstance(result, Fetched) and (digest := _digest(result.body)) != state.body_hash:
            content_type, encoding = encodings.hinted(result.body, result.content_type, state.encoding)
            feed = await self._asking.read(source, replace(result, content_type=content_type))
            if self._pushes and source.feed:
                topic = result.topic or feed.topic or result.final_url
                await self._pushes.found(source.name, result.hub or feed.hub, topic)
            shared = tuple(dict.fromkeys((*shared_in(feed), *state.shared)))
            entries = pending_of(feed, source, backlog=first and not source.alert_archive, now=now, shared=shared)
            gathered, changed = feed.gathered, state.body_hash is not None
            seen = {"body_hash": None if gathered else digest, "entries": len(entries), "encoding": encoding}
            state = state.model_copy(update={**seen, "shared": shared[:_SHARED_KEPT]})
        if gathered and isinstance(result, Fetched):
            result = replace(result, etag=None, last_modified=None)
        poll = polling.succeeded(source, state, result, now, changed=changed)
        found = Found(0, 0)
        if entries:
            record = partial(self._store.record, source.name, poll.state, entries, now=now)
            found = await patiently(self._progress, record)
        dates = [entry.published for entry in entries if entry.published]
        after = polling.paced(source, poll.state, new=found.new, first=first, now=now, dates=dates)
        for news in poll.news:
            log.warning(news.value, source=source.name, url=source.address, now_at=polling.address_of(source, after))
        if found.new or found.changed:
            backlog = entries[0].backlog
            log.info("feed_polled", source=source.name, new=found.new, changed=found.changed, backlog=backlog)
            self._found()
        outcome = "ok" if isinstance(result, Fetched) else "not_modified"
        return after, PollLine(now, outcome, len(entries), found.new)

    def _relying(
        self, pushes: Subscriptions, source: SourceSettings, state: SourceState, *, began: datetime, pushed: bool
    ) -> SourceState:
        """The state after a poll that began then: it is slow as long as the hub announces all that comes."""
        new = state.new_at is not None and state.new_at >= began
        after = state.model_copy(update={"announced": pushed}) if new else state
        if after.announced and pushes.holds(source.name) and (new or not pushed):
            after = polling.relying(source, after, self._clock())
        return after


def _at_new_address(source: SourceSettings, state: SourceState) -> SourceState:
    """Where a source stands whose address was changed: begun anew, unless it is the same feed there.

    What operators were told of it stands: that it is over is told as well.
    """
    if _is_known(source, state):
        return state.model_copy(update={"url": source.address, "moved_to": None, "next_poll": None})
    return SourceState(url=source.address, said=state.said, untold=state.untold)


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
