"""A notifier and a clock that do as they are told."""

from __future__ import annotations

import asyncio
from datetime import datetime

from streams.alerts import Content, Notification
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.stores.outbox import Pace
from tests.support.alerting import NOON


class Sink:
    """A notifier that keeps what it is sent, fails as told, and can be blocked."""

    def __init__(self, *failures: Exception, pace: Pace | None = None, edits: bool = False, missed: str = "") -> None:
        self.pace, self.edits, self.missed = pace, edits, missed
        self.failures = list(failures)
        self.sent: list[str] = []
        self.contents: list[Content] = []
        self.earlier: list[Earlier] = []
        self.tried = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, item: Notification, earlier: Earlier = NOTHING) -> Receipt:
        self.tried.set()
        self.earlier.append(earlier)
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(item.id)
        self.contents.append(item.content)
        return Receipt(f"receipt {item.id}", self.missed)

    async def check(self) -> str:
        return "here"

    async def close(self) -> None:
        pass


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now
