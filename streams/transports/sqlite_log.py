"""A durable, partitioned log in one SQLite file: topics, offsets, consumer groups, as Kafka has them.

It exists so that Marsad runs on one machine without a server to install; `sqlite_transport` puts it behind Faust.
Writing: one thread, which takes whatever waits and commits it in one transaction (group commit, WAL, synchronous FULL);
an append is acknowledged after that commit. Reading: a connection and thread of its own, never held up by the writer.
Any number of processes may open a log; only one may be its worker (`slot.HostLock`, taken by `broker`).

Retention: a record goes when it is older than its topic's retention *and* every group that was seen within
`GROUP_MEMORY` has committed past it. Kafka deletes regardless; on one machine a worker that was off for two weeks
should find its articles, and the disk has a limit of its own (`reserve_bytes`).
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

from streams.errors import EngineError, TopicError
from streams.topics import TopicSpec
from streams.transports import sqlite_schema
from streams.transports.offsets import Partition
from streams.transports.sqlite_writer import LogLimits, Writer

T = TypeVar("T")

GROUP_MEMORY = timedelta(days=30)
"""A group that nobody has started for so long no longer keeps records from being deleted."""

READ_ROWS = 128
READ_BYTES = 1_000_000
"""Most rows, and about how many bytes, that one read returns for a partition: all of them are in memory at once."""

_DELETE_ROWS = 500  # in one transaction, so that appends wait a few milliseconds at most
_VACUUM_PAGES = 2_000


class StoredRecord(NamedTuple):
    """A record as it is kept; `at_ms` is when it was appended, in milliseconds since 1970."""

    offset: int
    at_ms: int
    key: bytes | None
    value: bytes | None


class Bounds(NamedTuple):
    """The offsets a partition has: from `first` up to, not including, `next`."""

    first: int
    next: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A topic as it is: row id, number of partitions, retention."""

    id: int
    partitions: int
    retention: timedelta


class SqliteLog:
    """The log in the file at `path`. Use in one event loop; `open` before anything else, `close` at the end."""

    def __init__(self, path: Path, limits: LogLimits | None = None) -> None:
        self.path, self._limits = path, limits or LogLimits()
        self._shapes: dict[str, Shape] = {}
        self._listeners: set[asyncio.Event] = set()
        self._writer: Writer | None = None
        self._reader: sqlite3.Connection | None = None
        self._file: os.stat_result | None = None
        self._read_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="log-reader")

    async def open(self, *, check: bool = False) -> None:
        """Create the file or verify it; `check` also reads it through for damage. A second call does nothing.

        Raises:
            EngineError: see `sqlite_schema.prepare` and `quick_check`.
        """
        if self._writer is not None:
            return
        await self._in_reader(lambda: sqlite_schema.prepare(self.path))
        if check:
            await self._in_reader(lambda: sqlite_schema.quick_check(self.path))
        self._reader = sqlite_schema.connect(self.path, writing=False)
        self._writer = Writer(self.path, self._limits)
        self._file = self.path.stat()
        await self.shapes()

    async def close(self) -> None:
        """Write what waits, then let go of the file. The log cannot be opened again."""
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)
        self._read_thread.shutdown(wait=True)
        if self._reader is not None:
            self._reader.close()
        self._writer = self._reader = None

    def require_file(self) -> None:
        """See that the file that is written to still lies at `path`, so that the next start will find it.

        Raises:
            EngineError: it was deleted or moved, or another lies there.
        """
        try:
            lies = self.path.stat()
        except FileNotFoundError:
            lies = None
        if self._file and not (lies and os.path.samestat(lies, self._file)):
            raise EngineError(f"the log {self.path} was deleted, moved or replaced while it was in use")

    async def identity(self) -> str:
        """The id of this file, which it keeps for good."""
        [id_] = await self._read(lambda db: db.execute("SELECT id FROM identity").fetchone())
        return str(id_)

    def listen(self) -> asyncio.Event:
        """An event that is set whenever this process appends; give it back to `unlisten`."""
        event = asyncio.Event()
        self._listeners.add(event)
        return event

    def unlisten(self, event: asyncio.Event) -> None:
        """No longer set the event."""
        self._listeners.discard(event)

    # Topics

    async def create_topic(self, spec: TopicSpec) -> bool:
        """Make the topic unless it is there; whether it was made. One that is there only takes the retention."""
        created = await self._write(lambda db: _create_topic(db, spec))
        await self.shapes()
        return created

    async def shapes(self) -> Mapping[str, Shape]:
        """Every topic as it is in the file now."""
        rows = await self._read(
            lambda db: db.execute("SELECT name, id, partitions, retention_ms FROM topics").fetchall()
        )
        self._shapes = {name: Shape(id_, count, timedelta(milliseconds=ms)) for name, id_, count, ms in rows}
        return self._shapes

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has.

        Raises:
            TopicError: there is no such topic.
        """
        return self._shape(topic).partitions

    # Records

    async def append(self, partition: Partition, *, key: bytes | None, value: bytes | None, at: datetime) -> int:
        """Add a record; its offset, once it is on the disk.

        Raises:
            EngineAwayError: the disk is full or the file locked; nothing was written.
            TopicError: there is no such topic.
        """
        shape, at_ms = self._shape(partition.topic), int(at.timestamp() * 1000)

        def insert(db: sqlite3.Connection) -> int:
            where = (shape.id, partition.partition)
            row = db.execute(
                "UPDATE partitions SET next = next + 1 WHERE topic = ? AND number = ? RETURNING next - 1", where
            ).fetchone()
            if row is None:
                raise TopicError(f"topic {partition.topic} has no partition {partition.partition}")
            offset = int(row[0])
            db.execute(
                "INSERT INTO records (topic, partition, offset, at_ms, key, value) VALUES (?, ?, ?, ?, ?, ?)",
                (*where, offset, at_ms, key, value),
            )
            return offset

        offset = await self._write(insert, size=len(key or b"") + len(value or b""))
        for event in self._listeners:
            event.set()
        return offset

    async def read(self, positions: Mapping[Partition, int]) -> dict[Partition, list[StoredRecord]]:
        """What stands at and after each position, up to `READ_ROWS` and about `READ_BYTES` a partition."""
        wanted = [(p, self._shape(p.topic).id, at) for p, at in positions.items()]

        def select(db: sqlite3.Connection) -> dict[Partition, list[StoredRecord]]:
            found = ((p, _select(db, (topic, p.partition, at))) for p, topic, at in wanted)
            return {p: records for p, records in found if records}

        return await self._read(select)

    async def bounds(self, partitions: Iterable[Partition]) -> dict[Partition, Bounds]:
        """First and next offset of each partition."""
        wanted = [(p, self._shape(p.topic).id) for p in partitions]

        def select(db: sqlite3.Connection) -> dict[Partition, Bounds]:
            sql = "SELECT first, next FROM partitions WHERE topic = ? AND number = ?"
            rows = ((p, db.execute(sql, (topic, p.partition)).fetchone()) for p, topic in wanted)
            return {p: Bounds(*row) for p, row in rows if row}

        return await self._read(select)

    # Groups

    async def join(self, group: str, partitions: Iterable[Partition], now: datetime) -> None:
        """The group reads these partitions from now on: what it has not committed is kept for it."""
        wanted, seen = [(self._shape(p.topic).id, p.partition) for p in partitions], int(now.timestamp() * 1000)

        def insert(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT INTO groups (name, seen_ms) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seen_ms = ?",
                (group, seen, seen),
            )
            db.executemany(
                "INSERT OR IGNORE INTO commits SELECT g.id, p.topic, p.number, p.first FROM groups g, partitions p "
                "WHERE g.name = ? AND p.topic = ? AND p.number = ?",
                [(group, *where) for where in wanted],
            )

        await self._write(insert)

    async def commit(self, group: str, positions: Mapping[Partition, int]) -> None:
        """The group has handled everything before these offsets. It has to have joined.

        Raises:
            EngineAwayError: the disk is full or the file locked; nothing was written.
        """
        rows = [(at, group, self._shape(p.topic).id, p.partition) for p, at in positions.items()]
        sql = (
            "UPDATE commits SET offset = ? WHERE consumer = (SELECT id FROM groups WHERE name = ?) "
            "AND topic = ? AND partition = ?"
        )
        await self._write(lambda db: db.executemany(sql, rows), urgent=True)

    async def committed(self, group: str) -> dict[Partition, int]:
        """The offsets the group has committed, or begun at."""
        sql = (
            "SELECT t.name, c.partition, c.offset FROM commits c JOIN groups g ON g.id = c.consumer "
            "JOIN topics t ON t.id = c.topic WHERE g.name = ?"
        )
        rows = await self._read(lambda db: db.execute(sql, (group,)).fetchall())
        return {Partition(topic, number): offset for topic, number, offset in rows}

    async def expire(self, now: datetime) -> int:
        """Delete what retention allows to go; how many records went."""
        gone = 0
        for shape in (await self.shapes()).values():
            for number in range(shape.partitions):
                gone += await self._expire_partition(shape, number, now)
        if gone:
            await self._write(lambda db: db.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall())
        return gone

    async def _expire_partition(self, shape: Shape, number: int, now: datetime) -> int:
        cutoff = int((now - shape.retention).timestamp() * 1000)
        remembered = int((now - GROUP_MEMORY).timestamp() * 1000)
        gone = 0
        while True:
            count = await self._write(lambda db: _delete(db, (shape.id, number), cutoff, remembered))
            gone += count
            if count < _DELETE_ROWS:
                return gone

    def _shape(self, topic: str) -> Shape:
        try:
            return self._shapes[topic]
        except KeyError:
            raise TopicError(f"topic {topic} is not in {self.path}; make it with `marsad topics create`") from None

    async def _write(self, work: Callable[[sqlite3.Connection], T], *, size: int = 0, urgent: bool = False) -> T:
        if self._writer is None:
            raise EngineError(f"the log {self.path} is not open")
        return await self._writer.submit(work, size=size, urgent=urgent)

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if (reader := self._reader) is None:
            raise EngineError(f"the log {self.path} is not open")
        try:
            return await self._in_reader(lambda: work(reader))
        except sqlite3.Error as error:
            raise sqlite_schema.engine_error(error, self.path) from error

    async def _in_reader(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._read_thread, work)


def _create_topic(db: sqlite3.Connection, spec: TopicSpec) -> bool:
    retention_ms = int(spec.retention.total_seconds() * 1000)
    row = db.execute(
        "INSERT INTO topics (name, partitions, retention_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        (spec.name, spec.partitions, retention_ms),
    ).fetchone()
    if row is None:
        db.execute("UPDATE topics SET retention_ms = ? WHERE name = ?", (retention_ms, spec.name))
        return False
    rows = [(row[0], number) for number in range(spec.partitions)]
    db.executemany("INSERT INTO partitions (topic, number) VALUES (?, ?)", rows)
    return True


def _select(db: sqlite3.Connection, where: tuple[int, int, int]) -> list[StoredRecord]:
    rows = db.execute(
        "SELECT offset, at_ms, key, value FROM records WHERE topic = ? AND partition = ? AND offset >= ? "
        "ORDER BY offset LIMIT ?",
        (*where, READ_ROWS),
    )
    records, size = [], 0
    for row in rows:
        records.append(StoredRecord(*row))
        size += len(row[3] or b"")
        if size >= READ_BYTES:
            break
    return records


def _delete(db: sqlite3.Connection, where: tuple[int, int], cutoff_ms: int, remembered_ms: int) -> int:
    """Delete up to `_DELETE_ROWS` of a partition's oldest records that are old enough and needed by no live group."""
    (floor,) = db.execute(
        "SELECT min(c.offset) FROM commits c JOIN groups g ON g.id = c.consumer "
        "WHERE c.topic = ? AND c.partition = ? AND g.seen_ms >= ?",
        (*where, remembered_ms),
    ).fetchone()
    rows = db.execute(
        "SELECT id, offset, at_ms FROM records WHERE topic = ? AND partition = ? AND (? IS NULL OR offset < ?) "
        "ORDER BY offset LIMIT ?",
        (*where, floor, floor, _DELETE_ROWS),
    ).fetchall()
    old = []
    for id_, offset, at_ms in rows:
        if at_ms >= cutoff_ms:
            break
        old.append((id_, offset))
    if old:
        db.executemany("DELETE FROM records WHERE id = ?", [(id_,) for id_, _ in old])
        db.execute("UPDATE partitions SET first = ? WHERE topic = ? AND number = ?", (old[-1][1] + 1, *where))
    return len(old)
