"""How many notifications a second one worker can claim and settle: the outbox alone, no sink in the way.

On the embedded Valkey, whose file is synced at every write. With a storm limit each batch of fresh ones is ruled on.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from streams.notify.delivery import Delivery
from streams.notify.holding import Holding
from streams.observe.metrics import Metrics
from streams.sections import EngineSettings
from streams.settings import Secrets
from streams.stores.connection import connect
from streams.stores.outbox import Claim, Delivered, NothingDue, Outbox
from streams.stores.storms import Unruled
from tests.bench.figures import Figure, say
from tests.support.alerting import notification

_LEASE = timedelta(minutes=1)
_LANES = 4
_NEVER_REACHED = 10**9
"""By what is ruled; at most a thousand arrivals are read for it."""


async def measure(folder: Path, *, count: int) -> list[Figure]:
    """Claims a second over `count` notifications to one receiver and to several, and with a storm limit."""
    say(f"deliveries: {count:,} notifications claimed and settled")
    async with connect(EngineSettings(data=folder), Secrets({})) as redis:
        rates = {
            "claims a second, one receiver": await _rate(Outbox(redis, prefix="one:"), count, lanes=1),
            f"claims a second, {_LANES} receivers": await _rate(Outbox(redis, prefix="four:"), count, lanes=_LANES),
            "claims a second, one receiver with a storm limit": await _rate(
                Outbox(redis, prefix="storm:"), count, lanes=1, holding=Holding(storm_limit=1000)
            ),
        }
    how = f"{count:,} notifications, each claimed and settled, every write synced"
    return [Figure(name, rate, "/s", how) for name, rate in rates.items()]


async def _rate(outbox: Outbox, count: int, *, lanes: int, holding: Holding | None = None) -> float:
    now = datetime.now(UTC)
    for first in range(0, count, 100):
        batch = [notification(number, f"desk{number % lanes}") for number in range(first, first + 100)]
        await outbox.add(batch, now=now)
    delivery = Delivery(outbox, Metrics())
    began = time.perf_counter()
    settled = await asyncio.gather(*(_lane(delivery, f"desk{lane}", holding or Holding()) for lane in range(lanes)))
    assert sum(settled) == count
    return count / (time.perf_counter() - began)


async def _lane(delivery: Delivery, receiver: str, holding: Holding) -> int:
    """What a lane of the agent does, but for sending."""
    settled = 0
    while True:
        now = datetime.now(UTC)
        claim = await delivery.outbox.claim(
            receiver, now=now, lease=_LEASE, storm_limit=holding.storm_limit, holds=holding.asks
        )
        match claim:
            case Unruled():
                await delivery.rule(claim, Holding(storm_limit=_NEVER_REACHED))
            case Claim():
                settled += await delivery.outbox.settle(claim, Delivered("bench"), now=now)
            case NothingDue():
                return settled
