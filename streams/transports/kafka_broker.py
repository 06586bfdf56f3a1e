"""Kafka as a broker: what is done outside of Faust's applications, with aiokafka's own clients."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAlreadyExistsError,
    for_code,
)

from streams.errors import EngineAwayError, EngineError, RecordTooLargeError, SlotTakenError, TopicError
from streams.ports import Record
from streams.topics import TopicSpec
from streams.transports.engine_config import RECORD_HEAD, EngineConfig
from streams.transports.kafka_client import client_options, why_shut_out
from streams.transports.log_reader import Lag, StampedRecord, refuse_too_large
from streams.transports.offsets import Partition
from streams.transports.slot import HostLock
from streams.transports.topic_admin import refuse_mismatches

if TYPE_CHECKING:
    from streams.transports.faust_app import StageApp
    from streams.transports.kafka_transport import KafkaTransport

C = TypeVar("C", AIOKafkaAdminClient, AIOKafkaConsumer, AIOKafkaProducer)

_REQUEST_MS = 10_000

_LOOKS, _LOOK_SECONDS = 15, 0.2
"""A broker that has just started, or just made a topic, does not tell of it for a moment."""


class KafkaBroker:
    """One Kafka cluster. Holds no connection of its own: each call makes one and closes it."""

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self._slots: dict[str, HostLock] = {}

    @property
    def topics(self) -> KafkaBroker:
        """This object: it creates and verifies topics."""
        return self

    @property
    def reader(self) -> KafkaBroker:
        """This object: it reads and appends."""
        return self

    def transport(self, app: StageApp) -> KafkaTransport:
        """A Faust transport to the cluster."""
        # Faust is half of what a command would load, and only a stage needs it.
        from streams.transports.kafka_transport import KafkaTransport

        return KafkaTransport(self.config, app)

    async def claim(self, stage: str) -> None:
        """See `Broker`: two live members with one id fight for its partitions, without an error anywhere."""
        if stage in self._slots:
            raise SlotTakenError(f"stage {stage} runs in this process already")
        group, member = self.config.group(stage), self.config.member
        path = self.config.data_dir / "locks" / f"{group}.{member}.lock"
        what = f"slot {self.config.slot!r} of stage {stage} on {self.config.host}"
        self._slots[stage] = HostLock(path, what).acquire()

    async def release(self, stage: str) -> None:
        """See `Broker`."""
        if (lock := self._slots.pop(stage, None)) is not None:
            lock.release()

    async def close(self) -> None:
        """See `Broker`."""
        for stage in list(self._slots):
            await self.release(stage)

    # Topics

    async def create(self, specs: Sequence[TopicSpec]) -> list[str]:
        """See `TopicAdmin`."""
        async with self._admin() as admin:
            there = await _partitions(admin, [spec.name for spec in specs])
            missing = [spec for spec in specs if spec.name not in there]
            if not missing:
                return []
            answer = await admin.create_topics([_new_topic(spec) for spec in missing])
        created = []
        for name, code, *rest in answer.topic_errors:
            if code == TopicAlreadyExistsError.errno:  # another process was quicker
                continue
            if code:
                why = rest[0] if rest and rest[0] else for_code(code).__name__
                raise TopicError(f"the broker does not create topic {name}: {why}")
            created.append(str(name))
        await self.verify([spec for spec in specs if spec.name in created])
        return created

    async def verify(self, specs: Sequence[TopicSpec]) -> None:
        """See `TopicAdmin`."""
        async with self._admin() as admin:
            refuse_mismatches(specs, await _settled_partitions(admin, [spec.name for spec in specs]))

    # From outside

    async def read(self, topic: str) -> AsyncIterator[StampedRecord]:
        """See `LogReader`."""
        async with self._admin() as admin, self._consumer() as consumer:
            partitions = await _topic_partitions(admin, topic)
            first, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
            for partition in partitions:
                consumer.assign([partition])
                consumer.seek(partition, first[partition])
                while await consumer.position(partition) < ends[partition]:
                    for message in (await consumer.getmany(partition, timeout_ms=1_000)).get(partition, []):
                        if message.offset < ends[partition]:
                            at = datetime.fromtimestamp(message.timestamp / 1000, UTC)
                            record = Record(topic, message.partition, message.offset, message.key, message.value)
                            yield StampedRecord(record, at)

    async def identity(self) -> str:
        """See `LogReader`: the cluster's own id."""
        async with self._admin() as admin:
            return f"kafka:{(await admin.describe_cluster())['cluster_id']}"

    async def append(self, topic: str, key: str, value: bytes) -> None:
        """See `LogReader`."""
        await self.append_all(topic, [(key, value)])

    async def append_all(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        """See `LogReader`."""
        for key, value in records:
            refuse_too_large(topic, key, value, self.config.record_limit)
        async with self._admin() as admin:
            await _topic_partitions(admin, topic)
        limit = self.config.record_limit + RECORD_HEAD
        producer = AIOKafkaProducer(enable_idempotence=True, max_request_size=limit, **client_options(self.config))
        async with self._started(producer):
            try:
                for sent in [await producer.send(topic, value, key=key.encode()) for key, value in records]:
                    await sent
            except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
                raise RecordTooLargeError(f"the broker refuses a record for {topic}: {error}") from error

    async def lag(self, stage: str, topics: Iterable[str]) -> Mapping[Partition, Lag]:
        """See `LogReader`."""
        async with self._admin() as admin, self._consumer() as consumer:
            partitions = [p for topic in topics for p in await _topic_partitions(admin, topic)]
            committed = await admin.list_consumer_group_offsets(self.config.group(stage), partitions=partitions)
            first, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        return {
            Partition(p.topic, p.partition): Lag(max(committed[p].offset if p in committed else 0, first[p]), ends[p])
            for p in partitions
        }

    def _admin(self) -> contextlib.AbstractAsyncContextManager[AIOKafkaAdminClient]:
        return self._started(AIOKafkaAdminClient(request_timeout_ms=_REQUEST_MS, **client_options(self.config)))

    def _consumer(self) -> contextlib.AbstractAsyncContextManager[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False, request_timeout_ms=_REQUEST_MS, **client_options(self.config)
        )
        return self._started(consumer)

    @contextlib.asynccontextmanager
    async def _started(self, client: C) -> AsyncIterator[C]:
        """The client, started and closed again; Kafka's errors as ours."""
        stop = client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
        try:
            await client.start()
            yield client
        except (KafkaError, TimeoutError, OSError) as error:
            if self.config.security.secured and (reason := await why_shut_out(self.config)):
                raise EngineError(reason) from error
            raise _engine_error(error, self.config) from error
        finally:
            with contextlib.suppress(KafkaError, OSError):
                await asyncio.shield(stop())


def _engine_error(error: BaseException, config: EngineConfig) -> EngineError:
    return EngineAwayError(f"{config.broker_url} does not answer: {error}")


async def _partitions(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    """Number of partitions of each of these topics that is there."""
    answer = await admin.describe_topics(list(names))
    return {topic["topic"]: len(topic["partitions"]) for topic in answer if topic["error_code"] == 0}


async def _settled_partitions(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    """As `_partitions`, but a topic that is not there is looked for again for a while before that is believed."""
    for _ in range(_LOOKS):
        counts = await _partitions(admin, names)
        if len(counts) == len(set(names)):
            break
        await asyncio.sleep(_LOOK_SECONDS)
    return counts


async def _topic_partitions(admin: AIOKafkaAdminClient, topic: str) -> list[TopicPartition]:
    counts = await _settled_partitions(admin, [topic])
    if topic not in counts:
        raise TopicError(f"topic {topic} is missing; make it with `marsad topics create`")
    return [TopicPartition(topic, number) for number in range(counts[topic])]


def _new_topic(spec: TopicSpec) -> NewTopic:
    settings = {"retention.ms": str(int(spec.retention.total_seconds() * 1000)), "cleanup.policy": "delete"}
    return NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=settings)
