"""A clock that flows, and is moved on over the time in which nothing is due."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from tests.support.newsroom import NOON, Clock


class FlowingClock(Clock):
    """Goes as fast as real time or faster, so that no key in Redis ends before its time."""

    def __init__(self) -> None:
        self._set_at, self._set_to = time.monotonic(), NOON

    @property
    def now(self) -> datetime:
        """The simulated moment."""
        return self._set_to + timedelta(seconds=time.monotonic() - self._set_at)

    @now.setter
    def now(self, moment: datetime) -> None:
        self._set_at, self._set_to = time.monotonic(), moment
