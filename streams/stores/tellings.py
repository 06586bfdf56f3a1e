"""What belongs to a message that tells of more than itself: what a summary lists, what a first message says by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from redis.asyncio import Redis

from streams.alerts import AlertContent, NotificationState, Reason, Revision, Summary, notification_id
from streams.errors import MalformedMessageError
from streams.stores.connection import reaching_redis
from streams.stores.contents import decoded
from streams.stores.kept_alerts import KeptAlert, read_alert

_JOINED = frozenset({Reason.COOLDOWN, Reason.DUPLICATE})


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

    async def revision(self, revision: Revision, receiver: str, first: str) -> Revision:
        """The revision of the message that the notification `first` was, as things stand now.

        There is nothing `told` where that is forgotten, or where it is not what was told first any more, as of a count
        that was told anew.
        """
        kept = await read_alert(self._redis, self._prefix, revision.alert)
        if kept is None:
            return revision
        mine = {
            content.number: content
            for content, fields in await self._contents(kept.notifications)
            if (fields["receiver"], fields["state"]) == (receiver, NotificationState.SENT)
        }
        begun = kept.record.told_to.get(receiver, 1)
        if begun not in mine or first not in {"", notification_id(revision.alert, receiver, begun)}:
            return revision
        told = tuple(mine[number] for number in sorted(mine) if number >= begun)
        sources, articles, origins = _counted(kept, told) if kept.record.window else _reported(kept)
        return revision.model_copy(
            update={
                "told": told,
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
    """The sources of an alert, its articles and its independent texts."""
    sources = tuple(dict.fromkeys(item.article.source for item in kept.articles))
    return sources, kept.record.articles, len(kept.record.happening.origins)


def _counted(kept: KeptAlert, told: Sequence[AlertContent]) -> tuple[tuple[str, ...], int, int]:
    """The same of a count that was told: of the articles that made it, and those that have come to it since."""
    found = {
        item.article: (item.seen_at, item.source, item.story)
        for content in told
        for item in (content.window.items if content.window else ())
    }
    since = min(found.values(), default=(told[0].seen_at, "", ""))[0]
    found |= {
        item.article.id: (item.seen_at, item.article.source, item.story)
        for item in kept.articles
        if item.seen_at >= since and (item.reason.told or item.reason in _JOINED)
    }
    in_order = sorted(found.values())
    sources = tuple(dict.fromkeys(source for _, source, _ in in_order))
    articles = max(len(found), *(content.window.articles for content in told if content.window), 0)
    return sources, articles, len({story for *_, story in in_order})


def _readable(rows: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[tuple[AlertContent, Mapping[str, str]]]:
    for id_, fields in rows:
        try:
            content = decoded(id_, fields["receiver"], fields["content"]).content if fields else None
        except MalformedMessageError:
            continue
        if isinstance(content, AlertContent):
            yield content, fields
