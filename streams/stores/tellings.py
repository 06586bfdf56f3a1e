"""What belongs to a message that tells of more than itself: what a summary lists, what a first message says by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from redis.asyncio import Redis

from streams.alerts import AlertContent, NotificationState, Revision, Summary
from streams.errors import MalformedMessageError
from streams.stores.connection import reaching_redis
from streams.stores.contents import decoded
from streams.stores.kept_alerts import KeptAlert, read_alert


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
        kept = await read_alert(self._redis, self._prefix, revision.alert)
        if kept is None:
            return revision
        mine = {
            content.number: content
            for content, fields in await self._contents(kept.notifications)
            if (fields["receiver"], fields["state"]) == (receiver, NotificationState.SENT)
        }
        if kept.record.told_to.get(receiver, 1) not in mine:
            return revision
        sources, articles, origins = _reported(kept)
        return revision.model_copy(
            update={
                "told": tuple(mine[number] for number in sorted(mine)),
                "sources": sources,
                "articles": articles,
                "origins": origins,
                "number": kept.record.happening.deaths or kept.record.happening.number,
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


def _reported(kept: KeptAlert) -> tuple[tuple[str, ...], int, int]:
    """The sources of an alert, its articles and its independent texts; of a count those that are counted now."""
    if kept.record.window:
        counted = kept.record.window.items
        return (
            tuple(dict.fromkeys(item.source for item in counted)),
            len(counted),
            len({item.story for item in counted}),
        )
    sources = tuple(dict.fromkeys(item.article.source for item in kept.articles))
    return sources, kept.record.articles, len(kept.record.happening.origins)


def _readable(rows: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[tuple[AlertContent, Mapping[str, str]]]:
    for id_, fields in rows:
        try:
            content = decoded(id_, fields["receiver"], fields["content"]).content if fields else None
        except MalformedMessageError:
            continue
        if isinstance(content, AlertContent):
            yield content, fields
