"""What belongs to a message that tells of more than itself: what a summary lists, what a first message says by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from redis.asyncio import Redis

from streams.alerts import AlertContent, AlertRecord, HistoryItem, NotificationState, Revision, Summary
from streams.errors import MalformedMessageError
from streams.stores.connection import reaching_redis
from streams.stores.contents import decoded


class Tellings:
    """Completes summaries and revisions from what is kept under `prefix`. Every method may raise EngineAwayError."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis, self._prefix = redis, prefix

    async def summary(self, id_: str, summary: Summary) -> Summary:
        """The summary with what it tells; what this release cannot read is left out."""
        with reaching_redis():
            held = await self._redis.zrange(f"{self._prefix}outbox:held:{id_}", 0, -1)
        told = tuple(content for content, _ in await self._contents(map(str, held)))
        return summary.model_copy(update={"told": told})

    async def revision(self, revision: Revision, receiver: str) -> Revision:
        """The revision as things stand now; without anything `told` where the first message is forgotten."""
        key = f"{self._prefix}alert:{revision.alert}"
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            pipe.hget(key, "record")
            pipe.hvals(f"{key}:articles")
            pipe.smembers(f"{key}:notifications")
            record, articles, notifications = await pipe.execute()
        mine = {
            content.number: content
            for content, fields in await self._contents(notifications)
            if (fields["receiver"], fields["state"]) == (receiver, NotificationState.SENT)
        }
        if record is None or 1 not in mine:
            return revision
        history = sorted(map(HistoryItem.model_validate_json, articles), key=lambda item: item.seen_at)
        alert = AlertRecord.model_validate_json(record)
        return revision.model_copy(
            update={
                "told": tuple(mine[number] for number in sorted(mine)),
                "sources": tuple(dict.fromkeys(item.article.source for item in history)),
                "articles": alert.articles,
                "origins": len(alert.happening.origins),
                "number": alert.happening.number,
            }
        )

    async def _contents(self, ids: Iterable[str]) -> list[tuple[AlertContent, Mapping[str, str]]]:
        names = list(ids)
        if not names:
            return []
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            for id_ in names:
                pipe.hgetall(f"{self._prefix}notification:{id_}")
            found: list[Mapping[str, str]] = await pipe.execute()
        return list(_readable(zip(names, found, strict=True)))


def _readable(rows: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[tuple[AlertContent, Mapping[str, str]]]:
    for id_, fields in rows:
        try:
            content = decoded(id_, fields["receiver"], fields["content"]).content if fields else None
        except MalformedMessageError:
            continue
        if isinstance(content, AlertContent):
            yield content, fields
