"""Apprise: a hundred other services (Telegram, Teams, Discord, Matrix, ...), each by an address of its own.

The library says whether the service took a message, and no more: what failed is tried again, so a message is told at
least once. Its loggers can hold addresses, which are secrets, and are kept quiet.
"""

from __future__ import annotations

import logging
from typing import Any

from pydantic import SecretStr

from streams.alerts import AlertContent, Content, Notification
from streams.errors import DeliveryRefusedError, DeliveryUncertainError
from streams.messages import Severity
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.notify.render import ENGLISH, plain, sheet
from streams.notify.wording import Wording
from streams.stores.outbox import Pace

_LOGGERS = ("apprise", "urllib3", "requests")
WHOLE = 1000
"""Letters that a service has to take in one message for a longer text to be sent in parts, and not its beginning alone:
services that take fewer send text messages, of which an alert would be ten."""
PAUSE = 0.2
"""Seconds between two parts."""
_SEVERE = frozenset({Severity.HIGH, Severity.CRITICAL})


class Apprise:
    """Sends through one Apprise address; several services are several receivers, so that each has its own outcome."""

    pace: Pace | None = None
    edits = False

    def __init__(self, *, url: SecretStr, wording: Wording = ENGLISH) -> None:
        self._url, self._wording = url, wording
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)

    async def send(self, notification: Notification, earlier: Earlier = NOTHING) -> Receipt:  # noqa: ARG002
        """Send title and text. See the protocol."""
        parts, service = sheet(notification.content, self._wording), self._service()
        kind = _kind_of(notification.content)
        try:
            taken = await service.async_notify(
                body=plain(parts), title=parts.subject, notify_type=kind, body_format="text"
            )
        except Exception as error:  # noqa: BLE001  # a plugin's own; the text may hold the secret
            taken, why = False, f" ({type(error).__name__})"
        else:
            why = ""
        if not taken:
            raise DeliveryUncertainError(f"{service.service_name} has not taken it, says Apprise{why}")
        return Receipt(str(service.service_name))

    async def check(self) -> str:
        """Whether the address is one that Apprise knows; the service itself is not asked. Raises like `send`."""
        return f"Apprise knows the address: {self._service().service_name}"

    async def close(self) -> None:
        """Nothing is kept open."""

    def _service(self) -> Any:  # a plugin of Apprise's; they have no common type
        """The service behind the address.

        Raises:
            DeliveryRefusedError: Apprise does not know the address.
        """
        import apprise

        try:
            service = apprise.Apprise.instantiate(self._url.get_secret_value())
        except Exception:  # noqa: BLE001  # plugins parse addresses each in its own way; the text may hold the secret
            service = None
        if service is None:
            raise DeliveryRefusedError("the address is none that Apprise knows", everything=True)
        # Apprise rests for 5.5 seconds between two parts of one message, which an attempt has no time for.
        service.request_rate_per_sec = min(service.request_rate_per_sec, PAUSE)
        if service.overflow_mode == apprise.OverflowMode.UPSTREAM:
            # Unless the address says `overflow`, what is too long is sent as it is, and refused for ever.
            parts = service.body_maxlen >= WHOLE
            service.overflow_mode = apprise.OverflowMode.SPLIT if parts else apprise.OverflowMode.TRUNCATE
        return service


def _kind_of(content: Content) -> str:
    """What Apprise calls it; services give it a colour or a sign."""
    if not isinstance(content, AlertContent):
        return "info"
    return "failure" if content.match.severity in _SEVERE else "warning"
