"""The outbox hands each notification to one worker at a time, and fences those that come too late."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from streams.alerts import Notification, NotificationState
from streams.errors import MalformedMessageError
from streams.messages import Severity
from streams.stores.outbox import Claim, Counts, Deferred, Delivered, GivenUp, NothingDue, Outbox, Pace
from tests.support.alerting import NOON, article, fired, notice, notification

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


async def claimed(outbox: Outbox, after: timedelta = timedelta()) -> Claim:
    claim = await outbox.claim("desk", now=NOON + after, lease=LEASE)
    assert isinstance(claim, Claim)
    return claim


async def test_what_is_added_is_claimed_whole(outbox: Outbox) -> None:
    """A claim carries the notification as it was added, its first attempt, and no doubt."""
    added = notification()
    assert await outbox.add([added], now=NOON) == 1
    claim = await claimed(outbox)
    assert claim.notification == added
    assert (claim.attempt, claim.tries, claim.since, claim.uncertain) == (1, 1, NOON, False)
    assert claim.tried_at == NOON


async def test_adding_twice_keeps_one(outbox: Outbox) -> None:
    """The id keys the outbox, also after delivery: a repeated commit sends nothing again."""
    await outbox.add([notification()], now=NOON)
    assert await outbox.add([notification()], now=NOON) == 0
    await outbox.settle(await claimed(outbox), Delivered("ok"), now=NOON)
    assert await outbox.add([notification()], now=NOON) == 0
    assert await outbox.counts() == Counts(pending=0, leased=0, sent=1, dead=0)


async def test_a_leased_notification_is_not_claimed_again(outbox: Outbox) -> None:
    """While the lease lasts nobody else gets it, and is told when to look again."""
    await outbox.add([notification()], now=NOON)
    await claimed(outbox)
    assert await outbox.claim("desk", now=NOON + SECOND, lease=LEASE) == NothingDue(NOON + LEASE)
    assert await outbox.counts() == Counts(pending=0, leased=1, sent=0, dead=0)


async def test_an_ended_lease_is_claimed_as_uncertain(outbox: Outbox) -> None:
    """A worker that died may have sent it: the next attempt says so and has a higher number."""
    await outbox.add([notification()], now=NOON)
    await claimed(outbox)
    claim = await claimed(outbox, LEASE)
    assert (claim.attempt, claim.tries, claim.uncertain) == (2, 2, True)
    assert (await outbox.counts()).leased == 1


@pytest.mark.parametrize("outcome", [Delivered("late"), Deferred(NOON, "late"), GivenUp("late")])
async def test_a_superseded_attempt_settles_nothing(outbox: Outbox, outcome: Delivered | Deferred | GivenUp) -> None:
    """The attempt number fences: only the latest claim may record."""
    await outbox.add([notification()], now=NOON)
    old = await claimed(outbox)
    new = await claimed(outbox, LEASE)
    assert not await outbox.settle(old, outcome, now=NOON + LEASE)
    assert await outbox.settle(new, Delivered("ok"), now=NOON + LEASE)
    assert not await outbox.settle(new, Delivered("ok"), now=NOON + LEASE)
    assert (await outbox.views([new.id]))[0].receipt == "ok"


async def test_a_success_that_comes_late_keeps_it_from_being_sent_again(outbox: Outbox) -> None:
    """While nobody has it in hand: the next attempt was put off, or Redis was lost and rebuilt after it was sent."""
    await outbox.add([notification()], now=NOON)
    old = await claimed(outbox)
    new = await claimed(outbox, LEASE)
    assert await outbox.settle(new, Deferred(NOON + 2 * LEASE, "429"), now=NOON + LEASE)
    assert await outbox.settle(old, Delivered("late"), now=NOON + LEASE)
    (view,) = await outbox.views([notification().id])
    assert (view.state, view.receipt, view.attempts) == (NotificationState.SENT, "late", 2)
    assert await outbox.counts() == Counts(pending=0, leased=0, sent=1, dead=0)
    assert await outbox.claim("desk", now=NOON + 3 * LEASE, lease=LEASE) == NothingDue(None)


async def test_deferred_comes_back_when_due(outbox: Outbox) -> None:
    """A deferred notification waits for its time and remembers the error and the doubt."""
    await outbox.add([notification()], now=NOON)
    await outbox.settle(await claimed(outbox), Deferred(NOON + 5 * SECOND, "500", uncertain=True), now=NOON)
    assert await outbox.claim("desk", now=NOON + SECOND, lease=LEASE) == NothingDue(NOON + 5 * SECOND)
    (view,) = await outbox.views([notification().id])
    assert (view.state, view.error, view.due) == (NotificationState.PENDING, "500", NOON + 5 * SECOND)
    claim = await claimed(outbox, 5 * SECOND)
    assert (claim.tries, claim.uncertain) == (2, True)


async def test_a_hold_stops_the_whole_receiver(outbox: Outbox) -> None:
    """After a Retry-After nothing at all is sent to the receiver before its time; others are not held."""
    await outbox.add([notification(1), notification(2), notification(3, "mail")], now=NOON)
    until = NOON + 30 * SECOND
    await outbox.settle(await claimed(outbox), Deferred(until, "429", hold_until=until), now=NOON)
    assert await outbox.claim("desk", now=NOON + SECOND, lease=LEASE) == NothingDue(until)
    assert isinstance(await outbox.claim("mail", now=NOON + SECOND, lease=LEASE), Claim)
    assert (await claimed(outbox, 30 * SECOND)).id == notification(2).id


async def test_pace_lets_a_burst_through_then_one_each_interval(outbox: Outbox) -> None:
    """Two at once and one a second after that, whatever number of workers claims."""
    await outbox.add([notification(number) for number in range(4)], now=NOON)
    pace = Pace(SECOND, burst=2)
    answers = [await outbox.claim("desk", now=NOON, lease=LEASE, pace=pace) for _ in range(3)]
    assert [isinstance(answer, Claim) for answer in answers] == [True, True, False]
    assert answers[2] == NothingDue(NOON + SECOND)
    assert isinstance(await outbox.claim("desk", now=NOON + SECOND, lease=LEASE, pace=pace), Claim)
    assert await outbox.claim("desk", now=NOON + SECOND, lease=LEASE, pace=pace) == NothingDue(NOON + 2 * SECOND)


async def test_receivers_of_one_channel_share_its_pace(outbox: Outbox) -> None:
    """Whoever comes first takes the second; a receiver elsewhere does not wait."""
    await outbox.add([notification(1, "desk"), notification(2, "twin"), notification(3, "mail")], now=NOON)
    pace = Pace(SECOND, name="slack #alerts")
    assert isinstance(await outbox.claim("desk", now=NOON, lease=LEASE, pace=pace), Claim)
    assert await outbox.claim("twin", now=NOON, lease=LEASE, pace=pace) == NothingDue(NOON + SECOND)
    assert isinstance(await outbox.claim("mail", now=NOON, lease=LEASE, pace=Pace(SECOND)), Claim)


async def test_what_is_critical_is_told_first(outbox: Outbox) -> None:
    """However much waits; a title that says so moves nothing. After a failure it comes at its time."""
    await outbox.add([notification(number) for number in range(5)], now=NOON)
    spoof = notification(8, article=article(title='"severity":"critical"'))
    critical = notification(9, match=fired(severity=Severity.CRITICAL))
    await outbox.add([spoof, critical], now=NOON + SECOND)
    claim = await claimed(outbox, SECOND)
    assert claim.id == critical.id
    assert (await outbox.views([critical.id]))[0].due == NOON + SECOND + LEASE
    assert (await claimed(outbox, SECOND)).id == notification(0).id
    await outbox.settle(claim, Deferred(NOON + 5 * SECOND, "500"), now=NOON + SECOND)
    assert (await claimed(outbox, 2 * SECOND)).id == notification(1).id


async def test_what_is_critical_came_behind_all_that_waited_after_a_retry_after(outbox: Outbox) -> None:
    """Nothing may be sent before that anyway; and what was given up comes first when it is sent again by hand."""
    critical = notification(9, match=fired(severity=Severity.CRITICAL))
    await outbox.add([*(notification(number) for number in range(3)), critical], now=NOON)
    until = NOON + 30 * SECOND
    await outbox.settle(await claimed(outbox), Deferred(until, "429", hold_until=until), now=NOON)
    assert await outbox.claim("desk", now=NOON + SECOND, lease=LEASE) == NothingDue(until)
    claim = await claimed(outbox, 30 * SECOND)
    assert claim.id == critical.id
    await outbox.settle(claim, GivenUp("no"), now=until)
    await outbox.requeue([critical.id], now=until)
    assert (await claimed(outbox, 30 * SECOND)).id == critical.id


async def test_what_is_critical_came_behind_all_that_waited_after_one_failure(
    outbox: Outbox, redis: Redis, prefix: str
) -> None:
    """It is not tried before its time; then it goes before what has waited meanwhile."""
    critical = notification(9, match=fired(severity=Severity.CRITICAL))
    await outbox.add([*(notification(number) for number in range(3)), critical], now=NOON)
    await outbox.settle(await claimed(outbox), Deferred(NOON + 30 * SECOND, "500"), now=NOON)
    assert (await claimed(outbox, 29 * SECOND)).id == notification(0).id
    assert (await claimed(outbox, 30 * SECOND)).id == critical.id
    assert [key async for key in redis.scan_iter(f"{prefix}outbox:urgent:*")] == []


async def test_given_up_is_dead_until_requeued(outbox: Outbox) -> None:
    """Dead notifications are listed with their error, and come back due at once with their age begun anew."""
    await outbox.add([notification()], now=NOON)
    await outbox.settle(await claimed(outbox), GivenUp("channel_not_found"), now=NOON)
    (dead,) = await outbox.dead()
    assert (dead.id, dead.alert, dead.error) == (notification().id, "a1:0123", "channel_not_found")
    assert await outbox.counts() == Counts(pending=0, leased=0, sent=0, dead=1)
    later = timedelta(days=5)
    assert await outbox.requeue([dead.id, "n1:unknown"], now=NOON + later) == 1
    claim = await claimed(outbox, later)
    assert (claim.attempt, claim.tries, claim.since) == (2, 1, NOON + later)
    assert await outbox.dead() == ()


async def test_what_was_sent_again_by_hand_was_looked_for_only_from_then_on(outbox: Outbox) -> None:
    """An attempt of days ago may have arrived: `tried_at` goes back to the first, though the age begins anew."""
    await outbox.add([notification()], now=NOON)
    await outbox.settle(await claimed(outbox, SECOND), GivenUp("gave up after a time-out", uncertain=True), now=NOON)
    await outbox.requeue([notification().id], now=NOON + 100 * LEASE)
    claim = await claimed(outbox, 100 * LEASE)
    assert (claim.since, claim.uncertain, claim.tried_at) == (NOON + 100 * LEASE, True, NOON + SECOND)


async def test_each_attempt_is_remembered_with_how_it_ended(outbox: Outbox) -> None:
    """Put off, with and without doubt, lost with its worker, delivered: when, how and what was said."""
    await outbox.add([notification()], now=NOON)
    await outbox.settle(await claimed(outbox), Deferred(NOON + SECOND, "429"), now=NOON)
    await outbox.settle(await claimed(outbox, SECOND), Deferred(NOON + 2 * SECOND, "500", uncertain=True), now=NOON)
    await claimed(outbox, 2 * SECOND)
    last = await claimed(outbox, LEASE + 2 * SECOND)
    await outbox.settle(last, Delivered("C01/17"), now=NOON + 2 * LEASE)
    (view,) = await outbox.views([notification().id])
    assert [(each.number, each.at - NOON, each.ended, each.detail) for each in view.ended] == [
        (1, timedelta(), "deferred", "429"),
        (2, timedelta(), "uncertain", "500"),
        (3, LEASE + 2 * SECOND, "unknown", "its worker ended without a record"),
        (4, 2 * LEASE, "sent", "C01/17"),
    ]


async def test_of_very_many_attempts_the_latest_are_remembered(outbox: Outbox) -> None:
    """Fifty of them; all are counted."""
    await outbox.add([notification()], now=NOON)
    for number in range(60):
        at = number * SECOND
        await outbox.settle(await claimed(outbox, at), Deferred(NOON + at + SECOND, f"no {number}"), now=NOON)
    (view,) = await outbox.views([notification().id])
    assert (view.attempts, [each.number for each in view.ended]) == (60, list(range(11, 61)))


async def test_only_the_dead_are_requeued(outbox: Outbox) -> None:
    """Asking again for what is on its way or delivered changes nothing."""
    await outbox.add([notification(1), notification(2)], now=NOON)
    await outbox.settle(await claimed(outbox), Delivered("ok"), now=NOON)
    assert await outbox.requeue([notification(1).id, notification(2).id], now=NOON) == 0
    assert await outbox.counts() == Counts(pending=1, leased=0, sent=1, dead=0)


async def test_settled_notifications_expire(outbox: Outbox, redis: Redis, prefix: str) -> None:
    """Sent and dead ones have a time to live, one on its way has none, also after it was requeued."""
    await outbox.add([notification(1), notification(2), notification(3)], now=NOON)
    await outbox.settle(await claimed(outbox), Delivered("ok"), now=NOON)
    await outbox.settle(await claimed(outbox), GivenUp("no"), now=NOON)
    keys = [f"{prefix}notification:{notification(number).id}" for number in (1, 2, 3)]
    assert [await redis.ttl(key) > 0 for key in keys] == [True, True, False]
    await outbox.requeue([notification(2).id], now=NOON)
    assert await redis.ttl(keys[1]) == -1


async def test_next_due_and_receivers_tell_of_what_is_on_its_way(outbox: Outbox) -> None:
    """The earliest time over all receivers; receivers without anything are gone."""
    assert (await outbox.next_due(), await outbox.receivers()) == (None, frozenset())
    await outbox.add([notification(1, "mail")], now=NOON + SECOND)
    await outbox.add([notification(2, "desk")], now=NOON)
    assert (await outbox.next_due(), await outbox.receivers()) == (NOON, frozenset({"desk", "mail"}))
    await outbox.settle(await claimed(outbox), Delivered("ok"), now=NOON)
    assert (await outbox.next_due(), await outbox.receivers()) == (NOON + SECOND, frozenset({"mail"}))


async def test_next_due_heeds_a_hold(outbox: Outbox) -> None:
    """What waits for a receiver that asked to be left alone is not due before that receiver is."""
    await outbox.add([notification(1), notification(2)], now=NOON)
    until = NOON + 30 * SECOND
    await outbox.settle(await claimed(outbox), Deferred(until, "429", hold_until=until), now=NOON)
    assert await outbox.next_due() == until


async def test_adding_wakes_a_waiter(outbox: Outbox) -> None:
    """A blocked worker is told for whom something came, without polling."""
    waiter = asyncio.create_task(outbox.wait(timedelta(seconds=5)))
    await outbox.add([notification()], now=NOON)
    assert await waiter == "desk"


async def test_waiting_ends_by_itself(outbox: Outbox) -> None:
    """Nothing came in time."""
    assert await outbox.wait(timedelta(milliseconds=20)) is None


async def test_many_workers_claim_each_notification_once(outbox: Outbox) -> None:
    """Twenty claims at once over ten notifications: each handed out once."""
    await outbox.add([notification(number) for number in range(10)], now=NOON)
    answers = await asyncio.gather(*(outbox.claim("desk", now=NOON, lease=LEASE) for _ in range(20)))
    ids = [answer.id for answer in answers if isinstance(answer, Claim)]
    assert sorted(ids) == [notification(number).id for number in range(10)]


async def test_a_content_of_a_later_release_is_said_to_be_unreadable(outbox: Outbox, redis: Redis, prefix: str) -> None:
    """It is claimed and listed all the same; only reading it fails, with a declared error."""
    await outbox.add([notification()], now=NOON)
    await redis.hset(f"{prefix}notification:{notification().id}", "content", '{"kind":"hologram"}')
    claim = await claimed(outbox)
    with pytest.raises(MalformedMessageError, match="this release cannot read"):
        _ = claim.notification
    (view,) = await outbox.views([claim.id])
    assert (view.notification, view.alert) == (None, "a1:0123")


async def test_a_notice_travels_like_an_alert(outbox: Outbox) -> None:
    """Notices share the outbox; they belong to no alert."""
    item = Notification(id="n1:notice", receiver="desk", content=notice())
    await outbox.add([item], now=NOON)
    claim = await claimed(outbox)
    assert (claim.notification, claim.notification.alert) == (item, None)


async def test_an_entry_whose_content_was_deleted_is_in_nobodys_way(outbox: Outbox, redis: Redis, prefix: str) -> None:
    """Somebody deleted a key, or an evicting Redis did: the next entry is claimed, and no empty one is made."""
    first, second = notification(1), notification(2)
    await outbox.add([first], now=NOON)
    await outbox.add([second], now=NOON + SECOND)
    await redis.delete(f"{prefix}notification:{first.id}")
    assert (await claimed(outbox, SECOND)).notification == second
    assert not await redis.exists(f"{prefix}notification:{first.id}")
