"""Workers that die at any step of a storm: each notification reaches people once, by itself or in one summary."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from redis.asyncio import Redis

from streams.alerts import Notification, NotificationState, Summary
from streams.notify.delivery import Chances, Delivery
from streams.notify.holding import Holding
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.observe.metrics import Metrics
from streams.stores.outbox import Claim, NothingDue, Outbox
from streams.stores.storms import Unruled
from tests.support.alerting import alert_content, notification
from tests.support.sinks import Clock, Sink

HOLDING = Holding(storm_limit=3)
LEASE = timedelta(minutes=1)
ALERTS = 40


class Memory(Sink):
    """A sink that can be asked: what it has already, it does not take again."""

    async def send(self, item: Notification, earlier: Earlier = NOTHING) -> Receipt:
        if item.id in self.sent:
            assert earlier.uncertain, "sent again without a doubt"
            return Receipt(item.id)
        return await super().send(item, earlier)


async def step(delivery: Delivery, clock: Clock, sink: Memory, random: Random) -> bool:
    """One thing that a worker does, perhaps the last one in its life. False where nothing is due."""
    fate = random.random()
    claim = await delivery.outbox.claim("desk", now=clock.now, lease=LEASE, storm_limit=3)
    match claim:
        case Unruled():
            if fate > 0.3:
                await delivery.rule(claim, HOLDING)
        case Claim():
            if fate > 0.2:
                attempt = await delivery.send(claim, sink)
                if fate > 0.4:
                    await delivery.record(attempt)
        case NothingDue():
            return False
    return True


@pytest.mark.parametrize("seed", range(5))
async def test_each_is_told_once_whoever_dies_when(redis: Redis, prefix: str, seed: int) -> None:
    """Workers die before and after ruling, claiming, sending; nothing is lost, nothing told twice, all is counted."""
    random, clock, sink = Random(seed), Clock(), Memory()  # noqa: S311  # to be repeated
    delivery = Delivery(Outbox(redis, prefix=prefix), Metrics(), chances=Chances(clock, random.random))
    items = [
        notification(number).model_copy(update={"content": alert_content(alert=f"a1:{number}")})
        for number in range(ALERTS)
    ]
    for item in items:
        await delivery.outbox.add([item], now=clock.now)
        clock.now += random.choice([1, 1, 20, 200]) * timedelta(seconds=1)
        for _ in range(random.randrange(3)):
            await step(delivery, clock, sink, random)
    while (await delivery.outbox.counts()).undelivered:
        if not await step(delivery, clock, sink, random):
            clock.now += timedelta(seconds=30)
    by_itself = [content.alert for content in sink.contents if content.kind == "alert"]
    listed = [told.alert for content in sink.contents if isinstance(content, Summary) for told in content.told]
    assert Counter(by_itself + listed) == Counter(f"a1:{number}" for number in range(ALERTS))
    assert listed, "no storm came about"
    states = Counter(view.state for view in await delivery.outbox.views([item.id for item in items]))
    assert states == {NotificationState.SENT: len(by_itself), NotificationState.SUMMARISED: len(listed)}
    counts = await delivery.outbox.counts()
    assert (counts.held, counts.summarised, counts.leased, counts.dead) == (0, len(listed), 0, 0)
