"""Publishes pending entries: fetches the page of each, host by host, reads it, and publishes the article.

An article that was published before is published again where it says something else (`streams.ingest.revisions`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from streams.errors import FetchError
from streams.ingest import schedule
from streams.ingest.answers import Caller
from streams.ingest.articles import article_of, broken, headline_of, other_id
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entry_pages import Detour, EntryPages
from streams.ingest.host_lines import HostLines
from streams.ingest.pages import Page
from streams.ingest.press import Press, patiently
from streams.ingest.reading import Reading
from streams.ingest.revisions import (
    DUPLICATE,
    PUBLISHED,
    UNCHANGED,
    UPDATED,
    Course,
    course_of,
    print_of,
    printings,
    revised,
)
from streams.ingest.visits import Visits
from streams.messages import Article, DeadCause
from streams.ports import ArticleStatus
from streams.stores.seen import FRUITFUL_LOOK, IDLE_LOOK, Note, Printed, Seen
from streams.stores.source_books import EndLine
from streams.stores.sources import Pending, SourceStore, Wait

PAGES_AT_ONCE = 16
LAST_PASS_TRIES = 2
"""How often a page is tried in a pass that has to come to an end."""
PATIENT_TRIES = 2
"""After so many failures the feed's text is published, if it is enough: there are sites that answer 503 for ever, and
an article of 20 hours ago is no news."""

_OF_THE_HOST = frozenset({FetchCause.UNRESOLVED, FetchCause.UNREACHABLE, FetchCause.TLS, FetchCause.RATE_LIMITED})
_OF_THE_HOST |= {FetchCause.CONNECT_TIMEOUT, FetchCause.FIRST_BYTE_TIMEOUT, FetchCause.TIMEOUT}
"""Failures after which a last pass asks a host for nothing more; after others it asks for one more page."""

_IDLE = timedelta(seconds=1)
_READING_SPAN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Got:
    """An entry's page, or why there is none, and when its host may be asked again."""

    page: Page | None
    error: FetchError | None
    free_at: datetime


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
        self._entry_pages = EntryPages(visits, reading, callers or {})
        self._clock = clock
        self._lines = HostLines(visits.hosts, press, clock=clock)
        self._lease = visits.fetcher.settings.timeout + _READING_SPAN
        self._free = asyncio.Semaphore(PAGES_AT_ONCE)
        self._wake = asyncio.Event()
        self._last_pass = False
        self._given_up: dict[str, FetchError] = {}
        self._doubted: set[str] = set()

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
        self._last_pass, self._given_up, self._doubted = True, {}, set()
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
        # A last pass takes what is to be looked at later before its time.
        entry = entry.model_copy(update={"seen_at": min(entry.seen_at, self._clock())})
        try:
            seen = await self._seen(entry)
            course = course_of(entry, seen)
            if course is Course.PASS:
                first = seen is None or seen.outcome is None
                line = _end_of_duplicate(entry) if first else None
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
        given_up = self._given_up.get(entry.host) if entry.fetch else None
        got = _Got(None, broken(entry) or given_up, self._clock())
        if entry.fetch and not got.error:
            try:
                page = await self._entry_pages.visit(entry)
            except FetchError as caught:
                got = _Got(None, caught, self._free_at(entry, caught))
                if until := self._try_again(entry, caught):
                    later = entry.model_copy(update={"tries": entry.tries + 1})
                    if (
                        course is Course.PUBLISH
                        and later.tries >= PATIENT_TRIES
                        and (article := article_of(entry, None))
                    ):
                        if await self._print(entry, got, article, seen.begun if seen else None, late=True):
                            await patiently(self._press.progress, lambda: self._store.look_again(later, until))
                        return
                    await self._put_off(later, until, got.free_at, course)
                    return
            else:
                if isinstance(page, Detour):
                    await self._put_off(page.entry, self._clock(), self._visits.free_at(), course, host=page.host)
                    return
                self._doubted.discard(entry.host)
                got = _Got(page, None, self._visits.free_at())
        begun = seen.begun if seen else None
        if course is Course.COMPARE and seen and seen.printed:
            await self._print_again(entry, got, seen.printed, begun)
        elif article := article_of(entry, got.page):
            await self._print(entry, got, article, begun)
        else:
            looks = IDLE_LOOK if seen and seen.outcome else 0
            log.info("article_unreadable", source=entry.source, problem=str(got.error or "it has no text"))
            await self._press.refuse(entry.id)
            cause = str(got.error.cause if got.error else FetchCause.NO_ARTICLE)
            await self._end(entry, cause, got.free_at, line=EndLine(cause), looks=looks)

    async def _print(
        self, entry: Pending, got: _Got, article: Article, begun: Printed | None, *, late: bool = False
    ) -> bool:
        """Publish an article for the first time, unless it was published under its other id; whether it was not.

        That is believed only where both say the same: sites name wrong addresses. Its page may still come `late`, and
        the health of its source is judged by that.
        """
        if own := other_id(entry, got.page):
            seen = await self._seen(entry.model_copy(update={"id": own}))
            # What another source brought as archive may be news of this one.
            ours = seen is not None and (seen.outcome or entry.backlog or (seen.printed and not seen.printed.backlog))
            known = seen.printed if seen and ours else None
            if known and not revised(article, known):
                await self._press.refuse(entry.id, status=ArticleStatus.DUPLICATE)
                await self._end(entry, DUPLICATE, got.free_at, line=_end_of_duplicate(entry))
                return False
        printed = await self._put_out(entry, got, printings(article, None, begun))
        outcome = f"feed_text/{got.error.cause}" if got.error else PUBLISHED
        line = None if late else _line_of(outcome, article)
        await self._end(entry, outcome, got.free_at, line=line, printed=printed)
        if own:
            note = Note(own, outcome, printed=printed)
            await patiently(self._press.progress, lambda: self._store.seen.alias(entry.source, note, self._clock()))
        return True

    async def _print_again(self, entry: Pending, got: _Got, before: Printed, begun: Printed | None) -> None:
        """Publish an article that was looked at again as an update, if it is one.

        Without its page, which may have failed, what was read from it stands.
        """
        article = None if got.page is None and before.from_page else article_of(entry, got.page)
        late = entry.tries >= PATIENT_TRIES and not before.from_page
        line = _line_of(f"feed_text/{got.error.cause}" if got.error else PUBLISHED, article) if late else None
        if article and (updates := printings(article, before, begun)):
            printed = await self._put_out(entry, got, updates)
            log.info("article_updated", source=entry.source, url=entry.url, revision=printed.revision)
            await self._end(entry, UPDATED, got.free_at, line=line, printed=printed, looks=FRUITFUL_LOOK)
        else:
            outcome = f"{UNCHANGED}/{got.error.cause}" if got.error else UNCHANGED
            # What was begun has its number; that it was published is not sure.
            stands = replace(before, revision=begun.revision) if begun else None
            await self._end(entry, outcome, got.free_at, line=line, printed=stands, looks=IDLE_LOOK)

    async def _put_out(self, entry: Pending, got: _Got, articles: Sequence[Article]) -> Printed:
        """Publish these revisions of an entry's article, after a note that it begins; what is remembered of it then."""
        progress, printed, now = self._press.progress, print_of(articles[-1]), self._clock()
        await patiently(progress, lambda: self._store.seen.begin(entry.source, {entry.id: printed}, now))
        for article in articles:
            whole = article if got.page or article.language else await self._in_its_language(article)
            again = article.update is not None
            await self._press.publish(await self._lines.without_furniture(whole, entry.host, again=again))
        return printed

    async def _in_its_language(self, article: Article) -> Article:
        """The article with its language, which neither feed nor source say."""
        with contextlib.suppress(FetchError):  # it is none the worse without
            language = await self._reading.language(f"{article.title}\n{article.text}")
            return article.model_copy(update={"language": language})
        return article

    async def _put_off(
        self, entry: Pending, until: datetime, free_at: datetime, course: Course, *, host: str | None = None
    ) -> None:
        now, again = self._clock(), course is Course.COMPARE

        async def put_off() -> None:
            await self._store.put_off(entry, until, host_free_at=free_at, now=now, host=host, again=again)

        await patiently(self._press.progress, put_off)

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
        if error.cause in _OF_THE_HOST or entry.host in self._doubted:
            self._given_up[entry.host] = error
        self._doubted.add(entry.host)
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
        """The entry has ended; `line` is how, of an article that came, or whose page did, for the first time.

        `looks` is as in `Note`.
        """
        now, note = self._clock(), Note(entry.id, outcome, entry.mark, printed, looks)
        await patiently(
            self._press.progress,
            lambda: self._store.finish(entry, note, host_free_at=free_at, now=now, line=line),
        )


def _line_of(outcome: str, article: Article | None) -> EndLine:
    """What the health of a source is judged by."""
    return EndLine(outcome, len(article.text), article.published is not None) if article else EndLine(outcome)


def _end_of_duplicate(entry: Pending) -> EndLine | None:
    """None of archive: of a source that was renamed, or removed and added again, it is nobody else's."""
    return None if entry.backlog else EndLine(DUPLICATE)
