"""What a storm limit holds back."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.messages import Severity
from streams.notify.storm import WINDOW, Fresh, held_back
from tests.support.alerting import NOON

SECOND = timedelta(seconds=1)


def alerts(count: int, severity: Severity | None = Severity.HIGH) -> list[Fresh]:
    return [Fresh(f"n{number}", severity) for number in range(count)]


def test_what_is_over_the_limit_is_held() -> None:
    """Five of seven pass, in the order in which they came."""
    assert held_back(alerts(7), [], limit=5, now=NOON) == {"n5", "n6"}


def test_what_came_before_counts_for_ten_minutes() -> None:
    """Three within the window leave room for two; one that is exactly ten minutes old does not count."""
    recent = [NOON - WINDOW, *(NOON - WINDOW + SECOND,) * 3]
    assert held_back(alerts(3), recent, limit=5, now=NOON) == {"n2"}


def test_critical_passes_and_counts() -> None:
    """Also what this release cannot read: repeat rather than lose."""
    fresh = [*alerts(2), Fresh("critical", Severity.CRITICAL), Fresh("unread", None), Fresh("last", Severity.LOW)]
    assert held_back(fresh, [], limit=2, now=NOON) == {"last"}


def test_without_a_limit_nothing_is_held() -> None:
    """0 turns it off."""
    assert held_back(alerts(500), [NOON] * 500, limit=0, now=NOON) == frozenset()


@given(st.lists(st.integers(0, 900), max_size=60), st.integers(1, 10))
def test_no_ten_minutes_have_more_than_the_limit(gaps: list[int], limit: int) -> None:
    """Whatever the pace: what is told within any ten minutes stays within the limit, and a lull ends a storm."""
    now, ruled, told = NOON, list[datetime](), list[datetime]()
    for number, gap in enumerate(gaps):
        now += gap * SECOND
        held = held_back([Fresh(str(number), Severity.HIGH)], ruled[-limit:], limit=limit, now=now)
        if gap * SECOND >= WINDOW:
            assert not held
        if not held:
            told.append(now)
        ruled.append(now)
    assert all(sum(at - WINDOW < other <= at for other in told) <= limit for at in told)
