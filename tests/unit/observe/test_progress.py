"""Readiness means progress: what one stage's Progress says, over time."""

from __future__ import annotations

from datetime import timedelta

from streams.observe.progress import Progress


class Clock:
    """A monotonic clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def make() -> tuple[Progress, Clock]:
    clock = Clock()
    return Progress("match", stall_after=timedelta(seconds=60), clock=clock), clock


def test_a_stage_that_never_beat_is_starting() -> None:
    """Before its first beat a stage is not ready, and says that it is starting."""
    progress, _ = make()
    assert progress.reasons() == ["match: starting"]
    assert not progress.stalled


def test_a_beat_makes_it_ready() -> None:
    """One beat ends the start."""
    progress, _ = make()
    progress.beat()
    assert progress.reasons() == []


def test_a_hold_is_told_until_it_is_released() -> None:
    """What holds a stage is its reason, and goes when it is released."""
    progress, _ = make()
    progress.beat()
    progress.hold("redis", "Redis does not answer")
    assert progress.reasons() == ["match: Redis does not answer"]
    progress.release("redis")
    assert progress.reasons() == []


def test_silence_without_a_reason_is_a_stall() -> None:
    """No beat for over a minute and nothing that explains it: not ready, and the process should be replaced."""
    progress, clock = make()
    progress.beat()
    clock.now += 61
    assert progress.reasons() == ["match: no progress for 61 s"]
    assert progress.stalled


def test_what_was_held_for_long_was_replaced_as_soon_as_it_might_go_on() -> None:
    """It has a minute again from then on; ready it is at its next beat."""
    progress, clock = make()
    progress.beat()
    progress.hold("emptied", "Redis is empty")
    clock.now += 600
    progress.release("emptied")
    clock.now += 60
    assert not progress.stalled
    assert progress.reasons() == ["match: no progress for 660 s"]
    clock.now += 1
    assert progress.stalled


def test_silence_with_a_reason_is_no_stall() -> None:
    """While an engine is away a restart would not help, so the process is left alone."""
    progress, clock = make()
    progress.beat()
    progress.hold("broker", "the broker does not answer")
    clock.now += 61
    assert not progress.stalled
