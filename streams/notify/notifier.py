"""What a way of telling somebody has to offer: one class for each vendor, all under one contract test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from streams.alerts import Notification
from streams.stores.outbox import Pace


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sink said of a delivered notification: its own name for it, and anything worth knowing.

    `missed` says who of several has not got it, and will not: the operators are told.
    """

    text: str
    missed: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was sent before.

    `uncertain`: an attempt with this very notification, not before `since`, may have arrived. `first` is the receipt
    of the notification that told of this alert first, where this is a later one and that was delivered. `reached` are
    those of several addresses which have this one.
    """

    uncertain: bool = False
    since: datetime | None = None
    first: str = ""
    reached: tuple[str, ...] = ()


NOTHING = Earlier()


class Notifier(Protocol):
    """Sends to one receiver. No error, log line or repr of a notifier ever holds its secret."""

    @property
    def pace(self) -> Pace | None:
        """How fast the sink may be sent to; None for no limit."""

    @property
    def edits(self) -> bool:
        """Whether it can change what it has sent: `send` takes a Revision, whose message is `earlier.first`."""

    async def send(self, notification: Notification, earlier: Earlier = NOTHING) -> Receipt:
        """Deliver once, trying only once; `notification.id` is given to the sink where it can keep it.

        A sink that can be asked is asked first whether an uncertain attempt has arrived. What is new of an alert is
        put beside what was told first, where the sink has threads.

        Raises:
            DeliveryDeferredError: certainly not delivered; later it may be.
            DeliveryRefusedError: certainly not delivered, and it never will be as things are.
            DeliveryUncertainError: perhaps delivered.
        """

    async def check(self) -> str:
        """A line that says who answered, without telling the receiver anything. Raises like `send`."""

    async def close(self) -> None:
        """Let go of connections; `send` may be called again afterwards."""
