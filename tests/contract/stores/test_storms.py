"""What a storm limit holds back is kept until the summary that tells it is delivered."""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from streams.alerts import HeldBy, Hold, NotificationState, Summary, summary_id
from streams.messages import Severity
from streams.stores.outbox import Claim, Counts, Deferred, Delivered, GivenUp, NothingDue, Outbox
from streams.stores.storms import Unruled
from tests.support.alerting import NOON, fired, notification

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
WINDOW = timedelta(minutes=10)
LIMIT = 2


def ids(*numbers: int) -> list[str]:
    return [notification(number).id for number in numbers]


def storm(*numbers: int, after: timedelta = timedelta()) -> Hold:
    """These are held in a storm."""
    return Hold(frozenset(ids(*numbers)), HeldBy.STORM, NOON + after + WINDOW)


async def unruled(outbox: Outbox, after: timedelta = timedelta()) -> Unruled:
    answer = await outbox.claim("desk", now=NOON + after, lease=LEASE, storm_limit=LIMIT)
    assert isinstance(answer, Unruled)
    return answer


async def hold(outbox: Outbox, *numbers: int, after: timedelta = timedelta()) -> int | None:
    """Hold these of what is unruled, let the others pass."""
    asked = await unruled(outbox, after)
    held = storm(*numbers, after=after)
    return await outbox.storms.rule(asked, held, limit=LIMIT, window=WINDOW, now=NOON + after)


async def claimed(outbox: Outbox, after: timedelta = timedelta()) -> Claim:
    claim = await outbox.claim("desk", now=NOON + after, lease=LEASE, storm_limit=LIMIT)
    assert isinstance(claim, Claim), claim
    return claim


async def states(outbox: Outbox, *numbers: int) -> list[NotificationState]:
    return [view.state for view in await outbox.views(ids(*numbers))]


async def test_nothing_is_claimed_before_it_is_ruled_on(outbox: Outbox) -> None:
    """All that is due is asked about at once, with its content, and what was ruled on before."""
    await outbox.add([notification(1), notification(2)], now=NOON)
    asked = await unruled(outbox)
    assert ([id_ for id_, *_ in asked.fresh], asked.recent) == (ids(1, 2), ())
    assert '"kind":"alert"' in asked.fresh[0][1]
    assert await outbox.storms.rule(asked, storm(), limit=LIMIT, window=WINDOW, now=NOON) == 0
    assert (await claimed(outbox)).id == notification(1).id
    await outbox.add([notification(3)], now=NOON + SECOND)
    await claimed(outbox, SECOND)
    assert (await unruled(outbox, SECOND)).recent == (NOON, NOON)


async def test_without_a_limit_nothing_is_asked(outbox: Outbox) -> None:
    """And notices are never asked about."""
    await outbox.add([notification(1)], now=NOON)
    assert isinstance(await outbox.claim("desk", now=NOON, lease=LEASE), Claim)


async def test_what_is_held_waits_for_its_summary(outbox: Outbox) -> None:
    """It is counted, names its summary, and nothing is due until the window is over."""
    await outbox.add([notification(number) for number in range(1, 5)], now=NOON)
    assert await hold(outbox, 3, 4) == 2
    for _ in range(2):
        await outbox.settle(await claimed(outbox), Delivered("ok"), now=NOON)
    answer = await outbox.claim("desk", now=NOON + SECOND, lease=LEASE, storm_limit=LIMIT)
    assert isinstance(answer, NothingDue)
    assert answer.until == NOON + WINDOW
    assert await outbox.counts() == Counts(pending=1, leased=0, sent=2, dead=0, held=2)
    assert [view.summary for view in await outbox.views(ids(3, 4))] == [summary_id("desk", HeldBy.STORM, NOON)] * 2


async def test_a_summary_tells_what_was_held_and_ends_it(outbox: Outbox) -> None:
    """In the order in which it came; each held one has the summary's receipt and ends counted."""
    await outbox.add([notification(1), notification(2)], now=NOON)
    await hold(outbox, 1, 2)
    await outbox.add([notification(3)], now=NOON + SECOND)
    await hold(outbox, 3, after=SECOND)
    claim = await claimed(outbox, WINDOW)
    summary = claim.notification.content
    assert isinstance(summary, Summary)
    assert (summary.seen_at, summary.until, summary.limit) == (NOON, NOON + WINDOW, LIMIT)
    full = await outbox.tellings.summary(claim.id, summary)
    assert [told.alert for told in full.told] == ["a1:0123"] * 3
    await outbox.settle(claim, Delivered("C1/7.7"), now=NOON + WINDOW)
    assert await states(outbox, 1, 2, 3) == [NotificationState.SUMMARISED] * 3
    assert {view.receipt for view in await outbox.views(ids(1, 2, 3))} == {"C1/7.7"}
    assert await outbox.counts() == Counts(pending=0, leased=0, sent=1, dead=0, held=0, summarised=3)


async def test_a_summary_on_its_way_takes_nothing_more(outbox: Outbox) -> None:
    """Every attempt tells the same; what is held meanwhile goes into another summary."""
    await outbox.add([notification(1)], now=NOON)
    await hold(outbox, 1)
    first = await claimed(outbox, WINDOW)
    await outbox.add([notification(2)], now=NOON + WINDOW)
    await hold(outbox, 2, after=WINDOW)
    await outbox.settle(first, Deferred(NOON + WINDOW, "500", uncertain=True), now=NOON + WINDOW)
    again = await claimed(outbox, WINDOW + SECOND)
    assert (again.id, again.uncertain) == (first.id, True)
    assert isinstance(again.notification.content, Summary)
    assert len((await outbox.tellings.summary(again.id, again.notification.content)).told) == 1
    await outbox.settle(again, Delivered("ok"), now=NOON + WINDOW)
    assert await states(outbox, 1, 2) == [NotificationState.SUMMARISED, NotificationState.HELD]


async def test_of_two_workers_that_rule_at_once_one_rules(outbox: Outbox) -> None:
    """The other writes nothing and is asked anew."""
    await outbox.add([notification(1)], now=NOON)
    one, other = await unruled(outbox), await unruled(outbox)
    assert await outbox.storms.rule(one, storm(), limit=LIMIT, window=WINDOW, now=NOON) == 0
    assert await outbox.storms.rule(other, storm(1), limit=LIMIT, window=WINDOW, now=NOON) is None
    assert await states(outbox, 1) == [NotificationState.PENDING]


async def test_a_crash_between_deciding_and_recording_leaves_it_unruled(outbox: Outbox) -> None:
    """Nothing was written: whoever comes next is asked the same."""
    await outbox.add([notification(1)], now=NOON)
    assert (await unruled(outbox)).fresh == (await unruled(outbox, SECOND)).fresh


async def test_redelivery_of_what_is_held_adds_nothing(outbox: Outbox) -> None:
    """The id keys the outbox while it is held and afterwards."""
    await outbox.add([notification(1)], now=NOON)
    await hold(outbox, 1)
    assert await outbox.add([notification(1)], now=NOON) == 0
    await outbox.settle(await claimed(outbox, WINDOW), Delivered("ok"), now=NOON + WINDOW)
    assert await outbox.add([notification(1)], now=NOON) == 0


async def test_what_was_tried_once_is_not_held(outbox: Outbox) -> None:
    """It may have arrived, and is repeated or found as what it is."""
    await outbox.add([notification(1)], now=NOON)
    await hold(outbox)
    await outbox.settle(await claimed(outbox), Deferred(NOON, "500", uncertain=True), now=NOON)
    assert (await claimed(outbox)).uncertain


async def test_a_summary_that_was_given_up_keeps_what_it_tells(outbox: Outbox, redis: Redis, prefix: str) -> None:
    """Sent again by hand it tells them all; nothing of it is forgotten before it."""
    await outbox.add([notification(1)], now=NOON)
    await hold(outbox, 1)
    claim = await claimed(outbox, WINDOW)
    await outbox.settle(claim, GivenUp("channel_not_found"), now=NOON + WINDOW)
    assert await outbox.counts() == Counts(pending=0, leased=0, sent=0, dead=1, held=1)
    await redis.expire(f"{prefix}notification:{ids(1)[0]}", 5)
    assert await outbox.requeue([claim.id], now=NOON + WINDOW) == 1
    assert await redis.ttl(f"{prefix}notification:{ids(1)[0]}") > 1000
    await outbox.settle(await claimed(outbox, WINDOW), Delivered("ok"), now=NOON + WINDOW)
    assert await states(outbox, 1) == [NotificationState.SUMMARISED]


async def test_a_development_of_what_a_summary_told_answers_the_summary(outbox: Outbox) -> None:
    """The sink knows that message and no other."""
    await outbox.add([notification(1)], now=NOON)
    await hold(outbox, 1)
    summary = await claimed(outbox, WINDOW)
    await outbox.settle(summary, Delivered("C1/7.7"), now=NOON + WINDOW)
    later = notification(2).model_copy(update={"first": notification(1).id})
    await outbox.add([later], now=NOON + WINDOW)
    await outbox._redis.hset(f"{outbox._prefix}notification:{later.id}", "first", later.first)
    await hold(outbox, after=WINDOW)
    claim = await claimed(outbox, WINDOW)
    assert (claim.first, claim.first_receipt) == (summary.id, "C1/7.7")


async def test_a_summary_was_told_before_its_time_for_a_development_that_failed_once(outbox: Outbox) -> None:
    """What is held is told at the end of quiet hours, though something critical of it goes out before, in two tries."""
    await outbox.add([notification(1)], now=NOON)
    await hold(outbox, 1)
    development = notification(2, match=fired(severity=Severity.CRITICAL)).model_copy(
        update={"first": notification(1).id}
    )
    await outbox.add([development], now=NOON)
    await outbox._redis.hset(f"{outbox._prefix}notification:{development.id}", "first", notification(1).id)
    asked = await unruled(outbox)
    await outbox.storms.rule(asked, storm(), limit=LIMIT, window=WINDOW, now=NOON)
    claim = await claimed(outbox)
    assert claim.id == development.id
    await outbox.settle(claim, Deferred(NOON + SECOND, "500", uncertain=True), now=NOON)
    assert (await claimed(outbox, SECOND)).id == development.id


async def test_what_is_held_for_another_reason_has_a_summary_of_its_own(outbox: Outbox) -> None:
    """A storm's summary is due in minutes, that of quiet hours when they end; each tells its own."""
    morning = NOON + timedelta(hours=9)
    await outbox.add([notification(1)], now=NOON)
    assert await hold(outbox, 1) == 1
    await outbox.add([notification(2)], now=NOON + SECOND)
    asked = await outbox.claim("desk", now=NOON + SECOND, lease=LEASE, holds=True)
    assert isinstance(asked, Unruled)
    quiet = Hold(frozenset(ids(2)), HeldBy.QUIET_HOURS, morning)
    assert await outbox.storms.rule(asked, quiet, limit=0, window=WINDOW, now=NOON + SECOND) == 1
    told = []
    for at in (NOON + WINDOW, morning):
        claim = await outbox.claim("desk", now=at, lease=LEASE, holds=True)
        assert isinstance(claim, Claim)
        assert isinstance(claim.notification.content, Summary)
        told.append((claim.notification.content.by, claim.notification.content.until))
        await outbox.settle(claim, Delivered("r"), now=at)
    assert told == [(HeldBy.STORM, NOON + WINDOW), (HeldBy.QUIET_HOURS, morning)]
    assert await states(outbox, 1, 2) == [NotificationState.SUMMARISED] * 2
