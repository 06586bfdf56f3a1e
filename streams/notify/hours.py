"""When a receiver wants to hear: quiet hours, and the times of digests, in the receiver's own zone. Pure.

Local times are taken as clocks show them. Where clocks are set forward, a time that is left out stands for the one an
hour later; where they are set back, quiet hours begin at the first of two like times and end at the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from streams.receiver_sections import WEEKDAYS, Digest, QuietHours

_DAY = timedelta(days=1)


def quiet_until(hours: Iterable[QuietHours], now: datetime, *, timezone: str) -> datetime | None:
    """When the quiet that reigns ends, hours that follow on each other being one; None where none reigns."""
    hours, until = tuple(hours), now
    while True:
        ends = [end for start, end in _spans(hours, until, timezone) if start <= until < end]
        if not ends:
            return until if until > now else None
        until = max(ends)
        if until - now > 8 * _DAY:
            return until  # every hour of the week is quiet


def next_digest(digest: Digest, now: datetime, *, timezone: str) -> datetime:
    """The first time after `now` at which a digest is told."""
    zone = ZoneInfo(timezone)
    if digest.every == "hourly":
        # By the wall clock, which differs from UTC by parts of an hour in places.
        there = now.astimezone(zone)
        return (
            now
            + timedelta(hours=1)
            - timedelta(minutes=there.minute, seconds=there.second, microseconds=there.microsecond)
        )
    today = now.astimezone(zone).date()
    days = (today + n * _DAY for n in range(9))
    wanted = (day for day in days if digest.every == "daily" or WEEKDAYS[day.weekday()] == digest.on)
    return next(at for day in wanted if (at := _instant(day, digest.at, zone)) > now)


def _spans(hours: Iterable[QuietHours], around: datetime, timezone: str) -> Iterator[tuple[datetime, datetime]]:
    """The quiet hours that begin the day before, that day or the day after."""
    zone = ZoneInfo(timezone)
    today = around.astimezone(zone).date()
    for quiet in hours:
        for day in (today - _DAY, today, today + _DAY):
            if not quiet.days or WEEKDAYS[day.weekday()] in quiet.days:
                last = day if quiet.start < quiet.end else day + _DAY
                yield _instant(day, quiet.start, zone), _instant(last, quiet.end, zone, second=True)


def _instant(day: date, at: time, zone: ZoneInfo, *, second: bool = False) -> datetime:
    there = datetime.combine(day, at, zone)
    first = there.astimezone(UTC)
    return max(first, there.replace(fold=1).astimezone(UTC)) if second else first
