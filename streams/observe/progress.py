"""Whether a stage makes progress: written by its loop, read by readiness and by the watchdog."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

STALL_AFTER = timedelta(seconds=60)


class Progress:
    """The beat of one stage and whatever holds it.

    A loop calls `beat` when it finished a unit of work or found that there is none. `hold` says why it cannot go on at
    the moment (an engine is away, a newer schema); `release` takes that back. Readiness is the absence of reasons.
    """

    def __init__(
        self, stage: str, *, stall_after: timedelta = STALL_AFTER, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.stage, self._stall_after, self._clock = stage, stall_after, clock
        self._last = self._freed = clock()
        self._held: dict[str, str] = {"start": "starting"}

    def beat(self) -> None:
        """Something was done, or there was nothing to do."""
        self._last = self._clock()
        self._held.pop("start", None)

    def hold(self, key: str, reason: str) -> None:
        """Not ready for `reason` until `release(key)`."""
        self._held[key] = reason

    def release(self, key: str) -> None:
        """What held under `key` is over."""
        if self._held.pop(key, None) and not self._held:
            self._freed = self._clock()

    @property
    def silence(self) -> timedelta:
        """Since the last beat."""
        return timedelta(seconds=self._clock() - self._last)

    @property
    def stalled(self) -> bool:
        """No beat for longer than is healthy, and nothing known that explains it: the process should be replaced.

        What was held has as long to go on, however long it was held.
        """
        silence = self._clock() - max(self._last, self._freed)
        return not self._held and silence > self._stall_after.total_seconds()

    def reasons(self) -> list[str]:
        """Why the stage is not ready; empty when it is."""
        reasons = [f"{self.stage}: {reason}" for reason in self._held.values()]
        if self.silence > self._stall_after:
            reasons.append(f"{self.stage}: no progress for {int(self.silence.total_seconds())} s")
        return reasons
