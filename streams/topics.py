"""The topics: names, keys and shapes. Every one carries bytes that `streams.messages` encodes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

STAGES = ("ingest", "match", "alert", "notify")
"""In the order in which an article meets them; each may run in a process of its own."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic as it has to be: `partitions` exactly, `retention` and `replication` as created (see `TopicAdmin`)."""

    name: str
    partitions: int
    retention: timedelta
    replication: int = 1


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics under an optional prefix.

    `articles` and `matches` are keyed by article id; `notifications` and `dead_letters` by the id of what they hold.
    """

    articles: TopicSpec
    matches: TopicSpec
    notifications: TopicSpec
    dead_letters: TopicSpec

    @classmethod
    def build(cls, *, prefix: str, partitions: int, retention: timedelta, replication: int) -> Topics:
        """The topics of one installation; `prefix` is put before each name as it is."""

        def spec(name: str, count: int) -> TopicSpec:
            return TopicSpec(f"{prefix}{name}", count, retention, replication)

        return cls(
            articles=spec("articles", partitions),
            matches=spec("matches", partitions),
            notifications=spec("notifications", 1),
            dead_letters=spec("dead-letters", 1),
        )

    def all(self) -> tuple[TopicSpec, ...]:
        """Every topic, in the order of the stages."""
        return (self.articles, self.matches, self.notifications, self.dead_letters)
