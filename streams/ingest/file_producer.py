"""Publishes the articles in files and folders, once: text, HTML, web archives, and JSONL by lines like every command.

A file is read again when it has changed; what it brought before is known by its id, and published again as an update
where it says something else. What an operator names here is news by his word: it is no backlog, and only
`alerts.max_age` holds it back.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol

import structlog

from streams.article_lines import ArticleLine, Format, format_of, read_lines
from streams.errors import FetchError, InputError
from streams.file_names import name_of
from streams.ingest import encodings
from streams.ingest.causes import FetchCause, failure
from streams.ingest.file_ends import Repeats, Unreadable, each_once, end_of
from streams.ingest.identity import article_id
from streams.ingest.line_articles import article_of_line
from streams.ingest.pages import Page
from streams.ingest.press import Press, patiently
from streams.ingest.reading import Reading
from streams.ingest.texts import is_text
from streams.ingest.warc import is_warc, pages_in
from streams.messages import Article
from streams.sections import SourceSettings
from streams.stores.sources import SourceStore

BATCH = 100
"""Articles between two looks at Redis."""
LEASE = timedelta(minutes=5)
LOOK_AGAIN = timedelta(minutes=1)
_SETTLED = timedelta(seconds=5)

log = structlog.get_logger(__name__)


class ReadPage(Protocol):
    """Reads a page, as `Reading.page` does; blocking."""

    def __call__(self, raw: bytes, url: str, content_type: str = "") -> Page:
        """The page.

        Raises:
            FetchError: there is no article in it.
        """


class FileProducer:
    """Publishes the files among `sources`."""

    def __init__(
        self,
        sources: Sequence[SourceSettings],
        store: SourceStore,
        reading: Reading,
        press: Press,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._sources = [source for source in sources if source.files]
        self._store, self._reading, self._press, self._clock = store, reading, press, clock
        self._missing: set[Path] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Read each file that has not been read as it is now; ends when all are, or soon after `stop`.

        Folders are watched: they have no end, and neither has what is missing, which may come. What another worker
        reads is looked at again later, in case that worker does not come to the end.
        """
        waiting = self._sources
        while True:
            read = [source for source in waiting if await self._read_source(source, stop)]
            waiting = [source for source in waiting if source not in read or not all(map(Path.is_file, source.files))]
            if not waiting or stop.is_set():
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN.total_seconds()):
                    await stop.wait()

    async def run_once(self) -> None:
        """Read all of them to their end, but what another worker reads."""
        for source in self._sources:
            await self._read_source(source, asyncio.Event())

    async def _read_source(self, source: SourceSettings, stop: asyncio.Event) -> bool:
        """Whether it was ours to read, and we did."""
        progress = self._press.progress
        if not await patiently(progress, lambda: self._store.lease(source.name, LEASE)):
            return False
        try:
            for path in source.files:
                for file in await asyncio.to_thread(files_at, path):
                    await self._read_file(source, file, stop)
        finally:
            await patiently(progress, lambda: self._store.leave(source.name))
        return True

    async def _read_file(self, source: SourceSettings, path: Path, stop: asyncio.Event) -> None:
        known = await patiently(self._press.progress, lambda: self._store.books.file_read(source.name, name_of(path)))
        try:
            if known == (fingerprint := _fingerprint(path)):
                return
            loop = asyncio.get_running_loop()

            def read(raw: bytes, url: str, content_type: str = "") -> Page:
                """For the thread that reads the file."""
                return asyncio.run_coroutine_threadsafe(self._page(raw, url, content_type), loop).result()

            articles = articles_of(source, path, self._clock, read)
            repeats = Repeats(lambda: articles_of(source, path, self._clock, read))
            while batch := await asyncio.to_thread(lambda: list(islice(articles, BATCH))):
                if stop.is_set():
                    return
                await self._publish(source, batch, repeats)
        except OSError as error:
            if path not in self._missing:
                advice = "correct the path, or remove it"
                log.warning("source_failed", source=source.name, problem=str(error), do=advice)
            self._missing.add(path)
            return
        self._missing.discard(path)
        await patiently(
            self._press.progress, lambda: self._store.books.note_file(source.name, name_of(path), fingerprint)
        )

    async def _page(self, raw: bytes, url: str, content_type: str) -> Page:
        """The page, read again where that failed for no fault of its own, as when its reader was killed."""
        try:
            return await self._reading.page(raw, url, content_type)
        except FetchError as error:
            if error.permanent:
                raise
            return await self._reading.page(raw, url, content_type)

    async def _publish(self, source: SourceSettings, batch: Sequence[Article | Unreadable], repeats: Repeats) -> None:
        """Publish what is not known yet or says something else now, in the order of the lines."""
        progress = self._press.progress
        for items in each_once(batch):
            await self._publish_each(source, items, repeats)
            await patiently(progress, lambda: self._store.lease(source.name, LEASE))
            progress.beat()

    async def _publish_each(
        self, source: SourceSettings, items: Mapping[str, Article | Unreadable], repeats: Repeats
    ) -> None:
        """Publish articles of different ids, and note them afterwards, so that a crash repeats rather than loses."""
        progress, now = self._press.progress, self._clock()
        seen = await patiently(progress, lambda: self._store.seen.look(source.name, list(items), now))
        pairs = zip(items.values(), seen, strict=True)
        ends = await asyncio.to_thread(lambda: [end for pair in pairs if (end := end_of(*pair, repeats))])
        refused = [end for end in ends if end.problem]
        begun = {end.note.article: printed for end in ends if (printed := end.note.printed)}
        entered = [end.note.article for end in ends if end.problem or (end.articles and not end.articles[0].update)]
        await self._press.enter(*entered)
        if begun:
            await patiently(progress, lambda: self._store.seen.begin(source.name, begun, now))
        # Side by side, so that the log commits them together: one by one costs a sync of the disk for each.
        await asyncio.gather(*(self._publish_in_order(end.articles) for end in ends))
        if refused:
            for end in refused:
                log.warning("article_unreadable", source=source.name, problem=end.problem)
            await self._press.refuse(*(end.note.article for end in refused))
        await patiently(progress, lambda: self._store.seen.note(source.name, [end.note for end in ends], now))

    async def _publish_in_order(self, revisions: Sequence[Article]) -> None:
        for article in revisions:
            await self._press.publish(article)


def files_at(path: Path) -> list[Path]:
    """The file at a path, or those in the folder there and below it, by name; hidden ones are passed over.

    One that was changed within the last seconds may still be being written, and has its turn at the next look.
    """
    if not path.is_dir():
        return [path]
    found = list[Path]()
    for folder, below, names in os.walk(path):  # which passes over folders that go away meanwhile
        below[:] = [name for name in below if not name.startswith(".")]
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    return sorted(filter(_is_settled, found))


def _is_settled(path: Path) -> bool:
    try:
        about = path.stat()
    except OSError:  # it was renamed, or deleted
        return False
    still = abs(time.time() - about.st_mtime)  # files of other machines may be of tomorrow
    return stat.S_ISREG(about.st_mode) and still >= _SETTLED.total_seconds()


def _fingerprint(path: Path) -> str:
    about = path.stat()
    return f"{about.st_size}:{about.st_mtime_ns}"


def articles_of(
    source: SourceSettings, path: Path, clock: Callable[[], datetime], read: ReadPage
) -> Iterator[Article | Unreadable]:
    """The articles in a file, pages read by `read`; blocking. What is no article is one `Unreadable`.

    Raises:
        OSError: the file cannot be read at all.
    """
    kind = format_of(path.name)
    if kind is Format.JSONL:
        with path.open("rb") as lines:
            for item in read_lines(lines, file=name_of(path)):
                if isinstance(item, InputError):
                    own_id = f"{item.file}:{item.line}"
                    yield Unreadable(article_id(source=source.name, own_id=own_id), str(item))
                else:
                    yield _article_of(item, source, clock())
        return
    if is_warc(path):
        yield from _archived(source, path, clock, read)
        return
    raw, name = path.read_bytes(), name_of(path)
    if kind is not Format.HTML:
        text = encodings.decode(raw)
        if text.strip() and is_text(text):
            yield _article_of(ArticleLine(id=name, text=text), source, clock())
        else:
            yield Unreadable(article_id(source=source.name, own_id=name), f"{name}: holds no text")
        return
    try:
        # Its address is its own where it states one.
        page = read(raw, name)
    except FetchError as error:
        yield Unreadable(article_id(source=source.name, own_id=name), str(error))
    else:
        line = _line_of(page, page.canonical_url or name).model_copy(update={"url": page.canonical_url})
        yield _article_of(line, source, clock()).model_copy(update=_dating(page))


def _archived(
    source: SourceSettings, path: Path, clock: Callable[[], datetime], read: ReadPage
) -> Iterator[Article | Unreadable]:
    """The articles of a web archive, each under the address that it was fetched from."""
    for page in pages_in(path):
        identity = article_id(source=source.name, url=page.url, own_id=f"{name_of(path)}: {page.url}")
        try:
            if page.problem:
                raise failure(FetchCause.NO_ARTICLE, page.problem, url=page.url)
            found = read(page.body, page.url, page.content_type)
        except FetchError as error:
            yield Unreadable(identity, str(error))
        else:
            article = _article_of(_line_of(found, page.url), source, clock())
            yield article.model_copy(update={"id": identity, "text_from": "page", **_dating(found)})


def _line_of(page: Page, url: str) -> ArticleLine:
    return ArticleLine(
        id=url,
        title=page.title,
        text=page.text,
        url=url,
        date=page.published,
        language=page.language,
        authors=page.authors,
    )


def _dating(page: Page) -> dict[str, str | None]:
    return {"date_from": page.date_from, "date_precision": page.date_precision}


def _article_of(line: ArticleLine, source: SourceSettings, now: datetime) -> Article:
    """The article of a line. A line's own `seen_at` stands: who replays a stream keeps its clock."""
    own_id = article_id(source=source.name, own_id=line.id)
    return article_of_line(line, source, own_id=own_id, seen_at=line.seen_at or now)


def look_at(source: SourceSettings) -> str:
    """What the files of a source hold, in one line.

    Raises:
        InputError: one of them cannot be read.
    """
    count = 0
    for path in source.files:
        try:
            if path.is_dir():
                count += len(files_at(path))
                continue
            path.open("rb").close()
            count += 1
        except OSError as error:
            raise InputError(error.strerror or str(error), file=path) from error
    return f"{count} files"
