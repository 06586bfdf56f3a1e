"""What is kept of one alert in Redis: its record, its articles, and which notifications told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis

from streams.alerts import AlertRecord, HistoryItem
from streams.stores.connection import reaching_redis


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert's record, its articles, oldest first, and the ids of its notifications, in the order of ids.

    Of articles that were seen at once those stand first that were told first, each before what it held back.
    """

    record: AlertRecord
    articles: tuple[HistoryItem, ...]
    notifications: tuple[str, ...]


async def read_alert(redis: Redis, prefix: str, alert: str) -> KeptAlert | None:
    """What is kept of the alert of that id under `prefix`, in one round trip; None where it is not known (any more).

    Raises:
        EngineAwayError: Redis cannot serve now.
    """
    key = f"{prefix}alert:{alert}"
    with reaching_redis():
        pipe = redis.pipeline(transaction=False)
        pipe.hget(key, "record")
        pipe.hvals(f"{key}:articles")
        pipe.smembers(f"{key}:notifications")
        record, articles, notifications = await pipe.execute()
    if record is None:
        return None
    return KeptAlert(
        AlertRecord.model_validate_json(record),
        tuple(sorted(map(HistoryItem.model_validate_json, articles), key=_place)),
        tuple(sorted(notifications)),
    )


def _place(item: HistoryItem) -> tuple[datetime, int, bool, str, int]:
    """Redis gives the lines of a large hash in no order."""
    return (item.seen_at, item.number, not item.reason.told, item.article.id, item.article.revision)
