"""Tells a watcher elsewhere that this worker lives: a dead man's switch, which speaks up when nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import aiohttp
import structlog
from pydantic import SecretStr

TIMEOUT = aiohttp.ClientTimeout(total=10)
_FAILED = 400
_log = structlog.get_logger()


async def keep_beating(url: SecretStr, *, every: timedelta, is_ready: Callable[[], bool]) -> None:
    """GET the address at once and `every` so often as long as `is_ready`, until cancelled.

    A worker that is not ready says nothing: whoever watches is to speak up then as well. What the watcher answers
    matters to the log alone, once until it answers again; its address is a secret and is never told.
    """
    silent = False
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        while True:
            if is_ready():
                error = await _beat(session, url)
                if error and not silent:
                    _log.warning("heartbeat_unheard", error=error)
                elif silent and not error:
                    _log.info("heartbeat_heard")
                silent = bool(error)
            await asyncio.sleep(every.total_seconds())


async def _beat(session: aiohttp.ClientSession, url: SecretStr) -> str:
    """What went wrong, in a word without the address."""
    try:
        async with session.get(url.get_secret_value()) as answer:
            return f"HTTP {answer.status}" if answer.status >= _FAILED else ""
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return type(error).__name__
