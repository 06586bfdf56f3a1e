"""What the alert stage remembers of an article, so that an update of it is known for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from redis.asyncio import Redis

from streams.alert.decision import Decision
from streams.alerts import Reason
from streams.messages import ArticleHead, Match
from streams.stores.connection import reaching_redis


@dataclass(frozen=True, slots=True)
class Told:
    """The last revision of an article on which was decided, its story, and why each alert that holds it took it.

    `revision` is 0 where nothing was decided: no rule had fired on it. `seen` says when and in which source the article
    was seen, apart from updates, on which was decided; "" where an earlier release did not keep it.
    """

    revision: int = 0
    story: str = ""
    seen: str = ""
    held_by: Mapping[str, Reason] = field(default_factory=dict)

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Told:
        """What a hash in Redis says, see `fields`."""
        held_by = {name: Reason(value) for name, value in fields.items() if name not in {"revision", "story", "seen"}}
        return cls(int(fields.get("revision", 0)), fields.get("story", ""), fields.get("seen", ""), held_by)

    def fields(self) -> dict[str, str]:
        """It as the fields of a hash in Redis; alerts by their ids."""
        held_by = {alert: reason.value for alert, reason in self.held_by.items()}
        return {"revision": str(self.revision), "story": self.story, "seen": self.seen, **held_by}

    def after(self, decision: Decision) -> Told:
        """It with one more decision."""
        # What was counted, or told, stays so, though an update of it is judged as archive.
        joined = {
            ruling.record.id: ruling.item.reason
            for ruling in decision.rulings
            if ruling.item.reason is not Reason.BACKLOG or ruling.record.id not in self.held_by
        }
        revision = max(self.revision, decision.revision)
        items = [ruling.item for ruling in decision.rulings if decision.revision == 1]
        seen = seen_of(items[0].article, items[0].seen_at) if items else self.seen
        return Told(revision, self.story or decision.story, seen, {**self.held_by, **joined})

    def is_of(self, match: Match) -> bool:
        """Whether it was decided on this very match: it is delivered once more."""
        return match.article.revision == 1 and self.seen == seen_of(match.article, match.seen_at)


def seen_of(article: ArticleHead, seen_at: datetime) -> str:
    """When and where an article was seen. The same address may be seen once more, by another source."""
    return f"{seen_at.isoformat()} {article.source}"


async def read_told(redis: Redis, prefix: str, articles: Sequence[str]) -> tuple[str, dict[str, str], dict[str, Told]]:
    """How articles have ended and what was decided on each before, and on which version of the alerts that rests.

    The version is read first: what changes afterwards is noticed when decisions are committed.

    Raises:
        EngineAwayError: Redis cannot serve now.
    """
    with reaching_redis():
        pipe = redis.pipeline(transaction=False)
        pipe.get(f"{prefix}alerts:version")
        pipe.mget([f"{prefix}article:{id_}" for id_ in articles])
        for id_ in articles:
            pipe.hgetall(f"{prefix}article:{id_}:alerts")
        version, statuses, *told = await pipe.execute()
    return (
        str(version or "0"),
        {id_: str(status or "") for id_, status in zip(articles, statuses, strict=True)},
        {id_: Told.of(fields) for id_, fields in zip(articles, told, strict=True)},
    )
