"""Faust's transport interface over the embedded log, so that agents run the same on one machine as over Kafka.

Why not another: librdkafka's mock cluster keeps everything in memory and drops what exceeds 5 MiB a partition without
a word; Redis Streams acknowledge single messages, which does not map to offsets; a broker to install would end the
"clone and run". A group has one member here, because one process has the log (`slot.HostLock`): it is assigned every
partition at once, and rebalances happen only when it subscribes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from faust.transport import base
from faust.transport.producer import Producer
from faust.types import TP, AppT, ConsumerMessage
from faust.types.tuples import RecordMetadata

from streams.errors import EngineAwayError, RecordTooLargeError
from streams.transports.faust_app import LedgerConsumer, partitions_of
from streams.transports.offsets import Partition
from streams.transports.partitioner import partition_for
from streams.transports.sqlite_log import SqliteLog, StoredRecord

_POLL_SECONDS = 0.2
"""How often to look for what other processes appended (a dead letter sent back); our own appends wake us at once."""

_AWAY_PAUSE_SECONDS = 0.5


class SqliteConsumer(LedgerConsumer):
    """Reads every partition of the subscribed topics for one group."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mine: set[TP] = set()
        self._positions: dict[TP, int] = {}
        self._ends: dict[TP, int] = {}
        self._generation = 0
        self._polled = time.monotonic()
        self._wake: asyncio.Event | None = None

    @property
    def _log(self) -> SqliteLog:
        return cast("SqliteTransport", self.transport).log

    @property
    def _group(self) -> str:
        return str(self.app.conf.id)

    async def on_start(self) -> None:
        """Listen for appends."""
        await super().on_start()
        self._wake = self._log.listen()

    async def on_stop(self) -> None:
        """Commit, then listen no more."""
        await super().on_stop()
        if self._wake is not None:
            self._log.unlisten(self._wake)

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Take all partitions of these topics."""
        tps = {TP(topic, number) for topic in topics for number in range(self._log.partitions(topic))}
        if tps != self._mine:
            # A task, because the conductor waits for subscribe() and the assignment waits for the conductor.
            self.add_future(self._assign(tps))

    async def _assign(self, tps: set[TP]) -> None:
        try:
            self.app.on_rebalance_start()
            await self.on_partitions_revoked(self._mine)
            await self._log.join(self._group, partitions_of(tps), datetime.now(UTC))
            self._generation += 1
            self.app.consumer_generation_id = self._generation
            self._mine = tps
            await self.on_partitions_assigned(set(tps), self._generation)
        except Exception as error:  # noqa: BLE001  # a task's exception is seen by nobody; a crash is seen by the watchdog
            await self.crash(error)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> dict[TP, list[Any]]:  # noqa: ASYNC109
        wanted = {tp: self._positions[tp] for tp in active_partitions or () if tp in self._positions}
        wake, generation = self._wake, self._generation
        deadline = time.monotonic() + timeout
        while wake is not None:
            wake.clear()
            found = await self._poll(wanted)
            if generation != self._generation or not self.flow_active:
                return {}
            if found:
                for tp, records in found.items():
                    self._positions[tp] = self._ends[tp] = records[-1].offset + 1
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                await asyncio.wait_for(wake.wait(), min(left, _POLL_SECONDS))
            except TimeoutError:
                continue
        return {}

    async def _poll(self, wanted: Mapping[TP, int]) -> dict[TP, list[Any]]:
        try:
            found = await self._log.read({Partition(*tp): at for tp, at in wanted.items()})
        except EngineAwayError as error:
            self.log.warning("%s", error)
            await asyncio.sleep(_AWAY_PAUSE_SECONDS)
            return {}
        self._polled = time.monotonic()
        return {TP(*partition): records for partition, records in found.items()}

    def _to_message(self, tp: TP, record: StoredRecord) -> ConsumerMessage:
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            record.offset,
            record.at_ms / 1000,
            0,
            None,
            record.key,
            record.value,
            None,
            len(record.key or b""),
            len(record.value or b""),
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        try:
            await self._log.commit(self._group, {Partition(*tp): at for tp, at in offsets.items()})
        except EngineAwayError as error:
            self.log.warning("not committed, will be tried again: %s", error)
            return False
        return True

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to where the group has committed, or to the first record."""
        committed = await self._log.committed(self._group)
        for partition, bounds in (await self._log.bounds(partitions_of(self._mine))).items():
            tp = TP(*partition)
            self._positions[tp] = max(committed.get(partition, bounds.first), bounds.first)
            self._ends[tp] = bounds.next
        return dict(self._positions)

    # What the watchdog asks

    def check(self) -> None:
        """See `SqliteLog.require_file`; nothing else can be wrong that `_poll` does not meet."""
        self._log.require_file()

    def quiet_for(self) -> float:
        """Seconds since the log was last read."""
        return time.monotonic() - self._polled

    def spare(self) -> bool:
        """Never: a group has one member here."""
        return False

    async def answers(self) -> bool:
        """Whether the log can be read."""
        try:
            await self._log.bounds(partitions_of(self._mine))
        except EngineAwayError:
            return False
        return True

    # What Faust wants besides

    async def create_topic(self, topic: str, partitions: int, replication: int, **_: Any) -> None:
        """Nothing: topics are created by `TopicAdmin` alone."""

    async def _seek(self, partition: TP, offset: int) -> None:
        self._positions[partition] = offset

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Go to these offsets."""
        self._positions.update(partitions)
        self._read_offset.update(partitions)

    async def position(self, tp: TP) -> int | None:
        """Offset of the next record to read."""
        return self._positions.get(tp)

    def assignment(self) -> set[TP]:
        """Every partition of the subscribed topics."""
        return set(self._mine)

    def highwater(self, tp: TP) -> int:
        """The partition's end as last seen."""
        return self._ends.get(tp, 0)

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """First offsets."""
        bounds = await self._log.bounds(partitions_of(partitions))
        return {TP(*p): b.first for p, b in bounds.items()}

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """Next offsets."""
        bounds = await self._log.bounds(partitions_of(partitions))
        return {TP(*p): b.next for p, b in bounds.items()}

    def topic_partitions(self, topic: str) -> int | None:
        """How many partitions a topic has."""
        return self._log.partitions(topic)

    def key_partition(self, topic: str, key: bytes | None, partition: int | None = None) -> int | None:
        """The partition a key belongs to."""
        return partition if partition is not None else partition_for(key or b"", self._log.partitions(topic))

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)


class SqliteProducer(Producer):
    """Appends to the embedded log. A send's future resolves when the record is on the disk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._under_way: set[asyncio.Future[RecordMetadata]] = set()

    @property
    def _log(self) -> SqliteLog:
        return cast("SqliteTransport", self.transport).log

    async def send(  # noqa: PLR0913, PLR0917  # Faust's signature
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: Any,  # noqa: ARG002  # see supports_headers
        *,
        transactional_id: str | None = None,  # noqa: ARG002
    ) -> Awaitable[RecordMetadata]:
        """Append a record.

        Raises:
            RecordTooLargeError: it is over the limit that Kafka would have, too.
        """
        size, limit = len(key or b"") + len(value or b""), int(self.max_request_size)
        if size > limit:
            raise RecordTooLargeError(f"a record of {size} bytes is over the limit of {limit}")
        number = partition if partition is not None else partition_for(key or b"", self._log.partitions(topic))
        future = asyncio.ensure_future(self._append(TP(topic, number), key, value, timestamp or time.time()))
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    async def _append(self, tp: TP, key: bytes | None, value: bytes | None, at: float) -> RecordMetadata:
        offset = await self._log.append(Partition(*tp), key=key, value=value, at=datetime.fromtimestamp(at, UTC))
        return RecordMetadata(
            topic=tp.topic, partition=tp.partition, topic_partition=tp, offset=offset, timestamp=at, timestamp_type=0
        )

    async def send_and_wait(self, *args: Any, **kwargs: Any) -> RecordMetadata:
        """Append a record and wait until it is on the disk."""
        return await (await self.send(*args, **kwargs))

    async def flush(self) -> None:
        """Wait for appends under way; how they ended is told to those who sent them."""
        await self.buffer.flush()
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def create_topic(self, topic: str, partitions: int, replication: int, **_: Any) -> None:
        """Nothing: topics are created by `TopicAdmin` alone."""

    def key_partition(self, topic: str, key: bytes) -> TP:
        """The partition a key belongs to."""
        return TP(topic, partition_for(key, self._log.partitions(topic)))

    def supports_headers(self) -> bool:
        """No: nothing of ours uses them."""
        return False


class SqliteTransport(base.Transport):
    """The embedded log as a transport of Faust."""

    Consumer = SqliteConsumer
    Producer = SqliteProducer
    default_port = 0
    driver_version = f"sqlite={sqlite3.sqlite_version}"

    def __init__(self, log: SqliteLog, app: AppT) -> None:
        super().__init__([], app)
        self.log = log
