"""Receivers that are flooded, dead or slow: nothing is lost, nobody else waits, and the operators are told."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta

import pytest
from pydantic import SecretStr

from deploy.sample.slack_standin import Answer
from streams.alerts import Notice, NotificationState, Summary
from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError
from streams.messages import Severity
from streams.notify.circuit import FIRST_WAIT, LONGEST_WAIT, TRIP
from streams.notify.deliver_agent import DeliverAgent
from streams.notify.delivery import AttemptOutcome, Chances, Delivery
from streams.notify.holding import Holding
from streams.notify.notifier import Notifier
from streams.notify.slack import Slack
from streams.notify.storm import WINDOW
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.receiver_sections import Digest
from streams.stores.outbox import Claim, Counts, NothingDue, Outbox
from streams.stores.storms import Unruled
from tests.support.alerting import NOON, fired, notification
from tests.support.sinks import Clock, Sink
from tests.support.slack import TOKEN, slack

SECOND = timedelta(seconds=1)
LIMIT = 3


async def deliver(
    delivery: Delivery, clock: Clock, notifier: Notifier, receiver: str = "desk", limit: int = LIMIT
) -> list[AttemptOutcome]:
    """What a lane does until nothing is due."""
    outcomes = []
    while True:
        claim = await delivery.outbox.claim(receiver, now=clock.now, lease=delivery.lease, storm_limit=limit)
        match claim:
            case Unruled():
                await delivery.rule(claim, Holding(storm_limit=limit))
            case Claim():
                outcomes.append(await delivery.attempt(claim, notifier))
            case NothingDue():
                return outcomes


async def claimed(outbox: Outbox, clock: Clock) -> Claim:
    claim = await outbox.claim("desk", now=clock.now, lease=timedelta(minutes=1))
    assert isinstance(claim, Claim)
    return claim


def failures(count: int, error: DeliveryError | None = None) -> list[Exception]:
    return [error or DeliveryDeferredError("cannot be reached") for _ in range(count)]


async def titles(delivery: Delivery, clock: Clock) -> list[str]:
    """What the operators are told, in order."""
    sink = Sink()
    await deliver(delivery, clock, sink, "ops")
    return [content.title for content in sink.contents if isinstance(content, Notice)]


async def test_a_storm_ends_in_one_summary(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """Of nine a critical one is told first and two others; after ten minutes the rest at once, each counted."""
    items = [notification(number) for number in range(8)]
    items.append(notification(8, match=fired(severity=Severity.CRITICAL)))
    await outbox.add(items, now=NOON)
    sink = Sink()
    await deliver(delivery, clock, sink)
    assert sink.sent == [item.id for item in [items[8], *items[:2]]]
    clock.now += WINDOW
    await deliver(delivery, clock, sink)
    summary = sink.contents[-1]
    assert isinstance(summary, Summary)
    assert len(summary.told) == 6
    assert await outbox.counts() == Counts(pending=0, leased=0, sent=4, dead=0, held=0, summarised=6)
    assert delivery.metrics.registry.get_sample_value("marsad_held_total", {"receiver": "desk"}) == 6


async def test_what_piled_up_while_a_receiver_was_dead_does_not_flood_it(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """However far apart it came: the limit is on what people get."""
    sink = Sink(*failures(TRIP))
    await outbox.add([notification(0)], now=NOON)
    for _ in range(TRIP):
        await deliver(delivery, clock, sink)
        clock.now += timedelta(minutes=1)
    for number in range(1, 9):
        clock.now += timedelta(hours=1)
        await outbox.add([notification(number)], now=clock.now)
    await deliver(delivery, clock, sink)
    assert len(sink.sent) == 1 + LIMIT
    assert (await outbox.counts()).held == 5


async def test_a_weekly_digest_was_given_up_at_its_first_failure(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """It waits a week to be told, and is tried for three days then."""
    holding = Holding(digest=Digest(every="weekly", on="mon", at=time(7)))
    await outbox.add([notification()], now=NOON)
    asked = await outbox.claim("desk", now=clock.now, lease=delivery.lease, holds=True)
    assert isinstance(asked, Unruled)
    await delivery.rule(asked, holding)
    clock.now += timedelta(days=7)
    assert await delivery.attempt(await claimed(outbox, clock), Sink(*failures(1))) is AttemptOutcome.DEFERRED
    clock.now += timedelta(days=2)
    assert await delivery.attempt(await claimed(outbox, clock), Sink()) is AttemptOutcome.SENT


async def test_a_dead_receiver_is_left_alone_and_tried_now_and_then(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """Of forty waiting, five are tried, then one at a time; when it is back all arrive. The operators hear of both."""
    await outbox.add([notification(number) for number in range(40)], now=NOON)
    sink = Sink(*failures(TRIP + 3))
    assert len(await deliver(delivery, clock, sink, limit=0)) == TRIP
    assert list(await outbox.circuits.open()) == ["desk"]
    assert delivery.metrics.registry.get_sample_value("marsad_circuit_open", {"receiver": "desk"}) == 1
    for waits in (1, 2, 4):
        clock.now += waits * FIRST_WAIT - SECOND
        assert await deliver(delivery, clock, sink, limit=0) == []
        clock.now += SECOND
        assert await deliver(delivery, clock, sink, limit=0) == [AttemptOutcome.DEFERRED]
    assert await titles(delivery, clock) == ["Marsad cannot reach desk"]
    clock.now += LONGEST_WAIT
    assert len(await deliver(delivery, clock, sink, limit=0)) == 40
    assert await outbox.circuits.open() == {}
    assert await titles(delivery, clock) == ["Marsad reaches desk again"]
    assert delivery.metrics.registry.get_sample_value("marsad_circuit_open", {"receiver": "desk"}) == 0


async def test_what_is_critical_came_last_once_its_receiver_was_back(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """It was tried first, and stood behind all that had not been tried."""
    critical = notification(99, match=fired(severity=Severity.CRITICAL))
    await outbox.add([*(notification(number) for number in range(40)), critical], now=NOON)
    sink = Sink(*failures(TRIP))
    await deliver(delivery, clock, sink, limit=0)
    clock.now += LONGEST_WAIT
    await deliver(delivery, clock, sink, limit=0)
    assert sink.sent.index(critical.id) == 1


async def test_one_worker_at_a_time_probes(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """Another that asks meanwhile waits for the end of that attempt's lease at most."""
    await outbox.add([notification(number) for number in range(9)], now=NOON)
    await deliver(delivery, clock, Sink(*failures(TRIP)), limit=0)
    clock.now += FIRST_WAIT
    probe = await outbox.claim("desk", now=clock.now, lease=delivery.lease)
    assert isinstance(probe, Claim)
    other = await outbox.claim("desk", now=clock.now, lease=delivery.lease)
    assert isinstance(other, NothingDue)
    assert (other.until, other.circuit.is_open) == (clock.now + delivery.lease, True)
    await delivery.attempt(probe, Sink())
    assert isinstance(await outbox.claim("desk", now=clock.now, lease=delivery.lease), Claim)


async def test_a_revoked_token_loses_nothing(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """Nothing is given up for it: the circuit opens at once, and all arrive once it is mended."""
    refusal = DeliveryRefusedError("Slack refuses us: token_revoked", everything=True)
    await outbox.add([notification(number) for number in range(4)], now=NOON)
    sink = Sink(refusal)
    assert await deliver(delivery, clock, sink, limit=0) == [AttemptOutcome.DEFERRED]
    assert (await outbox.circuits.open())["desk"].error == "Slack refuses us: token_revoked"
    clock.now += FIRST_WAIT
    await deliver(delivery, clock, sink, limit=0)
    assert await outbox.counts() == Counts(pending=2, leased=0, sent=4, dead=0)  # two notices


@pytest.mark.parametrize(
    "failure",
    [DeliveryDeferredError("429", retry_after=SECOND), DeliveryRefusedError("invalid_blocks"), None],
    ids=["asked to wait", "a message refused", "a success between"],
)
async def test_a_receiver_that_answers_is_not_dead(
    outbox: Outbox, delivery: Delivery, clock: Clock, failure: DeliveryError | None
) -> None:
    """What is answered about a message is no failure of the receiver."""
    await outbox.add([notification(number) for number in range(2 * TRIP)], now=NOON)
    rest = failures(2 * TRIP, failure) if failure else failures(TRIP - 1)
    sink = Sink(*rest)
    for _ in range(20):
        await deliver(delivery, clock, sink, limit=0)
        clock.now += SECOND
    assert await outbox.circuits.open() == {}


async def test_two_workers_open_a_circuit_once(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """Both saw the fifth failure: one moves the circuit, and one notice is told."""
    await outbox.add([notification(number) for number in range(TRIP + 1)], now=NOON)
    for _ in range(TRIP - 1):
        await delivery.attempt(await claimed(outbox, clock), Sink(*failures(1)))
    last = [await claimed(outbox, clock), await claimed(outbox, clock)]
    await asyncio.gather(*(delivery.attempt(claim, Sink(*failures(1))) for claim in last))
    assert (await outbox.circuits.open())["desk"].failures == TRIP
    assert await titles(delivery, clock) == ["Marsad cannot reach desk"]


async def test_a_receiver_that_hangs_to_its_time_out_does_not_slow_another(outbox: Outbox) -> None:
    """Over real connections: ten messages arrive at one Slack while each attempt at the other waits for its end."""
    async with slack() as deaf, slack() as quick:
        deaf.usual = Answer(hang=True)
        notifiers = {
            name: Slack(channel="#desk", token=SecretStr(TOKEN), api=standin.api)
            for name, standin in (("deaf", deaf), ("quick", quick))
        }
        delivery = Delivery(outbox, Metrics(), timeout=timedelta(seconds=2))
        now = delivery.chances.clock()
        await outbox.add([notification(number, "deaf") for number in range(3)], now=now)
        stop = asyncio.Event()
        agent = asyncio.create_task(DeliverAgent(delivery, notifiers, Progress("notify")).run(stop))
        while not deaf.calls:  # noqa: ASYNC110  # the stand-in tells of messages alone
            await asyncio.sleep(0.005)
        for number in range(10, 13):
            await outbox.add([notification(number, "quick")], now=delivery.chances.clock())
            await quick.wait_for(number - 9)
        # All of them came while the first attempt at the deaf one was still waiting: nothing of it is recorded.
        assert deaf.calls == ["chat.postMessage"]
        assert [view.attempts for view in await outbox.views([notification(0).id])] == [1]
        assert (await outbox.views([notification(0).id]))[0].state is NotificationState.LEASED
        await deaf.stop()
        stop.set()
        await agent
        for notifier in notifiers.values():
            await notifier.close()


async def test_a_hanging_slack_is_an_uncertain_attempt_that_is_looked_for(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """It had taken the message before it fell silent: the next attempt finds it, and nothing is sent twice."""
    async with slack() as standin:
        standin.script.append(Answer(hang=True, recorded=True))
        bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=standin.api)
        hasty = Delivery(outbox, Metrics(), timeout=timedelta(milliseconds=300), chances=Chances(clock, lambda: 0.0))
        await outbox.add([notification()], now=NOON)
        assert await hasty.attempt(await claimed(outbox, clock), bot) is AttemptOutcome.UNCERTAIN
        clock.now += SECOND
        assert await delivery.attempt(await claimed(outbox, clock), bot) is AttemptOutcome.SENT
        await bot.close()
        assert standin.notification_ids == [notification().id]


async def test_a_summary_is_found_like_any_message(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """An uncertain summary is looked for by its own id, and ends what it holds once."""
    async with slack() as standin:
        bot = Slack(channel="C0123456", token=SecretStr(TOKEN), api=standin.api)
        await outbox.add([notification(number) for number in range(5)], now=NOON)
        await deliver(delivery, clock, bot)
        clock.now += WINDOW
        standin.script.append(Answer(drop=True, recorded=True))
        assert await deliver(delivery, clock, bot) == [AttemptOutcome.UNCERTAIN]
        clock.now += SECOND
        assert await deliver(delivery, clock, bot) == [AttemptOutcome.SENT]
        await bot.close()
        assert len(standin.received) == LIMIT + 1
        assert (await outbox.counts()).summarised == 2
