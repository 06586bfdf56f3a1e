from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from streams.sections import EngineSettings
from streams.settings import Secrets
from streams.stores.connection import connect
from streams.stores.embedded import EmbeddedValkey
from tests.support.desk import Desk
from tests.support.web import Web, serving


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a running Valkey."""
    folder = tmp_path_factory.mktemp("ingest")
    server = EmbeddedValkey(folder / "valkey")
    server.start()
    yield folder
    server.stop()


@pytest.fixture
async def redis(data: Path) -> AsyncIterator[Redis]:
    """An empty Redis."""
    async with connect(EngineSettings(data=data), Secrets({})) as redis:
        await redis.flushall()
        yield redis


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    """A web on loopback."""
    async with serving() as web:
        yield web


@pytest.fixture
async def desk(web: Web, redis: Redis) -> AsyncIterator[Desk]:
    desk = Desk(web, redis)
    yield desk
    await desk.fetcher.close()
    desk.reading.close()
