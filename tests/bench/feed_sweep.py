"""What a sweep over many feeds that are all due costs: a worker's polls against a web on loopback.

The polls are made in a process of their own, so that its memory is that of ingest alone, and so is the web. Nine in
ten feeds answer 304 to the second sweep, the rest with 20 entries. No host is shared, so that nobody waits for his
turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import resource
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import structlog
from aiohttp import web as http

from streams.ingest.feed_producer import FeedProducer
from streams.ingest.fetch import Fetcher
from streams.ingest.reading import Reading
from streams.ingest.visits import Visits
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.sections import EngineSettings, FetchSettings, SourceSettings
from streams.settings import Secrets
from streams.stores.connection import connect
from streams.stores.embedded import EmbeddedValkey
from streams.stores.hosts import HostStore
from streams.stores.sources import SourceStore
from tests.bench import proc
from tests.bench.figures import Figure, say
from tests.support.newsroom import Clock
from tests.support.web import LoopbackResolver, item, rss

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

AIM_SECONDS, AIM_MEGABYTES, AIM_FEEDS = 60.0, 300.0, 10_000
_ENTRIES = 20


async def measure(folder: Path, *, feeds: int) -> list[Figure]:
    """The second sweep over `feeds` feeds: time, memory, and processor for each, also against a tenth of the feeds."""
    fewer, every = [await _alone(folder / str(count), count) for count in (feeds // 10, feeds)]
    how = f"{feeds:,} feeds due at once, nine in ten answer 304, the others with {_ENTRIES} entries"
    whole, among = feeds >= AIM_FEEDS, f"among {feeds:,} against among {feeds // 10:,}"
    return [
        Figure("sweep over feeds", every.took, "s", how, aim=AIM_SECONDS if whole else None),
        Figure("processor for a feed polled", 1_000 * every.busy, "ms", how),
        Figure("the same, ten times as many / so many sources", every.busy / fewer.busy, "", among),
        Figure("memory of the sweep", every.megabytes, "MB", f"{how}; at most, and PSS of its readers", AIM_MEGABYTES),
    ]


class _Sweep(NamedTuple):
    """Seconds that it took, seconds of the processor for each feed, and memory."""

    took: float
    busy: float
    megabytes: float


async def _alone(folder: Path, feeds: int) -> _Sweep:
    say(f"sweep: {feeds:,} feeds that are due at once")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
        return await asyncio.get_running_loop().run_in_executor(alone, _measured, folder, feeds)


def _measured(folder: Path, feeds: int) -> _Sweep:
    return asyncio.run(_measure(folder, feeds))


async def _measure(folder: Path, feeds: int) -> _Sweep:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    server = EmbeddedValkey(folder / "valkey")
    server.start()
    try:
        async with connect(EngineSettings(data=folder), Secrets({})) as redis, _web() as port:
            clock, progress, reading = Clock(datetime.now(UTC)), Progress("ingest"), Reading()
            sources = [_source(number, port) for number in range(feeds)]
            hosts = tuple(f"h{number}.example" for number in range(feeds))
            settings = FetchSettings(allow_hosts=hosts)
            async with Fetcher(settings, Metrics(), resolver=LoopbackResolver()) as fetcher:
                store = HostStore(redis, prefix="p:", worker="w")
                visits = Visits(fetcher, store, progress=progress, clock=clock)
                states = SourceStore(redis, prefix="p:", worker="w")
                polls = FeedProducer(
                    sources,
                    visits,
                    states,
                    reading,
                    progress=progress,
                    clock=clock,
                )
                await _sweep(polls, sources)
                for source in sources:  # as those that are known for long: their ETags have changed with them
                    state = await states.state(source.name)
                    await states.save(source.name, state.model_copy(update={"proven": True}))
                clock.forward(hours=1.5)
                busy = _busy(reading)
                took = await _sweep(polls, sources)
                busy = _busy(reading) - busy
            megabytes = proc.most_megabytes(os.getpid()) + sum(map(proc.own_megabytes, reading.pids))
            reading.close()
    finally:
        server.stop()
    return _Sweep(took, busy / feeds, megabytes)


def _source(number: int, port: int) -> SourceSettings:
    return SourceSettings(name=f"s{number}", feed=f"http://h{number}.example:{port}/{number}", text="feed")


async def _sweep(polls: FeedProducer, sources: list[SourceSettings]) -> float:
    """Seconds that pass."""
    began = time.perf_counter()
    await asyncio.gather(*(polls._poll(source, at_once=False) for source in sources))
    return time.perf_counter() - began


def _busy(reading: Reading) -> float:
    """Seconds that the processor was busy with this process and its readers, those that were replaced among them."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + proc.cpu_seconds(reading.pids)


@contextlib.asynccontextmanager
async def _web() -> AsyncIterator[int]:
    """The web in a process of its own; its port."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield int(await asyncio.to_thread(here.recv))
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_answer_until_ended(pipe))


async def _answer_until_ended(pipe: Connection) -> None:
    began = datetime.now(UTC)

    async def answer(request: http.Request) -> http.Response:
        number = int(request.path.strip("/"))
        if number % 10 and request.headers.get("If-None-Match"):
            return http.Response(status=304, headers={"ETag": '"same"'})
        changes = f"{datetime.now(UTC) - began}"
        entries = (item(f"News {n}", f"/{number}/{n}", "A summary of it.", guid=changes) for n in range(_ENTRIES))
        return http.Response(body=rss(*entries), content_type="application/xml", headers={"ETag": '"same"'})

    app = http.Application()
    app.router.add_get("/{number}", answer)
    runner = http.AppRunner(app, access_log=None)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    pipe.send(runner.addresses[0][1])
    await asyncio.sleep(timedelta(hours=1).total_seconds())
