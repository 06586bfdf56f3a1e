"""The notify stage: every receiver has its lane, none waits for another, and none is given up too soon."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.alerts import Notice
from streams.errors import DeliveryDeferredError, DeliveryUncertainError
from streams.notify.deliver_agent import UNKNOWN_PATIENCE, DeliverAgent
from streams.notify.delivery import Chances, Delivery
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.settings import EngineSettings, Secrets
from streams.stores.circuits import CLOSED, Circuit
from streams.stores.connection import PASSWORD, connect
from streams.stores.outbox import Claim, Counts, Deferred, NothingDue, Outbox, Pace
from streams.stores.storms import Unruled
from tests.support.alerting import NOON, notification
from tests.support.redis import ExternalValkey
from tests.support.sinks import Sink

LEASE = timedelta(minutes=1)


@contextlib.asynccontextmanager
async def running(delivery: Delivery, *, patience: timedelta = timedelta(), **sinks: Sink) -> AsyncIterator[Progress]:
    """The agent, stopped at the end; `patience` is with receivers that it does not know."""
    stop, progress = asyncio.Event(), Progress("notify")
    task = asyncio.create_task(DeliverAgent(delivery, sinks, progress, patience=patience).run(stop))
    try:
        yield progress
    finally:
        stop.set()
        await task


async def until(holds: Callable[[], bool]) -> None:
    """Until it holds; TimeoutError after 15 s."""
    async with asyncio.timeout(15):
        while not holds():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.005)


async def until_counts(outbox: Outbox, counts: Counts) -> None:
    """Until the outbox has these counts."""
    async with asyncio.timeout(15):
        while await outbox.counts() != counts:  # noqa: ASYNC110  # Redis is asked, nobody tells
            await asyncio.sleep(0.005)


async def test_the_agent_empties_the_outbox(outbox: Outbox) -> None:
    """What was there before and what is added later arrives, each once, and the agent makes progress."""
    await outbox.add([notification(number) for number in range(5)], now=NOON)
    desk, mail = Sink(), Sink()
    async with running(Delivery(outbox, Metrics()), desk=desk, mail=mail) as progress:
        await until_counts(outbox, Counts(pending=0, leased=0, sent=5, dead=0))
        await outbox.add([notification(9, "mail")], now=NOON)
        await until_counts(outbox, Counts(pending=0, leased=0, sent=6, dead=0))
        assert progress.reasons() == []
    assert (sorted(desk.sent), mail.sent) == ([notification(n).id for n in range(5)], [notification(9).id])


async def test_a_receiver_that_hangs_delays_no_other(outbox: Outbox) -> None:
    """Mail arrives while Slack does not answer."""
    await outbox.add([notification(1), notification(2), notification(3, "mail"), notification(4, "mail")], now=NOON)
    desk, mail = Sink(), Sink()
    desk.open.clear()
    async with running(Delivery(outbox, Metrics()), desk=desk, mail=mail):
        await desk.tried.wait()
        await until_counts(outbox, Counts(pending=1, leased=1, sent=2, dead=0))
        desk.open.set()
    assert len(mail.sent) == 2


async def test_two_agents_deliver_each_once(outbox: Outbox) -> None:
    """Two workers of the stage share the outbox."""
    one, two = Sink(), Sink()
    async with running(Delivery(outbox, Metrics()), desk=one), running(Delivery(outbox, Metrics()), desk=two):
        await outbox.add([notification(number) for number in range(30)], now=NOON)
        await until_counts(outbox, Counts(pending=0, leased=0, sent=30, dead=0))
    assert sorted(one.sent + two.sent) == [notification(number).id for number in range(30)]


async def test_failures_are_tried_again_until_they_pass(outbox: Outbox) -> None:
    """Two errors of the sink, then it arrives, by itself."""
    sink = Sink(DeliveryUncertainError("500"), DeliveryDeferredError("refused"))
    delivery = Delivery(outbox, Metrics(), chances=Chances(jitter=lambda: 0.0))
    await outbox.add([notification()], now=delivery.chances.clock())
    async with running(delivery, desk=sink):
        await until_counts(outbox, Counts(pending=0, leased=0, sent=1, dead=0))
    assert sink.sent == [notification().id]


async def test_what_waits_for_an_unknown_receiver_is_refused(outbox: Outbox) -> None:
    """Also when it was added before the start; the error names the receiver."""
    await outbox.add([notification(1, "ghost")], now=NOON)
    async with running(Delivery(outbox, Metrics()), desk=Sink()):
        await outbox.add([notification(2, "phantom")], now=NOON)
        await until_counts(outbox, Counts(pending=0, leased=0, sent=0, dead=2))
    errors = sorted(str(view.error) for view in await outbox.dead())
    assert errors == [
        "no receiver is called 'ghost' in the configuration",
        "no receiver is called 'phantom' in the configuration",
    ]


async def test_what_waited_for_a_dead_receiver_that_was_removed_was_given_up_one_by_one(outbox: Outbox) -> None:
    """One in each lease, and its circuit stayed open for ever; nobody is told that it can be reached again."""
    await outbox.add([notification(number, "ghost") for number in range(3)], now=NOON)
    now = datetime.now(UTC)
    opened = Circuit(failures=5, opened_at=now, until=now + LEASE, error="nobody there")
    assert await outbox.circuits.move("ghost", CLOSED, opened, now=now)
    ops = Sink()
    async with running(Delivery(outbox, Metrics(), operators="ops"), ops=ops):
        await until_counts(outbox, Counts(pending=0, leased=0, sent=1, dead=3))
    assert await outbox.circuits.open() == {}
    assert [told.title for told in ops.contents if isinstance(told, Notice)] == ["Marsad could not deliver to ghost"]


async def test_a_worker_with_old_settings_gave_up_what_was_for_a_new_receiver(outbox: Outbox) -> None:
    """Until every worker has taken them up, it is left to those who know it; a stop does not wait for that."""
    await outbox.add([notification(1, "fresh"), notification(2)], now=NOON)
    desk, fresh = Sink(), Sink()
    async with running(Delivery(outbox, Metrics()), patience=UNKNOWN_PATIENCE, desk=desk):
        await until(lambda: desk.sent == [notification(2).id])
        async with running(Delivery(outbox, Metrics()), desk=desk, fresh=fresh):
            await until_counts(outbox, Counts(pending=0, leased=0, sent=2, dead=0))
    assert fresh.sent == [notification(1, "fresh").id]


class _Once(timedelta):
    """A patience that has run out once, and has no end afterwards."""

    asked = False

    def total_seconds(self) -> float:
        span, self.asked = 3600.0 if self.asked else 0.0, True
        return span


class _Watched(Outbox):
    """Notes that a lane has found nothing that is on its way."""

    empty = False

    async def claim(self, *args: Any, **how: Any) -> Claim | Unruled | NothingDue:
        found = await super().claim(*args, **how)
        self.empty = isinstance(found, NothingDue) and found.until is None
        return found


async def test_a_worker_was_patient_with_a_receiver_of_one_name_only_once(redis: Redis, prefix: str) -> None:
    """It gave up what was for one that was removed; when newer settings named it again, it gave up that at once."""
    outbox = _Watched(redis, prefix=prefix)
    await outbox.add([notification(1, "ghost")], now=NOON)
    ghost = Sink()
    async with running(Delivery(outbox, Metrics()), patience=_Once()):
        await until(lambda: outbox.empty)
        await outbox.add([notification(2, "ghost")], now=NOON)
        async with running(Delivery(Outbox(redis, prefix=prefix), Metrics()), ghost=ghost):
            await until_counts(outbox, Counts(pending=0, leased=0, sent=1, dead=1))
    assert ghost.sent == [notification(2, "ghost").id]


async def test_stopping_finishes_the_attempt_under_way(outbox: Outbox) -> None:
    """The message being sent is recorded, the next is left for the next start."""
    sink = Sink()
    sink.open.clear()
    await outbox.add([notification(1), notification(2)], now=NOON)
    stop = asyncio.Event()
    task = asyncio.create_task(DeliverAgent(Delivery(outbox, Metrics()), {"desk": sink}, Progress("notify")).run(stop))
    await sink.tried.wait()
    stop.set()
    sink.open.set()
    await asyncio.wait_for(task, 5)
    assert await outbox.counts() == Counts(pending=1, leased=0, sent=1, dead=0)


async def test_the_pace_of_a_sink_is_kept(outbox: Outbox) -> None:
    """Of three with a burst of two the third waits for its time."""
    sink = Sink(pace=Pace(timedelta(hours=1), burst=2))
    await outbox.add([notification(number) for number in range(3)], now=NOON)
    async with running(Delivery(outbox, Metrics()), desk=sink):
        await until_counts(outbox, Counts(pending=1, leased=0, sent=2, dead=0))


async def test_an_outage_of_redis_is_waited_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    """While Redis is away the agent is not ready; when it is back what was there is delivered."""
    server = ExternalValkey(tmp_path_factory.mktemp("redis"))
    server.start()
    sink = Sink()
    try:
        async with connect(EngineSettings(redis=server.url), Secrets({PASSWORD: server.password})) as redis:
            outbox = Outbox(redis, prefix="p:")
            async with running(Delivery(outbox, Metrics()), desk=sink) as progress:
                await until_counts(outbox, Counts(0, 0, 0, 0))
                server.stop()
                await until(lambda: any("does not answer" in reason for reason in progress.reasons()))
                await asyncio.to_thread(server.start)
                await outbox.add([notification()], now=NOON)
                await until_counts(outbox, Counts(pending=0, leased=0, sent=1, dead=0))
                await until(lambda: not progress.reasons())
    finally:
        server.stop()


async def test_what_was_sent_in_an_outage_of_redis_is_recorded_after_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Redis goes away between the send and its record: the same worker records it, and nothing is sent twice."""
    server = ExternalValkey(tmp_path_factory.mktemp("redis"))
    server.start()
    sink = Sink()
    sink.open.clear()
    try:
        async with connect(EngineSettings(redis=server.url), Secrets({PASSWORD: server.password})) as redis:
            outbox = Outbox(redis, prefix="p:")
            await outbox.add([notification()], now=NOON)
            async with running(Delivery(outbox, Metrics()), desk=sink) as progress:
                await sink.tried.wait()
                server.stop()
                sink.open.set()
                await until(lambda: bool(sink.sent) and bool(progress.reasons()))
                await asyncio.to_thread(server.start)
                await until_counts(outbox, Counts(pending=0, leased=0, sent=1, dead=0))
                await until(lambda: not progress.reasons())
    finally:
        server.stop()
    assert sink.sent == [notification().id]


async def test_a_lost_wake_up_is_made_good_while_another_receiver_is_busy(outbox: Outbox) -> None:
    """Mail that is due without a wake-up arrives although the desk's never cease; the gauge is kept up as well."""
    metrics, desk, mail = Metrics(), Sink(), Sink()
    await outbox.add([notification(0, "mail")], now=NOON)
    claim = await outbox.claim("mail", now=datetime.now(UTC), lease=timedelta(hours=1))
    assert isinstance(claim, Claim)
    async with running(Delivery(outbox, metrics), desk=desk, mail=mail), asyncio.timeout(15):
        while not mail.sent:
            if len(desk.sent) == 3:  # by now both lanes have looked
                await outbox.settle(claim, Deferred(NOON, "put off by another worker"), now=NOON)
            await outbox.add([notification(1 + len(desk.sent))], now=NOON)
            await asyncio.sleep(0.1)
    assert mail.sent == [notification(0).id]
    assert metrics.registry.get_sample_value("marsad_outbox_entries") is not None
