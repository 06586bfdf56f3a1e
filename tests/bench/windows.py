"""What a condition over time costs a match, through the store: 1,000 rules, each with as many places as news has."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from redis.asyncio import Redis

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.messages import ArticleHead, Match, RuleMatch, Severity, Unit, Window
from streams.sections import EngineSettings
from streams.settings import Secrets
from streams.stores.alerts import AlertStore
from streams.stores.connection import connect
from tests.bench.figures import Figure, say

AIM_MS = 0.3
RULES, PLACES, BATCH = 1_000, 3, 100
_SPIKE = Window(
    at_least=5, unit=Unit.ORIGINS, within=timedelta(hours=6), by="where", times=3.0, history=timedelta(days=28)
)
_POLICY = Policy(max_age=None, routes=())
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


async def measure(folder: Path, *, count: int) -> list[Figure]:
    """Milliseconds that a condition adds to a match, and bytes of Redis for each rule and place."""
    say(f"conditions over time: {count:,} matches of {RULES:,} rules in {PLACES} places each")
    async with connect(EngineSettings(data=folder), Secrets({})) as redis:
        plain, _ = await _settle(redis, "plain:", None, count)
        spike, size = await _settle(redis, "spike:", _SPIKE, count)
    how = f"{RULES:,} rules with a spike over {PLACES} places each, {count:,} matches over 60 days, batches of {BATCH}"
    whole = "reading, deciding and committing"
    return [
        Figure("what a condition over time adds to a match", spike - plain, "ms", how, AIM_MS),
        Figure("a match of a rule with one", spike, "ms", whole),
        Figure("a match of a rule without one", plain, "ms", f"{whole}: it looks for its happening instead"),
        Figure("condition over time in Redis", size, "bytes a rule and place", "after them, history included"),
    ]


async def _settle(redis: Redis, prefix: str, window: Window | None, count: int) -> tuple[float, float]:
    """Milliseconds for each of the last half, and what the rules and places take."""
    store, chance = AlertStore(redis, prefix=prefix), Random(7)  # noqa: S311  # the same in every run
    before, spent = int((await redis.info("memory"))["used_memory"]), 0.0
    for start in range(0, count, BATCH):
        batch = [_match(number, chance, window, count) for number in range(start, start + BATCH)]
        began = time.perf_counter()
        await store.settle(batch, partial(decide, policy=_POLICY), now=datetime.now(UTC))
        spent += time.perf_counter() - began if start >= count // 2 else 0.0
    used = int((await redis.info("memory"))["used_memory"]) - before
    return 1000 * spent / (count // 2), used / (RULES * PLACES)


def _match(number: int, chance: Random, window: Window | None, count: int) -> Match:
    """A match of one of the rules, in one of its places, some time in 60 days; each with a text of its own."""
    rule = chance.randrange(RULES)
    fired = RuleMatch(
        rule=f"rule-{rule}",
        title=f"Rule {rule}",
        severity=Severity.HIGH,
        evidence=(),
        excerpts=(),
        slots={"where": (f"town {rule}-{chance.randrange(PLACES)}",)},
        repeat_after=timedelta(hours=12),
        window=window,
    )
    head = ArticleHead(id=f"a{number}", title=f"What was reported as number {number}", source=f"source {number % 40}")
    seen = _BEGIN + number * timedelta(days=60) / count
    return Match(seen_at=seen, article=head, story=f"s{number}", rulebook="bench", rules=(fired,))
