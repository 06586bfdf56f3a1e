"""What became of a notification, as the topic `notifications` tells it: what a lost Redis is rebuilt from."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime

from streams.alerts import NotificationState
from streams.messages import Codec, Message


class Delivery(Message):
    """One notification that has ended: delivered, told in a summary, or given up. The last one with its id counts.

    `alert`, `rule`, `article` and `number` say what was told (`alert` is "" for a summary, whose parts each have a
    delivery of their own), `receipt` what the sink calls it, `attempts` how many were made. `added_at` is when it was
    put into the outbox, that is, when it was decided; `seen_at`, when it ended.
    """

    kind: ClassVar[str] = "delivery"
    id: str
    receiver: str
    alert: str
    rule: str = ""
    article: str = ""
    number: int = 0
    state: NotificationState
    receipt: str = ""
    error: str = ""
    attempts: int = 0
    added_at: AwareDatetime


DELIVERIES = Codec(Delivery)
