"""What is held for a receiver is told when the settings of now say so, not when those of then did."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from streams.alerts import Summary
from streams.notify.deliver_agent import DeliverAgent
from streams.notify.delivery import Chances, Delivery
from streams.notify.holding import Holding
from streams.notify.storm import WINDOW
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.receiver_sections import Digest, QuietHours
from streams.stores.outbox import Claim, Outbox
from streams.stores.storms import Unruled
from tests.support.alerting import NOON, notification
from tests.support.sinks import Sink

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=1)
WEEKLY = Holding(digest=Digest.model_validate({"every": "weekly", "on": "sun"}))
HOURLY = Holding(digest=Digest(every="hourly"))
NIGHT = Holding(quiet_hours=(QuietHours.model_validate({"from": "11:00", "to": "20:00"}),))
SHORT = Holding(quiet_hours=(QuietHours.model_validate({"from": "11:00", "to": "13:00"}),))
"""Noon is in both."""
SOON = Holding(1, (QuietHours.model_validate({"from": "12:05", "to": "20:00"}),))


async def _held(outbox: Outbox, holding: Holding) -> Delivery:
    """A delivery at noon, with one alert held for the desk."""
    delivery = Delivery(outbox, Metrics(), chances=Chances(clock=lambda: NOON))
    await outbox.add([notification()], now=NOON)
    asked = await outbox.claim("desk", now=NOON, lease=LEASE, holds=True)
    assert isinstance(asked, Unruled)
    await delivery.rule(replace(asked, recent=(NOON,)), holding)
    return delivery


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (WEEKLY, HOURLY, NOON + HOUR),
        (WEEKLY, SHORT, NOON + HOUR),
        (WEEKLY, Holding(), NOON),
        (NIGHT, SHORT, NOON + HOUR),
        (NIGHT, Holding(storm_limit=20), NOON + WINDOW),
        (SHORT, NIGHT, NOON + 8 * HOUR),
        (HOURLY, WEEKLY, NOON + HOUR),
        (HOURLY, NIGHT, NOON + 8 * HOUR),
    ],
)
async def test_what_a_weekly_digest_held_waited_for_sunday_though_it_was_made_an_hourly_one(
    outbox: Outbox, before: Holding, after: Holding, told: datetime
) -> None:
    """It comes when new settings say, but not later than it was to come, but for new quiet hours; and says when."""
    delivery = await _held(outbox, before)
    await delivery.take_up("desk", after)
    assert await outbox.next_due() == told
    claim = await outbox.claim("desk", now=NOON + 8 * HOUR, lease=LEASE, holds=True)
    assert isinstance(claim, Claim)
    assert isinstance(claim.notification.content, Summary)
    assert claim.notification.content.until == told


@pytest.mark.parametrize("holding", [WEEKLY, HOURLY, NIGHT, SOON])
async def test_settings_that_are_what_they_were_change_nothing(outbox: Outbox, holding: Holding) -> None:
    """A worker that starts again leaves a summary its time."""
    delivery = await _held(outbox, holding)
    due = await outbox.next_due()
    await delivery.take_up("desk", holding)
    assert await outbox.next_due() == due != NOON


async def test_a_worker_takes_up_what_is_held_when_it_starts(outbox: Outbox) -> None:
    """The receiver has no digest any more: it is told at once."""
    delivery, sink, stop = await _held(outbox, WEEKLY), Sink(), asyncio.Event()
    agent = asyncio.create_task(DeliverAgent(delivery, {"desk": sink}, Progress("notify")).run(stop))
    async with asyncio.timeout(15):
        while not sink.sent:  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.005)
    stop.set()
    await agent
