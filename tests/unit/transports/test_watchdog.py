"""When a worker is called unready, and when it is replaced."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from faust.types import TP

from streams.observe.progress import Progress
from streams.transports.watchdog import EVERY, UNASSIGNED_AFTER, UNASSIGNED_FATAL_AFTER, Watchdog


class FakeConsumer:
    """A consumer in whatever state a test wants."""

    crashed = False
    error: Exception | None = None
    quiet = 0.0
    answering = True
    alone = False
    partitions: frozenset[TP] = frozenset({TP("t", 0)})

    def check(self) -> None:
        """Raise the state's error."""
        if self.error is not None:
            raise self.error

    def quiet_for(self) -> float:
        return self.quiet

    async def answers(self) -> bool:
        return self.answering

    def spare(self) -> bool:
        return self.alone

    def assignment(self) -> set[TP]:
        return set(self.partitions)


class Clock:
    """Time that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def watch(consumer: FakeConsumer, *, idle: bool = True) -> tuple[Watchdog, Progress, Clock]:
    """A watchdog over the fake."""
    clock = Clock()
    progress = Progress("match", clock=clock)
    app = SimpleNamespace(crashed=False, producer_only=False, consumer=consumer, _consumer=consumer, _producer=None)
    return Watchdog(cast("Any", app), progress, on_fatal=lambda _: None, idle=lambda: idle), progress, clock


async def test_an_idle_worker_that_polls_is_ready() -> None:
    """Nothing to do is progress, as long as the broker answers polls."""
    watchdog, progress, _ = watch(FakeConsumer())
    assert await watchdog._look() is None
    assert progress.reasons() == []


async def test_a_busy_worker_is_not_called_alive_by_the_watchdog() -> None:
    """While a batch is in hand only its end is progress; without one the worker is replaced."""
    watchdog, progress, clock = watch(FakeConsumer(), idle=False)
    progress.beat()
    clock.now = 61
    assert await watchdog._look() == "no progress for 61 s"


async def test_a_silent_broker_is_told_and_not_fatal() -> None:
    """No answer for a while makes the worker unready; it is not replaced, for that would not help."""
    consumer = FakeConsumer()
    watchdog, progress, clock = watch(consumer)
    progress.beat()
    consumer.quiet, consumer.answering, clock.now = 12.0, False, 12
    assert await watchdog._look() is None
    assert progress.reasons() == ["match: the broker has not answered for 12 s"]
    clock.now = 90
    assert await watchdog._look() is None
    consumer.quiet, consumer.answering = 0.1, True
    assert await watchdog._look() is None
    assert progress.reasons() == []


async def test_full_buffers_are_no_outage() -> None:
    """No fetch is sent while the buffers are full; a broker that answers otherwise is not away."""
    consumer = FakeConsumer()
    watchdog, progress, _ = watch(consumer, idle=False)
    progress.beat()
    consumer.quiet = 20.0
    await watchdog._look()
    assert progress.reasons() == []


async def test_an_error_of_the_coordinator_is_fatal() -> None:
    """What aiokafka keeps for `check_errors` ends the worker instead of leaving it deaf."""
    consumer = FakeConsumer()
    consumer.error = RuntimeError("SyncGroup")
    watchdog, _, _ = watch(consumer)
    assert await watchdog._look() == "the consumer failed: RuntimeError('SyncGroup')"


async def test_no_partition_is_told_and_then_fatal() -> None:
    """A worker without a partition is unready after 30 s and replaced after two minutes."""
    consumer = FakeConsumer()
    consumer.partitions = frozenset()
    watchdog, progress, _ = watch(consumer)
    progress.beat()
    for _ in range(int(UNASSIGNED_AFTER / EVERY)):
        assert await watchdog._look() is None
    assert progress.reasons() == ["match: no partition assigned for 30 s"]
    reasons = [await watchdog._look() for _ in range(int((UNASSIGNED_FATAL_AFTER - UNASSIGNED_AFTER) / EVERY))]
    assert reasons[-1] == "no partition was assigned for 120 s"


async def test_a_spare_worker_is_ready() -> None:
    """More workers than partitions: one without any, in a healthy group, is a reserve and not a fault."""
    consumer = FakeConsumer()
    consumer.partitions, consumer.alone = frozenset(), True
    watchdog, progress, _ = watch(consumer)
    for _ in range(100):
        assert await watchdog._look() is None
    assert progress.reasons() == []
