"""All stages but ingest on the embedded engines, in a process that also appends a stream of articles, as ingest does.

    python -m tests.bench.embedded_line CONFIG ARTICLES TIMES ARTICLES_A_SECOND

A process of its own for the log is not possible (one process has it), and what another process appends is looked for
only five times a second. ARTICLES has an encoded article in each line; TIMES gets a line for each: its id, and the
monotonic clock, which is one for all processes of a machine, when its append began. Ends when the last is appended and
SIGTERM has come.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from streams import settings as configuration
from streams.engines import Engines, open_engines
from streams.match.reload import load
from streams.messages import ARTICLES
from streams.observe import logs
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.settings import Secrets, Settings
from streams.stages import Stages
from tests.bench.pace import paced


@dataclass
class Host:
    """The process as the stages see it."""

    settings: Settings
    secrets: Secrets = field(default_factory=Secrets)
    stages: Sequence[str] = ("match", "alert", "notify")
    metrics: Metrics = field(default_factory=Metrics)

    progress: Mapping[str, Progress] = field(init=False)

    def __post_init__(self) -> None:
        """One Progress for each stage."""
        self.progress = {stage: Progress(stage) for stage in self.stages}

    def fail(self, reason: str) -> None:
        """A stage cannot go on, and neither can the benchmark."""
        sys.exit(reason)


async def _append(engines: Engines, path: Path, times: Path, per_second: int) -> None:
    topic = engines.settings.topics.articles.name
    articles = (await asyncio.to_thread(path.read_bytes)).splitlines()
    ids = [ARTICLES.decode(raw).id for raw in articles]
    with times.open("w", encoding="utf-8") as out:
        async for number in paced(len(articles), per_second=per_second, phase=0.0):
            began = time.monotonic()
            await engines.broker.reader.append(topic, ids[number], articles[number])
            out.write(f"{ids[number]} {began}\n")


async def _work(config: Path, articles: Path, times: Path, per_second: int) -> None:
    host = Host(configuration.load(config))
    logs.set_up()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    assert host.settings.rules is not None
    rules = load(host.settings.rules)
    async with open_engines(host.settings, host.secrets) as engines:
        await engines.broker.topics.create(host.settings.topics.all())
        stages = Stages(host, engines, rules)
        try:
            await stages.begin(once=False)
            await _append(engines, articles, times, per_second)
            await stopping.wait()
        finally:
            await stages.end()


if __name__ == "__main__":
    _config, _articles, _times, _pace = sys.argv[1:]
    asyncio.run(_work(Path(_config), Path(_articles), Path(_times), int(_pace)))
