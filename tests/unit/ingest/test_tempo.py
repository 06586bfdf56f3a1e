"""How fast a source publishes, as its polls show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams.ingest.tempo import Tempo

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _learnt(weeks: int, rate_at: dict[int, int], *, weekend: bool = True) -> tuple[Tempo, datetime]:
    """After weeks of polls each hour, of a source that publishes so many articles at these hours."""
    tempo, now = Tempo.even(6.0), MONDAY
    for _ in range(weeks * 7 * 24):
        idle = not weekend and now.weekday() >= 5
        tempo = tempo.observed(0 if idle else rate_at.get(now.hour, 0), now, now + HOURS)
        now += HOURS
    return tempo, now


@pytest.mark.parametrize(
    ("ages", "wait"),
    [
        ([], 60 * MINUTES),  # the middle of 10 minutes and 6 hours
        ([HOURS * age for age in range(1, 25)], HOURS),
        ([DAYS * age for age in range(1, 25)], 6 * HOURS),
        ([MINUTES * age for age in range(1, 121)], 10 * MINUTES),
        ([MINUTES] * 100, 10 * MINUTES),  # all dated now: what they say is nothing
        ([2 * HOURS] * 2, HOURS),
        ([-DAYS, 400 * DAYS], 6 * HOURS),
    ],
)
def test_a_source_that_nobody_knows_is_judged_by_its_dates(ages: list[timedelta], wait: timedelta) -> None:
    """By those of the last week; without any it is polled neither often nor seldom."""
    tempo = Tempo.guessed([MONDAY - age for age in ages], MONDAY, shortest=10 * MINUTES, longest=6 * HOURS)
    assert abs(tempo.wait(MONDAY, shortest=10 * MINUTES, longest=6 * HOURS) - wait) < MINUTES


def test_a_young_source_has_one_rate_for_all_hours() -> None:
    """What came in the whole time that it is known."""
    quiet, busy = (Tempo.even(1.0).watched(new, MONDAY, MONDAY + 6 * HOURS, 6 * HOURS) for new in (0, 12))
    assert (quiet.hours, busy.hours) == ((0.5,) * 24, (1.5,) * 24)
    assert quiet.watched(0, MONDAY, MONDAY + 12 * HOURS, 12 * HOURS).hours == (0.25,) * 24


def test_a_level_keeps_the_shape() -> None:
    """Of day and week; what is empty has none."""
    tempo, _ = _learnt(3, dict.fromkeys(range(8, 18), 6))
    level = tempo.levelled(1.0)
    assert sum(level.hours) == pytest.approx(24, abs=0.1)
    assert level.hours[12] / level.hours[20] == pytest.approx(tempo.hours[12] / tempo.hours[20], rel=0.1)
    assert Tempo.even(0.0).levelled(1.0) == Tempo.even(1.0)


def test_the_interval_follows_the_hour_of_the_day() -> None:
    """Short where it publishes, long at night, and a wait at night ends when the day begins."""
    tempo, now = _learnt(3, dict.fromkeys(range(8, 18), 6))
    waits = {hour: tempo.wait(now + hour * HOURS, shortest=5 * MINUTES, longest=12 * HOURS) for hour in (2, 7, 12, 20)}
    assert waits[12] == pytest.approx(10 * MINUTES, abs=MINUTES)
    assert waits[20] > 10 * HOURS
    assert 5 * HOURS < waits[2] < 6.5 * HOURS
    assert timedelta() < waits[7] - 60 * MINUTES < 15 * MINUTES


def test_the_interval_adapts_in_both_directions() -> None:
    """A source that falls asleep is asked rarely within days, one that wakes up often."""
    busy, now = _learnt(1, dict.fromkeys(range(24), 6))
    asleep = busy
    for _ in range(14 * 24):
        asleep, now = asleep.observed(0, now, now + HOURS), now + HOURS
    awake = asleep
    for _ in range(5 * 24):
        awake, now = awake.observed(6, now, now + HOURS), now + HOURS
    waits = [tempo.wait(now, shortest=MINUTES, longest=DAYS) for tempo in (busy, asleep, awake)]
    assert waits[0] < 12 * MINUTES
    assert waits[1] > 3 * HOURS
    assert waits[2] < 25 * MINUTES


def test_a_quiet_weekend_is_expected() -> None:
    """Days are compared with one another."""
    tempo, now = _learnt(6, dict.fromkeys(range(24), 4), weekend=False)
    assert now.weekday() == 0
    weekday, saturday = tempo.expected(now, now + DAYS), tempo.expected(now + 5 * DAYS, now + 6 * DAYS)
    assert saturday < weekday / 5


@pytest.mark.parametrize("gap", [timedelta(), -HOURS, 400 * DAYS])
def test_no_span_between_two_polls_is_too_odd(gap: timedelta) -> None:
    """A clock that went back, and a worker that was away for a year."""
    tempo = Tempo.even(1.0).observed(5, MONDAY, MONDAY + gap)
    assert all(0 <= rate < 61 for rate in (*tempo.hours, *tempo.days))
    assert tempo.wait(MONDAY, shortest=MINUTES, longest=HOURS) <= HOURS


def test_a_tempo_is_small() -> None:
    """It is kept for each source."""
    tempo, _ = _learnt(2, {8: 7, 9: 13})
    assert len(repr(tempo)) < 400
