"""Which notifications wait for a summary: a receiver's digest, quiet hours and storm limit, in this order. Pure.

It is decided when a notification is about to be sent for the first time; one that failed is not tried in quiet hours.
`critical` alerts never wait, nor does what cannot be read: repeat rather than lose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from streams.alerts import HeldBy, Hold
from streams.messages import Severity
from streams.notify import storm
from streams.notify.hours import next_digest, quiet_until
from streams.receiver_sections import Digest, QuietHours, ReceiverSettings


@dataclass(frozen=True, slots=True)
class Holding:
    """What a receiver has asked for; `storm_limit` 0 is none, and times are those of `timezone`."""

    storm_limit: int = 0
    quiet_hours: tuple[QuietHours, ...] = ()
    digest: Digest | None = None
    timezone: str = "UTC"

    @property
    def asks(self) -> bool:
        """Whether anything can ever be held."""
        return bool(self.storm_limit or self.quiet_hours or self.digest)


def holding_of(receiver: ReceiverSettings) -> Holding:
    """What the receiver wants held back for summaries."""
    return Holding(receiver.storm_limit, receiver.quiet_hours, receiver.digest, receiver.timezone)


def hold(holding: Holding, fresh: Iterable[storm.Fresh], recent: Sequence[datetime], *, now: datetime) -> Hold:
    """What becomes of notifications that are due; a summary that would come in quiet hours waits for their end.

    Args:
        holding: what the receiver has asked for.
        fresh: due now and not ruled on, in the order in which they came.
        recent: as for `storm.held_back`.
        now: the time.
    """
    fresh = tuple(fresh)
    waits = frozenset(item.id for item in fresh if item.severity not in {None, Severity.CRITICAL})
    quiet = quiet_until(holding.quiet_hours, now, timezone=holding.timezone)
    if holding.digest:
        # What came before a digest's time while nothing was delivered is told now, and not by the next one.
        since = min((item.added for item in fresh if item.added and item.id in waits), default=now)
        until = next_digest(holding.digest, min(since, now), timezone=holding.timezone)
        held = Hold(waits, HeldBy.DIGEST, max(until, now))
    elif quiet:
        held = Hold(waits, HeldBy.QUIET_HOURS, quiet)
    else:
        over = storm.held_back(fresh, recent, limit=holding.storm_limit, now=now)
        held = Hold(over, HeldBy.STORM, now + storm.WINDOW)
        if _heard(holding, held.until) != held.until:
            # One summary tells it with what comes in the quiet hours.
            held = Hold(over, HeldBy.QUIET_HOURS, held.until)
    return Hold(held.ids, held.by, _heard(holding, held.until))


def told_at(holding: Holding, by: HeldBy, due: datetime, *, now: datetime) -> datetime:
    """When a summary that was to be told when `due` is to be told by what the receiver asks for now.

    No later than it was to be, but for quiet hours in which that lies.
    """
    match by:
        case HeldBy.DIGEST:
            until = next_digest(holding.digest, now, timezone=holding.timezone) if holding.digest else now
        case HeldBy.QUIET_HOURS | HeldBy.STORM:
            # Of a storm quiet hours may have been awaited that have not begun.
            until = now + storm.WINDOW
    return _heard(holding, min(due, _heard(holding, until)))


def from_when(holding: Holding, now: datetime) -> datetime | None:
    """When what is told at no time of its own, as what a silence held back, is told; None for at once."""
    until = next_digest(holding.digest, now, timezone=holding.timezone) if holding.digest else now
    at = _heard(holding, until)
    return at if at > now else None


def _heard(holding: Holding, at: datetime) -> datetime:
    """Then, or when the quiet ends that reigns then."""
    return quiet_until(holding.quiet_hours, at, timezone=holding.timezone) or at
