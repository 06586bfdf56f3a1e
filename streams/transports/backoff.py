"""How long to wait between attempts: doubling, with jitter, so that workers do not come back in step."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

FIRST_SECONDS = 0.1
LONGEST_SECONDS = 5.0


def pauses(
    *, first: float = FIRST_SECONDS, longest: float = LONGEST_SECONDS, jitter: Callable[[], float] = random.random
) -> Iterator[float]:
    """Pauses in seconds, without end: each between half and the whole of a span that doubles up to `longest`."""
    span = first
    while True:
        yield span * (0.5 + jitter() / 2)
        span = min(span * 2, longest)
