"""How ingest waits for an engine that is away."""

from __future__ import annotations

import asyncio
import contextlib

from streams.errors import EngineAwayError
from streams.ingest.press import patiently
from streams.observe.progress import Progress


async def away() -> None:
    raise EngineAwayError("Redis does not answer")


async def test_a_cancelled_task_does_not_wait_for_an_engine_in_its_last_step() -> None:
    """A poll gives its lease back when it is cancelled; with Redis away that held up every stop until its deadline."""
    progress, begun = Progress("ingest"), asyncio.Event()

    async def poll() -> None:
        try:
            begun.set()
            await patiently(progress, away)
        finally:
            await patiently(progress, away)

    task = asyncio.create_task(poll())
    await begun.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        async with asyncio.timeout(10):
            await task
    assert task.cancelled()
