"""The loop of the agents that look every now and then."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from streams.alert import looking
from streams.errors import EngineAwayError

NEVER = timedelta(days=1)


async def test_an_engine_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop goes on after an engine did not answer, and ends once it is told to."""
    monkeypatch.setattr(looking, "EVERY", timedelta(0))
    ending = asyncio.Event()
    looks: list[int] = []

    async def look() -> None:
        looks.append(len(looks))
        if len(looks) == 3:
            ending.set()
        raise EngineAwayError("Redis does not answer")

    await asyncio.wait_for(looking.look_until(ending, look, first=timedelta(0)), timeout=30)
    assert looks == [0, 1, 2]


async def test_the_first_look_is_waited_for_and_an_end_cuts_the_wait_short() -> None:
    """Nothing is looked at before `first` has passed, and whoever ends need not wait for it."""
    ending = asyncio.Event()
    looks: list[str] = []

    async def look() -> None:
        looks.append("look")

    running = asyncio.create_task(looking.look_until(ending, look, first=NEVER))
    await asyncio.sleep(0.05)
    ending.set()
    await asyncio.wait_for(running, timeout=30)
    assert looks == []


async def test_without_a_wait_the_first_look_comes_at_once() -> None:
    """What ended while no worker ran is told when one begins."""
    ending, looked = asyncio.Event(), asyncio.Event()

    async def look() -> None:
        looked.set()

    running = asyncio.create_task(looking.look_until(ending, look, first=timedelta(0)))
    await asyncio.wait_for(looked.wait(), timeout=looking.EVERY.total_seconds() / 2)
    ending.set()
    await asyncio.wait_for(running, timeout=30)
