"""The whole stage: always on, stopped, killed and begun again; and the one pass."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from streams.errors import FetchError
from streams.ingest.fetch import Fetcher
from streams.ingest.ingest import Ingest, check_source
from streams.ingest.reading import Reading
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.sections import FetchSettings, SourceSettings
from streams.stores.hosts import HostStore
from streams.stores.sources import SourceStore
from tests.support.newsroom import TOPICS, RecordingLedger, RecordingPublisher
from tests.support.web import Web, article_page, item, rss

HOST = "news.example"
LONG = "The minister said on Sunday that the forces in the north must leave at once, and that talks go on."


class Worker:
    """An ingest worker with recorders behind it."""

    def __init__(self, web: Web, redis: Redis, sources: list[SourceSettings], *, slot: str = "0") -> None:
        self.publisher, self.ledger, self.progress = RecordingPublisher(), RecordingLedger(), Progress("ingest")
        settings = FetchSettings.model_validate({"allow_hosts": [HOST], "host_interval": "1ms", "timeout": "2s"})
        self.fetcher = Fetcher(settings, Metrics(), resolver=web.resolver)
        self.ingest = Ingest(
            sources,
            fetcher=self.fetcher,
            store=SourceStore(redis, prefix="p:", worker=slot),
            hosts=HostStore(redis, prefix="p:", worker=slot),
            ledger=self.ledger,
            publisher=self.publisher,
            topics=TOPICS,
            metrics=Metrics(),
            progress=self.progress,
        )

    async def published(self, count: int) -> None:
        """Wait until so many articles are published."""
        await _until(lambda: len(self.publisher.articles) >= count)


async def _until(happened: Callable[[], object]) -> None:
    """Look every 10 ms, for 10 s at most."""
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110  # the recorders are plain lists
            await asyncio.sleep(0.01)


MakeWorker = Callable[..., Worker]


@pytest.fixture
async def make(web: Web, redis: Redis) -> AsyncIterator[MakeWorker]:
    made: list[Worker] = []

    def build(*sources: SourceSettings, slot: str = "0") -> Worker:
        made.append(Worker(web, redis, list(sources), slot=slot))
        return made[-1]

    yield build
    for worker in made:
        await worker.fetcher.close()


def _feed(web: Web, name: str = "News") -> SourceSettings:
    return SourceSettings.model_validate({"name": name, "feed": web.url(HOST, "/feed"), "every": "1s"})


def _put(web: Web, *numbers: int) -> None:
    for number in numbers:
        web.put(HOST, f"/{number}", article_page(f"N{number}", LONG))
    web.put(HOST, "/feed", rss(*(item(f"N{number}", web.url(HOST, f"/{number}")) for number in numbers)))


async def test_what_appears_is_published_until_it_is_told_to_stop(web: Web, make: MakeWorker) -> None:
    """The archive, then news at a later poll; progress is made; the stop is prompt."""
    _put(web, 1)
    worker, stop = make(_feed(web)), asyncio.Event()
    running = asyncio.create_task(worker.ingest.run(stop))
    await worker.published(1)
    _put(web, 1, 2)
    await worker.published(2)
    assert worker.progress.reasons() == []
    stop.set()
    await asyncio.wait_for(running, 2)
    assert [(article.title, article.backlog) for article in worker.publisher.articles] == [("N1", True), ("N2", False)]


async def test_a_stop_does_not_wait_for_a_slow_page(web: Web, make: MakeWorker) -> None:
    """What is in hand and does not end is begun again by the next worker."""
    _put(web, 1)
    web.slow_drip(HOST, "/1")
    worker, stop = make(_feed(web)), asyncio.Event()
    running = asyncio.create_task(worker.ingest.run(stop))
    await _until(lambda: web.requests(HOST, "/1"))
    stop.set()
    await asyncio.wait_for(running, 7)
    _put(web, 1)
    successor = make(_feed(web))
    await successor.ingest.run_once()
    assert successor.publisher.titles == ["N1"]


async def test_a_worker_killed_at_any_moment_loses_nothing(web: Web, make: MakeWorker) -> None:
    """Cut off again and again after one more article each time; in the end each was published, few of them twice."""
    _put(web, *range(20))
    ids: list[str] = []
    for _ in range(6):
        worker = make(_feed(web))
        running = asyncio.create_task(worker.ingest.run(asyncio.Event()))
        await worker.published(2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        ids += [article.id for article in worker.publisher.articles]
    last = make(_feed(web))
    await last.ingest.run_once()
    ids += [article.id for article in last.publisher.articles]
    assert len(set(ids)) == 20
    assert len(ids) <= 20 + 6
    assert all(article.backlog for article in last.publisher.articles)


async def test_two_workers_share_the_work(web: Web, make: MakeWorker) -> None:
    """Neither publishes what the other has."""
    _put(web, *range(10))
    one, two = make(_feed(web), slot="1"), make(_feed(web), slot="2")
    await asyncio.gather(one.ingest.run_once(), two.ingest.run_once())
    assert sorted([*one.publisher.titles, *two.publisher.titles]) == sorted(f"N{n}" for n in range(10))
    assert all(len(web.requests(HOST, f"/{n}")) == 1 for n in range(10))


async def test_one_pass_reads_feeds_and_files_and_ends(web: Web, make: MakeWorker, tmp_path: Path) -> None:
    """Every article found is published or has ended when it returns."""
    _put(web, 1, 2)
    text = tmp_path / "a.txt"
    text.write_text("A text")
    worker = make(_feed(web), SourceSettings(name="Files", files=(text,)))
    await worker.ingest.run_once()
    assert sorted(article.title for article in worker.publisher.articles) == ["", "N1", "N2"]
    assert worker.publisher.articles[0].seen_at <= datetime.now(UTC)


async def test_a_loop_that_fails_fails_the_stage(web: Web, make: MakeWorker, redis: Redis) -> None:
    """An error that nobody expected is not swallowed."""
    worker = make(_feed(web))
    await redis.set("p:source:News", "not a state")
    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(worker.ingest.run(asyncio.Event()), 5)


async def test_a_dry_look_says_what_is_there_or_why_not(web: Web, make: MakeWorker) -> None:
    """For `marsad check`: nothing is kept."""
    _put(web, 1, 2)
    worker = make()
    with contextlib.closing(Reading()) as reading:
        assert await check_source(_feed(web), worker.fetcher, reading) == "2 entries: N1; N2"
        web.put(HOST, "/feed", article_page("Moved", LONG))
        with pytest.raises(FetchError, match="it is an HTML page; look in it for a link to the feed"):
            await check_source(_feed(web), worker.fetcher, reading)
