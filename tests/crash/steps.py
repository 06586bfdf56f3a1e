"""A worker is killed before and after each step, one after another, on one installation that goes on working."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from streams.messages import ARTICLES, Article
from tests.crash.boundaries import BOUNDARIES, SIDES, Side
from tests.crash.outcome import Outcome
from tests.crash.rules import write_rule
from tests.support.fleet import Engines, Installation, Member, workers
from tests.support.newspaper import EVERY, Newspaper, text
from tests.support.receivers import Receivers, listening

Step = tuple[str, Side]

ALL: tuple[Step, ...] = tuple((name, side) for name in BOUNDARIES for side in SIDES)
TEN: tuple[Step, ...] = (
    ("article.publish", "after"),
    ("match.publish", "before"),
    ("match.publish", "after"),
    ("match.commit", "before"),
    ("match.commit", "after"),
    ("alert.write", "before"),
    ("alert.write", "after"),
    ("alert.commit", "after"),
    ("message.send", "after"),
    ("outcome.record", "after"),
)
"""Those of Kafka: where a record and its acknowledgement part, and where a message is sent and not recorded."""

CHANNEL = "C0123456789"
"""Slack can be asked about a channel by its id."""
DELIVERY = {"timeout": "10s"}
"""A lease is three times as long; what was claimed by a worker that was killed waits for its end. At 2 s a busy machine
answered some attempts too late, and mail got those twice, as it should."""
REACHED = 90.0
"""Seconds within which a worker comes to its step."""
SETTLED = 180.0


async def killed_at_each(folder: Path, engines: Engines, steps: Sequence[Step]) -> Outcome:
    """Kill at each of the steps, with something to do each time; what there was to see in the end."""
    newspaper = Newspaper(EVERY * len(steps), feeds=1)
    await newspaper.start()
    try:
        async with listening() as receivers:
            sections = receivers.sections
            sections["receivers"][0]["slack"]["channel"] = CHANNEL
            settings = {"notify": DELIVERY, "rules": write_rule(folder / "rules"), **sections}
            install = Installation(folder / "install", engines, sources=newspaper.sources, **settings)
            done = await install.marsad("topics", "create")
            assert done.code == 0, done.errors
            walk = _Walk(install, newspaper, receivers)
            # Of two that match only one would come to a step of a certain article.
            members = [member for member in workers(install) if member.name != "match-2"]
            async with install.running(*members):
                # Its first start marks Redis as that of this log; a log that was written before would look used.
                await asyncio.gather(*(member.until_ready() for member in members))
                for name, side in steps:
                    await walk.kill_at(name, side, members)
                await walk.end()
                await receivers.until_told(len(newspaper.alerting), within=SETTLED)
                status = await install.until_settled(newspaper.articles + walk.letters, within=SETTLED)
                codes = await asyncio.gather(*(member.end(signal.SIGTERM) for member in members))
            alerts = await install.alerts()
            exits = walk.exits + Counter((signal.SIGTERM, code) for code in codes)
            received, in_hand = receivers.received, walk.in_hand
            return Outcome(status, alerts, received, newspaper.alerting, exits, in_hand, letters=walk.letters)
    finally:
        await newspaper.stop()


class _Walk:
    """Goes from step to step. `letters` counts messages that can only be put aside.

    `in_hand` counts, by receiver, how often a message was the last one sent when a deliverer was killed: whichever step
    that was at, another receiver's message may have been sent and not recorded.
    """

    def __init__(self, install: Installation, newspaper: Newspaper, receivers: Receivers) -> None:
        self._install, self._newspaper, self._receivers = install, newspaper, receivers
        self._rounds = 0
        self._killed: Member | None = None
        self.letters = 0
        self.exits: Counter[tuple[signal.Signals, int]] = Counter()
        self.in_hand: dict[str, Counter[str]] = {name: Counter() for name in receivers.received}

    async def kill_at(self, name: str, side: Side, members: Sequence[Member]) -> None:
        """Give the pipeline something to do, with a worker in it that ends at the step; then let another go on."""
        boundary = BOUNDARIES[name]
        member = next(m for m in members if m.does(boundary.stage) or boundary.stage == "start")
        if self._killed is not member:
            await self.end()
            await member.end(signal.SIGKILL)
        await member.start("-m", "tests.crash.boundaries", name, side)
        await self._give(name)
        code = await member.until_ended(within=REACHED)
        assert code == -signal.SIGKILL, f"{name} {side}: ended with {code}\n{member.log[-4000:]}"
        self.exits[signal.SIGKILL, code] += 1
        self._killed = member
        if member.does("notify"):
            for receiver, ids in self._receivers.received.items():
                self.in_hand[receiver].update(ids[-1:])

    async def end(self) -> None:
        """Let the worker that was killed last be started as any other."""
        if self._killed is not None:
            await self._killed.start()
            self._killed = None

    async def _give(self, name: str) -> None:
        """Six articles, one of which alerts: to ingest by a feed, which is slow, to the others by the log."""
        first, self._rounds = EVERY * self._rounds, self._rounds + 1
        numbers = range(first, first + EVERY)
        if BOUNDARIES[name].stage == "ingest":
            self._newspaper.release(numbers.stop)
            return
        async with self._install.log() as log:
            topic = self._install.topic("articles")
            if name.startswith("letter"):
                await log.append(topic, f"bad-{self._rounds}", b"not a message")
                self.letters += 1
            for number in numbers:
                await log.append(topic, f"t1:{number}", ARTICLES.encode(self._article(number)))

    def _article(self, number: int) -> Article:
        return Article(
            id=f"t1:{number}",
            title=f"Report {number}",
            text=text(number),
            source="feed-0",
            url=self._newspaper.url(number),
            seen_at=datetime.now(UTC),
        )
