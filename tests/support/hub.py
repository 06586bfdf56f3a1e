"""A WebSub hub on the simulated web, for tests: one that keeps to the book, and ways in which it does not."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web as http

from tests.support.web import Web

HUB_HOST = "hub.example"
CHALLENGE = "a-challenge"


@dataclass
class Hub:
    """Verifies each request before it answers it, unless told otherwise; pushes when told.

    `status` is its answer to requests, `verifies` whether it calls back, `topic` what it says then in place of the
    right topic, `denies` that it says so, `lease` what it grants (as asked for where None).
    """

    web: Web
    status: int = 202
    verifies: bool = True
    topic: str = ""
    challenge: str = CHALLENGE
    denies: bool = False
    lease: int | None = None
    forms: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Be there."""
        self.web.pages[HUB_HOST, "/"] = self._asked

    @property
    def url(self) -> str:
        """Its address."""
        return self.web.url(HUB_HOST, "/")

    @property
    def modes(self) -> list[str]:
        """What it was asked for, in order."""
        return [form["hub.mode"] for form in self.forms]

    async def _asked(self, request: http.Request) -> http.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.forms.append(form)
        if self.verifies and self.status < 300:
            await self.verify(form)
        return http.Response(status=self.status)

    async def verify(self, form: Mapping[str, str]) -> tuple[int, str]:
        """Ask whoever gave the callback whether it meant it."""
        query = {"hub.mode": form["hub.mode"], "hub.topic": self.topic or form["hub.topic"]}
        if self.denies:
            query |= {"hub.mode": "denied", "hub.reason": "not for you"}
        else:
            query |= {"hub.challenge": self.challenge}
            query |= {"hub.lease_seconds": str(self.lease or form.get("hub.lease_seconds", ""))}
        async with aiohttp.ClientSession() as session, session.get(form["hub.callback"], params=query) as answer:
            self.answers.append((answer.status, await answer.text()))
        return self.answers[-1]

    async def push(self, body: bytes = b"<rss/>", *, signature: str | None = None, digest: str = "sha256") -> int:
        """Push to the last callback, rightly signed unless a `signature` is given; the status it was answered with."""
        form = next(form for form in reversed(self.forms) if form["hub.mode"] == "subscribe")
        if signature is None:
            signature = f"{digest}={hmac.new(form['hub.secret'].encode(), body, digest).hexdigest()}"
        headers = {"X-Hub-Signature": signature} if signature else {}
        async with aiohttp.ClientSession() as session:
            try:
                async with session.post(form["hub.callback"], data=body, headers=headers) as answer:
                    return answer.status
            except (aiohttp.ClientOSError, asyncio.IncompleteReadError):
                return 0  # what was left of a body that is too large was not wanted
