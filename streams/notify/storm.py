"""Which notifications a receiver's storm limit holds back for one summary. Pure; its clock is the caller's.

What counts is how many alerts have come for the receiver within WINDOW before each, told or held: while a flood lasts,
one summary after another tells it, and as soon as it thins out alerts are told one by one again. It is decided when a
notification is about to be sent for the first time, not when it was written: what piles up while a receiver or a worker
is away would otherwise flood people when that is over. `critical` passes, and counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from streams.messages import Severity

WINDOW = timedelta(minutes=10)
"""Also how long a summary is filled."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A notification to rule on. `severity` is None where it cannot be told, `added` where it is not known."""

    id: str
    severity: Severity | None
    added: datetime | None = None


def held_back(fresh: Iterable[Fresh], recent: Sequence[datetime], *, limit: int, now: datetime) -> frozenset[str]:
    """The ids of those in `fresh` (in the order in which they came) that are held back.

    Args:
        fresh: due now and not ruled on.
        recent: when the latest ones before them were ruled on; more than `limit` of them need not be known.
        limit: most alerts told within WINDOW; 0 holds nothing back.
        now: the time.
    """
    if limit <= 0:
        return frozenset()
    count = sum(now - at < WINDOW for at in recent)
    held = []
    for item in fresh:
        if count >= limit and item.severity is not None and item.severity is not Severity.CRITICAL:
            held.append(item.id)
        count += 1
    return frozenset(held)
