"""Ends of notifications: each is noted until the topic has it, and comes back from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from redis.asyncio import Redis

from streams.alerts import HeldBy, Hold, Notification, NotificationState
from streams.stores.deliveries import Deliveries
from streams.stores.outbox import Claim, Delivered, GivenUp, Outbox
from streams.stores.storms import Unruled
from tests.support.alerting import NOON, notice, notification
from tests.support.redis import fresh_prefix

LEASE, KEEP = timedelta(seconds=60), timedelta(days=14)


@pytest.fixture
def deliveries(redis: Redis, prefix: str) -> Deliveries:
    return Deliveries(redis, prefix=prefix, keep=KEEP)


async def claimed(outbox: Outbox, receiver: str) -> Claim:
    """The next notification of a receiver."""
    claim = await outbox.claim(receiver, now=NOON, lease=LEASE)
    assert isinstance(claim, Claim)
    return claim


async def test_an_end_is_noted_until_the_topic_has_it(outbox: Outbox, deliveries: Deliveries) -> None:
    """What was sent and what was given up, with what is needed to know it again; then no more."""
    await outbox.add([notification(1), notification(2, "newsroom")], now=NOON)
    assert await deliveries.unlogged() == []
    await outbox.settle(await claimed(outbox, "desk"), Delivered("its-receipt"), now=NOON)
    await outbox.settle(await claimed(outbox, "newsroom"), GivenUp("no such channel"), now=NOON)
    sent, dead = sorted(await deliveries.unlogged(), key=lambda end: end.id)
    assert (sent.id, sent.receiver, sent.state) == (notification(1).id, "desk", NotificationState.SENT)
    assert (sent.alert, sent.rule, sent.article, sent.number) == ("a1:0123", "withdrawal", "a1", 1)
    assert (sent.receipt, sent.attempts, sent.added_at, sent.seen_at) == ("its-receipt", 1, NOON, NOON)
    assert (dead.state, dead.error) == (NotificationState.DEAD, "no such channel")
    await deliveries.logged([sent.id, dead.id])
    assert await deliveries.unlogged() == []


async def test_what_was_sent_again_by_hand_was_taken_for_decided_then(outbox: Outbox, deliveries: Deliveries) -> None:
    """A rebuild puts what was decided in order by when it was added, not by when it was sent again."""
    await outbox.add([notification(1)], now=NOON)
    await outbox.settle(await claimed(outbox, "desk"), GivenUp("no such channel"), now=NOON)
    await outbox.requeue([notification(1).id], now=NOON + 100 * LEASE)
    again = await outbox.claim("desk", now=NOON + 100 * LEASE, lease=LEASE)
    assert isinstance(again, Claim)
    await outbox.settle(again, Delivered("its-receipt"), now=NOON + 100 * LEASE)
    (end,) = await deliveries.unlogged()
    assert (end.added_at, end.seen_at) == (NOON, NOON + 100 * LEASE)


async def test_notices_are_not_noted(outbox: Outbox, deliveries: Deliveries) -> None:
    """They are about Marsad itself, and no rebuild makes them again."""
    await outbox.add([Notification(id="n1:notice", receiver="desk", content=notice())], now=NOON)
    await outbox.settle(await claimed(outbox, "desk"), Delivered("r"), now=NOON)
    assert await deliveries.unlogged() == []


async def test_what_a_summary_told_has_ended_with_it(
    outbox: Outbox, deliveries: Deliveries, redis: Redis, prefix: str
) -> None:
    """Each part of it, with its receipt: a rebuild tells none of them on its own."""
    await outbox.add([notification(1), notification(2)], now=NOON)
    asked = await outbox.claim("desk", now=NOON, lease=LEASE, storm_limit=1)
    assert isinstance(asked, Unruled)
    hold = Hold(frozenset({notification(1).id, notification(2).id}), HeldBy.STORM, NOON)
    assert await outbox.storms.rule(asked, hold, limit=1, window=LEASE, now=NOON) == 2
    await outbox.settle(await claimed(outbox, "desk"), Delivered("of the summary"), now=NOON)
    ends = {end.id: end for end in await deliveries.unlogged()}
    assert {(end.id, end.state, end.receipt) for end in ends.values()} == {
        (notification(number).id, NotificationState.SUMMARISED, "of the summary") for number in (1, 2)
    }
    await redis.delete(*[key async for key in redis.scan_iter(f"{prefix}*")])
    await outbox.add([notification(1), notification(2)], now=NOON)
    assert await deliveries.restore(dict(ends)) == 2
    assert await deliveries.outstanding() == []
    assert (await outbox.counts()).summarised == 2


async def _held(outbox: Outbox, number: int, *, now: datetime = NOON) -> None:
    asked = await outbox.claim("desk", now=now, lease=LEASE, storm_limit=1)
    assert isinstance(asked, Unruled)
    hold = Hold(frozenset({notification(number).id}), HeldBy.STORM, now + LEASE)
    await outbox.storms.rule(asked, hold, limit=1, window=LEASE, now=now)


async def test_what_a_backup_had_leased_or_held_was_sent_again(
    outbox: Outbox, deliveries: Deliveries, redis: Redis
) -> None:
    """The topic shows that it has been sent since, alone or in its summary; what comes is held by another summary."""
    prefix = fresh_prefix()
    backup, restored = Outbox(redis, prefix=prefix), Deliveries(redis, prefix=prefix, keep=KEEP)
    leased = []
    for each in (outbox, backup):
        await each.add([notification(1), notification(2)], now=NOON)
        await _held(each, 2)
        leased.append(await claimed(each, "desk"))
    await outbox.settle(leased[0], Delivered("its-receipt"), now=NOON)
    summary = await outbox.claim("desk", now=NOON + LEASE, lease=LEASE)
    assert isinstance(summary, Claim)
    await outbox.settle(summary, Delivered("of the summary"), now=NOON + LEASE)

    ends = {end.id: end for end in await deliveries.unlogged()}
    waiting = await restored.outstanding()
    assert [told.held for told in waiting if told.alert] == [False, True]
    assert await restored.restore({told.id: ends.get(told.id) for told in waiting}) == 2
    assert await restored.outstanding() == []
    sent = await outbox.counts()
    assert await backup.counts() == replace(sent, sent=sent.sent - 1)  # a summary is none of what is counted again
    await backup.add([notification(3)], now=NOON + LEASE)
    await _held(backup, 3, now=NOON + LEASE)
    [view] = await backup.views([notification(3).id])
    assert view.summary not in {"", summary.id}


async def test_an_end_comes_back(outbox: Outbox, deliveries: Deliveries, redis: Redis, prefix: str) -> None:
    """As if it had been recorded here: nothing is left to send, the thread is known, a dead one can be sent again."""
    await outbox.add([notification(1), notification(2)], now=NOON)
    await outbox.settle(await claimed(outbox, "desk"), Delivered("its-receipt"), now=NOON)
    await outbox.settle(await claimed(outbox, "desk"), GivenUp("refused"), now=NOON)
    ends = {end.id: end for end in await deliveries.unlogged()}
    views = await outbox.views(sorted(ends))
    await redis.delete(*[key async for key in redis.scan_iter(f"{prefix}*")])

    await outbox.add([notification(1), notification(2)], now=NOON)
    assert [told.number for told in await deliveries.outstanding()] == [1, 1]
    for _ in range(2):  # an interrupted rebuild does it twice
        await deliveries.restore(dict(ends))
    assert await outbox.views(sorted(ends)) == views
    counts = await outbox.counts()
    assert (counts.pending, counts.leased, counts.sent, counts.dead) == (0, 0, 1, 1)
    assert await outbox.requeue([notification(2).id], now=NOON) == 1


async def test_what_the_topic_does_not_show_is_asked_about(outbox: Outbox, deliveries: Deliveries) -> None:
    """It may have been sent in the moment in which Redis was lost."""
    await outbox.add([notification(1)], now=NOON)
    assert await deliveries.restore({notification(1).id: None}) == 0
    assert (await claimed(outbox, "desk")).uncertain
