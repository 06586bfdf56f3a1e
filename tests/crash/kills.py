"""Three hundred articles through the pipeline, its workers killed amid their work."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path
from random import Random

from tests.crash.outcome import Outcome
from tests.crash.rules import write_rule
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
DELIVERY = {"timeout": "10s"}
"""A lease is three times as long, and nobody else touches what a killed worker was sending before it has ended. At 4 s
a busy machine answered some attempts too late, which are then made again, as they should be."""
LEASES_END = 180.0
"""Seconds after the last kill: such a lease, and whatever Slack's pace of one a second makes wait."""


async def crash(folder: Path, engines: Engines, seed: int) -> Outcome:
    """Run it; the seed decides who is killed when, and how."""
    newspaper = Newspaper(ARTICLES)
    await newspaper.start()
    try:
        async with listening() as receivers:
            receivers.slack.delay = SLACK_SECONDS
            settings = {"notify": DELIVERY, "rules": write_rule(folder / "rules"), **receivers.sections}
            install = Installation(folder / "install", engines, sources=newspaper.sources, **settings)
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
    in_hand: dict[str, Counter[str]] = {name: Counter() for name in receivers.received}
    async with install.running(*workers(install)) as members:
        for number, how in enumerate(plan, 1):
            newspaper.release(ARTICLES * number // len(plan))
            victim: Member = random.choice(members)
            if random.random() > MID_START or how is signal.SIGTERM:
                await victim.until_ready()
            await asyncio.sleep(random.uniform(0, LATER))
            exits[how, await victim.end(how)] += 1
            await victim.start()
            if how is signal.SIGKILL and victim.does("notify"):
                # A receiver is sent one message at a time: only the last can have been sent and not recorded.
                for receiver, ids in receivers.received.items():
                    in_hand[receiver].update(ids[-1:])
        await receivers.until_told(len(newspaper.alerting), within=LEASES_END)
        status = await install.until_settled(ARTICLES, within=LEASES_END, every=5.0)
        alerts = await install.alerts()
        for member in members:
            exits[signal.SIGTERM, await member.end(signal.SIGTERM)] += 1
    return Outcome(status, alerts, receivers.received, newspaper.alerting, exits, in_hand)
