"""What it costs to know texts again: time and memory of the story index as it fills, through the store itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random

from redis.asyncio import Redis

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.match.sketch import sketch
from streams.match.story import fingerprint
from streams.messages import ArticleHead, Match, Traits
from streams.sections import EngineSettings
from streams.settings import Secrets
from streams.stores.alerts import AlertStore
from streams.stores.connection import connect
from tests.bench.figures import Figure, say

AIM_MS = 1.0
AIM_BYTES = 4_000.0
"""A million texts in 4 GB."""
_WORDS = 520
_VOCABULARY = [b"w%d" % rank for rank in range(1, 20_001)]
_WEIGHTS = [1 / rank for rank in range(1, 20_001)]  # Zipf's law
_COPY_EVERY = 5
_BATCH = 100
_SPAN = timedelta(days=3)
_POLICY = Policy(max_age=None, routes=())


async def measure(folder: Path, *, count: int) -> list[Figure]:
    """Milliseconds for each text at the end of `count`, and bytes of Redis for each."""
    say(f"stories: {count:,} texts of {_WORDS} words, one in {_COPY_EVERY} a copy of another")
    async with connect(EngineSettings(data=folder), Secrets({})) as redis:
        store = AlertStore(redis, prefix="bench:")
        before = await _used(redis)
        rest, spent, worked, done, wrong = _texts(count), 0.0, 0.0, 0, 0
        while batch := list(islice(rest, _BATCH)):
            measured = done >= count * 0.9
            busy = await _cpu(redis) if measured else 0.0
            began = time.perf_counter()
            decisions = await store.settle(batch, partial(decide, policy=_POLICY), now=datetime.now(UTC))
            done += len(batch)
            if measured:
                spent += time.perf_counter() - began
                worked += await _cpu(redis) - busy
            wrong += sum(
                (decision.story != match.story) != decision.article.startswith("copy")
                for decision, match in zip(decisions, batch, strict=True)
            )
        size = (await _used(redis) - before) / count
    how = f"the last tenth of {count:,}, in batches of {_BATCH}, AOF synced; {wrong} copies missed or wrong"
    busy_for = f"{1000 * worked / (count * 0.1):.2f} ms of it CPU time of worker and Redis"
    return [
        Figure("story of an article", 1000 * spent / (count * 0.1), "ms", f"{how}; {busy_for}", AIM_MS),
        Figure("story index in Redis", size, "bytes an article", f"after {count:,} articles", AIM_BYTES),
    ]


def _texts(count: int) -> Iterator[Match]:
    """Matches of made-up texts, every fifth of which repeats an earlier one with a tenth of its words changed."""
    chance = Random(1056)  # noqa: S311  # the same in every run
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    recent: list[list[bytes]] = []
    for number in range(count):
        copied = number % _COPY_EVERY == _COPY_EVERY - 1
        if copied:
            words = [
                word if chance.random() > 0.1 else b"x%d" % number  # a tenth
                for word in chance.choice(recent)
            ]
        else:
            words = chance.choices(_VOCABULARY, _WEIGHTS, k=_WORDS)
            recent = [*recent[-50:], words]
        text = b" ".join(words)
        yield Match(
            seen_at=begin + number * _SPAN / count,
            article=ArticleHead(id=f"{'copy' if copied else 'text'}-{number}", title="", source="bench"),
            story=fingerprint(text),
            rulebook="r",
            rules=(),
            sketch=sketch(text),
            traits=Traits(words=tuple(range(number % 20, number % 20 + 24))),
        )


async def _cpu(redis: Redis) -> float:
    """Seconds of CPU time that this process and Redis have used, which a busy machine does not stretch."""
    used = await redis.info("cpu")
    return time.process_time() + float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


async def _used(redis: Redis) -> int:
    return int((await redis.info("memory"))["used_memory"])
