"""Redis, the broker or Slack is away for twenty seconds, while a newspaper goes on printing."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from deploy.sample.slack_standin import Answer
from tests.crash.outcome import Outcome
from tests.crash.rules import write_rule
from tests.support.fleet import Engines, Installation, Member, external, until
from tests.support.kafka import Kafka
from tests.support.newspaper import Newspaper
from tests.support.receivers import Receivers, listening
from tests.support.redis import ExternalValkey

AWAY = 20.0
"""Seconds of each outage."""
BACK = 60.0
"""Seconds within which a worker is ready again, the broker's own start included."""
LINES = 500
"""Most lines that a worker logs in all this: some hundred polls, some dozens of deliveries, and few complaints."""
SETTLED = 120.0
"""Seconds until all is delivered: a message in hand when Redis goes away waits for its lease of 60 s to end."""
ARTICLES, EACH_SECOND = 120, 2
LAST_EDITION = 30
"""Articles that are printed at once before the last outage, so that work is under way then, however long all before it
took: a worker with nothing to write does not notice that Redis is full."""


@contextlib.asynccontextmanager
async def outage() -> AsyncIterator[None]:
    """Lasts as long as an outage, whatever is looked at meanwhile."""
    ends = time.monotonic() + AWAY
    yield
    await asyncio.sleep(max(0.0, ends - time.monotonic()))


@contextlib.asynccontextmanager
async def printing() -> AsyncIterator[Newspaper]:
    """A newspaper that goes on printing, all but its last edition, whatever happens to those who read it."""

    async def print_on() -> None:
        for number in range(0, ARTICLES - LAST_EDITION + EACH_SECOND, EACH_SECOND):
            newspaper.release(number)
            await asyncio.sleep(1)

    newspaper = Newspaper(ARTICLES)
    await newspaper.start()
    press = asyncio.create_task(print_on())
    try:
        yield newspaper
    finally:
        press.cancel()
        await asyncio.wait({press})
        await newspaper.stop()


@contextlib.contextmanager
def valkey_in(folder: Path) -> Iterator[ExternalValkey]:
    """A Valkey by URL, which a test takes away."""
    folder.mkdir(parents=True)
    valkey = ExternalValkey(folder)
    valkey.start()
    try:
        yield valkey
    finally:
        valkey.stop()


async def finish(install: Installation, newspaper: Newspaper, receivers: Receivers, *members: Member) -> Outcome:
    """Wait until all that was printed is told, stop the workers, and say what there was to see."""
    await receivers.until_told(len(newspaper.alerting), within=SETTLED)
    status = await install.until_settled(ARTICLES, within=SETTLED, every=5.0)
    alerts = await install.alerts()
    codes = await asyncio.gather(*(member.end(signal.SIGTERM) for member in members))
    assert all(len(member.log.splitlines()) < LINES for member in members)
    exits = Counter((signal.SIGTERM, code) for code in codes)
    return Outcome(status, alerts, receivers.received, newspaper.alerting, exits)


async def over_kafka(folder: Path, kafka: Kafka) -> Outcome:
    """Redis is killed, and comes back with what it wrote; then the broker is."""
    async with printing() as newspaper, listening() as receivers:
        with valkey_in(folder / "valkey") as valkey:
            engines = external(kafka, valkey)
            settings = {"rules": write_rule(folder / "rules"), **receivers.sections}
            install = Installation(folder / "install", engines, sources=newspaper.sources, **settings)
            done = await install.marsad("topics", "create")
            assert done.code == 0, done.errors
            front = Member(install, "front", "worker", "ingest", "match")
            back = Member(install, "back", "worker", "alert", "notify")
            async with install.running(front, back):
                await asyncio.gather(front.until_ready(), back.until_ready())
                await receivers.until_told(1, within=BACK)
                await asyncio.to_thread(valkey.stop)
                async with outage():
                    await asyncio.gather(front.until_unready("ingest: Redis"), back.until_unready("notify: Redis"))
                await asyncio.to_thread(valkey.start)
                await asyncio.gather(front.until_ready(within=BACK), back.until_ready(within=BACK))

                newspaper.release(ARTICLES)
                await asyncio.to_thread(kafka.kill)
                try:
                    async with outage():
                        told = await asyncio.gather(
                            front.until_unready("match: the broker"), back.until_unready("alert: the broker")
                        )
                        assert "notify:" not in told[1]
                        assert (await front.page("/-/healthy"))[0] == 200
                finally:
                    await asyncio.to_thread(kafka.start)
                await asyncio.gather(front.until_ready(within=BACK), back.until_ready(within=BACK))
                return await finish(install, newspaper, receivers, front, back)


async def over_sqlite(folder: Path) -> Outcome:
    """Slack answers 500; then Redis hangs with its connections open; then it is full."""
    async with printing() as newspaper, listening() as receivers:
        with valkey_in(folder / "valkey") as valkey:
            section = {"broker": "embedded", "redis": valkey.url}
            engines = Engines(section, {"MARSAD_REDIS_PASSWORD": valkey.password})
            settings = {"rules": write_rule(folder / "rules"), **receivers.sections}
            install = Installation(folder / "install", engines, sources=newspaper.sources, **settings)
            async with install.running(Member(install, "all", "run")) as [worker]:
                await worker.until_ready()
                receivers.slack.usual = Answer(500, "no")
                async with outage():
                    await until(
                        lambda: undelivered(install),
                        lambda errors: any("HTTP 500" in error for error in errors),
                        every=1,
                    )
                    assert (await worker.ready())[0] == 200
                receivers.slack.usual = None
                await until(lambda: distinct(receivers.slack.notification_ids), lambda count: count > 0)

                valkey.freeze()
                async with outage():
                    await worker.until_unready("ingest: Redis", "notify: Redis")
                valkey.thaw()
                await worker.until_ready(within=BACK)

                told = await distinct(receivers.slack.notification_ids)
                newspaper.release(ARTICLES)
                await until(lambda: distinct(receivers.slack.notification_ids), lambda count: count > told)
                valkey.fill()
                async with outage():
                    await worker.until_unready("ingest: Redis is full", "notify: Redis is full")
                    full = len(receivers.slack.received)
                assert len(receivers.slack.received) == full
                valkey.empty_a_little()
                await worker.until_ready(within=BACK)
                return await finish(install, newspaper, receivers, worker)


async def undelivered(install: Installation) -> list[str]:
    """What `marsad alerts list` says of notifications that are on their way after a failure."""
    sent = [item for alert in await install.alerts() for item in alert["notifications"]]
    return [item["error"] for item in sent if item["error"] and item["state"] != "sent"]


async def distinct(ids: list[str]) -> int:
    """How many different ones there are."""
    return len(set(ids))
