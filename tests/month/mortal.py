"""A worker's life, which ends at some step, as SIGKILL ends a process: nothing is cleaned up behind it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from tests.support.newsroom import RecordingPublisher


class KilledError(BaseException):
    """The process is no more; no handler of its own hears of it."""


@dataclass(slots=True)
class Life:
    """What is left of it: `steps` until it ends, None where it is not to end. A step is a call of Redis or Kafka."""

    chance: random.Random
    steps: int | None = None
    over: bool = False
    published: set[str] = field(default_factory=set)

    def step(self) -> bool:
        """Before a step; whether the step is done, but nobody lives to hear its answer.

        Raises:
            KilledError: the life is over, and the step is not done.
        """
        if self.over:
            raise KilledError
        if self.steps is None:
            return False
        self.steps -= 1
        if self.steps > 0:
            return False
        self.over = True
        if self.chance.random() < 0.5:  # before or after
            raise KilledError
        return True


def _end(*, over: bool) -> None:
    if over:
        raise KilledError


class MortalRedis(Redis):
    """The client of a worker that may die."""

    life: Life

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """As of any client."""
        over = self.life.step()
        answer = await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py's own
        _end(over=over)
        return answer

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:  # noqa: FBT001, FBT002  # as of any client
        """As of any client."""
        pipe = _MortalPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipe.life = self.life
        return pipe


class _MortalPipeline(Pipeline):
    life: Life

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002  # as of any pipeline
        over = self.life.step()
        answers = await super().execute(raise_on_error)
        _end(over=over)
        return list(answers)


@dataclass(slots=True)
class MortalPublisher:
    """The publisher of a worker that may die, over one that does not."""

    life: Life
    inner: RecordingPublisher

    async def publish(self, topic: str, key: str, value: bytes) -> None:
        """Publish, if it is alive."""
        over = self.life.step()
        await self.inner.publish(topic, key, value)
        self.life.published.add(key)
        _end(over=over)
