"""A part of a simulated web in a process of its own, with a Redis of its own."""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from streams.settings import EngineSettings, Secrets
from streams.stores.connection import PASSWORD, connect
from tests.month.outcome import Outcome
from tests.month.part import simulate
from tests.support.redis import ExternalValkey


def say(line: str) -> None:
    """Print it at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def part(number: int, sources: int, days: int, seed: int) -> tuple[Outcome, float]:
    """One part, in a process of its own: its outcome, and the CPU seconds that it took, those of Redis among them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.monotonic()

    def tell(line: str) -> None:
        say(f"{(time.monotonic() - began) / 60:5.1f} min, part {number}: {line}")

    outcome = asyncio.run(with_redis(sources=sources, days=days, seed=seed + number, tell=tell))
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return outcome, own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


async def with_redis(*, sources: int, days: int, seed: int, tell: Callable[[str], None]) -> Outcome:
    """A Redis that comes back from an outage with all that it had: what it wrote outlives its process."""
    with tempfile.TemporaryDirectory(prefix="marsad-") as folder:
        server = ExternalValkey(Path(folder), "--appendfsync", "no")

        async def outage() -> None:
            server.stop()
            await asyncio.to_thread(server.start)

        server.start()
        try:
            settings = EngineSettings(redis=server.url)
            async with connect(settings, Secrets({PASSWORD: server.password})) as redis:
                return await simulate(redis, sources=sources, days=days, seed=seed, outage=outage, tell=tell)
        finally:
            server.stop()
