"""Quiet hours and digests by the clock on a receiver's wall, through both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.notify.hours import next_digest, quiet_until
from streams.receiver_sections import Digest, QuietHours

BERLIN = "Europe/Berlin"


def quiet(start: str = "22:00", end: str = "07:00", *days: str) -> QuietHours:
    return QuietHours.model_validate({"from": start, "to": end, "days": days})


def digest(**said: Any) -> Digest:
    return Digest.model_validate(said)


def there(text: str, timezone: str = BERLIN, *, fold: int = 0) -> datetime:
    """An instant as a clock there shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-10T21:59", None),
        ("2026-03-10T22:00", "2026-03-11T07:00"),
        ("2026-03-11T06:59", "2026-03-11T07:00"),
        ("2026-03-11T07:00", None),
    ],
)
def test_quiet_hours_reign_from_their_begin_until_their_end(now: str, until: str | None) -> None:
    """Over midnight, in the receiver's zone."""
    assert quiet_until([quiet()], there(now), timezone=BERLIN) == (there(until) if until else None)


def test_days_are_those_on_which_the_hours_begin() -> None:
    """Saturday's night is quiet until Sunday's morning; Sunday's is not."""
    weekend = [quiet("22:00", "09:00", "sat")]
    assert quiet_until(weekend, there("2026-03-15T08:00"), timezone=BERLIN) == there("2026-03-15T09:00")
    assert quiet_until(weekend, there("2026-03-15T23:00"), timezone=BERLIN) is None


def test_hours_that_follow_on_each_other_are_one_quiet() -> None:
    """There is one summary at the end, not one in between."""
    both = [quiet("18:00", "22:00"), quiet("22:00", "07:00")]
    assert quiet_until(both, there("2026-03-10T19:00"), timezone=BERLIN) == there("2026-03-11T07:00")


@pytest.mark.parametrize("end", ["24:00", "00:00"])
def test_days_without_messages_had_a_minute_before_midnight(end: str) -> None:
    """A weekend lasts until Monday, and an evening until midnight."""
    weekend, evening = quiet("00:00", end, "sat", "sun"), quiet("20:00", end, "fri")
    assert quiet_until([weekend], there("2026-03-14T00:00"), timezone=BERLIN) == there("2026-03-16T00:00")
    assert quiet_until([weekend], there("2026-03-13T23:59"), timezone=BERLIN) is None
    assert quiet_until([evening, weekend], there("2026-03-13T20:00"), timezone=BERLIN) == there("2026-03-16T00:00")


@pytest.mark.parametrize(
    ("now", "until", "hours"),
    [
        # Clocks are set forward from 2:00 to 3:00 on 29 March 2026, and back from 3:00 to 2:00 on 25 October.
        ("2026-03-28T23:00", "2026-03-29T07:00", 7),
        ("2026-10-24T23:00", "2026-10-25T07:00", 9),
    ],
)
def test_a_night_in_which_clocks_change_is_shorter_or_longer(now: str, until: str, hours: int) -> None:
    """What counts is what the clock on the wall shows."""
    end = quiet_until([quiet()], there(now), timezone=BERLIN)
    assert (end, end and end - there(now)) == (there(until), timedelta(hours=hours))


def test_hours_that_begin_and_end_in_the_changed_hour() -> None:
    """2:30 does not exist in spring and comes twice in autumn; quiet begins with the first and ends with the second."""
    spring = quiet_until([quiet("01:00", "02:30")], there("2026-03-29T01:30"), timezone=BERLIN)
    assert spring == there("2026-03-29T03:30")
    autumn = [quiet("02:30", "02:45")]
    first, second = there("2026-10-25T02:30"), there("2026-10-25T02:45", fold=1)
    assert quiet_until(autumn, first, timezone=BERLIN) == second
    assert quiet_until(autumn, second, timezone=BERLIN) is None


@pytest.mark.parametrize(
    ("said", "now", "expected"),
    [
        ({"every": "hourly"}, "2026-03-10T21:20", "2026-03-10T22:00"),
        ({"every": "hourly"}, "2026-03-10T22:00", "2026-03-10T23:00"),
        ({"every": "daily"}, "2026-03-10T07:59", "2026-03-10T08:00"),
        ({"every": "daily"}, "2026-03-10T08:00", "2026-03-11T08:00"),
        ({"every": "daily", "at": "18:30"}, "2026-03-28T19:00", "2026-03-29T18:30"),
        ({"every": "weekly", "on": "fri", "at": "09:00"}, "2026-03-10T10:00", "2026-03-13T09:00"),
        ({"every": "weekly", "on": "tue", "at": "09:00"}, "2026-03-10T10:00", "2026-03-17T09:00"),
    ],
)
def test_the_next_digest(said: dict[str, str], now: str, expected: str) -> None:
    """After now, never at it: what comes on the minute waits for the next one."""
    assert next_digest(digest(**said), there(now), timezone=BERLIN) == there(expected)


def test_a_full_hour_is_that_of_the_wall() -> None:
    """Kathmandu is 5 hours and 45 minutes ahead."""
    found = next_digest(digest(every="hourly"), there("2026-03-10T21:20", "Asia/Kathmandu"), timezone="Asia/Kathmandu")
    assert found == there("2026-03-10T22:00", "Asia/Kathmandu")


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # given beside
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Damascus", "Asia/Kathmandu", "Africa/Cairo"]),
    st.sampled_from(["hourly", "daily", "weekly"]),
)
def test_quiet_ends_and_digests_come_later_than_now(now: datetime, timezone: str, every: str) -> None:
    """Whatever the clocks do: within a day, or a week and a day."""
    until = quiet_until([quiet()], now, timezone=timezone)
    assert until is None or timedelta() < until - now <= timedelta(hours=11)
    assert timedelta() < next_digest(digest(every=every), now, timezone=timezone) - now <= timedelta(days=7, hours=2)
