"""The engines of one process, opened from settings: the broker or log, Redis, and the stores in it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr
from redis.asyncio import Redis

from streams.errors import EmptiedError, TopicError
from streams.settings import Secrets, Settings
from streams.stores import alerts, ledger
from streams.stores.alerts import AlertStore
from streams.stores.connection import connect, key_prefix
from streams.stores.deliveries import Deliveries
from streams.stores.ledger import RedisLedger
from streams.stores.marker import Marker
from streams.stores.outbox import Outbox
from streams.stores.silences import SilenceStore
from streams.topics import Topics
from streams.transports.broker import Broker, open_broker
from streams.transports.engine_config import EngineConfig, KafkaSecurity, SaslMechanism, SecurityProtocol
from streams.transports.sqlite_log import GROUP_MEMORY


@dataclass(frozen=True, slots=True)
class Engines:
    """What the stages and the commands work on."""

    settings: Settings
    secrets: Secrets
    broker: Broker
    redis: Redis
    prefix: str
    mark: str | None
    ledger: RedisLedger
    alerts: AlertStore
    silences: SilenceStore
    outbox: Outbox
    deliveries: Deliveries


def engine_config(settings: Settings, secrets: Secrets) -> EngineConfig:
    """The broker's part of the settings, with its secret.

    Raises:
        EngineError: a URL, host or slot that cannot be used.
    """
    kafka = settings.engines.kafka
    return EngineConfig(
        broker_url=settings.broker_url,
        data_dir=settings.engines.data,
        host=socket.gethostname(),
        slot=settings.engines.slot,
        group_prefix=settings.engines.prefix,
        security=KafkaSecurity(
            security_protocol=SecurityProtocol(kafka.security),
            sasl_mechanism=SaslMechanism(kafka.sasl_mechanism),
            username=kafka.username or "",
            password=secrets.get("MARSAD_KAFKA_PASSWORD") or SecretStr(""),
            ca_file=kafka.ca_file,
        ),
    )


@contextlib.asynccontextmanager
async def open_log(settings: Settings, secrets: Secrets) -> AsyncIterator[Broker]:
    """The broker alone; connects when it is first asked something."""
    broker = open_broker(engine_config(settings, secrets))
    try:
        yield broker
    finally:
        await broker.close()


async def log_was_used(broker: Broker, topics: Topics) -> bool:
    """Whether any stage has worked on this log: then its Redis cannot be new."""
    try:
        matched = await broker.reader.lag("match", [topics.articles.name])
        found = await broker.reader.lag("alert", [topics.matches.name])
    except TopicError:
        return False
    return any(lag.committed > 0 for lag in matched.values()) or any(lag.end > 0 for lag in found.values())


async def was_emptied(redis: Redis, broker: Broker, settings: Settings) -> bool:
    """Whether this Redis lacks its mark although the log was used: it has lost what was kept in it, or is another."""
    marked = await Marker(redis, prefix=key_prefix(settings.engines)).log() is not None
    return not marked and await log_was_used(broker, settings.topics)


@contextlib.asynccontextmanager
async def open_engines(settings: Settings, secrets: Secrets, *, mark: str | None = None) -> AsyncIterator[Engines]:
    """Broker and Redis; an embedded Redis is started where nobody else runs it.

    Where a `mark` is named and missing, the stores raise EmptiedError (see `streams.stores.marker`).

    Raises:
        EngineError: one of them is unfit or does not answer; says what to do.
    """
    async with open_log(settings, secrets) as broker, connect(settings.engines, secrets) as redis:
        prefix = key_prefix(settings.engines)
        # Longer than any redelivery: a message can come again as long as its topic keeps it.
        log_keeps = GROUP_MEMORY if broker.config.sqlite_path else timedelta()
        keep = max(ledger.KEEP, settings.engines.retention + max(settings.engines.retention, log_keeps))
        yield Engines(
            settings=settings,
            secrets=secrets,
            broker=broker,
            redis=redis,
            prefix=prefix,
            mark=mark,
            ledger=RedisLedger(redis, prefix=prefix, keep=keep, mark=mark),
            alerts=AlertStore(redis, prefix=prefix, keep=max(alerts.KEEP, 2 * keep), ledger_keep=keep, mark=mark),
            silences=SilenceStore(redis, prefix=prefix, mark=mark),
            outbox=Outbox(redis, prefix=prefix, keep=keep, mark=mark),
            deliveries=Deliveries(redis, prefix=prefix, keep=keep, mark=mark),
        )


@contextlib.asynccontextmanager
async def open_whole(settings: Settings, secrets: Secrets) -> AsyncIterator[Engines]:
    """As `open_engines`, for what would take a Redis that has lost everything for one in which nothing is yet.

    Raises:
        EngineError: as there.
        EmptiedError: Redis has lost what was kept in it.
    """
    async with open_engines(settings, secrets) as engines:
        if await was_emptied(engines.redis, engines.broker, settings):
            raise EmptiedError
        yield engines
