"""What the match stage is measured against: the same matching work in a bare aiokafka loop, without Faust.

    python -m tests.bench.bare_loop CONFIG INSTANCE

Same decoding, rules, encoding, durable idempotent produce and ledger, in batches of the same size; offsets are
committed once a second, as the worker does. Writes `ready` when partitions are assigned; ends on SIGTERM.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import time
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams import settings as configuration
from streams.engines import engine_config
from streams.match.engine import Engine
from streams.match.match_agent import match_articles
from streams.match.rulebook import load_rulebook
from streams.messages import ARTICLES, MATCHES, Article, Match
from streams.ports import ArticleStatus
from streams.settings import Secrets, Settings
from streams.stores.connection import connect, key_prefix
from streams.stores.ledger import RedisLedger
from streams.transports.kafka_client import client_options
from streams.transports.pump import BATCH

COMMIT_EVERY = 1.0


class Loop:
    """The loop on its clients."""

    def __init__(self, settings: Settings, engine: Engine, ledger: RedisLedger, producer: AIOKafkaProducer) -> None:
        self._topic, self._engine, self._ledger, self._producer = settings.topics.matches.name, engine, ledger, producer

    async def run(self, consumer: AIOKafkaConsumer, stopping: asyncio.Event) -> None:
        """Until told to stop."""
        committed = time.monotonic()
        while not stopping.is_set():
            found = await consumer.getmany(timeout_ms=200, max_records=BATCH)
            if batch := [ARTICLES.decode(record.value) for records in found.values() for record in records]:
                await self._handle(batch)
            if time.monotonic() - committed > COMMIT_EVERY:
                await consumer.commit()
                committed = time.monotonic()
        await consumer.commit()

    async def _handle(self, batch: list[Article]) -> None:
        matches = {match.article.id: match for match in match_articles(self._engine, batch) if match}
        await asyncio.gather(*map(self._publish, matches.values()))
        ended = [article.id for article in batch if article.id not in matches]
        await self._ledger.finish(dict.fromkeys(ended, ArticleStatus.NO_MATCH))

    async def _publish(self, match: Match) -> None:
        await self._producer.send_and_wait(self._topic, MATCHES.encode(match), key=match.article.id.encode())


async def _work(config: Path, instance: str) -> None:
    settings = configuration.load(config)
    kafka = engine_config(settings, Secrets())
    assert settings.rules is not None
    engine = Engine(load_rulebook(settings.rules))
    gc.freeze()  # as the worker does
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    consumer = AIOKafkaConsumer(
        settings.topics.articles.name,
        group_id=kafka.group("match"),
        group_instance_id=instance,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **client_options(kafka),
    )
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **client_options(kafka))
    async with connect(settings.engines, Secrets()) as redis, consumer, producer:
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=50, max_records=1)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        ledger = RedisLedger(redis, prefix=key_prefix(settings.engines))
        await Loop(settings, engine, ledger, producer).run(consumer, stopping)


if __name__ == "__main__":
    asyncio.run(_work(Path(sys.argv[1]), sys.argv[2]))
