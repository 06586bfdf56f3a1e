"""What the operators are told of deliveries: what was given up, and which receiver is left alone. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from streams.alerts import Notice, Notification, notice_id, notice_to
from streams.notify.circuit import LONGEST_WAIT
from streams.stores.circuits import Circuit


class Of(Protocol):
    """Makes a notice of what a receiver did not get."""

    def __call__(self, operators: str, receiver: str, error: str, /, *, now: datetime) -> Notification:
        """The notice."""


def of_loss(operators: str, receiver: str, error: str, *, now: datetime) -> Notification:
    """A notification was given up; one notice for each receiver and hour."""
    return notice_to(
        operators,
        cause=f"undelivered-{receiver}",
        title=f"Marsad could not deliver to {receiver}",
        text=f"{error}. See `marsad alerts list`; once it is mended, `marsad alerts retry` sends again.",
        now=now,
    )


def of_missed(operators: str, receiver: str, error: str, *, now: datetime) -> Notification:
    """Some of a receiver's addresses did not get what others did; one notice for each receiver and hour."""
    return notice_to(
        operators,
        cause=f"missed-{receiver}",
        title=f"Marsad could not deliver to all of {receiver}",
        text=f"{error}. The others have it, so that it is not sent again; `marsad alerts show` names it.",
        now=now,
    )


def of_circuit(operators: str, receiver: str, was: Circuit, becomes: Circuit, *, now: datetime) -> Notification | None:
    """A circuit has opened or closed: one notice each. None for any other move.

    That the operators' own receiver is dead is not told through it; that it is back is.
    """
    opened = becomes.opened_at or was.opened_at
    if opened is None or was.is_open == becomes.is_open or (becomes.is_open and receiver == operators):
        return None
    if becomes.is_open:
        cause, title = f"circuit-open-{receiver}", f"Marsad cannot reach {receiver}"
        minutes = LONGEST_WAIT // timedelta(minutes=1)
        text = (
            f"{becomes.error}. Its notifications wait until it answers; it is tried at least every {minutes} minutes. "
            f"`marsad receivers test {receiver}` says what is wrong."
        )
    else:
        cause, title = f"circuit-closed-{receiver}", f"Marsad reaches {receiver} again"
        text = f"It could not for {_span(now - opened)}. What waited is being sent."
    content = Notice(cause=cause, title=title, text=text, seen_at=now)
    return Notification(
        id=notice_id(f"{cause}-{opened.isoformat()}", operators, opened), receiver=operators, content=content
    )


def _span(span: timedelta) -> str:
    hours, minutes = divmod(round(span / timedelta(minutes=1)), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else "less than a minute"
