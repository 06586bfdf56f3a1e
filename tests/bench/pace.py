"""A steady stream of articles, of which one a second alerts."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from itertools import chain

from streams.messages import Article
from tests.bench.articles import Pool

PER_SECOND = 50


async def paced(count: int, *, phase: float) -> AsyncIterator[int]:
    """The numbers up to `count`, each when it is due; what comes late does not put off the rest.

    The first comes `phase` seconds after a whole second of the monotonic clock, so that two streams can keep apart.
    """
    loop = asyncio.get_running_loop()
    begin = math.ceil(loop.time()) + phase
    for number in range(count):
        await asyncio.sleep(max(0.0, begin + number / PER_SECOND - loop.time()))
        yield number


def stream(pool: Pool, seconds: int) -> Iterator[Article]:
    """`PER_SECOND` articles for each second; the first of them alerts, the others do not. No number comes twice."""
    rest = PER_SECOND - 1
    for second in range(seconds):
        yield from chain(pool.firing.articles(second, 1), pool.silent.articles(seconds + second * rest, rest))
