"""What is written about a message that is put aside."""

from __future__ import annotations

import base64
from datetime import datetime

from streams.messages import DeadCause, DeadLetter
from streams.ports import Record

DETAIL_LIMIT = 2_000
"""Most characters of a cause's text that are kept; a validation error can quote the whole message."""

KEY_LIMIT = 1_000


def dead_letter(record: Record, *, stage: str, cause: DeadCause, detail: str, seen_at: datetime) -> DeadLetter:
    """The record with where it came from and why it is put aside; its id is the same however often it is read."""
    return DeadLetter(
        id=f"{record.topic}/{record.partition}/{record.offset}",
        seen_at=seen_at,
        stage=stage,
        cause=cause,
        detail=detail[:DETAIL_LIMIT],
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=None if record.key is None else record.key.decode("utf-8", "replace")[:KEY_LIMIT],
        value=base64.b64encode(record.value or b"").decode("ascii"),
    )


def cut_to(letter: DeadLetter, limit: int) -> DeadLetter:
    """The letter with only so much of its value that a record of `limit` bytes has room for all of it.

    The rest stays in the original, at the topic, partition and offset that the letter names.
    """
    room = limit - len(letter.model_copy(update={"value": "", "cut": True}).model_dump_json().encode()) - _ENVELOPE
    return letter.model_copy(update={"value": letter.value[: max(room, 0) // 4 * 4], "cut": True})


_ENVELOPE = 2_000
"""Bytes for the envelope, the record's key and the broker's own head, with room to spare."""
