"""A reader process costs what it reads, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from streams.errors import FetchError
from streams.ingest.causes import FetchCause
from streams.ingest.entries import Entry, SitemapIndexError
from streams.ingest.reading import MEMORY_BYTES, Reading
from streams.sections import FetchSettings
from tests.support.web import article_page, item, rss

LONG = "The minister said on Sunday that the forces in the north must leave at once, and that talks go on."
PAGE = article_page("Title", LONG).encode()
SLOW_FEED = b"<rss><channel><item %s/></channel></rss>" % b" ".join(b'a%d="1"' % number for number in range(60_000))
"""feedparser takes the square of a tag's attributes."""

URL = "http://a.example/"

MakeReading = Callable[..., AbstractAsyncContextManager[Reading]]


@pytest.fixture
def reading_with() -> MakeReading:
    """Make one that is closed."""

    @asynccontextmanager
    async def make(
        processes: int = 1, *, limit: float = 20, memory: int = MEMORY_BYTES, max_bytes: int = 10_000_000
    ) -> AsyncIterator[Reading]:
        settings = FetchSettings(readers=processes, max_bytes=max_bytes)
        reading = Reading(settings, limit=timedelta(seconds=limit), memory=memory)
        try:
            yield reading
        finally:
            reading.close()
            await asyncio.sleep(0)  # for the loop to close the sockets

    return make


def _environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def _until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110  # processes tell nobody
            await asyncio.sleep(0.01)


async def test_all_that_readers_find_comes_through(reading_with: MakeReading) -> None:
    """Feeds, list pages, pages, the feeds that a page names, languages, and why there is nothing."""
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    links = f'{link}<a href="/2026/03/01/x">Foreign forces leave it</a>'
    index = b"<sitemapindex><sitemap><loc>http://a.example/news.xml</loc></sitemap></sitemapindex>"
    async with reading_with() as reading:
        feed = await reading.feed(rss(item("One", "/1", "Text.", guid="a")), URL, "")
        assert feed.entries == (Entry("One", "Text.", "http://a.example/1", "http://a.example/a"),)
        page = await reading.page(PAGE, URL, "text/html")
        assert (page.title, page.text, page.language) == ("Title", f"Title\n{LONG}", "en")
        listed = await reading.links(links.encode(), URL, "", None)
        assert [entry.title for entry in listed.entries] == ["Foreign forces leave it"]
        assert await reading.feeds_named(links.encode(), URL, "") == ("http://a.example/feed",)
        assert await reading.language(LONG) == "en"
        with pytest.raises(FetchError, match=r"^http://a\.example/: is not a feed") as caught:
            await reading.feed(b"<html><p>x</html>", URL, "")
        assert (caught.value.cause, caught.value.permanent) == (FetchCause.NOT_A_FEED, True)
        with pytest.raises(SitemapIndexError) as told:
            await reading.feed(index, URL, "")
        assert told.value.maps == ("http://a.example/news.xml",)
        assert len(reading.pids) == 1


async def test_what_takes_too_long_costs_its_process(reading_with: MakeReading) -> None:
    """It is killed and replaced; the next document is read."""
    async with reading_with(limit=1) as reading:
        with pytest.raises(FetchError, match="takes longer than 1 s") as caught:
            await reading.feed(SLOW_FEED, URL, "")
        assert caught.value.cause == FetchCause.READ_TIMEOUT
        assert reading.pids == []
        reading._limit = 60
        assert (await reading.page(PAGE, URL, "")).title == "Title"


async def test_others_are_read_meanwhile(reading_with: MakeReading) -> None:
    """A page that takes long keeps one of two processes."""
    async with reading_with(2, limit=60) as reading:
        slow = asyncio.create_task(reading.feed(SLOW_FEED, URL, ""))
        await _until(lambda: reading.pids)
        assert (await reading.page(PAGE, URL, "")).title == "Title"
        assert not slow.done()
        slow.cancel()
        await asyncio.wait({slow})


async def test_a_process_that_dies_is_a_failure_of_its_page(reading_with: MakeReading) -> None:
    """As when a library written in C crashes; told with the signal, and tried again by others later."""
    async with reading_with(limit=60) as reading:
        slow = asyncio.create_task(reading.feed(SLOW_FEED, URL, ""))
        await _until(lambda: any(reader._asked for reader in reading._readers))
        os.kill(reading.pids[0], signal.SIGSEGV)
        with pytest.raises(FetchError, match="SIGSEGV") as caught:
            await slow
        assert (caught.value.cause, caught.value.permanent) == (FetchCause.READ_CRASH, False)
        assert (await reading.page(PAGE, URL, "")).title == "Title"


async def test_a_process_that_died_unasked_costs_no_page(reading_with: MakeReading) -> None:
    """The system may end one when memory is short."""
    async with reading_with() as reading:
        await reading.page(PAGE, URL, "")
        (reader,) = reading._readers
        assert reader._process
        reader._process.kill()
        await asyncio.to_thread(reader._process.wait)
        assert (await reading.page(PAGE, URL, "")).title == "Title"


async def test_memory_is_limited(reading_with: MakeReading) -> None:
    """A page that takes more is a failure of its own, and its process is not asked again."""
    huge = article_page("Huge", *[LONG * 40] * 2_000).encode()
    async with reading_with(memory=230_000_000, max_bytes=1) as reading:
        await reading.page(PAGE, URL, "")
        (before,) = reading.pids
        with pytest.raises(FetchError) as caught:
            await reading.page(huge, URL, "")
        assert caught.value.cause in {FetchCause.READ_MEMORY, FetchCause.READ_CRASH}
        assert before not in reading.pids
        assert (await reading.page(PAGE, URL, "")).title == "Title"


async def test_what_a_process_says_is_data(reading_with: MakeReading) -> None:
    """What is not the answer asked for is a failure, whatever it is."""
    async with reading_with() as reading:
        await reading.page(PAGE, URL, "")
        (reader,) = reading._readers

        async def odd() -> bytes:
            return b'f+{"title": 1}'

        reader._frame = odd  # type: ignore[method-assign]  # a process that has gone mad
        with pytest.raises(FetchError) as caught:
            await reading.page(PAGE, URL, "")
        assert caught.value.cause == FetchCause.READ_CRASH
        assert reading.pids == []


async def test_secrets_stay_here(reading_with: MakeReading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads hostile pages has none in its environment."""
    monkeypatch.setenv("MARSAD_SLACK_TOKEN", "secret-of-ours")
    async with reading_with() as reading:
        await reading.page(PAGE, URL, "")
        environment = _environment_of(reading.pids[0])
    assert b"PATH=" in environment
    assert b"secret-of-ours" not in environment


SCRIPT = """if True:
    import asyncio
    from datetime import timedelta
    from streams.ingest.reading import MEMORY_BYTES, Reading
    from tests.unit.ingest.test_reading import PAGE, SLOW_FEED, URL

    async def main():
        reading = Reading(limit=timedelta(minutes=3))
        await reading.page(PAGE, URL, "")
        slow = asyncio.create_task(reading.feed(SLOW_FEED, URL, ""))
        await reading.page(PAGE, URL, "")
        while sum(reader._asked > 0 for reader in reading._readers) < 2:
            await asyncio.sleep(0.01)
        print(*reading.pids, flush=True)
        await slow

    asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_processes_end_with_the_one_that_asks(number: signal.Signals) -> None:
    """However it ends, one that waits and one that reads for long; and they have nothing to say of it."""
    asker = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    )
    assert asker.stdout
    assert asker.stderr
    with asker:
        pids = [int(pid) for pid in asker.stdout.readline().split()]
        os.killpg(asker.pid, number)
        said = asker.stderr.read()  # to its end: until all who could write are gone
    assert len(pids) == 2
    assert "reader_process" not in said
