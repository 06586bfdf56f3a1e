"""When to try a delivery again: back-off with jitter, the sink's Retry-After, and an end. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from streams.retry_after import LONGEST

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=10)
LONGEST_AGE = timedelta(days=3)
"""A notification that is tried for longer is given up: a weekend's outage is survived, a forgotten receiver is not fed.
What waited longer for its first attempt, in a digest or behind others, has as long from then on."""
LONGEST_FOR_SOME = timedelta(hours=1)
"""Addresses that are to wait while others have it are tried for so long: who greylists does so for minutes, and a full
mailbox would bring back every alert of three days each ten minutes, before what is new."""


def backoff(tries: int, jitter: float) -> timedelta:
    """How long to wait after the `tries`-th attempt (1 is the first); `jitter` in [0, 1) is drawn by the caller.

    Doubles from FIRST_DELAY to LONGEST_DELAY, of which between a half and the whole is waited ("equal jitter"), so that
    many notifications that failed together do not come back together.
    """
    doublings = min(max(tries, 1) - 1, 30)  # beyond that the longest delay rules anyway, and timedelta overflows
    whole = min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)
    return whole * (0.5 + jitter / 2)


def next_attempt(
    *, now: datetime, since: datetime, tries: int, jitter: float, retry_after: timedelta | None = None
) -> datetime | None:
    """When to try again; None when that would be more than LONGEST_AGE after `since`."""
    delay = max(backoff(tries, jitter), min(retry_after or timedelta(), LONGEST))
    return now + delay if now + delay - since <= LONGEST_AGE else None
