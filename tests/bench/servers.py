"""The servers that the benchmarks run on, and installations on them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from streams import settings as configuration
from streams.match.rulebook import shipped_rules_dir
from streams.messages import ARTICLES, Article
from streams.settings import EngineSettings, Secrets
from streams.stores.connection import PASSWORD, connect, key_prefix
from streams.stores.ledger import RedisLedger
from tests.support.fleet import Engines, Installation, external
from tests.support.kafka import Kafka, new_broker
from tests.support.redis import ExternalValkey

_IN_FLIGHT = 2_000


def installation(folder: Path, engines: Engines, **settings: Any) -> Installation:
    """An installation with the shipped rules."""
    return Installation(folder, engines, rules=str(shipped_rules_dir()), **settings)


@dataclass(frozen=True, slots=True)
class Servers:
    """A Kafka broker, a Valkey on TCP with its file synced at every write, and a client of each."""

    kafka: Kafka
    valkey: ExternalValkey
    producer: AIOKafkaProducer
    pids: tuple[int, int]

    def engines(self) -> Engines:
        """The servers under a prefix of its own."""
        return external(self.kafka, self.valkey)

    async def load(self, install: Installation, articles: list[Article]) -> None:
        """Append articles to the installation's topic, as fast as it goes."""
        topic = install.topic("articles")
        for at in range(0, len(articles), _IN_FLIGHT):
            sent = [
                await self.producer.send(topic, ARTICLES.encode(article), key=article.id.encode())
                for article in articles[at : at + _IN_FLIGHT]
            ]
            await asyncio.gather(*sent)


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Servers]:
    """Both servers, started, and killed in the end."""
    broker, valkey = new_broker(folder / "kafka"), ExternalValkey(_made(folder / "valkey"))
    try:
        await asyncio.to_thread(broker.start)
        await asyncio.to_thread(valkey.start)
        producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{broker.port}", acks="all", enable_idempotence=True)
        async with producer:
            pids = (broker.pid() or 0, _pid(valkey))
            yield Servers(Kafka(broker), valkey, producer, pids)
    finally:
        valkey.stop()
        await asyncio.to_thread(broker.kill)


@contextlib.asynccontextmanager
async def ledger(install: Installation) -> AsyncIterator[RedisLedger]:
    """The ledger of an installation, seen from outside."""
    settings: EngineSettings = configuration.load(install.folder / "marsad.yaml").engines
    secret = {PASSWORD: install.engines.environment[PASSWORD]} if PASSWORD in install.engines.environment else {}
    async with connect(settings, Secrets(secret)) as redis:
        yield RedisLedger(redis, prefix=key_prefix(settings))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _pid(valkey: ExternalValkey) -> int:
    assert valkey._process is not None
    return valkey._process.pid
