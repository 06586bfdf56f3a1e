"""The loop of what looks every now and then for something to tell."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from streams.errors import EngineAwayError

EVERY = timedelta(seconds=10)
"""How often it is looked."""


async def look_until(ending: asyncio.Event, look: Callable[[], Awaitable[None]], *, first: timedelta) -> None:
    """Look after `first`, then EVERY so often until `ending` is set; an engine that is away is asked again later."""
    wait = first
    while not ending.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), wait.total_seconds())
            return
        wait = EVERY
        with contextlib.suppress(EngineAwayError):
            await look()
