"""Publishes pending entries: fetches the page of each, host by host, reads it, and publishes the article.

An article that was published before is published again where it says something else (`streams.ingest.revisions`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from streams.errors import FetchError
from streams.ingest import schedule
from streams.ingest.answers import NOBODY, Caller, Elsewhere, Fetched, Kind
from streams.ingest.articles import article_of, broken, headline_of, other_id
from streams.ingest.causes import FetchCause, failure
from streams.ingest.host_lines import HostLines
from streams.ingest.identity import is_front
from streams.ingest.pages import Page
from streams.ingest.press import Press, patiently
from streams.ingest.reading import Reading
from streams.ingest.revisions import DUPLICATE, PUBLISHED, UNCHANGED, UPDATED, Course, course_of, print_of, revised
from streams.ingest.robots import host_of
from streams.ingest.visits import Visits
from streams.messages import Article, DeadCause
from streams.ports import ArticleStatus
from streams.stores.seen import FRUITFUL_LOOK, IDLE_LOOK, Note, Printed, Seen
from streams.stores.source_books import EndLine
from streams.stores.sources import Pending, SourceStore, Wait

PAGES_AT_ONCE = 16
LAST_PASS_TRIES = 2
"""How often a page is tried in a pass that has to come to an end."""

_IDLE = timedelta(seconds=1)
_READING_SPAN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Detour:
    """The page is to be asked for in another turn: the site's robots.txt came first, or it is at another host."""

    entry: Pending
    host: str


class PageProducer:
    """Publishes what feeds brought. One host is asked one thing at a time, as `Visits` has it.

    `callers` are the sources whose pages are asked for in another name.
    """

    def __init__(  # noqa: PLR0913  # collaborators, each named by the composition root
        self,
        visits: Visits,
        store: SourceStore,
        reading: Reading,
        press: Press,
        *,
        clock: Callable[[], datetime],
        callers: Mapping[str, Caller] | None = None,
    ) -> None:
        self._visits, self._store, self._reading, self._press = visits, store, reading, press
        self._clock, self._callers = clock, callers or {}
        self._lines = HostLines(visits.hosts, press, clock=clock)
        self._lease = visits.fetcher.settings.timeout + _READING_SPAN
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
            seen = await self._seen(entry)
            course = course_of(entry, seen)
            if course is Course.PASS:
                first = seen is None or seen.outcome is None
                line = EndLine(DUPLICATE) if first else None
                await self._end(entry, DUPLICATE if first else UNCHANGED, self._clock(), line=line)
            else:
                if course is Course.PUBLISH:
                    await self._press.enter(entry.id)
                await self._publish(entry, seen, course)
        except Exception as error:
            # A defect of ours must not stop every other article; it is counted and kept with the entry.
            log.exception("entry_failed", source=entry.source, url=entry.url)
            detail = f"{type(error).__name__}: {error}"
            await self._press.put_aside(headline_of(entry), DeadCause.HANDLER_ERROR, detail)
            cause = DeadCause.HANDLER_ERROR
            await self._end(entry, cause, self._visits.free_at(), line=EndLine(cause), looks=IDLE_LOOK)
        finally:
            self._free.release()
            self._wake.set()

    async def _seen(self, entry: Pending) -> Seen | None:
        """What is remembered of the entry's article."""
        progress, now = self._press.progress, self._clock()
        (seen,) = await patiently(progress, lambda: self._store.seen.look(entry.source, [entry.id], now))
        return seen

    async def _publish(self, entry: Pending, seen: Seen | None, course: Course) -> None:
        """Fetch and publish an entry's article; if it is to be compared, only where it says something else now."""
        error: FetchError | None = broken(entry)
        page, free_at = None, self._clock()
        if entry.fetch and not error and entry.host not in self._given_up:
            try:
                page = await self._visit(entry)
                free_at = self._visits.free_at()
            except FetchError as caught:
                error, free_at = caught, self._free_at(entry, caught)
                if until := self._try_again(entry, caught):
                    later = entry.model_copy(update={"tries": entry.tries + 1})
                    await self._put_off(later, until, free_at)
                    return
        if isinstance(page, _Detour):
            await self._put_off(page.entry, self._clock(), free_at, host=page.host)
        elif course is Course.COMPARE and seen and seen.printed:
            await self._print_again(entry, page, seen.printed, error, free_at)
        elif article := article_of(entry, page):
            await self._print(entry, page, article, error, free_at)
        else:
            looks = IDLE_LOOK if seen and seen.outcome else 0
            log.info("article_unreadable", source=entry.source, problem=str(error) if error else "it has no text")
            await self._press.refuse(entry.id)
            cause = str(error.cause if error else FetchCause.NO_ARTICLE)
            await self._end(entry, cause, free_at, line=EndLine(cause), looks=looks)

    async def _print(
        self, entry: Pending, page: Page | None, article: Article, error: FetchError | None, free_at: datetime
    ) -> None:
        """Publish an article for the first time, unless it was published under its other id.

        That is believed only where both say the same: sites name wrong addresses.
        """
        if own := other_id(entry, page):
            seen = await self._seen(entry.model_copy(update={"id": own}))
            # What another source brought as archive may be news of this one.
            ours = seen is not None and (seen.outcome or entry.backlog or (seen.printed and not seen.printed.backlog))
            known = seen.printed if seen and ours else None
            if known and not revised(article, known):
                await self._press.refuse(entry.id, status=ArticleStatus.DUPLICATE)
                await self._end(entry, DUPLICATE, free_at, line=EndLine(DUPLICATE))
                return
        if page is None and article.language is None:
            article = await self._in_its_language(article)
        await self._press.publish(await self._lines.without_furniture(article, entry.host))
        outcome = f"feed_text/{error.cause}" if error else PUBLISHED
        line = EndLine(outcome, len(article.text), article.published is not None)
        printed = print_of(article)
        await self._end(entry, outcome, free_at, line=line, printed=printed)
        if own:
            note = Note(own, outcome, printed=printed)
            await patiently(self._press.progress, lambda: self._store.seen.alias(entry.source, note, self._clock()))

    async def _print_again(
        self, entry: Pending, page: Page | None, before: Printed, error: FetchError | None, free_at: datetime
    ) -> None:
        """Publish an article that was looked at again as an update, if it is one.

        Without its page, which may have failed with `error`, what was read from it stands.
        """
        article = None if page is None and before.from_page else article_of(entry, page)
        if article and (update := revised(article, before)):
            if page is None and update.language is None:
                update = await self._in_its_language(update)
            await self._press.publish(await self._lines.without_furniture(update, entry.host, again=True))
            log.info("article_updated", source=entry.source, url=entry.url, revision=update.revision)
            await self._end(entry, UPDATED, free_at, printed=print_of(update), looks=FRUITFUL_LOOK)
        else:
            outcome = f"{UNCHANGED}/{error.cause}" if error else UNCHANGED
            await self._end(entry, outcome, free_at, looks=IDLE_LOOK)

    async def _visit(self, entry: Pending) -> Page | _Detour:
        """The entry's page, read, or where else to go first."""
        url, caller = entry.at or str(entry.url), self._callers.get(entry.source, NOBODY)
        robots = await self._visits.robots(url, caller.user_agent)
        if robots is None:
            await self._visits.fetch_robots(url)
            return _Detour(entry, entry.host)
        if not robots.allow(url):
            raise failure(FetchCause.ROBOTS, "is forbidden to us by the site's robots.txt", url=url)
        found = await self._visits.fetcher.visit(url, Kind.PAGE, caller=caller)
        if isinstance(found, Elsewhere):
            if entry.hops >= self._visits.fetcher.settings.max_redirects:
                raise failure(FetchCause.REDIRECTS, f"redirects from host to host, last to {found.url}", url=url)
            moved = entry.model_copy(update={"at": found.url, "hops": entry.hops + 1})
            return _Detour(moved, host_of(found.url))
        assert isinstance(found, Fetched)  # noqa: S101  # no condition was sent
        if is_front(found.final_url) and not is_front(str(entry.url)):
            raise failure(FetchCause.FRONT_PAGE, f"redirects to the front page {found.final_url}", url=url)
        return await self._reading.page(found.body, found.final_url, found.content_type)

    async def _in_its_language(self, article: Article) -> Article:
        """The article with its language, which neither feed nor source say."""
        with contextlib.suppress(FetchError):  # it is none the worse without
            language = await self._reading.language(f"{article.title}\n{article.text}")
            return article.model_copy(update={"language": language})
        return article

    async def _put_off(self, entry: Pending, until: datetime, free_at: datetime, host: str | None = None) -> None:
        now = self._clock()
        await patiently(
            self._press.progress, lambda: self._store.put_off(entry, until, host_free_at=free_at, now=now, host=host)
        )

    def _free_at(self, entry: Pending, error: FetchError) -> datetime:
        if error.cause == FetchCause.ROBOTS:
            return self._clock()  # nobody was asked
        if self._last_pass:
            error = failure(FetchCause(error.cause), str(error), url=str(entry.url))  # which cannot wait for a day
        return self._visits.free_at(error)

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

    async def _end(  # noqa: PLR0913  # what is noted of it
        self,
        entry: Pending,
        outcome: str,
        free_at: datetime,
        *,
        line: EndLine | None = None,
        printed: Printed | None = None,
        looks: int = 0,
    ) -> None:
        """The entry has ended; `line` is how, of an article that came for the first time, `looks` as in `Note`."""
        now, note = self._clock(), Note(entry.id, outcome, entry.mark, printed, looks)
        await patiently(
            self._press.progress,
            lambda: self._store.finish(entry, note, host_free_at=free_at, now=now, line=line),
        )
