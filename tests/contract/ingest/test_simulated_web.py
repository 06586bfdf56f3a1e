"""Outlets of every habit through simulated days: nothing lost, nothing twice, nobody annoyed, troubles told in time.

`make month` is the long form: hundreds of outlets through a month.
"""

from __future__ import annotations

import pytest

from tests.month.habits import Habit
from tests.month.process import with_redis

DAYS, SEED = 5, 1


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_days_of_a_web_with_every_habit() -> None:
    """Two workers, one of which dies on each day, and a Redis that is away at times; the server judges them."""
    outcome = await with_redis(sources=len(Habit), days=DAYS, seed=SEED, tell=lambda _: None)
    assert outcome.faults == {}
    assert outcome.killed >= DAYS - 1
    assert outcome.articles > 500
    assert max(outcome.source_bytes) < 2_048
    assert outcome.seen_bytes / outcome.entered < 150
