"""From the outbox to a sink: one attempt, and every outcome of it, is recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from streams.alerts import Notice, Notification, NotificationState
from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from streams.messages import Severity
from streams.notify.delivery import AttemptOutcome, Chances, Delivery
from streams.notify.holding import Holding
from streams.notify.retry import LONGEST_AGE
from streams.observe.metrics import Metrics
from streams.receiver_sections import QuietHours
from streams.stores.outbox import Claim, Counts, Deferred, Outbox
from tests.support.alerting import NOON, fired, notice, notification
from tests.support.sinks import Clock, Sink

SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=1)


async def claim_of(outbox: Outbox, clock: Clock, receiver: str = "desk") -> Claim:
    claim = await outbox.claim(receiver, now=clock.now, lease=LEASE)
    assert isinstance(claim, Claim)
    return claim


@pytest.mark.parametrize(("severity", "hours"), [(Severity.HIGH, 6), (Severity.CRITICAL, 0)], ids=["high", "critical"])
async def test_an_alert_that_failed_in_the_evening_came_in_the_night(
    outbox: Outbox, delivery: Delivery, clock: Clock, severity: Severity, hours: int
) -> None:
    """Only what had not been tried was held in quiet hours; a receiver that came back in them got the rest."""
    await outbox.add([notification(match=fired(severity=severity))], now=NOON)
    quiet = QuietHours.model_validate({"from": "12:00", "to": "18:00"})
    sink = Sink(DeliveryDeferredError("not now"))
    attempt = await delivery.send(await claim_of(outbox, clock), sink, Holding(quiet_hours=(quiet,)))
    assert isinstance(attempt.outcome, Deferred)
    assert round((attempt.outcome.due - NOON) / timedelta(hours=1)) == hours


async def test_success_is_recorded_with_its_receipt(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """Sent, with when and as what, and counted."""
    await outbox.add([notification()], now=NOON)
    clock.now += SECOND
    assert await delivery.attempt(await claim_of(outbox, clock), Sink()) is AttemptOutcome.SENT
    (view,) = await outbox.views([notification().id])
    assert (view.state, view.sent_at, view.attempts) == (NotificationState.SENT, NOON + SECOND, 1)
    assert view.receipt == f"receipt {notification().id}"
    value = delivery.metrics.registry.get_sample_value
    assert value("marsad_deliveries_total", {"receiver": "desk", "outcome": "sent"}) == 1
    assert value("marsad_alert_latency_seconds_sum") == 1


@pytest.mark.parametrize(
    ("failure", "outcome", "state"),
    [
        (DeliveryDeferredError("later"), AttemptOutcome.DEFERRED, NotificationState.PENDING),
        (DeliveryUncertainError("perhaps"), AttemptOutcome.UNCERTAIN, NotificationState.PENDING),
        (DeliveryRefusedError("never"), AttemptOutcome.REFUSED, NotificationState.DEAD),
    ],
)
async def test_a_failure_is_recorded_as_what_it_means(
    outbox: Outbox, clock: Clock, failure: DeliveryError, outcome: AttemptOutcome, state: NotificationState
) -> None:
    """Tried again after the back-off, with or without doubt; or given up."""
    delivery = Delivery(outbox, Metrics(), chances=Chances(clock, lambda: 0.0))
    await outbox.add([notification()], now=NOON)
    assert await delivery.attempt(await claim_of(outbox, clock), Sink(failure)) is outcome
    (view,) = await outbox.views([notification().id])
    assert (view.state, view.error) == (state, str(failure))
    if state is NotificationState.PENDING:
        clock.now += SECOND / 2
        assert (await claim_of(outbox, clock)).uncertain is (outcome is AttemptOutcome.UNCERTAIN)


async def test_a_retry_after_holds_the_receiver(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """The others for the same receiver wait as well."""
    await outbox.add([notification(1), notification(2)], now=NOON)
    sink = Sink(DeliveryDeferredError("429", retry_after=30 * SECOND))
    await delivery.attempt(await claim_of(outbox, clock), sink)
    assert not isinstance(await outbox.claim("desk", now=NOON + 29 * SECOND, lease=LEASE), Claim)
    assert isinstance(await outbox.claim("desk", now=NOON + 30 * SECOND, lease=LEASE), Claim)


async def test_a_notifiers_bug_is_told_by_its_name_alone(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """An unexpected exception is an uncertain attempt, and its text, which may hold a secret, goes nowhere."""
    await outbox.add([notification()], now=NOON)
    sink = Sink(KeyError("xoxb-secret"))
    assert await delivery.attempt(await claim_of(outbox, clock), sink) is AttemptOutcome.UNCERTAIN
    (view,) = await outbox.views([notification().id])
    assert view.error is not None
    assert view.error.startswith("internal error KeyError at sinks.py:")


async def test_after_three_days_it_is_given_up(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """The last error stays with it, and it can be sent again by hand."""
    await outbox.add([notification()], now=NOON)
    sink = Sink(DeliveryDeferredError("down"), DeliveryDeferredError("still down"))
    assert await delivery.attempt(await claim_of(outbox, clock), sink) is AttemptOutcome.DEFERRED
    clock.now += LONGEST_AGE
    assert await delivery.attempt(await claim_of(outbox, clock), sink) is AttemptOutcome.TOO_OLD
    (view,) = await outbox.dead()
    assert view.error == "given up after 2 attempts; the last: still down"
    assert await outbox.requeue([view.id], now=clock.now) == 1
    assert await delivery.attempt(await claim_of(outbox, clock), sink) is AttemptOutcome.SENT


async def test_an_attempt_that_takes_too_long_is_uncertain(outbox: Outbox, clock: Clock) -> None:
    """It may have arrived all the same, and is made again later."""
    await outbox.add([notification()], now=NOON)
    delivery = Delivery(outbox, Metrics(), timeout=timedelta(milliseconds=20), chances=Chances(clock, lambda: 0.0))
    deaf = Sink()
    deaf.open.clear()
    assert await delivery.attempt(await claim_of(outbox, clock), deaf) is AttemptOutcome.UNCERTAIN
    assert await outbox.counts() == Counts(pending=1, leased=0, sent=0, dead=0)


async def test_a_superseded_attempt_is_counted_as_that(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """Its lease had ended and another attempt has it: the late record changes nothing."""
    await outbox.add([notification()], now=NOON)
    late = await claim_of(outbox, clock)
    clock.now += LEASE
    await claim_of(outbox, clock)
    assert await delivery.attempt(late, Sink()) is AttemptOutcome.SUPERSEDED
    assert await outbox.counts() == Counts(pending=0, leased=1, sent=0, dead=0)


async def test_what_was_sent_again_by_hand_was_told_twice(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """The sink is asked about the first attempt, days ago, which may have arrived; it was asked from the retry on."""
    await outbox.add([notification()], now=NOON)
    await delivery.attempt(await claim_of(outbox, clock), Sink(DeliveryUncertainError("time-out")))
    clock.now += LONGEST_AGE
    await delivery.attempt(await claim_of(outbox, clock), Sink(DeliveryDeferredError("away")))
    await outbox.requeue([notification().id], now=clock.now)
    sink = Sink()
    await delivery.attempt(await claim_of(outbox, clock), sink)
    assert [(each.uncertain, each.since) for each in sink.earlier] == [(True, NOON)]


async def test_operators_are_told_once_an_hour_of_what_was_given_up(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """Three deaths of one receiver in an hour are one notice; one in the next hour is another."""
    await outbox.add([notification(number) for number in range(4)], now=NOON)
    for number in range(4):
        clock.now = NOON + (number // 3) * timedelta(hours=1)
        await delivery.attempt(await claim_of(outbox, clock), Sink(DeliveryRefusedError("channel_not_found")))
    notices = [(await claim_of(outbox, clock, "ops")).notification for _ in range(2)]
    assert len({item.id for item in notices}) == 2
    assert isinstance(notices[0].content, Notice)
    assert notices[0].content.title == "Marsad could not deliver to desk"
    assert "channel_not_found" in notices[0].content.text
    assert not isinstance(await outbox.claim("ops", now=clock.now, lease=LEASE), Claim)


async def test_nobody_was_told_that_one_of_several_addresses_had_missed_it(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """It is sent, for the others have it; the operators hear who has not."""
    await outbox.add([notification()], now=NOON)
    sink = Sink(missed="refused for gone@example.org (550 no such mailbox)")
    assert await delivery.attempt(await claim_of(outbox, clock), sink) is AttemptOutcome.SENT
    told = (await claim_of(outbox, clock, "ops")).notification.content
    assert isinstance(told, Notice)
    assert (told.title, "gone@example.org" in told.text) == ("Marsad could not deliver to all of desk", True)


async def test_who_has_a_message_is_remembered_while_it_is_tried_again_for_others(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """Through other failures, too; a server that takes it for some is no dead receiver."""
    await outbox.add([notification()], now=NOON)
    sink = Sink(DeliveryDeferredError("later for b", reached=("a", "c")), DeliveryUncertainError("broke off"))
    outcomes = []
    for _ in range(3):
        claim = await claim_of(outbox, clock)
        outcomes.append((claim.circuit.failures, await delivery.attempt(claim, sink)))
        clock.now += timedelta(hours=1)
    assert outcomes == [(0, AttemptOutcome.DEFERRED), (0, AttemptOutcome.UNCERTAIN), (1, AttemptOutcome.SENT)]
    assert [earlier.reached for earlier in sink.earlier] == [(), ("a", "c"), ("a", "c")]


async def test_one_full_mailbox_brought_back_every_alert_of_three_days(
    outbox: Outbox, delivery: Delivery, clock: Clock
) -> None:
    """Each ten minutes, before what is new; then it was given up, though the others had it. They miss it an hour on."""
    await outbox.add([notification()], now=NOON)
    sink = Sink(*(DeliveryDeferredError("b (452 full); the others have it", reached=("a",)) for _ in range(99)))
    outcomes = list[AttemptOutcome]()
    while isinstance(claim := await outbox.claim("desk", now=clock.now, lease=LEASE), Claim) and len(outcomes) < 9:
        outcomes.append(await delivery.attempt(claim, sink))
        clock.now += timedelta(minutes=20)
    assert outcomes == [AttemptOutcome.DEFERRED] * 3 + [AttemptOutcome.SENT]
    assert "b (452 full)" in (await claim_of(outbox, clock, "ops")).content


async def test_a_notice_that_dies_makes_no_notice(outbox: Outbox, delivery: Delivery, clock: Clock) -> None:
    """A broken operators' receiver does not feed itself."""
    await outbox.add([Notification(id="n1:notice", receiver="ops", content=notice())], now=NOON)
    await delivery.attempt(await claim_of(outbox, clock, "ops"), Sink(DeliveryRefusedError("gone")))
    assert await outbox.counts() == Counts(pending=0, leased=0, sent=0, dead=1)


async def test_a_content_of_a_later_release_waits(
    outbox: Outbox, delivery: Delivery, clock: Clock, redis: Redis, prefix: str
) -> None:
    """It is not sent, not given up and stops nothing: a worker of that release will read it."""
    await outbox.add([notification()], now=NOON)
    await redis.hset(f"{prefix}notification:{notification().id}", "content", '{"kind":"hologram"}')
    sink = Sink()
    assert await delivery.attempt(await claim_of(outbox, clock), sink) is AttemptOutcome.DEFERRED
    assert sink.sent == []
