"""Outlets of every habit through simulated days: nothing lost, nothing twice, nobody annoyed, silence told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from tests.support.newsroom import Clock
from tests.support.simulation import Simulated
from tests.support.web import serving
from tests.support.world import Habit, World

DAYS, OUTLETS, HOSTS = 6, 15, 11


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_days_of_a_web_with_every_habit(redis: Redis) -> None:
    """Two workers; the server judges them, and what it published is compared with what came out."""
    world = World(Clock(), interval=timedelta(seconds=5))
    async with serving(world):
        span = timedelta(days=DAYS)
        world.found(OUTLETS, span=span, hosts=HOSTS)
        simulated = Simulated(world, redis)
        await simulated.run(span + timedelta(hours=6), workers=2)
    ids = [article.id for article in simulated.publisher.articles]
    assert [id_ for id_, count in Counter(ids).items() if count > 1] == []
    assert world.verdict.at_once == []
    assert world.verdict.too_soon == []
    assert world.verdict.forbidden == []
    came = {(article.url or "").partition("?")[0] for article in simulated.publisher.articles}
    lost = [
        f"{outlet.habit} {key}/{number}"
        for key, outlet in world.outlets.items()
        for number in range(len(outlet.published))
        if not outlet.forbidden(number) and world.url(outlet.host, f"/{key}/a/{number}") not in came
    ]
    assert lost == []
    told = {title for _, title in simulated.notices}
    for outlet in world.outlets.values():
        if outlet.habit is Habit.ENDS:
            assert f"{outlet.name} is retired" in told
        if outlet.habit is Habit.SLEEPS:
            assert f"{outlet.name} is silent" in told
        if outlet.habit is Habit.OUTAGE:
            assert {f"{outlet.name} is failing", f"{outlet.name} is no longer failing"} <= told
    sound = {Habit.PLAIN, Habit.ETAG, Habit.NEW_IDS, Habit.DELAY, Habit.MOVES, Habit.ARABIC}
    names = {outlet.name for outlet in world.outlets.values() if outlet.habit in sound}
    assert [title for title in told if title.rpartition(" is ")[0] in names] == []
