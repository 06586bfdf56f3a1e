"""A steady stream of articles, of which one a second alerts."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from itertools import chain

from streams.messages import Article
from tests.bench.articles import Pool


async def paced(count: int, *, per_second: int, phase: float) -> AsyncIterator[int]:
    """The numbers up to `count`, each when it is due; what comes late does not put off the rest.

    The first comes `phase` seconds after a whole second of the monotonic clock, so that two streams can keep apart.
    """
    loop = asyncio.get_running_loop()
    begin = math.ceil(loop.time()) + phase
    for number in range(count):
        await asyncio.sleep(max(0.0, begin + number / per_second - loop.time()))
        yield number


def stream(pool: Pool, seconds: int, *, per_second: int) -> Iterator[Article]:
    """So many articles for each second; the first of them alerts, the others do not. No number comes twice."""
    rest = per_second - 1
    for second in range(seconds):
        yield from chain(pool.firing.articles(second, 1), pool.silent.articles(seconds + second * rest, rest))
