"""What a notification says, as Redis holds it: JSON, which another release may have written."""

from __future__ import annotations

import json

from pydantic import ValidationError

from streams.alerts import Notification
from streams.errors import MalformedMessageError


def decoded(id_: str, receiver: str, content: str, *, first: str = "") -> Notification:
    """The notification with this content.

    Raises:
        MalformedMessageError: this release cannot read it.
    """
    head = json.dumps({"id": id_, "receiver": receiver, "first": first})
    try:
        return Notification.model_validate_json(f'{head[:-1]}, "content": {content}}}')
    except ValidationError as error:
        raise MalformedMessageError(f"notification {id_}: this release cannot read its content") from error
