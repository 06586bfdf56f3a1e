"""The health pages tell machines what Progress tells."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from streams.errors import EngineError
from streams.observe.health import HealthServer
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress

Served = tuple[HealthServer, Progress, aiohttp.ClientSession]


@pytest_asyncio.fixture
async def served() -> AsyncIterator[Served]:
    progress = Progress("alert")
    server = HealthServer(Metrics(), [progress], host="127.0.0.1", port=0)
    await server.start()
    async with aiohttp.ClientSession(server.address) as session:
        yield server, progress, session
    await server.stop()


async def test_ready_follows_progress(served: Served) -> None:
    """503 with the reasons while there are any, 200 without."""
    _, progress, session = served
    async with session.get("/-/ready") as answer:
        assert (answer.status, await answer.text()) == (503, "alert: starting\n")
    progress.beat()
    async with session.get("/-/ready") as answer:
        assert (answer.status, await answer.text()) == (200, "ready\n")


async def test_healthy_while_it_waits_for_an_engine(served: Served) -> None:
    """A worker that waits for Redis is not ready but must not be restarted for it."""
    _, progress, session = served
    progress.hold("redis", "Redis does not answer")
    async with session.get("/-/healthy") as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")


async def test_metrics_carry_readiness(served: Served) -> None:
    """The readiness of each stage is a metric too."""
    _, progress, session = served
    progress.beat()
    async with session.get("/metrics") as answer:
        assert 'marsad_stage_ready{stage="alert"} 1.0' in await answer.text()


async def test_a_taken_port_is_told_with_what_to_do(served: Served) -> None:
    """A second worker on the same port gets an error that names the setting."""
    server, _, _ = served
    port = int(server.address.rsplit(":", 1)[1])
    with pytest.raises(EngineError, match=r"health\.port"):
        await HealthServer(Metrics(), [], host="127.0.0.1", port=port).start()
