"""Runs the readers in threads, each for a limited time, so that a page that reads for minutes stops nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

from streams.ingest.causes import FetchCause, failure
from streams.ingest.feeds import Feed, read_feed
from streams.ingest.readers import Page, read_page

THREADS = 2
TIME_LIMIT = timedelta(seconds=20)
"""The slowest real page takes about 2 s."""

T = TypeVar("T")


class Reading:
    """Reads feeds and pages beside the event loop. `close` it."""

    def __init__(self, *, limit: timedelta = TIME_LIMIT) -> None:
        self._limit = limit.total_seconds()
        self._pool = ThreadPoolExecutor(THREADS, "read")
        self._free = asyncio.Semaphore(THREADS)

    async def feed(self, raw: bytes, url: str, content_type: str) -> Feed:
        """The feed in `raw`; see `read_feed`."""
        return await self._read(read_feed, raw, url, content_type)

    async def page(self, raw: bytes, url: str, content_type: str) -> Page:
        """The page in `raw`; see `read_page`."""
        return await self._read(read_page, raw, url, content_type)

    async def _read(self, reader: Callable[[bytes, str, str], T], raw: bytes, url: str, content_type: str) -> T:
        """What `reader` makes of it.

        Raises:
            FetchError: what the reader raises, or `read_timeout`. A thread cannot be stopped: a reader that runs on is
                left behind with its pool, and others go on in a new one.
        """
        async with self._free:  # so that the time limit does not count the wait for a thread
            pool = self._pool
            work = asyncio.get_running_loop().run_in_executor(pool, reader, raw, url, content_type)
            try:
                async with asyncio.timeout(self._limit):
                    return await work
            except TimeoutError as error:
                if self._pool is pool:
                    self._pool = ThreadPoolExecutor(THREADS, "read")
                pool.shutdown(wait=False)
                message = f"takes longer than {self._limit:g} s to read"
                raise failure(FetchCause.READ_TIMEOUT, message, url=url) from error

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
