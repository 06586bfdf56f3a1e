"""Whatever is kept in Redis is tested over the embedded Valkey and over an external one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from streams.stores.alerts import AlertStore
from streams.stores.ledger import RedisLedger
from streams.stores.outbox import Outbox
from streams.stores.silences import SilenceStore
from tests.support.redis import Server, embedded_server, external_server, fresh_prefix


@pytest.fixture(scope="session", params=["embedded", "external"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with embedded_server() if request.param == "embedded" else external_server() as running:
        yield running


@pytest.fixture
async def redis(server: Server) -> AsyncIterator[Redis]:
    async with server.client() as client:
        yield client


@pytest.fixture
def prefix() -> str:
    return fresh_prefix()


@pytest.fixture
def store(redis: Redis, prefix: str) -> AlertStore:
    return AlertStore(redis, prefix=prefix)


@pytest.fixture
def silences(redis: Redis, prefix: str) -> SilenceStore:
    return SilenceStore(redis, prefix=prefix)


@pytest.fixture
def ledger(redis: Redis, prefix: str) -> RedisLedger:
    return RedisLedger(redis, prefix=prefix)


@pytest.fixture
def outbox(redis: Redis, prefix: str) -> Outbox:
    return Outbox(redis, prefix=prefix)
