"""How fast one worker matches over Kafka, against a bare loop that does the same work; and two against one.

Four rigs stand side by side on one broker and one Valkey, each with topics and keys of its own: one worker, one bare
loop, two workers, two bare loops. They take turns. In its turn a rig is held (SIGSTOP) while its topic is filled, let
go, and timed from the first tenth of its articles to the last tenth, by the ledger. So starting, rebalancing and the
producer's own load are outside the figure, and a disturbance of the machine hits every rig alike; ratios are taken
within one round, and the median of the rounds is reported.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from streams.ports import ArticleStatus
from streams.stores.ledger import RedisLedger
from tests.bench import proc
from tests.bench.articles import Pool
from tests.bench.figures import Figure, say
from tests.bench.servers import Servers, installation, ledger
from tests.support.fleet import Installation, Member

AIM_OF_BARE = 0.65
AIM_TWO = 1.8
AIM_MEGABYTES = 200.0
_POLL = 0.01
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One rig's turn: articles a second, its CPU time for an article (seconds), and cores the servers took."""

    rate: float
    cpu: float
    server_cores: float


@dataclass(slots=True)
class Rig:
    """Processes that match, on an installation of their own."""

    install: Installation
    pids: list[int]
    ledger: RedisLedger
    loaded: int = 0

    async def ended(self) -> int:
        """How many articles have ended without a match."""
        return (await self.ledger.tally()).statuses.get(ArticleStatus.NO_MATCH, 0)

    async def take_turn(self, servers: Servers, pool: Pool, count: int) -> Turn:
        """Match `count` more articles.

        Raises:
            RuntimeError: they did not all end; the text has the end of what the processes wrote.
        """
        first, self.loaded = self.loaded, self.loaded + count
        before = pool.silent_among(0, first)
        silent = pool.silent_among(first, count)
        articles = list(pool.articles(first, count))
        try:
            with proc.held(self.pids):
                await servers.load(self.install, articles)
            async with asyncio.timeout(_PATIENCE):
                begin = await self._look(servers, before + silent // 10)
                end = await self._look(servers, before + silent - silent // 10)
                await self._look(servers, before + silent)
        except (ProcessLookupError, TimeoutError) as error:
            raise RuntimeError(f"{await self.ended()} of {before + silent} articles ended\n{self._said()}") from error
        seconds = end.at - begin.at
        matched = (end.ended - begin.ended) * count / silent
        return Turn(matched / seconds, (end.cpu - begin.cpu) / matched, (end.servers - begin.servers) / seconds)

    def _said(self) -> str:
        logs = sorted(self.install.folder.glob("*.log"))
        return "\n".join(f"{log.name}:\n{log.read_text(encoding='utf-8')[-3000:]}" for log in logs)

    async def _look(self, servers: Servers, ended: int) -> _Look:
        """What is seen as soon as so many have ended."""
        while (now := await self.ended()) < ended:  # noqa: ASYNC110  # Redis tells nobody
            await asyncio.sleep(_POLL)
        return _Look(time.monotonic(), now, proc.cpu_seconds(self.pids), proc.cpu_seconds(servers.pids))


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    ended: int
    cpu: float
    servers: float


@dataclass(frozen=True, slots=True)
class Plan:
    """`rounds` of `count` articles for each rig; then one worker goes on to `memory` articles, for its memory."""

    rounds: int
    count: int
    memory: int


async def measure(servers: Servers, pool: Pool, folder: Path, plan: Plan) -> list[Figure]:
    """The figures, from turn about."""
    async with contextlib.AsyncExitStack() as stack:
        say("throughput: starting workers and bare loops")
        worker = await stack.enter_async_context(_workers(servers, folder / "worker", 1))
        bare = await stack.enter_async_context(_bare_loops(servers, folder / "bare", 1))
        workers = await stack.enter_async_context(_workers(servers, folder / "workers", 2))
        bares = await stack.enter_async_context(_bare_loops(servers, folder / "bares", 2))
        rigs = {"one worker": worker, "bare loop": bare, "two workers": workers, "two bare loops": bares}
        turns: dict[str, list[Turn]] = {name: [] for name in rigs}
        for number in range(plan.rounds):
            # Each round begins with another rig, so that none always follows the same one.
            names = list(rigs)
            for name in names[number % len(names) :] + names[: number % len(names)]:
                turn = await rigs[name].take_turn(servers, pool, plan.count)
                turns[name].append(turn)
                say(
                    f"throughput: round {number + 1} of {plan.rounds}, {name}: {turn.rate:,.0f} articles/s, "
                    f"{turn.cpu * 1e6:.0f} us of CPU each"
                )
        if (rest := plan.memory - worker.loaded) > 0:
            await worker.take_turn(servers, pool, rest)
        return [*_figures(turns, plan.count), _memory_figure(proc.resident_megabytes(worker.pids[0]), worker.loaded)]


def _figures(turns: dict[str, list[Turn]], count: int) -> list[Figure]:
    one, bare, two, bares = turns.values()
    how = f"median of {len(one)} turns of {count:,} articles, turn about"
    cores = f"broker and Redis took {median(t.server_cores for t in two):.1f} of {os.cpu_count()} cores meanwhile"
    return [
        Figure("match over Kafka, one worker", median(t.rate for t in one), "articles/s", how),
        Figure("match over Kafka, bare aiokafka loop", median(t.rate for t in bare), "articles/s", how),
        Figure("worker / bare loop", _ratio(one, bare), "", "articles/s, median of rounds", AIM_OF_BARE, at_least=True),
        Figure("CPU for an article, bare loop / worker", _cpu_ratio(bare, one), "", "user and system, all threads"),
        Figure("two workers / one", _ratio(two, one), "", f"articles/s; {cores}", AIM_TWO, at_least=True),
        Figure("two bare loops / one", _ratio(bares, bare), "", "what this machine gives to two processes at most"),
        Figure("CPU for an article, one worker / two", _cpu_ratio(one, two), "", "1 = two workers waste nothing"),
    ]


def _ratio(these: Sequence[Turn], those: Sequence[Turn]) -> float:
    return median(a.rate / b.rate for a, b in zip(these, those, strict=True))


def _cpu_ratio(these: Sequence[Turn], those: Sequence[Turn]) -> float:
    return median(a.cpu / b.cpu for a, b in zip(these, those, strict=True))


def _memory_figure(megabytes: float, articles: int) -> Figure:
    how = f"resident, after {articles:,} articles over Kafka"
    return Figure("memory of one `marsad worker match`", megabytes, "MB", how, AIM_MEGABYTES)


@contextlib.asynccontextmanager
async def _workers(servers: Servers, folder: Path, count: int) -> AsyncIterator[Rig]:
    """The command as shipped."""
    install = installation(folder, servers.engines())
    await _create_topics(install)
    members = [Member(install, f"match-{n}", "worker", "match", slot=f"match-{n}") for n in range(count)]
    async with install.running(*members), ledger(install) as seen:
        for member in members:
            await member.until_ready()
        yield Rig(install, [_pid(member) for member in members], seen)


@contextlib.asynccontextmanager
async def _bare_loops(servers: Servers, folder: Path, count: int) -> AsyncIterator[Rig]:
    install = installation(folder, servers.engines())
    await _create_topics(install)
    async with contextlib.AsyncExitStack() as stack:
        loops = [await stack.enter_async_context(_bare_loop(install, n)) for n in range(count)]
        seen = await stack.enter_async_context(ledger(install))
        yield Rig(install, loops, seen)


@contextlib.asynccontextmanager
async def _bare_loop(install: Installation, number: int) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.bare_loop", str(install.folder / "marsad.yaml"), f"bare-{number}"),
        env=install.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), _PATIENCE) == b"ready\n", "the bare loop did not start"
        yield process.pid
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _create_topics(install: Installation) -> None:
    done = await install.marsad("topics", "create")
    assert done.code == 0, done.errors


def _pid(member: Member) -> int:
    assert member._process is not None
    return member._process.pid
