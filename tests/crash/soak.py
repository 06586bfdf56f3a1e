"""Workers are killed again and again over a real Kafka and Redis, while Slack answers at random.

`make soak` runs it for 500 kills, in under an hour; `make test` for some thirty. Two workers of each stage share the
work, so that each kill and each return moves partitions. In the end every article has ended, every notification has
arrived, and none has arrived twice where the receiver can be asked what it has; what mail got twice is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.sample.mail_standin import MailStandin
from streams.topics import STAGES
from tests.crash.outages import valkey_in
from tests.crash.outcome import Outcome
from tests.crash.rules import write_rule
from tests.crash.steps import CHANNEL
from tests.support.fleet import Engines, Installation, Member, external
from tests.support.kafka import Kafka, missing, new_broker
from tests.support.mail import mail
from tests.support.moody_slack import MoodySlack
from tests.support.newspaper import Newspaper, alerts
from tests.support.receivers import Receivers
from tests.support.slack import TOKEN

KILLS = 500
OF_EACH = 2
"""Workers of each stage."""
TERM, MID_START, AWAY = 0.15, 0.2, 0.3
"""Shares of ends by SIGTERM, of victims that are not waited for, and of those that stay away for a while."""
LATER, LONGEST_AWAY = 1.0, 8.0
"""Seconds after its victim is ready within which a kill comes, and for which one may stay away."""
KILLERS = 2
"""Victims at a time."""
EACH_SECOND = 1.5
"""Articles."""
DELIVERY = {"timeout": "4s"}
SETTLED = 300.0
"""Seconds until all is delivered after the last kill: a receiver that failed much is left alone for a while."""

Tell = Callable[[str], None]


@dataclass
class Soak:
    """One run; `kills` SIGKILLs in all. The seed decides who, when and how, as far as the machine lets it."""

    install: Installation
    newspaper: Newspaper
    receivers: Receivers
    random: random.Random
    kills: int
    tell: Tell
    exits: Counter[tuple[signal.Signals, int]] = field(default_factory=Counter)
    by_stage: Counter[str] = field(default_factory=Counter)
    _begun: float = field(default_factory=time.monotonic)
    _left: int = 0

    async def run(self) -> Outcome:
        """Kill, wait until all has settled, and say what there was to see."""
        members = [self._member(stage, number) for stage in STAGES for number in range(OF_EACH)]
        async with self.install.running(*members):
            press, progress = asyncio.create_task(self._print()), asyncio.create_task(self._report())
            try:
                self._left = self.kills
                hands = [members[number::KILLERS] for number in range(KILLERS)]
                await asyncio.gather(*map(self._keep_killing, hands))
            finally:
                await _end(press)
            slack = self.receivers.slack
            assert isinstance(slack, MoodySlack)
            slack.calm = True
            self.tell("all kills are done; waiting until all has settled")
            try:
                status = await self.install.until_settled(self.newspaper.released, within=SETTLED, every=5.0)
            finally:
                await _end(progress)
            codes = await asyncio.gather(*(member.end(signal.SIGTERM) for member in members))
            self.exits.update((signal.SIGTERM, code) for code in codes)
        told = await self.install.alerts()
        alerting = {self.newspaper.url(n) for n in range(self.newspaper.released) if alerts(n)}
        return Outcome(status, told, self.receivers.received, alerting, self.exits)

    def summary(self, outcome: Outcome) -> str:
        """What was done and seen, for people."""
        slack, minutes = self.receivers.slack, (time.monotonic() - self._begun) / 60
        assert isinstance(slack, MoodySlack)
        twice = {name: outcome.duplicates(name).total() for name in outcome.received}
        told = sum(len(set(ids)) for ids in outcome.received.values())
        lines = [
            f"{self.kills} SIGKILLs ({_counted(self.by_stage)}), {self.exits.total() - self.kills} SIGTERMs",
            f"ended by the deadline: {self.exits[signal.SIGTERM, 1]}",
            f"{self.newspaper.released} articles, {len(outcome.alerting)} alerts, {told} notifications arrived",
            f"arrived twice: {_counted(Counter(twice)) or 'none'}",
            f"Slack answered: {_counted(slack.answers)}",
            f"{minutes:.1f} minutes",
        ]
        return "\n".join(lines)

    def _member(self, stage: str, number: int) -> Member:
        return Member(self.install, f"{stage}-{number}", "worker", stage, slot=f"{stage}-{number}")

    async def _keep_killing(self, members: list[Member]) -> None:
        while self._left > 0:
            victim = self.random.choice(members)
            how = signal.SIGTERM if self.random.random() < TERM else signal.SIGKILL
            if how is signal.SIGKILL:
                self._left -= 1
            if how is signal.SIGTERM or self.random.random() > MID_START:
                await victim.until_ready()
            await asyncio.sleep(self.random.uniform(0, LATER))
            code = await victim.end(how)
            self.exits[how, code] += 1
            late = how is signal.SIGTERM and code == 1 and "stop_took_too_long" in victim.log
            assert late or code == (0 if how is signal.SIGTERM else -how), (
                f"{victim.name}: {code}\n{victim.log[-4000:]}"
            )
            if how is signal.SIGKILL:
                self.by_stage[victim.arguments[-1]] += 1
            if self.random.random() < AWAY:
                await asyncio.sleep(self.random.uniform(0, LONGEST_AWAY))
            await victim.start()

    async def _print(self) -> None:
        """A newspaper prints on, whatever happens to those who read it."""
        while True:
            self.newspaper.release(self.newspaper.released + 1)
            await asyncio.sleep(1 / EACH_SECOND)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(10)
            sent = {name: len(set(ids)) for name, ids in self.receivers.received.items()}
            twice = {name: len(ids) - len(set(ids)) for name, ids in self.receivers.received.items()}
            self.tell(
                f"{(time.monotonic() - self._begun) / 60:5.1f} min: {self.by_stage.total()}/{self.kills} kills,"
                f" {self.newspaper.released} articles, arrived {_counted(Counter(sent))},"
                f" twice {_counted(Counter(twice)) or 'none'}"
            )


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()) if count)


async def soak(folder: Path, engines: Engines, *, seed: int, kills: int, tell: Tell) -> Outcome:
    """Run it on these engines; AssertionError where something does not come to an end."""
    chance = random.Random(seed)  # noqa: S311  # to be repeated
    newspaper = Newspaper(2**31, feeds=1, window=300)
    slack = MoodySlack(chance, token=TOKEN)
    async with contextlib.AsyncExitStack() as stack:
        await newspaper.start()
        stack.push_async_callback(newspaper.stop)
        await slack.start()
        stack.push_async_callback(slack.stop)
        desk: MailStandin = await stack.enter_async_context(mail())
        receivers = Receivers(slack, desk)
        sections = receivers.sections
        sections["receivers"][0]["slack"]["channel"] = CHANNEL
        settings = {"notify": DELIVERY, "rules": write_rule(folder / "rules"), **sections}
        install = Installation(folder / "install", engines, sources=newspaper.sources, **settings)
        done = await install.marsad("topics", "create")
        assert done.code == 0, done.errors
        run = Soak(install, newspaper, receivers, chance, kills, tell)
        outcome = await run.run()
        tell(run.summary(outcome))
        return outcome


def assert_holds(outcome: Outcome) -> None:
    """All workers ended as they were told to, nothing is lost, and nothing is in Slack twice.

    One in a hundred may be ended by its deadline instead, on a machine that is too busy to end what is under way.
    """
    late = outcome.exits[signal.SIGTERM, 1]
    assert late <= 1 + outcome.exits.total() // 100
    assert set(outcome.exits) <= {(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0), (signal.SIGTERM, 1)}
    outcome.assert_whole()
    assert outcome.duplicates("newsroom") == Counter()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    given = parser.parse_args()
    if (reason := missing()) is not None:
        _say(reason)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="marsad-soak-"))
    _say(f"seed {given.seed}; logs and data are in {folder}")
    broker = new_broker(folder / "broker")
    with contextlib.ExitStack() as stack:
        stack.callback(broker.kill)
        broker.start()
        valkey = stack.enter_context(valkey_in(folder / "valkey"))
        engines = external(Kafka(broker), valkey)
        try:
            assert_holds(asyncio.run(soak(folder, engines, seed=given.seed, kills=given.kills, tell=_say)))
        except AssertionError as error:
            _say(f"FAILED: {error}")
            return 1
    shutil.rmtree(folder)
    _say("nothing lost, nothing in Slack twice")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
