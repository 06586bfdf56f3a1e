"""The embedded log as a broker: one worker process for each database, any number of onlookers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from streams.errors import EngineError, SlotTakenError
from streams.ports import Record
from streams.topics import TopicSpec
from streams.transports.engine_config import EngineConfig
from streams.transports.log_reader import Lag, StampedRecord, refuse_too_large
from streams.transports.offsets import Partition
from streams.transports.partitioner import partition_for
from streams.transports.slot import HostLock
from streams.transports.sqlite_log import SqliteLog
from streams.transports.sqlite_writer import LogLimits
from streams.transports.topic_admin import refuse_mismatches

if TYPE_CHECKING:
    from streams.transports.faust_app import StageApp
    from streams.transports.sqlite_transport import SqliteTransport

EXPIRE_EVERY = timedelta(minutes=5)
"""How often a worker deletes what retention allows to go."""

log = logging.getLogger(__name__)


class SqliteBroker:
    """The log in one file, opened at first use."""

    def __init__(self, config: EngineConfig, path: Path, limits: LogLimits | None = None) -> None:
        self.config, self._path = config, path
        self.log = SqliteLog(path, limits)
        self._lock = HostLock(path.with_name(path.name + ".lock"), f"the log {path}")
        self._stages: set[str] = set()
        self._expiring: asyncio.Task[None] | None = None

    @property
    def topics(self) -> SqliteBroker:
        """This object: it creates and verifies topics."""
        return self

    @property
    def reader(self) -> SqliteBroker:
        """This object: it reads and appends."""
        return self

    def transport(self, app: StageApp) -> SqliteTransport:
        """A Faust transport over the log."""
        # Faust is half of what a command would load, and only a stage needs it.
        from streams.transports.sqlite_transport import SqliteTransport

        return SqliteTransport(self.log, app)

    async def claim(self, stage: str) -> None:
        """See `Broker`. The first stage takes the database for this process and reads it through for damage."""
        if stage in self._stages:
            raise SlotTakenError(f"stage {stage} runs in this process already")
        if not self._stages:
            self._lock.acquire()
            try:
                await self.log.open(check=True)
            except BaseException:
                self._lock.release()
                raise
            self._expiring = asyncio.create_task(self._expire(), name="log-retention")
        self._stages.add(stage)

    async def release(self, stage: str) -> None:
        """See `Broker`."""
        self._stages.discard(stage)
        if not self._stages:
            await self._stop_expiring()
            self._lock.release()

    async def close(self) -> None:
        """See `Broker`."""
        await self._stop_expiring()
        await self.log.close()
        self._lock.release()

    async def _stop_expiring(self) -> None:
        if self._expiring is not None:
            self._expiring.cancel()
            await asyncio.wait({self._expiring})
            self._expiring = None

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(EXPIRE_EVERY.total_seconds())
            try:
                await self.log.expire(datetime.now(UTC))
            except EngineError as error:
                log.warning("old records were not deleted, will be tried again: %s", error)

    # Topics

    async def create(self, specs: Sequence[TopicSpec]) -> list[str]:
        """See `TopicAdmin`."""
        await self.log.open()
        return [spec.name for spec in specs if await self.log.create_topic(spec)]

    async def verify(self, specs: Sequence[TopicSpec]) -> None:
        """See `TopicAdmin`."""
        await self.log.open()
        refuse_mismatches(specs, {name: shape.partitions for name, shape in (await self.log.shapes()).items()})

    # From outside

    async def read(self, topic: str) -> AsyncIterator[StampedRecord]:
        """See `LogReader`."""
        await self.log.open()
        partitions = [Partition(topic, number) for number in range(self.log.partitions(topic))]
        for partition, bounds in (await self.log.bounds(partitions)).items():
            position = bounds.first
            while position < bounds.next:
                found = (await self.log.read({partition: position})).get(partition, [])
                if not found:
                    break
                for offset, at_ms, key, value in found:
                    if offset < bounds.next:
                        at = datetime.fromtimestamp(at_ms / 1000, UTC)
                        yield StampedRecord(Record(topic, partition.partition, offset, key, value), at)
                position = found[-1].offset + 1

    async def identity(self) -> str:
        """See `LogReader`: an id that the file was given when it was made."""
        await self.log.open()
        return f"sqlite:{await self.log.identity()}"

    async def append_all(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        """See `LogReader`."""
        for key, value in records:
            await self.append(topic, key, value)

    async def append(self, topic: str, key: str, value: bytes) -> None:
        """See `LogReader`."""
        refuse_too_large(topic, key, value, self.config.record_limit)
        await self.log.open()
        raw = key.encode()
        partition = Partition(topic, partition_for(raw, self.log.partitions(topic)))
        await self.log.append(partition, key=raw, value=value, at=datetime.now(UTC))

    async def lag(self, stage: str, topics: Iterable[str]) -> Mapping[Partition, Lag]:
        """See `LogReader`."""
        await self.log.open()
        partitions = [Partition(topic, number) for topic in topics for number in range(self.log.partitions(topic))]
        committed = await self.log.committed(self.config.group(stage))
        bounds = await self.log.bounds(partitions)
        return {p: Lag(max(committed.get(p, b.first), b.first), b.next) for p, b in bounds.items()}
