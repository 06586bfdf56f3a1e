"""How much memory `marsad run`, all stages in one process, holds after many articles on the embedded engines.

A tenth of the articles comes from a file, through ingest; the rest is appended to the log from outside, in large
groups, because ingest has each article on the disk before it takes the next one.
"""

from __future__ import annotations

import asyncio
import json
from itertools import islice
from pathlib import Path
from typing import Any

from streams.messages import ARTICLES
from tests.bench import proc
from tests.bench.articles import Pool
from tests.bench.figures import Figure, say
from tests.bench.servers import installation, ledger
from tests.support.fleet import EMBEDDED, Installation, Member, until
from tests.support.slack import slack

AIM_MEGABYTES = 200.0
_PATIENCE = 240.0
_GROUP = 200
_BY_INGEST = 10


async def measure(pool: Pool, folder: Path, *, count: int) -> list[Figure]:
    """One figure, after `count` articles have ended; alerts go on to the stand-in at Slack's pace."""
    say(f"memory: {count:,} articles through `marsad run`")
    from_file = count // _BY_INGEST
    await asyncio.to_thread(_write, pool, folder, from_file)
    async with slack() as standin:
        receiver: dict[str, Any] = {"name": "desk", "slack": {"channel": "#bench", "api": standin.api}}
        source = {"name": "bench", "files": [str(folder / "articles.jsonl")]}
        install = installation(folder / "run", EMBEDDED, receivers=[receiver], routes={"*": ["desk"]}, sources=[source])
        worker = Member(install, "all", "run")
        async with install.running(worker):
            await worker.until_ready()
            await _append(install, pool, from_file, count - from_file)
            async with ledger(install) as seen:

                async def ended() -> int:
                    return sum((await seen.tally()).statuses.values())

                await until(ended, lambda ended: ended == count, within=_PATIENCE, every=0.5)
            assert worker._process is not None
            megabytes = proc.resident_megabytes(worker._process.pid)
    how = f"resident, after {count:,} articles over SQLite and Valkey, Valkey's own not counted"
    return [Figure("memory of `marsad run`, all stages", megabytes, "MB", how, AIM_MEGABYTES)]


def _write(pool: Pool, folder: Path, count: int) -> None:
    """The articles as lines of a file."""
    folder.mkdir()
    with (folder / "articles.jsonl").open("w", encoding="utf-8") as out:
        for article in pool.articles(0, count):
            line = {"id": article.id, "title": article.title, "text": article.text, "url": article.url}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


async def _append(install: Installation, pool: Pool, first: int, count: int) -> None:
    articles = pool.articles(first, count)
    async with install.log() as log:
        topic = install.topic("articles")
        while group := list(islice(articles, _GROUP)):
            await asyncio.gather(*(log.append(topic, article.id, ARTICLES.encode(article)) for article in group))
