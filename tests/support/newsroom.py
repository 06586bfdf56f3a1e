"""What ingest works with, for tests: a clock that is set, a publisher and a ledger that keep what they are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from streams.errors import EngineAwayError, RecordTooLargeError
from streams.messages import ARTICLES, DEAD_LETTERS, Article, DeadLetter
from streams.ports import ArticleStatus
from streams.topics import Topics

TOPICS = Topics.build(prefix="", partitions=1, retention=timedelta(days=7), replication=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(slots=True)
class Clock:
    """Says what it is told."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@dataclass(slots=True)
class RecordingPublisher:
    """`streams.ports.Publisher` that keeps what is published. `away` says how many calls find the broker away."""

    limit: int = 1_000_000
    away: int = 0
    articles: list[Article] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    on_publish: type[BaseException] | None = None

    async def publish(self, topic: str, key: str, value: bytes) -> None:
        """Keep it, or fail as told."""
        if self.away:
            self.away -= 1
            raise EngineAwayError("the broker does not answer")
        if len(value) > self.limit:
            raise RecordTooLargeError(f"{len(value)} bytes are more than {self.limit}")
        if topic == TOPICS.articles.name:
            article = ARTICLES.decode(value)
            assert key == article.id
            self.articles.append(article)
        else:
            self.dead_letters.append(DEAD_LETTERS.decode(value))
        if self.on_publish:
            raise self.on_publish

    @property
    def titles(self) -> list[str]:
        """The titles of the articles published, in order."""
        return [article.title for article in self.articles]


@dataclass(slots=True)
class RecordingLedger:
    """`streams.ports.Ledger` in memory."""

    entered: dict[str, ArticleStatus | None] = field(default_factory=dict)

    async def enter(self, article_ids: Sequence[str]) -> None:
        """Count them once."""
        for article_id in article_ids:
            self.entered.setdefault(article_id, None)

    async def finish(self, statuses: Mapping[str, ArticleStatus]) -> None:
        """The first status stands."""
        for article_id, status in statuses.items():
            self.entered[article_id] = self.entered.get(article_id) or status

    @property
    def tally(self) -> dict[str, int]:
        """How many are in each status; those on their way are `under_way`."""
        return dict(Counter(status.value if status else "under_way" for status in self.entered.values()))
