"""Where articles leave ingest: each is entered in the ledger, and is published, refused or put aside. I/O.

Every step may be repeated and waits while an engine is away; what is away is what readiness says.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from streams.errors import EngineAwayError, RecordTooLargeError
from streams.messages import ARTICLES, DEAD_LETTERS, Article, DeadCause, DeadLetter
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.ports import ArticleStatus, Ledger, Publisher
from streams.topics import Topics

KEPT_BYTES = 65_536
"""Of a record that was too large, how much a dead letter keeps."""

_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0  # seconds

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def patiently(progress: Progress, step: Callable[[], Awaitable[T]]) -> T:
    """The outcome of `step`, which is begun again for as long as an engine is away; readiness says so meanwhile.

    A task that was cancelled tries once: what it would do last must not hold up the end of the process.
    """
    wait = _FIRST_WAIT
    while True:
        try:
            outcome = await step()
        except EngineAwayError as error:
            if _cancelled():
                raise asyncio.CancelledError from error
            progress.hold("engine", str(error))
            await asyncio.sleep(wait)
            wait = min(_LONGEST_WAIT, 2 * wait)
        else:
            progress.release("engine")
            # redis-py 8.1 now and then swallows a cancellation; who waits for our end would wait for ever.
            if _cancelled():
                raise asyncio.CancelledError
            return outcome


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@dataclass(frozen=True, slots=True)
class Press:
    """What the producers share: the ways out of ingest."""

    ledger: Ledger
    publisher: Publisher
    topics: Topics
    metrics: Metrics
    progress: Progress

    async def enter(self, *article_ids: str) -> None:
        """Count articles as entered."""
        await patiently(self.progress, lambda: self.ledger.enter(article_ids))

    async def publish(self, article: Article) -> None:
        """Publish an article that was entered; returns when it is durable, or put aside because it is too large."""
        value = ARTICLES.encode(article)
        try:
            topic = self.topics.articles.name
            await patiently(self.progress, lambda: self.publisher.publish(topic, article.id, value))
        except RecordTooLargeError as error:
            await self.put_aside(article, DeadCause.TOO_LARGE, str(error))
            return
        self.metrics.messages.labels("ingest").inc()
        if article.update:
            self.metrics.updates.inc()
        if article.truncated:
            self.metrics.truncated.inc()

    async def refuse(self, *article_ids: str, status: ArticleStatus = ArticleStatus.UNREADABLE) -> None:
        """End articles as unreadable, or as this."""
        ended = dict.fromkeys(article_ids, status)
        await patiently(self.progress, lambda: self.ledger.finish(ended))
        self.metrics.articles.labels(status).inc(len(article_ids))

    async def put_aside(self, article: Article, cause: DeadCause, detail: str) -> None:
        """End an article on the dead letters, with as much of it as a record surely takes."""
        value = ARTICLES.encode(article)
        letter = DeadLetter(
            id=article.id,
            seen_at=article.seen_at,
            stage="ingest",
            cause=cause,
            detail=detail,
            topic=self.topics.articles.name,
            key=article.id,
            value=base64.b64encode(value[:KEPT_BYTES]).decode(),
            cut=len(value) > KEPT_BYTES,
        )
        topic, raw = self.topics.dead_letters.name, DEAD_LETTERS.encode(letter)
        await patiently(self.progress, lambda: self.publisher.publish(topic, letter.id, raw))
        self.metrics.dead_letters.labels("ingest", cause).inc()
        ended = {article.id: ArticleStatus.DEAD_LETTERED}
        await patiently(self.progress, lambda: self.ledger.finish(ended))
        self.metrics.articles.labels(ArticleStatus.DEAD_LETTERED).inc()
        log.error("article_put_aside", article=article.id, cause=cause.value, detail=detail)
