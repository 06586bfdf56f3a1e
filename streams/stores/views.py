"""A notification with all that became of it, for those who ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from streams.alerts import Notification, NotificationState
from streams.errors import MalformedMessageError
from streams.stores.contents import decoded
from streams.stores.scripts import EPOCH, instant


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt that has ended: its number, when, how, and what was said: an error, or the sink's receipt.

    `ended` is `sent`, `deferred` (certainly not delivered), `uncertain` (some attempt up to it may have arrived),
    `given_up`, or `unknown`, where its worker ended without a record; then the time is the end of its lease.
    """

    number: int
    at: datetime
    ended: str
    detail: str


@dataclass(frozen=True, slots=True)
class NotificationView:
    """A notification as `marsad alerts list` shows it. `due` is when it is tried next, or its lease ends.

    `notification` is None where this release cannot read its content. `summary` is the id of the summary that tells
    it, where the storm limit held it. `attempts` counts all attempts, of which `ended` are the latest.
    """

    id: str
    receiver: str
    alert: str | None
    notification: Notification | None
    state: NotificationState
    attempts: int
    due: datetime | None
    sent_at: datetime | None
    error: str | None
    receipt: str | None
    summary: str | None = None
    ended: tuple[AttemptView, ...] = ()


def view_of(id_: str, fields: Mapping[str, str]) -> NotificationView:
    """The notification of that id, by its hash in Redis."""
    try:
        notification = decoded(id_, fields["receiver"], fields["content"])
    except MalformedMessageError:
        notification = None
    return NotificationView(
        id=id_,
        receiver=fields["receiver"],
        alert=fields["alert"] or None,
        notification=notification,
        state=NotificationState(fields["state"]),
        attempts=int(fields["attempt"]),
        due=instant(fields.get("due")),
        sent_at=instant(fields.get("sent_at")),
        error=fields.get("error"),
        receipt=fields.get("receipt"),
        summary=fields.get("summary"),
        ended=tuple(map(_attempt, filter(None, fields.get("history", "").split("\n")))),
    )


def _attempt(line: str) -> AttemptView:
    told = json.loads(line)
    return AttemptView(told["attempt"], EPOCH + timedelta(milliseconds=told["at"]), told["ended"], told["detail"])
