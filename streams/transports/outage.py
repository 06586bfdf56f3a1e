"""What failed attempts in a row look like in the log: a line now and then with how many there were, however many wait.

A full disk fails each waiting append every few seconds: 64 articles in hand made 1,378 lines in a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

EVERY = timedelta(seconds=60)


class Outage:
    """Counts failures; says when they are worth a line. Lines of one outage, or of many short ones, are `every` apart.

    Recovery is told once, where the failure was.
    """

    def __init__(self, every: timedelta = EVERY, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = every.total_seconds(), clock
        self._last: float | None = None
        self._untold = self._total = 0
        self._told = False

    def failed(self) -> int | None:
        """One more attempt has failed: how many since the last line, where it is time for one; else None."""
        self._untold += 1
        self._total += 1
        now = self._clock()
        if self._last is not None and now - self._last < self._every:
            return None
        self._last, self._told = now, True
        count, self._untold = self._untold, 0
        return count

    def succeeded(self) -> int | None:
        """An attempt has succeeded: how many had failed before it, where that was told; None where there is no news."""
        total, told = self._total, self._told
        self._total, self._told = 0, False
        return total if told else None
