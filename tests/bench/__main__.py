"""`python -m tests.bench`: measures, shows progress on standard error, and prints the figures.

Takes about nine minutes on an idle machine of two cores. On a busy machine the figures are of little worth; the ratios
stand more than the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from deploy.kafka.broker import BrokerError
from streams.errors import InputError
from streams.match.engine import Engine
from streams.match.rulebook import load_rulebook, shipped_rules_dir
from tests.bench import (
    backtest,
    deliveries,
    engine_cost,
    feed_sweep,
    latency,
    memory,
    page_cost,
    rule_files,
    rule_scale,
    stories,
    throughput,
    windows,
)
from tests.bench.articles import Pool, from_file, made
from tests.bench.figures import Figure, Report, say
from tests.bench.servers import serving
from tests.support.kafka import missing

PARTS = ("engine", "rules", "backtest", "throughput", "latency", "memory", "stories", "deliveries", "windows", "sweep")
ARTICLES = 20_000
"""After so many, memory is read."""
BACKTEST = 40_000
"""Articles of the backtest's archive: the processes start within a second of each other, which is little beside it."""
ROUNDS = 5
TURN = 2_500
"""Articles in one turn of the throughput: two seconds and more."""
STORIES = 10_000
"""Texts in the story index; with --full ten times as many, and a hundred times."""
DELIVERIES = 5_000
WINDOWS = 20_000
FEEDS = 10_000
ALERTS = 100
"""As many as a 99th percentile needs at least."""


def main() -> int:
    """The command line: 0 when everything wanted was measured, whatever the figures are; 2 for bad input."""
    options = _options()
    engine = Engine(load_rulebook(shipped_rules_dir()))
    try:
        pool = from_file(options.articles, engine) if options.articles else made(engine)
    except InputError as error:
        say(str(error))
        return 2
    began, load = time.monotonic(), os.getloadavg()[0]
    figures = asyncio.run(_measure(engine, pool, options))
    say(f"done in {time.monotonic() - began:.0f} s")
    report = Report(_conditions(pool, load), figures)
    if options.json:
        print(json.dumps(report.as_data(), ensure_ascii=False, indent=2))  # noqa: T201  # this is its output
    else:
        report.print_table()
        print(f"\nFor README:\n\n{report.markdown()}")  # noqa: T201  # this is its output
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--articles", type=Path, metavar="FILE", help="take texts from this file of article lines")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts alone")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: does it run? figures mean nothing")
    parser.add_argument("--full", action="store_true", help="also with 100,000 and a million stories: half an hour")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


async def _measure(engine: Engine, pool: Pool, options: argparse.Namespace) -> list[Figure]:
    share = 10 if options.quick else 1
    articles, turn, alerts = ARTICLES // share, TURN // share, ALERTS // share
    wanted = set(options.only)
    figures: list[Figure] = engine_cost.measure(engine, pool) if "engine" in wanted else []
    figures += [*rule_files.measure(), *rule_scale.measure()] if "rules" in wanted else []
    figures += backtest.measure(pool, count=BACKTEST // share) if "backtest" in wanted else []
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="marsad-bench-")))
        if "throughput" in wanted or "latency" in wanted:
            servers = None
            if reason := await asyncio.to_thread(missing):
                say(f"nothing is measured over Kafka: {reason}")
            else:
                say("starting Kafka and Valkey")
                servers = await stack.enter_async_context(serving(folder))
            if servers is not None and "throughput" in wanted:
                plan = throughput.Plan(ROUNDS, count=turn, memory=articles)
                figures += await throughput.measure(servers, pool, folder, plan)
            if "latency" in wanted:
                figures += await latency.measure(servers, pool, folder, seconds=alerts)
    if "memory" in wanted:
        with tempfile.TemporaryDirectory(prefix="marsad-bench-") as name:
            figures += await memory.measure(pool, Path(name) / "memory", count=articles)
    if "stories" in wanted:
        for times in (1, 10, 100) if options.full else (1,):
            with tempfile.TemporaryDirectory(prefix="marsad-bench-") as name:
                figures += await stories.measure(Path(name), count=STORIES * times // share)
    if "deliveries" in wanted:
        with tempfile.TemporaryDirectory(prefix="marsad-bench-") as name:
            figures += await deliveries.measure(Path(name), count=DELIVERIES // share)
    return [*figures, *await _small_parts(wanted, pool, share)]


async def _small_parts(wanted: set[str], pool: Pool, share: int) -> list[Figure]:
    """Those that need a folder alone."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="marsad-bench-") as name:
        if "windows" in wanted:
            figures += await windows.measure(Path(name) / "windows", count=WINDOWS // share)
        if "sweep" in wanted:
            figures += page_cost.measure(pool)
            figures += await feed_sweep.measure(Path(name), feeds=FEEDS // share)
    return figures


def _conditions(pool: Pool, load: float) -> str:
    """What the figures hold for; `load` is the machine's before the benchmark began."""
    python = platform.python_version()
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {python}, {pool.about}, load {load:.1f} before"
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokerError as error:
        sys.exit(f"bench: {error}")
