"""Has feeds and pages read in processes of their own, so that a hostile one costs a process and nothing else.

A process is started when it is needed, and asked one document after another. One that takes longer than the limit, or
dies, is replaced, and so is one that has not been needed for a while: it gives back what it holds.

Processes are started by `subprocess`, which forks nothing of ours: the loop, its threads and the secrets of its
environment stay here. They are in a process group of their own, so that Ctrl-C at a terminal is ours to handle.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from pydantic import TypeAdapter

from streams.errors import FetchError
from streams.ingest.causes import FetchCause, failure
from streams.ingest.entries import Feed
from streams.ingest.pages import Page
from streams.ingest.reading_wire import (
    LENGTH,
    READY,
    Question,
    State,
    Task,
    answer_in,
    framed,
    opened,
    packed_question,
)
from streams.sections import FetchSettings

TIME_LIMIT = timedelta(seconds=20)
"""The slowest real page takes about 2 s."""

MEMORY_BYTES, MEMORY_PER_BYTE = 400_000_000, 60
"""Of addresses, as the system counts them (RLIMIT_AS): in any case, and for each byte of the longest document. Ten
megabytes of paragraphs, entries or tags took 240 to 560 MB in all."""

_START_LIMIT = timedelta(seconds=60)
_NOT_NEEDED = timedelta(minutes=1)
_MOST_DOCUMENTS = 1_000
"""After so many a process is replaced: libraries keep things."""

_LONGEST_ANSWER = 100_000_000
_BUFFER = 1 << 20
_FEED, _PAGE, _URLS = TypeAdapter(Feed), TypeAdapter(Page), TypeAdapter(tuple[str, ...])
_LANGUAGE: TypeAdapter[str | None] = TypeAdapter(str | None)

T = TypeVar("T")


class Reading:
    """Reads feeds and pages in up to `settings.readers` processes. `close` it."""

    def __init__(
        self, settings: FetchSettings | None = None, *, limit: timedelta = TIME_LIMIT, memory: int = MEMORY_BYTES
    ) -> None:
        settings = settings or FetchSettings()
        self._limit, self._memory = limit.total_seconds(), memory + MEMORY_PER_BYTE * settings.max_bytes
        self._free = asyncio.Semaphore(settings.readers)
        self._readers: set[_Reader] = set()
        self._idle: list[_Reader] = []
        self._closed = False

    async def feed(self, raw: bytes, url: str, content_type: str) -> Feed:
        """The feed in `raw`; see `read_feed`."""
        return await self._read(Question(Task.FEED, url, content_type), raw, _FEED)

    async def links(self, raw: bytes, url: str, content_type: str, selector: str | None) -> Feed:
        """The articles that a page lists; see `read_list`."""
        return await self._read(Question(Task.LINKS, url, content_type, selector), raw, _FEED)

    async def page(self, raw: bytes, url: str, content_type: str) -> Page:
        """The page in `raw`; see `read_page`."""
        return await self._read(Question(Task.PAGE, url, content_type), raw, _PAGE)

    async def feeds_named(self, raw: bytes, url: str, content_type: str) -> tuple[str, ...]:
        """The feeds that a page names; see `streams.ingest.feed_links.feeds_named`."""
        return await self._read(Question(Task.FEEDS_NAMED, url, content_type), raw, _URLS)

    async def language(self, text: str) -> str | None:
        """The language of a text; see `language_of_text`. Its model is larger than all that this process holds."""
        return await self._read(Question(Task.LANGUAGE), text.encode("utf-8", "replace"), _LANGUAGE)

    @property
    def pids(self) -> list[int]:
        """The processes there are now."""
        return [pid for reader in self._readers if (pid := reader.pid)]

    async def _read(self, question: Question, raw: bytes, shape: TypeAdapter[T]) -> T:
        """What a reader makes of it.

        Raises:
            FetchError: what the reader raises, `read_timeout`, `read_memory`, or `read_crash` if its process died.
        """
        async with self._free:  # so that the time limit does not count the wait for a process
            reader = await self._take(question.url)
            try:
                async with asyncio.timeout(self._limit):
                    answer = await reader.ask(question, raw)
                return answer_in(answer, shape)
            except TimeoutError as error:
                message = f"takes longer than {self._limit:g} s to read"
                raise failure(FetchCause.READ_TIMEOUT, message, url=question.url) from error
            except (OSError, EOFError, ValueError) as error:
                message = f"cannot be read: its reader {reader.end()}"
                raise failure(FetchCause.READ_CRASH, message, url=question.url) from error
            except FetchError as error:
                if error.cause == FetchCause.READ_MEMORY:
                    reader.end()
                raise
            finally:
                self._give_back(reader)

    async def _take(self, url: str) -> _Reader:
        """A process that waits to be asked, the one that was asked last, or a new one."""
        while self._idle and not self._closed:
            reader = self._idle.pop()
            if reader.wait():
                return reader
            self._dismiss(reader)  # it died unasked
        if self._closed:
            raise failure(FetchCause.READ_CRASH, "is not read: this worker is ending", url=url)
        reader = _Reader()
        self._readers.add(reader)
        try:
            async with asyncio.timeout(_START_LIMIT.total_seconds()):
                await reader.begin(self._memory)
        except (OSError, EOFError, ValueError) as error:
            message = f"cannot be read: a reader {reader.end()} while it was started"
            raise failure(FetchCause.READ_CRASH, message, url=url) from error
        finally:
            if not reader.sound:
                self._dismiss(reader)
        return reader

    def _give_back(self, reader: _Reader) -> None:
        if reader.sound and not self._closed:
            self._idle.append(reader)
            reader.rest(_NOT_NEEDED, lambda: self._dismiss(reader))
        else:
            self._dismiss(reader)

    def _dismiss(self, reader: _Reader) -> None:
        reader.end()
        self._readers.discard(reader)
        with contextlib.suppress(ValueError):
            self._idle.remove(reader)

    def close(self) -> None:
        """End the processes, and what is being read in them."""
        self._closed = True
        for reader in list(self._readers):
            self._dismiss(reader)


class _Reader:
    """A process, and the way to it. It is `sound` while it can be asked again."""

    def __init__(self) -> None:
        self.sound = False
        self._asked = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._rest: asyncio.TimerHandle | None = None

    async def begin(self, memory: int) -> None:
        """Start the process, and wait until it can be asked.

        Raises:
            OSError, EOFError, ValueError: it cannot be started, or ends at once.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            self._streams = await asyncio.open_unix_connection(sock=ours, limit=_BUFFER)
            self._process = _started(theirs, memory)
        if await self._frame() != READY:
            raise ValueError("it says something else")
        self.sound = True

    async def ask(self, question: Question, raw: bytes) -> bytes:
        """The answer.

        Raises:
            OSError, EOFError, ValueError: the process has died, or says what makes no sense.
        """
        assert self._streams  # noqa: S101  # begun
        self.sound = False
        self._streams[1].writelines([framed(packed_question(question)), framed(raw)])
        await self._streams[1].drain()
        self._asked += 1
        state, answer = opened(await self._frame())
        self.sound = state is State.FRESH and self._asked < _MOST_DOCUMENTS
        return answer

    async def _frame(self) -> bytes:
        assert self._streams  # noqa: S101  # begun
        (length,) = LENGTH.unpack(await self._streams[0].readexactly(LENGTH.size))
        if length > _LONGEST_ANSWER:
            raise ValueError(f"an answer of {length} bytes")
        return await self._streams[0].readexactly(length)

    @property
    def pid(self) -> int | None:
        """None before it is started."""
        return self._process.pid if self._process else None

    def rest(self, span: timedelta, then: Callable[[], None]) -> None:
        """Do `then` unless it is to `wait` for a question before `span` is over."""
        self._rest = asyncio.get_running_loop().call_later(span.total_seconds(), then)

    def wait(self) -> bool:
        """Be asked next; whether it is alive."""
        if self._rest:
            self._rest.cancel()
        return self._process is not None and self._process.poll() is None

    def end(self) -> str:
        """End the process, if it has not ended; how it did."""
        self.sound = False
        if self._rest:
            self._rest.cancel()
        if self._streams:
            self._streams[1].transport.abort()
        if self._process is None:
            return "could not be started"
        self._process.kill()
        status = self._process.wait()  # which is soon: nothing outlives this signal
        return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _started(asker: socket.socket, memory: int) -> subprocess.Popen[bytes]:
    """A process, asked over this socket. A call of some milliseconds: it shares our memory until it has its own."""
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-P", "-m", "streams.ingest.reader_process", str(memory)],
        stdin=asker.fileno(),
        stdout=subprocess.DEVNULL,
        env=_environment(),
        process_group=0,
    )


def _environment() -> dict[str, str]:
    """Ours, without secrets; with the places that modules come from, and without threads that numpy would start."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARSAD_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
