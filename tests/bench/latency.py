"""How long it takes from the append of an article to the receipt of its alert by Slack's stand-in.

Over Kafka and Redis the stages are three processes, and this one appends; over the embedded engines they are one
process, which appends too. At the slower pace both are measured at once, to save time, half a second apart; that can
only make them slower.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.sample.slack_standin import SlackStandin
from streams.messages import ARTICLES, Article
from tests.bench.articles import Pool
from tests.bench.figures import Figure, say
from tests.bench.lateness import Lateness
from tests.bench.pace import paced, stream
from tests.bench.servers import Servers, installation
from tests.support.fleet import EMBEDDED, Engines, Installation, Member
from tests.support.slack import TOKEN, slack

AIM_MS = 100.0
PACES = (50, 200)
"""Articles a second."""
WARM_UP = 3
"""Alerts at the beginning that are not counted: connections are made for them."""
_PATIENCE = 60.0
_NUMBER = re.compile(r"https://news\.example/(\d+)")


async def measure(servers: Servers | None, pool: Pool, folder: Path, *, seconds: int) -> list[Figure]:
    """p50 and p99 over `seconds` alerts for each pace and pair of engines; over Kafka only where there are servers."""
    figures = []
    for per_second in PACES:
        run = _Run(pool, folder / str(per_second), per_second, seconds + WARM_UP)
        figures += await _measure(servers, run)
    return figures


@dataclass(frozen=True, slots=True)
class _Run:
    """One stream of articles: so many a second for `seconds`."""

    pool: Pool
    folder: Path
    per_second: int
    seconds: int

    def articles(self) -> list[Article]:
        """What is appended."""
        return list(stream(self.pool, self.seconds, per_second=self.per_second))


async def _measure(servers: Servers | None, run: _Run) -> list[Figure]:
    say(f"latency: {run.seconds} s at {run.per_second} articles/s, one a second alerts")
    lines = {"embedded SQLite + Valkey": _embedded(run)}
    if servers is not None:
        lines["Kafka + Redis"] = _over_kafka(servers, run)
    with Lateness() as naps:
        if run.per_second == PACES[0]:
            measured = await asyncio.gather(*lines.values())
        else:
            measured = [await line for line in lines.values()]
    figures = [
        figure
        for name, delays in zip(lines, measured, strict=True)
        for figure in _figures(name, run.per_second, delays)
    ]
    late = 1000 * _percentile(sorted(naps.late), 99)
    how = "p99 of naps of 10 ms meanwhile: a busy machine adds it at each of about ten hops"
    return [*figures, Figure(f"lateness of the machine itself, {run.per_second} articles/s", late, "ms", how)]


def _figures(name: str, per_second: int, delays: Sequence[float]) -> list[Figure]:
    counted = sorted(delays[WARM_UP:])
    how = f"{len(counted)} alerts, one a second among {per_second} articles/s; slowest {1000 * counted[-1]:.0f} ms"
    return [
        Figure(f"append to Slack, {name}, {per_second} articles/s, p50", 1000 * _percentile(counted, 50), "ms", how),
        Figure(
            f"append to Slack, {name}, {per_second} articles/s, p99", 1000 * _percentile(counted, 99), "ms", how, AIM_MS
        ),
    ]


def _percentile(rising: Sequence[float], percent: int) -> float:
    """By nearest rank."""
    return rising[math.ceil(len(rising) * percent / 100) - 1]


async def _over_kafka(servers: Servers, run: _Run) -> list[float]:
    folder = run.folder / "over-kafka"
    async with _receiving(folder, servers.engines(), run.seconds) as (install, received):
        done = await install.marsad("topics", "create")
        assert done.code == 0, done.errors
        members = [Member(install, stage, "worker", stage) for stage in ("match", "alert", "notify")]
        async with install.running(*members):
            await asyncio.gather(*(member.until_ready() for member in members))
            articles = run.articles()
            appended: dict[str, float] = {}
            async for number in paced(len(articles), per_second=run.per_second, phase=0.5):
                article = articles[number]
                raw = ARTICLES.encode(article)
                appended[article.id] = time.monotonic()
                await servers.producer.send(install.topic("articles"), raw, key=article.id.encode())
            return _delays(appended, await received)


async def _embedded(run: _Run) -> list[float]:
    folder = run.folder / "embedded"
    async with _receiving(folder, EMBEDDED, run.seconds) as (install, received):
        articles, times = folder / "articles", folder / "times"
        articles.write_bytes(b"\n".join(ARTICLES.encode(article) for article in run.articles()))
        arguments = [*map(str, (folder / "marsad.yaml", articles, times)), str(run.per_second)]
        async with install.running():
            with (folder / "line.log").open("wb") as log:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.bench.embedded_line", *arguments),
                    env=install.environment,
                    stdout=log,
                    stderr=log,
                )
            try:
                seen = await received
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
                await process.wait()
        rows = (line.split() for line in times.read_text(encoding="utf-8").splitlines())
        return _delays({row[0]: float(row[1]) for row in rows}, seen)


@contextlib.asynccontextmanager
async def _receiving(
    folder: Path, engines: Engines, count: int
) -> AsyncIterator[tuple[Installation, asyncio.Task[dict[str, float]]]]:
    """An installation that tells a stand-in, and a task that ends with when each of `count` alerts was received."""
    async with slack() as standin:
        receiver: dict[str, Any] = {
            "name": "desk",
            "storm_limit": 0,
            "slack": {"channel": "#bench", "api": standin.api},
        }
        install = installation(folder, engines, receivers=[receiver], routes={"*": ["desk"]})
        assert install.environment["MARSAD_SLACK_TOKEN"] == TOKEN
        received = asyncio.create_task(_receive(standin, count))
        try:
            yield install, received
        finally:
            received.cancel()


async def _receive(standin: SlackStandin, count: int) -> dict[str, float]:
    """By article id, when its alert came. TimeoutError when they do not all come."""
    at: dict[str, float] = {}
    for number in range(count):
        await standin.wait_for(number + 1, within=_PATIENCE)
        now = time.monotonic()
        found = _NUMBER.search(json.dumps(standin.received[number]))
        assert found is not None, standin.received[number]
        at[f"bench-{found[1]}"] = now
    assert len(at) == count, "an alert came twice"
    return at


def _delays(appended: dict[str, float], received: dict[str, float]) -> list[float]:
    """Seconds from append to receipt of each alert, in the order of the appends."""
    return [received[id_] - at for id_, at in appended.items() if id_ in received]
