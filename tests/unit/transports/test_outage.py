"""When failed attempts are worth a line in the log."""

from __future__ import annotations

from datetime import timedelta

from streams.transports.outage import Outage


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_full_disk_flooded_the_log() -> None:
    """Thousands of failed appends are one line a minute, each with how many there were."""
    clock = Clock()
    outage = Outage(timedelta(seconds=60), clock=clock)
    told = []
    for second in range(125):
        clock.now = float(second)
        told += [count for _ in range(64) if (count := outage.failed()) is not None]
    assert told == [1, 64 * 60, 64 * 60]
    assert outage.succeeded() == 64 * 125


def test_short_outages_one_after_another_are_not_told_each() -> None:
    """An engine that comes and goes every second fills no log either; what was not told does not recover aloud."""
    clock = Clock()
    outage = Outage(timedelta(seconds=60), clock=clock)
    told = []
    for second in range(100):
        clock.now = float(second)
        told.append((outage.failed(), outage.succeeded()))
    assert [entry for entry in told if entry != (None, None)] == [(1, 1), (60, 1)]


def test_success_without_failure_is_no_news() -> None:
    """A healthy hour logs nothing."""
    assert Outage().succeeded() is None
