"""What a way of telling somebody has to offer: one class for each vendor, all under one contract test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from streams.alerts import Notification
from streams.stores.outbox import Pace


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sink said of a delivered notification: its own name for it, and anything worth knowing."""

    text: str


class Notifier(Protocol):
    """Sends to one receiver. No error, log line or repr of a notifier ever holds its secret."""

    @property
    def pace(self) -> Pace | None:
        """How fast the sink may be sent to; None for no limit."""

    async def send(self, notification: Notification) -> Receipt:
        """Deliver once, trying only once; `notification.id` is given to the sink where it can keep it.

        Raises:
            DeliveryDeferredError: certainly not delivered; later it may be.
            DeliveryRefusedError: certainly not delivered, and it never will be as things are.
            DeliveryUncertainError: perhaps delivered.
        """

    async def check(self) -> str:
        """A line that says who answered, without telling the receiver anything. Raises like `send`."""

    async def close(self) -> None:
        """Let go of connections; `send` may be called again afterwards."""
