"""A stand-in for Slack on loopback: records what it is sent, and answers as it is told to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer out of the ordinary.

    `status` and `body` are sent with `headers`. With `recorded` the message counts as posted all the same (Slack has
    it, the client does not know); `hang` never answers, `drop` closes the connection instead of answering.
    """

    status: int = 200
    body: Mapping[str, Any] | str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    recorded: bool = False
    hang: bool = False
    drop: bool = False


class SlackStandin:
    """Speaks `chat.postMessage` and `.update`, `auth.test`, `conversations.history` and `.replies`, incoming webhooks.

    Attributes:
        received: the posted messages' JSON, in order, refused ones left out, as they were posted.
        edited: by the time of a message, what its edits said, in order.
        calls: every request's method or path, whatever was answered.
        script: answers for the next posts and edits, used up one by one.
        usual: the answer when the script is empty; None accepts the message.
        questions: answers for the next questions about a channel or thread, used up one by one.
        delay: seconds between a post's receipt and its answer.
        readable: whether the bot may read its channels (the scope `channels:history`).
        page: most messages in one answer about a channel or thread.
    """

    def __init__(self, *, token: str | None = None, port: int = 0) -> None:
        self.received: list[dict[str, Any]] = []
        self.edited: dict[str, list[dict[str, Any]]] = {}
        self.calls: list[str] = []
        self.script: deque[Answer] = deque()
        self.usual: Answer | None = None
        self.questions: deque[Answer] = deque()
        self.delay = 0.0
        self.readable = True
        self.page = 1000
        self.port = port
        self._token = token
        self._arrived = asyncio.Condition()
        self._stopped = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def api(self) -> str:
        """What a receiver's `api` is set to."""
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def webhook(self) -> str:
        """A webhook's address, secret part and all."""
        return f"http://127.0.0.1:{self.port}/services/T000/B000/{self._token or 'sample'}"

    @property
    def notification_ids(self) -> list[str]:
        """The notification ids of what was received, in order."""
        return [str(message["metadata"]["event_payload"]["notification_id"]) for message in self.received]

    async def start(self) -> None:
        """Listen; `port` is known afterwards."""
        application = web.Application(client_max_size=10_000_000)
        application.router.add_post("/api/{method}", self._on_api)
        application.router.add_get("/api/{method}", self._on_question)
        application.router.add_post("/services/{team}/{app}/{secret}", self._on_webhook)
        self._stopped.clear()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and let go of whoever hangs; what was received stays."""
        self._stopped.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def wait_for(self, count: int, *, within: float = 10) -> None:
        """Until `count` messages are there; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within), self._arrived:
            await self._arrived.wait_for(lambda: len(self.received) >= count)

    async def _on_api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not bearer or (self._token and bearer != self._token):
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if method == "auth.test":
            return web.json_response({"ok": True, "user": "marsad", "team": "Sample"})
        if method not in {"chat.postMessage", "chat.update"}:
            return web.json_response({"ok": False, "error": "unknown_method"})
        message = await request.json()
        if not message.get("channel"):
            return web.json_response({"ok": False, "error": "channel_not_found"})
        if method == "chat.update":
            return await self._edit(request, message)
        return await self._post(request, message, web.json_response)

    async def _edit(self, request: web.Request, message: dict[str, Any]) -> web.StreamResponse:
        stamp = message.get("ts", "")
        there = [number for number in range(1, len(self.received) + 1) if _stamp(number) == stamp]
        if not there:
            return web.json_response({"ok": False, "error": "message_not_found"})
        answer = self.script.popleft() if self.script else self.usual
        if answer is None or answer.recorded:
            async with self._arrived:
                self.edited.setdefault(stamp, []).append(message)
                self._arrived.notify_all()
        await asyncio.sleep(self.delay)
        return await self._answer(request, answer, {"ok": True, "channel": message["channel"], "ts": stamp})

    async def _on_question(self, request: web.Request) -> web.StreamResponse:
        """What is in a channel or thread, newest first as Slack has it, page by page."""
        method = request.match_info["method"]
        self.calls.append(method)
        if self.questions:
            return await self._answer(request, self.questions.popleft(), {})
        if not self.readable:
            return web.json_response({"ok": False, "error": "missing_scope"})
        channel, thread = request.query.get("channel"), request.query.get("ts")
        if method not in {"conversations.history", "conversations.replies"}:
            return web.json_response({"ok": False, "error": "unknown_method"})
        there = [
            {"ts": _stamp(number), "text": message["text"], "metadata": message.get("metadata", {})}
            for number, message in enumerate(self.received, start=1)
            if message["channel"] == channel and (message.get("thread_ts") == thread or _stamp(number) == thread)
        ]
        start, size = int(request.query.get("cursor", 0)), min(self.page, int(request.query.get("limit", 100)))
        following = str(start + size) if len(there) > start + size else ""
        answer = {"messages": there[::-1][start : start + size], "response_metadata": {"next_cursor": following}}
        return web.json_response({"ok": True, **answer})

    async def _on_webhook(self, request: web.Request) -> web.StreamResponse:
        self.calls.append("webhook")
        if self._token and request.match_info["secret"] != self._token:
            return web.Response(status=404, text="no_service")
        message = await request.json()
        if not message.get("text"):
            return web.Response(status=400, text="no_text")
        return await self._post(request, message, lambda _: web.Response(text="ok"))

    async def _post(self, request: web.Request, message: dict[str, Any], accepted: Any) -> web.StreamResponse:
        answer = self.script.popleft() if self.script else self.usual
        if answer is None or answer.recorded:
            async with self._arrived:
                self.received.append(message)
                self._arrived.notify_all()
        stamp = _stamp(len(self.received))
        await asyncio.sleep(self.delay)
        if answer is None:
            response: web.StreamResponse = accepted({"ok": True, "channel": message.get("channel"), "ts": stamp})
            return response
        return await self._answer(request, answer, {})

    async def _answer(
        self, request: web.Request, answer: Answer | None, accepted: dict[str, Any]
    ) -> web.StreamResponse:
        if answer is None:
            return web.json_response(accepted)
        if answer.hang:
            await self._stopped.wait()
        if (answer.hang or answer.drop) and request.transport is not None:
            request.transport.close()
        if isinstance(answer.body, bytes):
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        if isinstance(answer.body, str):
            return web.Response(status=answer.status, text=answer.body, headers=answer.headers)
        return web.json_response(dict(answer.body), status=answer.status, headers=answer.headers)


def _stamp(number: int) -> str:
    """The time that the stand-in gives its message of this number, from 1."""
    return f"1700000000.{number:06d}"
