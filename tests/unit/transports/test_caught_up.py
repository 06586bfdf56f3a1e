"""Up to when everything has gone through the stages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from streams.transports.caught_up import CaughtUp
from streams.transports.log_reader import Lag
from streams.transports.offsets import Partition

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STAGES = (("match", "articles"), ("alert", "matches"))


@dataclass
class Log:
    """Two topics of one partition, and how far their readers are."""

    ends: dict[str, int] = field(default_factory=lambda: {"articles": 0, "matches": 0})
    committed: dict[str, int] = field(default_factory=lambda: {"articles": 0, "matches": 0})

    async def lag(self, stage: str, topics: Iterable[str]) -> dict[Partition, Lag]:
        """See `LogReader`."""
        assert stage
        return {Partition(topic, 0): Lag(self.committed[topic], self.ends[topic]) for topic in topics}


async def test_where_nothing_waits_it_is_now() -> None:
    """An empty log has been read to its end."""
    assert await CaughtUp(Log().lag, STAGES).through(NOON) == NOON


async def test_what_waits_for_any_stage_keeps_it_back() -> None:
    """The article is matched, then its match decided; only then the time counts at which it was there."""
    log = Log()
    caught_up = CaughtUp(log.lag, STAGES)
    log.ends["articles"] = 1
    assert await caught_up.through(NOON) is None
    log.committed["articles"], log.ends["matches"] = 1, 1
    assert await caught_up.through(NOON + MINUTE) is None
    log.committed["matches"] = 1
    assert await caught_up.through(NOON + 2 * MINUTE) == NOON


async def test_a_log_that_is_never_empty_is_caught_up_with_too() -> None:
    """What came later does not matter to the time before it."""
    log = Log()
    caught_up = CaughtUp(log.lag, STAGES)
    log.ends["articles"] = 5
    assert await caught_up.through(NOON) is None
    log.committed["articles"], log.ends["articles"] = 7, 9
    assert await caught_up.through(NOON + MINUTE) == NOON
