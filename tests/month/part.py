"""One part of a simulated web, from its founding to its outcome."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from redis.asyncio import Redis

from tests.month.clock import FlowingClock
from tests.month.habits import found
from tests.month.outcome import Outcome, outcome_of
from tests.month.simulation import Simulated
from tests.month.world import World
from tests.support.web import serving

INTERVAL = timedelta(seconds=5)
HOSTS = 0.75
"""Hosts for each outlet."""
WORKERS = 2
OUTAGES = 4


async def simulate(  # noqa: PLR0913  # what a run is
    redis: Redis,
    *,
    sources: int,
    days: int,
    seed: int,
    outage: Callable[[], Awaitable[None]] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Run workers over a web of its own; one dies on each day, and Redis is away now and then."""
    chance, clock, span = random.Random(seed), FlowingClock(), timedelta(days=days)  # noqa: S311  # to be repeated
    began = clock.now
    outlets = list(found(sources, began=began, span=span, hosts=max(1, int(sources * HOSTS)), chance=chance))
    world = World(clock, outlets, interval=INTERVAL, chance=chance)
    kills = sorted(began + span * chance.random() for _ in range(days))
    outages = sorted(began + span * chance.random() for _ in range(OUTAGES))
    async with serving(world):
        simulated = Simulated(world, redis, chance, kills, outages, outage)

        def each_day() -> None:
            tell(
                f"day {(clock.now - began).days:>3}: {len(simulated.articles)} articles,"
                f" {world.log.polls.total()} polls, {len(simulated.notices)} notices, {simulated.killed} killed"
            )

        await simulated.run(span, workers=WORKERS, each_day=each_day)
        return await outcome_of(simulated)
