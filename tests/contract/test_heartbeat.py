"""The heartbeat over real HTTP: while the worker is ready, and never with its address in a log."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from streams.observe.heartbeat import keep_beating
from tests.support.ports import free_port

SOON = timedelta(milliseconds=20)


class Watcher:
    """Counts the beats it gets, answering with `status`."""

    def __init__(self) -> None:
        self.beats, self.status, self.port = asyncio.Queue[str](), 200, 0

    async def handle(self, request: web.Request) -> web.Response:
        """One beat."""
        self.beats.put_nowait(request.path)
        return web.Response(status=self.status)


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    found = Watcher()
    application = web.Application()
    application.router.add_get("/{path:.*}", found.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


@contextlib.asynccontextmanager
async def beating(port: int, ready: asyncio.Event) -> AsyncIterator[None]:
    url = SecretStr(f"http://127.0.0.1:{port}/ping/s3cret")
    task = asyncio.create_task(keep_beating(url, every=SOON, is_ready=ready.is_set))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_it_beats_while_the_worker_is_ready(watcher: Watcher) -> None:
    """Again and again; not before it is ready, and no more when it no longer is."""
    ready = asyncio.Event()
    async with beating(watcher.port, ready):
        await asyncio.sleep(5 * SOON.total_seconds())
        assert watcher.beats.empty()
        ready.set()
        assert [await asyncio.wait_for(watcher.beats.get(), 10) for _ in range(2)] == ["/ping/s3cret"] * 2
        ready.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(watcher.beats.get(), 5 * SOON.total_seconds())  # one that was under way
        assert watcher.beats.empty()


async def test_a_watcher_that_does_not_answer_is_told_once(watcher: Watcher) -> None:
    """Nor is its address told; when it answers again, that is told once, too."""
    ready = asyncio.Event()
    ready.set()
    watcher.status = 500
    with capture_logs() as logs:
        async with beating(watcher.port, ready):
            for status in (500, 500, 200, 200):
                watcher.status = status
                await asyncio.wait_for(watcher.beats.get(), 10)
            await asyncio.sleep(3 * SOON.total_seconds())
        async with beating(free_port(), ready):
            await asyncio.sleep(5 * SOON.total_seconds())
    assert [entry["event"] for entry in logs] == ["heartbeat_unheard", "heartbeat_heard", "heartbeat_unheard"]
    assert "s3cret" not in str(logs)
