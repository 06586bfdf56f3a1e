"""What a worker decides by itself, apart from its engines."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from streams.app import Worker
from streams.engines import Engines
from streams.errors import ConfigurationError, EngineAwayError
from streams.messages import Article, DeadCause, DeadLetter, Message
from streams.observe.progress import Progress
from streams.ports import ArticleStatus
from streams.sections import EngineSettings, HealthSettings
from streams.settings import Secrets, Settings
from streams.stages import Stages, article_of
from streams.stores.ledger import Tally
from streams.stores.outbox import Counts
from streams.transports.log_reader import Lag
from streams.transports.offsets import Partition
from tests.support.alerting import NOON, match


class EmptyEngines:
    """Nothing is on its way; the first `away` looks find Redis away."""

    def __init__(self, away: int) -> None:
        self.ledger = self.outbox = self.broker = self.reader = self
        self._away = away
        self.behind = 0

    async def tally(self) -> Tally:
        if self._away:
            self._away -= 1
            raise EngineAwayError("Redis does not answer")
        return Tally(0, {})

    async def counts(self) -> Counts:
        return Counts(pending=0, leased=0, sent=0, dead=0)

    async def lag(self, stage: str, topics: list[str]) -> dict[Partition, Lag]:
        return {Partition(topics[0], 0): Lag(committed=0, end=self.behind if stage == "match" else 0)}


class IdleStages:
    """Stages that have done their pass."""

    idle = True

    def __init__(self) -> None:
        self.ingested = asyncio.Event()
        self.ingested.set()


async def test_a_drain_waits_for_redis_to_come_back() -> None:
    """An outage amid a pass is no reason to give it up."""
    worker = Worker(Settings(), Secrets({}))
    engines, stages = cast("Engines", EmptyEngines(away=1)), cast("Stages", IdleStages())
    assert await asyncio.wait_for(worker._drained(engines, stages), 10)


class DeafReceiver:
    """A receiver that waits for hours has an alert of the first article, while the second is before a stage."""

    def __init__(self) -> None:
        self.ledger = self.outbox = self.broker = self.reader = self
        self._looks = 0

    async def tally(self) -> Tally:
        self._looks += 1
        return Tally(2, {ArticleStatus.ALERTED: min(self._looks, 2)})

    async def counts(self) -> Counts:
        return Counts(pending=min(self._looks, 2), leased=0, sent=0, dead=0)

    async def next_due(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=2)

    async def lag(self, stage: str, topics: list[str]) -> dict[Partition, Lag]:
        return {Partition(topics[0], 0): Lag(committed=1, end=2 if stage == "alert" and self._looks < 2 else 1)}


async def test_a_drain_gave_up_before_every_article_had_ended() -> None:
    """Between two stages an article is in nobody's hand; what it will tell counts as undelivered too."""
    worker = Worker(Settings(), Secrets({}))
    engines, stages = cast("Engines", DeafReceiver()), cast("Stages", IdleStages())
    with capture_logs() as logs:
        assert not await asyncio.wait_for(worker._drained(engines, stages), 10)
    assert [(line["event"], line["notifications"]) for line in logs] == [("undelivered", 2)]


async def test_a_drain_does_not_wait_for_what_this_release_cannot_read() -> None:
    """A partition stopped by a newer schema stays behind for ever; the drain says so and ends with 1."""
    worker = Worker(Settings(), Secrets({}), drain_settled=timedelta(seconds=0.2))
    worker.metrics.stopped_partitions.labels("match").set(1)
    engines = EmptyEngines(away=0)
    engines.behind = 3
    assert not await asyncio.wait_for(worker._drained(cast("Engines", engines), cast("Stages", IdleStages())), 10)


async def test_a_stage_that_stalls_ends_the_worker() -> None:
    """A notify stage without a beat for longer than is healthy: no supervisor can see that from outside."""
    worker = Worker(Settings(), Secrets({}))
    now = iter([0.0, 0.0, 100.0, 100.0])
    stalled = Progress("notify", clock=lambda: next(now, 100.0))
    stalled.beat()
    stages = Stages(worker, cast("Engines", EmptyEngines(away=0)), None)
    stages._keep_running("notify", stages._watch(stalled))
    await asyncio.wait_for(worker.stop.wait(), 5)
    await stages.end()
    assert worker.failure == "notify: no progress for 100 s"


async def test_a_loop_that_ends_by_itself_ends_the_worker() -> None:
    """It would leave a process that does nothing and looks well."""

    async def loop() -> None:
        pass

    worker = Worker(Settings(), Secrets({}))
    stages = Stages(worker, cast("Engines", EmptyEngines(away=0)), None)
    stages._keep_running("notify", loop())
    await asyncio.wait_for(worker.stop.wait(), 5)
    await stages.end()
    assert worker.failure == "notify has ended by itself"


@pytest.mark.parametrize(
    ("message", "key", "expected"),
    [
        (Article(id="a1", title="", source="s", text="x", seen_at=NOON), "k", "a1"),
        (match("a2"), "k", "a2"),
        (None, "k", "k"),
        (None, None, "articles/0/7"),
    ],
)
def test_a_dead_letter_ends_the_article_that_it_was(message: Message | None, key: str | None, expected: str) -> None:
    """By the message's own id, else by the record's key: both topics are keyed by it."""
    values: dict[str, Any] = {"stage": "match", "cause": DeadCause.MALFORMED, "detail": "", "topic": "articles"}
    letter = DeadLetter(id="articles/0/7", seen_at=NOON, key=key, **values)
    assert article_of(letter, message) == expected


async def test_a_worker_that_is_told_to_stop_while_a_broker_is_silent_stops(tmp_path: Path) -> None:
    """The broker takes the connection and never answers; the start is given up at once, which is a clean stop."""
    connected = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await worker.stop.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        engines = EngineSettings(broker=f"kafka://127.0.0.1:{port}", data=tmp_path)
        worker = Worker(Settings(engines=engines, health=HealthSettings(port=0)), Secrets({}), stages=("alert",))
        serving = asyncio.create_task(worker.serve())
        async with asyncio.timeout(30):
            await connected.wait()
            with capture_logs() as logs:
                worker.stop.set()
                assert await serving == 0
    assert [entry["event"] for entry in logs] == ["stopped_while_starting"]


async def test_a_worker_that_polls_does_not_start_without_the_log_in_of_a_source() -> None:
    """It would poll the source without, for as long as nobody looks."""
    source = {"name": "a", "feed": "http://a.example/", "credentials": "MARSAD_LOGIN"}
    worker = Worker(Settings.model_validate({"sources": [source]}), Secrets({}), stages=("ingest",))
    with pytest.raises(ConfigurationError, match="MARSAD_LOGIN"):
        await asyncio.wait_for(worker.serve(), 20)
