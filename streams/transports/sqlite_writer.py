"""The one thread that writes to an embedded log: whatever waits goes into one transaction (group commit).

Every submitted piece of work runs inside a transaction and is acknowledged after its commit. When a group fails, its
pieces are tried one by one, so that one bad piece does not fail its neighbours.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import shutil
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from streams.errors import EngineAwayError, EngineError
from streams.transports.sqlite_schema import BUSY_TIMEOUT, connect, engine_error

T = TypeVar("T")

_GROUP = 1_000  # most pieces of work in one transaction
_GROUP_BYTES = 16_000_000


def _free_bytes(path: Path) -> int:
    return shutil.disk_usage(path.parent).free


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much a log may take and how much may wait for its writer.

    Appends are refused, as on a full disk, while fewer than `reserve_bytes` are free, so that commits (a few hundred
    bytes) and other programs still have room. `waiting_bytes` is the back-pressure: appends beyond it wait their turn.
    `max_pages` limits the file itself, in pages of 4 KiB; `busy` is how long to wait for another process's lock.
    """

    reserve_bytes: int = 64_000_000
    waiting_bytes: int = 64_000_000
    max_pages: int | None = None
    busy: timedelta = BUSY_TIMEOUT
    free_bytes: Callable[[Path], int] = _free_bytes


@dataclass(slots=True)
class _Piece:
    work: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    size: int
    urgent: bool


class Writer:
    """Takes work from event loops, does it in one thread of its own."""

    def __init__(self, path: Path, limits: LogLimits) -> None:
        self._path, self._limits = path, limits
        self._queue: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._waiting = 0
        self._room = asyncio.Condition()
        self._db: sqlite3.Connection | None = self._connect()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    async def submit(self, work: Callable[[sqlite3.Connection], T], *, size: int = 0, urgent: bool = False) -> T:
        """Do `work` in a transaction; its result after the commit.

        `size` bytes count towards the limit of what may wait. `urgent` work may use the disk's reserve.
        """
        loop = asyncio.get_running_loop()
        async with self._room:
            await self._room.wait_for(lambda: not self._waiting or self._waiting + size <= self._limits.waiting_bytes)
            self._waiting += size
        piece = _Piece(work, loop.create_future(), loop, size, urgent)
        piece.future.add_done_callback(_retrieve)
        self._queue.put(piece)
        try:
            result: T = await asyncio.shield(piece.future)
        finally:
            async with self._room:
                self._waiting -= size
                self._room.notify_all()
        return result

    def close(self) -> None:
        """Do what waits, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (group := self._take()) is not None:
            outcomes = self._attempt(group)
            if isinstance(outcomes, BaseException) and len(group) > 1:
                for piece in group:
                    self._answer([piece], self._attempt([piece]))
            else:
                self._answer(group, outcomes)
        if self._db is not None:
            self._db.close()

    def _connect(self) -> sqlite3.Connection:
        return connect(self._path, writing=True, max_pages=self._limits.max_pages, busy=self._limits.busy)

    def _take(self) -> list[_Piece] | None:
        piece = self._queue.get()
        if piece is None:
            return None
        group, size = [piece], piece.size
        while len(group) < _GROUP and size < _GROUP_BYTES:
            try:
                piece = self._queue.get_nowait()
            except queue.Empty:
                break
            if piece is None:
                self._queue.put(None)
                break
            group.append(piece)
            size += piece.size
        return group

    def _attempt(self, group: list[_Piece]) -> list[Any] | BaseException:
        """The results of every piece, or why the transaction failed as a whole."""
        try:
            self._refuse_on_full_disk(group)
            if self._db is None:
                self._db = self._connect()
            self._db.execute("BEGIN IMMEDIATE")
            results = [piece.work(self._db) for piece in group]
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back(error)
            return engine_error(error, self._path)
        except Exception as error:  # noqa: BLE001  # it is handed to whoever submitted the work
            self._roll_back(error)
            return error
        return results

    def _refuse_on_full_disk(self, group: list[_Piece]) -> None:
        needed = sum(piece.size for piece in group if not piece.urgent)
        if needed and self._limits.free_bytes(self._path) - needed < self._limits.reserve_bytes:
            raise EngineAwayError(
                f"the log {self._path}: the disk is full ({self._limits.reserve_bytes // 1_000_000} MB are kept); "
                "free some space, and work goes on by itself"
            )

    def _roll_back(self, error: BaseException) -> None:
        if self._db is None:
            return
        with contextlib.suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError):
            # After an I/O error a connection may not be trusted; a new one costs a millisecond.
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def _answer(self, group: list[_Piece], outcomes: list[Any] | BaseException) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
        for number, piece in enumerate(group):
            outcome = outcomes if isinstance(outcomes, BaseException) else outcomes[number]
            by_loop.setdefault(piece.loop, []).append((piece.future, outcome))
        for loop, answers in by_loop.items():
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits for the answer
                loop.call_soon_threadsafe(_resolve, answers)


def _retrieve(future: asyncio.Future[Any]) -> None:
    """Look at the outcome also when its waiter was cancelled; asyncio would log it as forgotten."""
    if not future.cancelled():
        future.exception()


def _resolve(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in answers:
        if future.done():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome if isinstance(outcome, Exception) else EngineError(str(outcome)))
        else:
            future.set_result(outcome)
