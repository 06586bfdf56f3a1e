"""A webhook of one's own: each notification as JSON, with an id by which a repeated one is known, and signed.

The headers are those of Standard Webhooks 1.0 (https://www.standardwebhooks.com), so that libraries for many languages
can check them: `webhook-id` is the notification's id, the same at every attempt; `webhook-signature` is `v1,` and the
base64 of HMAC-SHA256 over `id.timestamp.body`. `Idempotency-Key` says the id once more, for what stands in front.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import aiohttp
from pydantic import SecretStr

from streams.alerts import Notification
from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from streams.notify.http import NOT_THERE, SERVER_ERROR, TIMED_OUT, TOO_MANY, Session, from_transport
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.notify.render import ENGLISH, plain, sheet
from streams.notify.wording import Wording
from streams.ports import Clock, utc_now
from streams.retry_after import parse_retry_after
from streams.stores.outbox import Pace

_PREFIX = "whsec_"
_REFUSED = 400
_ANSWERS_OPTIONS = 405
"""Somebody is there, who does not know OPTIONS."""


class Webhook:
    """Posts to an address, which may be a secret; with a `secret`, signed. It is told at least once, under one id."""

    pace: Pace | None = None
    edits = False

    def __init__(
        self,
        *,
        url: SecretStr,
        secret: SecretStr | None = None,
        wording: Wording = ENGLISH,
        clock: Clock = utc_now,
    ) -> None:
        self._url, self._secret, self._wording, self._clock = url, secret, wording, clock
        self._session = Session()

    async def send(self, notification: Notification, earlier: Earlier = NOTHING) -> Receipt:  # noqa: ARG002
        """Post it; whoever answers with 2xx has it. See the protocol."""
        status, wait = await self._post(notification.id, body_of(notification, self._wording))
        if status < 300:  # noqa: PLR2004  # RFC 9110, 15.3
            return Receipt(f"HTTP {status}")
        raise _from_status(status, wait)

    async def check(self) -> str:
        """Ask for the address with OPTIONS, which nobody takes for a notification. See the protocol."""
        try:
            async with self._session.get().options(self._url.get_secret_value(), allow_redirects=False) as answer:
                if answer.status not in NOT_THERE - {_ANSWERS_OPTIONS}:
                    return f"the webhook answers (HTTP {answer.status} to OPTIONS)"
                failure = _from_status(answer.status, None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            failure = from_transport(error, "the webhook")
        raise failure

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _post(self, id_: str, body: bytes) -> tuple[int, timedelta | None]:
        at = str(int(self._clock().timestamp()))
        headers = {"Content-Type": "application/json", "webhook-id": id_, "webhook-timestamp": at}
        headers |= {"Idempotency-Key": f'"{id_}"'}
        if self._secret:
            headers["webhook-signature"] = signature(self._secret, id_, at, body)
        try:
            async with self._session.get().post(
                self._url.get_secret_value(), data=body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, parse_retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            failure = from_transport(error, "the webhook")
        raise failure


def body_of(notification: Notification, wording: Wording = ENGLISH) -> bytes:
    """The notification as JSON: `type`, `timestamp`, `data` (all that is told) and `text`, the same in words."""
    content = notification.content
    told = {
        "type": content.kind,
        "timestamp": content.seen_at.isoformat(),
        "id": notification.id,
        "receiver": notification.receiver,
        "text": plain(sheet(content, wording)),
        "data": content.model_dump(mode="json"),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: SecretStr, id_: str, timestamp: str, body: bytes) -> str:
    """The value of `webhook-signature`. A secret that begins with `whsec_` is base64, another one is taken as it is."""
    text = secret.get_secret_value()
    key = text.encode()
    if text.startswith(_PREFIX):
        try:
            key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = text.encode()
    digest = hmac.new(key, f"{id_}.{timestamp}.".encode() + body, sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _from_status(status: int, wait: timedelta | None) -> DeliveryError:
    if status == TOO_MANY or (wait and status >= SERVER_ERROR):
        return DeliveryDeferredError(f"the webhook asks to wait ({status})", retry_after=wait)
    if status >= SERVER_ERROR or status == TIMED_OUT:
        return DeliveryUncertainError(f"the webhook had an error of its own: HTTP {status}")
    if status < _REFUSED:
        return DeliveryRefusedError(f"the webhook redirects (HTTP {status}): write the new address", everything=True)
    return DeliveryRefusedError(f"the webhook refuses it: HTTP {status}", everything=status in NOT_THERE)
