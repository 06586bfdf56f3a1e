"""The worker's HTTP pages for machines: /metrics, /-/healthy and /-/ready, and where hubs call (WebSub)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from streams.errors import EngineError
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress

_PIECE = 65_536


class Callbacks(Protocol):
    """Who answers hubs that call at `/websub/TOKEN`."""

    async def verify(self, token: str, query: Mapping[str, str]) -> tuple[int, str]:
        """The answer to a question: status and text."""

    async def deliver(self, token: str, signature: str, body: AsyncIterable[bytes]) -> int:
        """The status for news."""


class HealthServer:
    """Serves one worker's health.

    `/-/healthy` answers 200 as long as the process should be left alone, 503 once a stage is stalled for no known
    reason. `/-/ready` answers 200 when every stage makes progress, else 503 and a line for each reason.
    `/feeds/NAME.atom` is the file of that name in `feeds`, `/websub/TOKEN` answered by `callbacks` once they are set.
    """

    def __init__(
        self,
        metrics: Metrics,
        stages: Sequence[Progress],
        *,
        host: str,
        port: int,
        feeds: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        self._metrics, self._stages, self._host, self._port = metrics, stages, host, port
        self._feeds = feeds
        self._runner: web.AppRunner | None = None
        self.address = ""
        self.callbacks: Callbacks | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            EngineError: the address is taken or not this machine's.
        """
        app = web.Application()
        app.add_routes(
            [
                web.get("/metrics", self._serve_metrics),
                web.get("/-/healthy", self._serve_healthy),
                web.get("/-/ready", self._serve_ready),
                web.get("/feeds/{name}.atom", self._serve_feed),
                web.get("/websub/{token}", self._serve_question),
                web.post("/websub/{token}", self._serve_news),
            ]
        )
        # What hubs send is signed as it comes, and whoever packs it has no business here.
        runner = web.AppRunner(app, access_log=None, auto_decompress=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise EngineError(
                f"health: cannot listen on {self._host}:{self._port}: {error.strerror}; set health.port to a free "
                "port, or to 0 for any (a second worker on one host needs a port of its own)"
            ) from error
        self._runner = runner
        host, port = runner.addresses[0][:2]
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def reasons(self) -> list[str]:
        """Why the worker is not ready."""
        return [reason for stage in self._stages for reason in stage.reasons()]

    async def _serve_metrics(self, _request: web.Request) -> web.Response:
        for stage in self._stages:
            self._metrics.stage_ready.labels(stage.stage).set(0 if stage.reasons() else 1)
        return web.Response(body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _serve_healthy(self, _request: web.Request) -> web.Response:
        stalled = [stage.stage for stage in self._stages if stage.stalled]
        text = "".join(f"{name} makes no progress\n" for name in stalled) or "ok\n"
        return web.Response(text=text, status=503 if stalled else 200)

    async def _serve_feed(self, request: web.Request) -> web.StreamResponse:
        path = self._feeds.get(request.match_info["name"])
        if path is None or not await asyncio.to_thread(path.is_file):
            raise web.HTTPNotFound(text="there is no such feed, or nothing has been told to it yet\n")
        return web.FileResponse(path, headers={"Content-Type": "application/atom+xml"})

    async def _serve_question(self, request: web.Request) -> web.Response:
        if self.callbacks is None:
            raise _not_now()
        try:
            status, text = await self.callbacks.verify(request.match_info["token"], request.query)
        except EngineError as error:
            raise _not_now() from error
        # What a hub wants back may be anything: no browser is to take it for a page.
        return web.Response(text=text, status=status, headers={"X-Content-Type-Options": "nosniff"})

    async def _serve_news(self, request: web.Request) -> web.Response:
        if self.callbacks is None:
            raise _not_now()
        signature, body = request.headers.get("X-Hub-Signature", ""), request.content.iter_chunked(_PIECE)
        try:
            status = await self.callbacks.deliver(request.match_info["token"], signature, body)
        except EngineError as error:
            raise _not_now() from error
        except (web.RequestPayloadError, ConnectionError) as error:
            raise web.HTTPBadRequest(text="cut short\n") from error
        answer = web.Response(status=status)
        if not request.content.at_eof():
            answer.force_close()  # what is left of it is not read
        return answer

    async def _serve_ready(self, _request: web.Request) -> web.Response:
        reasons = self.reasons()
        return web.Response(text="\n".join(reasons or ["ready"]) + "\n", status=503 if reasons else 200)


def _not_now() -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(text="come again later\n")
