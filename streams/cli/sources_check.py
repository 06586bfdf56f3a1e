"""What many sources answer now, many hosts side by side: for `marsad sources check` and `marsad check`."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from streams.errors import FetchError, InputError
from streams.ingest.callers import callers_of
from streams.ingest.discovery import PAUSE
from streams.ingest.fetch import Fetcher
from streams.ingest.ingest import check_source
from streams.ingest.reading import Reading
from streams.ingest.robots import host_of
from streams.observe.logs import mute_libraries
from streams.observe.metrics import Metrics
from streams.sections import SourceSettings
from streams.settings import Secrets, Settings

AT_ONCE = 16

Tell = Callable[[str, str, str | None], None]
"""A source's name, what it answers or what is wrong, and the cause where something is."""


async def check_all(settings: Settings, sources: Sequence[SourceSettings], tell: Tell, *, allow_private: bool) -> None:
    """Ask each source once and `tell` of it, in their order; hosts side by side, the sources of one in turn.

    There is a pause between two of them, which is short: somebody waits.
    """
    mute_libraries()
    pause = min(settings.fetch.host_interval, PAUSE).total_seconds()
    left = Counter(host_of(source.address) for source in sources)
    callers, free = callers_of(sources, Secrets().get), asyncio.Semaphore(AT_ONCE)
    turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    limits = settings.fetch
    with contextlib.closing(Reading(limits)) as reading:
        async with Fetcher(limits, Metrics(), any_address=allow_private) as fetcher:

            async def one(source: SourceSettings) -> tuple[str, str | None]:
                host = host_of(source.address)
                async with turns[host or source.name]:
                    async with free:
                        answer = await ask(source)
                    left[host] -= 1
                    if host and left[host]:
                        await asyncio.sleep(pause)
                return answer

            async def ask(source: SourceSettings) -> tuple[str, str | None]:
                try:
                    return await check_source(source, fetcher, reading, callers.get(source.name)), None
                except FetchError as error:
                    return str(error), str(error.cause)
                except InputError as error:
                    return str(error), "file"

            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(one(source)) for source in sources]
                for source, task in zip(sources, asked, strict=True):
                    tell(source.name, *await task)
