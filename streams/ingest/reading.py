"""Runs the readers in threads, each for a limited time, so that a page that reads for minutes stops nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from streams.ingest.causes import FetchCause, failure
from streams.ingest.feeds import Feed, read_feed
from streams.ingest.list_pages import read_list
from streams.ingest.readers import Page, read_page

THREADS = 2
TIME_LIMIT = timedelta(seconds=20)
"""The slowest real page takes about 2 s."""

T = TypeVar("T")


class _GivenUp(SystemExit):
    """Raised within a reader that has run for too long; no `except Exception` of a library holds it.

    A SystemExit, because that ends a thread without a word wherever it strikes.
    """


class Reading:
    """Reads feeds and pages beside the event loop, each in a thread of its own. `close` it.

    Not in an executor: the interpreter waits for its threads before it exits, however long a hostile feed takes.
    """

    def __init__(self, *, limit: timedelta = TIME_LIMIT) -> None:
        self._limit = limit.total_seconds()
        self._free = asyncio.Semaphore(THREADS)
        self._at_work: set[threading.Thread] = set()

    async def feed(self, raw: bytes, url: str, content_type: str) -> Feed:
        """The feed in `raw`; see `read_feed`."""
        return await self._read(read_feed, raw, url, content_type)

    async def links(self, raw: bytes, url: str, content_type: str, selector: str | None) -> Feed:
        """The articles that a page lists; see `read_list`."""
        return await self._read(partial(read_list, selector=selector), raw, url, content_type)

    async def page(self, raw: bytes, url: str, content_type: str) -> Page:
        """The page in `raw`; see `read_page`."""
        return await self._read(read_page, raw, url, content_type)

    async def _read(self, reader: Callable[[bytes, str, str], T], raw: bytes, url: str, content_type: str) -> T:
        """What `reader` makes of it.

        Raises:
            FetchError: what the reader raises, or `read_timeout`. The reader is stopped then, at its next step in
                Python; one that hangs in C is left behind, and others go on.
        """
        async with self._free:  # so that the time limit does not count the wait for a thread
            work: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            thread = threading.Thread(
                target=_run, args=(work, lambda: reader(raw, url, content_type)), name="read", daemon=True
            )
            self._at_work.add(thread)
            thread.start()
            try:
                async with asyncio.timeout(self._limit):
                    return await work
            except TimeoutError as error:
                _give_up(thread)
                message = f"takes longer than {self._limit:g} s to read"
                raise failure(FetchCause.READ_TIMEOUT, message, url=url) from error
            finally:
                self._at_work.discard(thread)

    def close(self) -> None:
        """Stop what is being read."""
        for thread in self._at_work:
            _give_up(thread)


def _run(work: asyncio.Future[T], read: Callable[[], T]) -> None:
    """Read, and hand the outcome over to the loop of `work`, if it still waits for it and still runs."""
    result: T | None = None
    caught: BaseException | None = None
    try:
        result = read()
    except _GivenUp:
        return
    except BaseException as error:  # noqa: BLE001  # handed over, like what a Future of an executor raises
        caught = error

    def settle() -> None:
        if work.done():
            return
        if caught is not None:
            work.set_exception(caught)
        else:
            work.set_result(result)  # type: ignore[arg-type]  # without an error there is a T

    with contextlib.suppress(RuntimeError, _GivenUp):
        work.get_loop().call_soon_threadsafe(settle)


def _give_up(thread: threading.Thread) -> None:
    """Stop a reader between two steps of its Python code: a thread has no other end from outside.

    Without this, each poll of a feed that reads for minutes (10,000 attributes in one tag: feedparser takes the square
    of them) would leave one more thread that keeps a core busy.
    """
    if thread.ident is not None and thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_GivenUp))
