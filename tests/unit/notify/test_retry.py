"""When a delivery is tried again."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.notify.retry import (
    FIRST_DELAY,
    LONGEST_AGE,
    LONGEST_DELAY,
    backoff,
    next_attempt,
)
from streams.retry_after import LONGEST
from tests.support.alerting import NOON

SECOND = timedelta(seconds=1)


def test_delays_double_up_to_the_longest() -> None:
    """Without jitter's upper half: 0.5, 1, 2, ... and 5 minutes for ever."""
    found = [backoff(tries, 0.0).total_seconds() for tries in (1, 2, 3, 10, 11, 1000)]
    assert found == [0.5, 1, 2, 256, 300, 300]


@given(st.integers(0, 10**9), st.floats(0, 1, exclude_max=True))
def test_a_delay_stays_within_its_bounds(tries: int, jitter: float) -> None:
    """Never shorter than half the first delay, never longer than the longest."""
    assert FIRST_DELAY / 2 <= backoff(tries, jitter) <= LONGEST_DELAY


def test_retry_after_is_a_lower_bound_and_is_bounded_itself() -> None:
    """The sink's wish wins over a shorter back-off, up to a day; a longer back-off wins over it."""

    def due(tries: int, wish: timedelta) -> timedelta:
        at = next_attempt(now=NOON, since=NOON, tries=tries, jitter=0.0, retry_after=wish)
        assert at is not None
        return at - NOON

    assert due(1, 30 * SECOND) == 30 * SECOND
    assert due(9, SECOND) == 128 * SECOND
    assert due(1, timedelta(days=400)) == LONGEST


def test_there_is_an_end() -> None:
    """What would be tried more than three days after it was added is given up."""
    since = NOON - LONGEST_AGE
    assert next_attempt(now=NOON - SECOND, since=since, tries=1, jitter=0.9) is not None
    assert next_attempt(now=NOON, since=since, tries=1, jitter=0.0) is None
