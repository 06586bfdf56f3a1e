"""Redis comes back empty: workers notice, send nothing, and go on after `marsad rebuild` as if nothing had been."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable

import pytest

from streams.sections import EngineSettings
from streams.settings import Secrets
from streams.stores.connection import PASSWORD, connect
from tests.support.fleet import Installation, until, workers
from tests.support.newspaper import EVERY, Newspaper
from tests.support.receivers import Receivers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
Make = Callable[..., Installation]

PRINTED, LATER = 12, 36
"""Articles before Redis is emptied, and in the end."""


@pytest.fixture
async def newspaper() -> AsyncIterator[Newspaper]:
    """Prints nothing until it is told to."""
    newspaper = Newspaper(LATER, feeds=1)
    await newspaper.start()
    yield newspaper
    await newspaper.stop()


async def flush(marsad: Installation) -> None:
    """Lose everything that Redis holds."""
    settings = EngineSettings(data=marsad.folder / "data", redis=marsad.engines.section["redis"])
    password = marsad.engines.environment.get(PASSWORD)
    async with connect(settings, Secrets({PASSWORD: password} if password else {})) as redis:
        await redis.flushall()


async def until_logged(marsad: Installation, count: int) -> None:
    """Wait until the topic shows the ends of so many notifications."""
    async with marsad.log() as log:

        async def shown() -> set[bytes | None]:
            return {stamped.record.key async for stamped in log.read(marsad.topic("notifications"))}

        await until(shown, lambda keys: len(keys) == count)


async def test_an_emptied_redis_is_rebuilt_and_nothing_is_told_twice(
    install: Make, receivers: Receivers, newspaper: Newspaper
) -> None:
    """Not ready while it is empty, restarted or not, and said so; all that was printed meanwhile is told, once."""
    marsad = install(*newspaper.sources)
    if marsad.engines.over_kafka:
        done = await marsad.marsad("topics", "create")
        assert done.code == 0, done.errors
    async with marsad.running(*workers(marsad)) as members:
        await asyncio.gather(*(member.until_ready() for member in members))
        newspaper.release(PRINTED)
        await receivers.until_told(PRINTED // EVERY, within=60)
        await marsad.until_settled(PRINTED)
        before = {alert["id"]: alert for alert in await marsad.alerts()}
        await until_logged(marsad, 2 * PRINTED // EVERY)
        await flush(marsad)
        newspaper.release(2 * PRINTED)
        for member in members:
            assert "marsad rebuild" in await member.until_unready("lost what Marsad kept")
        assert (await marsad.status())["redis"] == "emptied"
        assert "run `marsad rebuild`" in (await marsad.marsad("check")).output
        restarted = members[0]
        assert await restarted.end(signal.SIGTERM) == 0
        await restarted.start()
        await restarted.until_unready("lost what Marsad kept")
        assert "event=redis_emptied" in restarted.log
        sent = PRINTED // EVERY
        assert len(receivers.slack.received) == len(receivers.mail.received) == sent

        done = await marsad.marsad("rebuild")
        assert done.code == 0, done.errors
        assert (await marsad.status())["redis"] == "whole"
        assert f"{2 * sent} notifications had ended, 0 are to be sent" in done.errors
        await asyncio.gather(*(member.until_ready() for member in members))
        newspaper.release(LATER)
        await receivers.until_told(LATER // EVERY, within=120)
        status = await marsad.until_settled(LATER)
        after = {alert["id"]: alert for alert in await marsad.alerts()}
        codes = await asyncio.gather(*(member.end(signal.SIGTERM) for member in members))
    assert set(codes) == {0}
    assert {id_: alert for id_, alert in after.items() if id_ in before} == before
    assert status["articles"]["statuses"]["alerted"] == len(after) == LATER // EVERY
    for received in receivers.received.values():
        assert len(received) == len(set(received)) == LATER // EVERY
