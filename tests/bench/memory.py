"""How much memory `marsad run`, all stages in one process, holds after many articles on the embedded engines."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.bench import proc
from tests.bench.articles import Pool
from tests.bench.figures import Figure, say
from tests.bench.servers import installation, ledger
from tests.support.fleet import EMBEDDED, Member, until
from tests.support.slack import slack

AIM_MEGABYTES = 200.0
_PATIENCE = 240.0


async def measure(pool: Pool, folder: Path, *, count: int) -> list[Figure]:
    """One figure, after `count` articles from a file have ended; alerts go on to the stand-in at Slack's pace."""
    say(f"memory: {count:,} articles through `marsad run`")
    await asyncio.to_thread(_write, pool, folder, count)
    async with slack() as standin:
        receiver: dict[str, Any] = {"name": "desk", "slack": {"channel": "#bench", "api": standin.api}}
        source = {"name": "bench", "files": [str(folder / "articles.jsonl")]}
        install = installation(folder / "run", EMBEDDED, receivers=[receiver], routes={"*": ["desk"]}, sources=[source])
        worker = Member(install, "all", "run")
        async with install.running(worker):
            await worker.until_ready()
            async with ledger(install) as seen:

                async def ended() -> int:
                    return sum((await seen.tally()).statuses.values())

                await until(ended, lambda ended: ended == count, within=_PATIENCE, every=1.0)
            assert worker._process is not None
            megabytes = proc.resident_megabytes(worker._process.pid)
    how = f"resident, after {count:,} articles from a file over SQLite and Valkey, Valkey's own not counted"
    return [Figure("memory of `marsad run`, all stages", megabytes, "MB", how, AIM_MEGABYTES)]


def _write(pool: Pool, folder: Path, count: int) -> None:
    """The articles as lines of a file."""
    folder.mkdir()
    with (folder / "articles.jsonl").open("w", encoding="utf-8") as out:
        for article in pool.articles(0, count):
            line = {"id": article.id, "title": article.title, "text": article.text, "url": article.url}
            out.write(json.dumps({**line, "date": article.seen_at.isoformat()}, ensure_ascii=False) + "\n")
