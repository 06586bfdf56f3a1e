"""What tests of the engine share: a message, an engine that records what it handled, and a worker to be killed.

`python -m tests.support.transports JSON` runs one stage that appends every handled message id to a file, as a line.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from streams.messages import Codec, DeadLetter, Message
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.ports import Received
from streams.topics import TopicSpec
from streams.transports.broker import Broker, open_broker
from streams.transports.engine import StageEngine
from streams.transports.engine_config import EngineConfig

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RETENTION = timedelta(days=7)


class Note(Message):
    """The least message."""

    kind: ClassVar[str] = "note"
    id: str


NOTES = Codec(Note)


def note(id_: str) -> Note:
    """A note seen at noon."""
    return Note(id=id_, seen_at=NOON)


def spec(name: str, partitions: int = 2) -> TopicSpec:
    """A topic kept for a week, once."""
    return TopicSpec(name, partitions, RETENTION)


async def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something becomes true; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # a condition, not an event, is what tests have
            await asyncio.sleep(0.02)


@dataclass
class Install:
    """One installation for a test: its broker and topics, and what was handled and put aside there."""

    config: EngineConfig
    prefix: str
    partitions: int = 2
    handled: list[str] = field(default_factory=list)
    letters: list[tuple[DeadLetter, str | None]] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0

    def __post_init__(self) -> None:
        self.broker: Broker = open_broker(self.config)
        self.notes = spec(f"{self.prefix}notes", self.partitions)
        self.dead = spec(f"{self.prefix}dead-letters", 1)
        self.progress = Progress("match")
        self.metrics = Metrics()
        self.fatal: list[str] = []
        self.gate.set()

    async def create(self) -> None:
        """Make the topics."""
        await self.broker.topics.create([self.notes, self.dead])

    async def handle(self, batch: Sequence[Received[Note]]) -> None:
        """Note what came; wait for the gate; raise what a test wants raised for a message."""
        self.calls += 1
        await self.gate.wait()
        for received in batch:
            if (error := self.failing.get(received.message.id)) is not None:
                raise error
        self.handled.extend(received.message.id for received in batch)

    async def on_dead_letter(self, letter: DeadLetter, message: Note | None) -> None:
        """Remember the letter and the id of the message."""
        self.letters.append((letter, message.id if message else None))

    def engine(self, stage: str = "match", handler: Callable[..., Awaitable[None]] | None = None) -> StageEngine:
        """An engine of this installation that handles notes."""
        engine = self.producer(stage)
        engine.consume(self.notes, NOTES, handler or self.handle, on_dead_letter=self.on_dead_letter)
        return engine

    def producer(self, stage: str = "ingest") -> StageEngine:
        """An engine that only publishes."""
        return StageEngine(
            self.broker,
            stage,
            dead_letters=self.dead,
            progress=self.progress,
            metrics=self.metrics,
            on_fatal=self.fatal.append,
        )

    async def write(self, *ids: str) -> None:
        """Append notes from outside."""
        for id_ in ids:
            await self.broker.reader.append(self.notes.name, id_, NOTES.encode(note(id_)))

    async def write_raw(self, key: str, value: bytes) -> None:
        """Append bytes from outside."""
        await self.broker.reader.append(self.notes.name, key, value)

    async def behind(self, stage: str = "match") -> int:
        """How many notes the stage has not committed."""
        return sum(lag.behind for lag in (await self.broker.reader.lag(stage, [self.notes.name])).values())

    def sibling(self, **changes: object) -> Install:
        """The same installation as another process would see it."""
        return Install(replace(self.config, **changes), self.prefix, self.partitions)  # type: ignore[arg-type]


@asynccontextmanager
async def running(engine: StageEngine) -> AsyncIterator[StageEngine]:
    """The engine, started, and stopped again."""
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


class WorkerProcess:
    """A stage in a process of its own, which writes a line to `out` for each message it has handled."""

    def __init__(self, install: Install, out: Path, *, seconds_each: float = 0.0, slot: str = "0") -> None:
        self._arguments = json.dumps(
            {
                "url": install.config.broker_url,
                "data_dir": str(install.config.data_dir),
                "prefix": install.prefix,
                "partitions": install.partitions,
                "slot": slot,
                "session": install.config.session_timeout.total_seconds(),
                "out": str(out),
                "seconds_each": seconds_each,
            }
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; it may take a second or two until it consumes."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.transports", self._arguments, stderr=asyncio.subprocess.DEVNULL
        )

    async def end(self, number: signal.Signals) -> int:
        """Send the signal and wait for the end; the exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._process.wait()


def lines(path: Path) -> list[str]:
    """The whole lines of a file, none when it is not there."""
    return path.read_text().splitlines() if path.exists() else []


async def _work(arguments: dict[str, object]) -> None:
    config = EngineConfig(
        broker_url=str(arguments["url"]),
        data_dir=Path(str(arguments["data_dir"])),
        host="test",
        slot=str(arguments["slot"]),
        group_prefix=str(arguments["prefix"]),
        session_timeout=timedelta(seconds=float(str(arguments["session"]))),
    )
    install = Install(config, str(arguments["prefix"]), int(str(arguments["partitions"])))
    out = os.open(str(arguments["out"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def handle(batch: Sequence[Received[Note]]) -> None:
        for received in batch:
            await asyncio.sleep(float(str(arguments["seconds_each"])))
            os.write(out, f"{received.message.id}\n".encode())

    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with running(install.engine(handler=handle)):
        await stopping.wait()
    await install.broker.close()


if __name__ == "__main__":
    asyncio.run(_work(json.loads(sys.argv[1])))
