"""A server that takes webhooks: records what it is sent, and answers as it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from deploy.sample.slack_standin import Answer

PATH = "/hooks/s3cret-path"


@dataclass(slots=True)
class WebhookStandin:
    """Takes posts at PATH alone; `received` are their bodies, `headers` what came with each."""

    path: str = PATH
    port: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    script: deque[Answer] = field(default_factory=deque)

    @property
    def notification_ids(self) -> list[str]:
        """The notification ids of what was received, in order."""
        return [headers["webhook-id"] for headers in self.headers]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        if request.path != self.path:
            return web.Response(status=404)
        if request.method == "OPTIONS":
            return web.Response(status=204)
        answer = self.script.popleft() if self.script else Answer(status=202, recorded=True)
        body = await request.read()
        if answer.recorded:
            self.received.append(json.loads(body))
            self.bodies.append(body)
            self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if answer.hang:
            await asyncio.sleep(3600)
        if answer.drop:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=answer.status, headers=answer.headers)


@contextlib.asynccontextmanager
async def webhook() -> AsyncIterator[WebhookStandin]:
    """One, running."""
    standin = WebhookStandin()
    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", standin.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    standin.port = runner.addresses[0][1]
    try:
        yield standin
    finally:
        await runner.cleanup()
