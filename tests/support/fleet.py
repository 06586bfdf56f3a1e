"""Marsad as an operator runs it: the real command in processes of its own, on an installation in a folder of its own.

    install = Installation(folder, engines, sources=..., receivers=...)
    async with install.running(Member(install, "all", "run")) as [worker]:
        await worker.until_ready()
        status = await install.status()

Nothing here reaches into a process: a worker speaks through its exit status, its output and its health page.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import yaml

from streams.stores.embedded import EmbeddedValkey
from streams.transports.broker import open_broker
from streams.transports.engine_config import EngineConfig
from streams.transports.log_reader import LogReader
from tests.support.kafka import Kafka
from tests.support.redis import ExternalValkey
from tests.support.slack import TOKEN

MARSAD = Path(sys.executable).with_name("marsad")
POLL = 0.1
PATIENCE = 120.0
"""Seconds until a test gives up waiting for what takes a few on an idle machine."""

_ADDRESS = re.compile(r"event=health address=(\S+)")

T = TypeVar("T")


async def until(
    look: Callable[[], Awaitable[T]], holds: Callable[[T], bool], *, within: float = PATIENCE, every: float = POLL
) -> T:
    """What `look` answers as soon as it `holds`; AssertionError with the last answer after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        seen = await look()
        if holds(seen):
            return seen
        assert time.monotonic() < deadline, f"not within {within:.0f} s; the last: {seen}"
        await asyncio.sleep(every)


@dataclass(frozen=True, slots=True)
class Engines:
    """The part of a configuration that says which engines: the section, and the secrets in the environment."""

    section: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def over_kafka(self) -> bool:
        """Whether the log is a Kafka broker, that is, whether several workers can share a stage."""
        return str(self.section["broker"]).startswith("kafka:")


EMBEDDED = Engines({"broker": "embedded", "redis": "embedded"})


def external(kafka: Kafka, valkey: ExternalValkey) -> Engines:
    """Servers by URL; topics, groups and keys under a prefix of their own."""
    section = {"broker": kafka.url, "redis": valkey.url, "prefix": kafka.prefix(), "partitions": 4}
    return Engines(section, {"MARSAD_REDIS_PASSWORD": valkey.password})


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    output: str
    errors: str

    @property
    def lines(self) -> list[Any]:
        """Its output, a JSON value in each line."""
        return [json.loads(line) for line in self.output.splitlines()]


class Installation:
    """A folder with marsad.yaml and data; commands run in it. `settings` are sections beside `engines`."""

    def __init__(self, folder: Path, engines: Engines, **settings: Any) -> None:
        self.folder, self.engines = folder, engines
        folder.mkdir(parents=True, exist_ok=True)
        fetch = {"allow_hosts": ["127.0.0.1"], "host_interval": "10ms"}
        content = {"engines": engines.section, "fetch": fetch, "health": {"port": 0}, **settings}
        (folder / "marsad.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment without settings of Marsad, and with the installation's secrets."""
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("MARSAD_")}
        return {**kept, "MARSAD_SLACK_TOKEN": TOKEN, **self.engines.environment}

    async def marsad(self, *arguments: str, within: float = PATIENCE) -> Done:
        """Run a command to its end."""
        process = await asyncio.create_subprocess_exec(
            str(MARSAD),
            *arguments,
            cwd=self.folder,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            output, errors = await asyncio.wait_for(process.communicate(), within)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return Done(process.returncode or 0, output.decode(), errors.decode())

    async def ask(self, *arguments: str) -> list[Any]:
        """What a command prints as JSON lines; it has to succeed."""
        done = await self.marsad(*arguments, "--json")
        assert done.code == 0, done.errors
        return done.lines

    async def status(self) -> dict[str, Any]:
        """`marsad status --json`."""
        [status] = await self.ask("status")
        return dict(status)

    async def alerts(self) -> list[dict[str, Any]]:
        """`marsad alerts list --json`, all of them."""
        return await self.ask("alerts", "list", "--limit", "100000")

    async def until_settled(self, articles: int, *, within: float = PATIENCE, every: float = 1.0) -> dict[str, Any]:
        """The status once so many articles entered, all have ended, and nothing is on its way anywhere."""

        def holds(status: dict[str, Any]) -> bool:
            outbox, entered = status["outbox"], status["articles"]["entered"]
            on_their_way = status["articles"]["pending"] + outbox["pending"] + outbox["leased"]
            return entered >= articles and not on_their_way and not any(status["behind"].values())

        return await until(self.status, holds, within=within, every=every)

    @contextlib.asynccontextmanager
    async def log(self) -> AsyncIterator[LogReader]:
        """The log from outside the workers, for messages that no stage of ours would write."""
        section = self.engines.section
        url = section["broker"] if self.engines.over_kafka else f"sqlite:///{self.folder}/data/log.db"
        broker = open_broker(
            EngineConfig(
                broker_url=url, data_dir=self.folder / "data", host="test", group_prefix=section.get("prefix", "")
            )
        )
        try:
            yield broker.reader
        finally:
            await broker.close()

    def topic(self, name: str) -> str:
        """A topic by the name it has without a prefix."""
        return f"{self.engines.section.get('prefix', '')}{name}"

    @contextlib.asynccontextmanager
    async def running(self, *members: Member) -> AsyncIterator[Sequence[Member]]:
        """These workers, started; whatever still runs in the end is killed, an embedded Valkey included."""
        try:
            for member in members:
                await member.start()
            yield members
        finally:
            for member in members:
                await member.end(signal.SIGKILL)
            if self.engines.section["redis"] == "embedded":
                await asyncio.to_thread(self._end_embedded)

    def _end_embedded(self) -> None:
        """A worker that was killed leaves its server to the next user: be that, and the last."""
        server = EmbeddedValkey(self.folder / "data" / "valkey")
        server.start()
        server.stop()


class Member:
    """A worker process of an installation, which may be ended and started again. `slot` is its own for good."""

    def __init__(self, install: Installation, name: str, *arguments: str, slot: str = "0") -> None:
        self.name, self.arguments = name, arguments
        self._install, self._slot = install, slot
        self._log = install.folder / f"{name}.log"
        self._begin = 0
        self._process: asyncio.subprocess.Process | None = None

    def does(self, stage: str) -> bool:
        """Whether it runs this stage."""
        return self.arguments[0] == "run" or stage in self.arguments

    @property
    def log(self) -> str:
        """What it wrote since it was last started."""
        return self._log.read_bytes()[self._begin :].decode() if self._log.exists() else ""

    async def start(self, *launcher: str) -> None:
        """Start it; see `until_ready`. With a `launcher`, Python runs that, and it runs the command.

        A launcher may be a module of the tests, which are not installed.
        """
        program = [sys.executable, *launcher] if launcher else [str(MARSAD)]
        environment = {**self._install.environment, "MARSAD_ENGINES__SLOT": self._slot}
        if launcher:
            environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        self._begin = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *program, *self.arguments, cwd=self._install.folder, env=environment, stdout=log, stderr=log
            )

    async def end(self, number: signal.Signals) -> int:
        """Send it a signal and wait for its end; the exit status, negative for a signal it did not handle."""
        if self._process is None:
            return 0
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def until_ended(self, *, within: float = PATIENCE) -> int:
        """Wait until it ends by itself; the exit status. Fails with what it wrote where it does not."""
        assert self._process is not None
        try:
            return await asyncio.wait_for(self._process.wait(), within)
        except TimeoutError:
            raise AssertionError(f"{self.name} still runs after {within:.0f} s:\n{self.log[-4000:]}") from None

    async def page(self, path: str) -> tuple[int, str]:
        """Status and text of a page of its health server; (0, why) while there is none."""
        found = _ADDRESS.search(self.log)
        if found is None:
            return 0, "no health server yet"
        timeout = aiohttp.ClientTimeout(total=10)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{found[1]}{path}") as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            return 0, repr(error)

    async def ready(self) -> tuple[int, str]:
        """What `/-/ready` answers."""
        return await self.page("/-/ready")

    async def until_ready(self, *, within: float = PATIENCE) -> None:
        """Wait until it says that it is ready; fails at once where it has ended instead."""

        async def look() -> tuple[int, str]:
            assert self._process is None or self._process.returncode is None, f"{self.name} ended:\n{self.log[-4000:]}"
            return await self.ready()

        await until(look, lambda seen: seen[0] == 200, within=within)

    async def until_unready(self, *reasons: str, within: float = 60) -> str:
        """Wait until it says 503 with each of these words in its reasons; the reasons."""
        words = await until(
            self.ready, lambda seen: seen[0] == 503 and all(word in seen[1] for word in reasons), within=within
        )
        return words[1]


def workers(install: Installation) -> list[Member]:
    """The whole pipeline: one process over the embedded log; over Kafka one for each stage, and two that match."""
    if not install.engines.over_kafka:
        return [Member(install, "all", "run")]
    return [
        Member(install, "match-1", "worker", "match", slot="match-1"),
        Member(install, "match-2", "worker", "match", slot="match-2"),
        Member(install, "alert", "worker", "alert"),
        Member(install, "notify", "worker", "notify"),
        Member(install, "ingest", "worker", "ingest"),
    ]
