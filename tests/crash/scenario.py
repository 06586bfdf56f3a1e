"""Three hundred articles through the pipeline, workers killed amid their work; what has to hold after it."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.support.fleet import Engines, Installation, Member, workers
from tests.support.newspaper import Newspaper
from tests.support.receivers import Receivers, listening

ARTICLES = 300
KILLS, TERMS = 20, 5
SLACK_SECONDS = 0.3
"""How long Slack takes to answer: without it hardly a kill would find a message sent and not recorded."""
MID_START = 0.2
"""In so many cases the next kill does not wait until its victim is ready."""
LATER = 1.0
"""Seconds after its victim is ready within which a kill comes."""
LEASES_END = 180.0
"""Seconds after the last kill: a lease of 60 s, and whatever Slack's pace of one a second makes wait."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there was to see from outside. `deliverers_killed` counts SIGKILLs of processes with the notify stage."""

    status: dict[str, Any]
    alerts: list[dict[str, Any]]
    received: dict[str, list[str]]
    alerting: set[str]
    exits: Counter[tuple[signal.Signals, int]]
    deliverers_killed: int = 0

    def assert_whole(self) -> None:
        """Every article ended; one alert for each that has one, told to each receiver; each of those arrived.

        None arrived more often than it was attempted.
        """
        entered, alerting = self.status["articles"]["entered"], len(self.alerting)
        statuses = {"alerted": alerting, "no_match": entered - alerting}
        assert self.status["articles"] == {"entered": entered, "pending": 0, "statuses": statuses}
        assert self.status["outbox"] == {"pending": 0, "leased": 0, "delivered": 2 * alerting, "dead": 0}
        articles = Counter(item["article"]["url"] for alert in self.alerts for item in alert["history"])
        assert articles == Counter(self.alerting)
        attempts = {n["id"]: n["attempts"] for alert in self.alerts for n in alert["notifications"]}
        for receiver, ids in self.received.items():
            listed = [n["id"] for alert in self.alerts for n in alert["notifications"] if n["receiver"] == receiver]
            assert len(listed) == len(set(listed)) == alerting
            assert set(ids) == set(listed)
            assert {id_: times for id_, times in Counter(ids).items() if times > attempts[id_]} == {}

    def duplicates(self, receiver: str) -> int:
        """Messages to a receiver beyond the first of each notification."""
        return len(self.received[receiver]) - len(set(self.received[receiver]))


async def crash(folder: Path, engines: Engines, seed: int) -> Outcome:
    """Run it; the seed decides who is killed when, and how."""
    newspaper = Newspaper(ARTICLES)
    await newspaper.start()
    try:
        async with listening() as receivers:
            receivers.slack.delay = SLACK_SECONDS
            install = Installation(folder, engines, sources=newspaper.sources, **receivers.sections)
            if engines.over_kafka:
                done = await install.marsad("topics", "create")
                assert done.code == 0, done.errors
            return await _run(install, newspaper, receivers, Random(seed))  # noqa: S311  # to be repeated
    finally:
        await newspaper.stop()


async def _run(install: Installation, newspaper: Newspaper, receivers: Receivers, random: Random) -> Outcome:
    plan = [signal.SIGKILL] * KILLS + [signal.SIGTERM] * TERMS
    random.shuffle(plan)
    exits: Counter[tuple[signal.Signals, int]] = Counter()
    deliverers_killed = 0
    async with install.running(*workers(install)) as members:
        for number, how in enumerate(plan, 1):
            newspaper.release(ARTICLES * number // len(plan))
            victim: Member = random.choice(members)
            if random.random() > MID_START or how is signal.SIGTERM:
                await victim.until_ready()
            await asyncio.sleep(random.uniform(0, LATER))
            exits[how, await victim.end(how)] += 1
            deliverers_killed += how is signal.SIGKILL and victim.delivers
            await victim.start()
        await receivers.until_told(len(newspaper.alerting), within=LEASES_END)
        status = await install.until_settled(ARTICLES, within=LEASES_END)
        alerts = await install.alerts()
        for member in members:
            exits[signal.SIGTERM, await member.end(signal.SIGTERM)] += 1
    return Outcome(status, alerts, receivers.received, newspaper.alerting, exits, deliverers_killed)
