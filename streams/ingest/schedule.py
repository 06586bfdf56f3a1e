"""When a feed is polled next, when a page is tried again, when a source has failed for good. Pure.

Failures weigh soft (it may pass: name server, time-out, 5xx) or hard (404, 410, not a feed), as in Media Cloud's
rss-fetcher; the interval doubles with each whole unit of weight. No source is given up: one that its publisher has
ended, or that has failed for a month, is retired, and asked once a week for ever, since feeds do come back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST = timedelta(days=1)
"""The longest wait between two polls, also where Retry-After asks for more."""
RETIRED_EVERY = timedelta(days=7)
DEAD_AFTER = timedelta(days=30)
"""A source that has failed for so long without a break is dead."""

SOFT, HARD = 0.5, 1.0
_HEAVIEST = 16.0
_MAX_DOUBLINGS = 12

PAGE_RETRIES = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(hours=12))
"""Waits between the tries of a page that fails softly: five tries within 20 hours, then it is given up."""

HOST_PAUSE = timedelta(seconds=30)
"""How long a host is left alone after it said 429 without saying for how long."""


def heavier(weight: float, *, permanent: bool) -> float:
    """The failure weight of a source after one more failure in a row; a success sets it to 0."""
    return min(_HEAVIEST, weight + (HARD if permanent else SOFT))


def next_poll(
    now: datetime, every: timedelta, *, weight: float = 0.0, retry_after: timedelta | None = None
) -> datetime:
    """When to poll again: after `every`, doubled for each whole unit of failure weight beyond the first.

    A single failure does not change the interval. `retry_after` is honoured where it is longer; both up to a day
    (`every` itself may be longer than that).
    """
    doublings = min(_MAX_DOUBLINGS, max(0, int(weight) - 1))
    wait = max(every, min(LONGEST, every * (1 << doublings)))
    return now + max(wait, min(LONGEST, retry_after or timedelta()))


def retry_page(now: datetime, *, tries: int, retry_after: timedelta | None = None) -> datetime | None:
    """When to try a page again that has failed softly `tries` times (1 is the first); None: it is given up."""
    if tries > len(PAGE_RETRIES):
        return None
    return now + max(PAGE_RETRIES[tries - 1], min(LONGEST, retry_after or timedelta()))


def host_free_at(
    now: datetime, interval: timedelta, *, rate_limited: bool = False, retry_after: timedelta | None = None
) -> datetime:
    """When a host may be asked for another page: after `interval`, later where it asked for it."""
    pause = max(interval, HOST_PAUSE) if rate_limited else interval
    return now + max(pause, min(LONGEST, retry_after or timedelta()))
