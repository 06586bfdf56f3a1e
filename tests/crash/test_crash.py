"""Workers are killed, engines go away: every article ends, every alert arrives, twice only where that is explained.

The scenarios of this module run side by side, each in a thread and loop of its own: most of their time is waiting, for
the lease of a notification whose worker was killed, or for an engine or a receiver that does not come back.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.crash import outages, steps
from tests.crash.kills import ARTICLES, KILLS, TERMS, crash
from tests.crash.outcome import Outcome
from tests.crash.rules import write_rule
from tests.crash.soak import assert_holds, soak
from tests.support.fleet import EMBEDDED, Done, Installation, external
from tests.support.kafka import Kafka, missing, new_broker
from tests.support.newspaper import Newspaper
from tests.support.ports import free_port
from tests.support.receivers import listening

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SEED = int(os.environ.get("CRASH_SEED", "") or random.SystemRandom().randrange(10**6))
"""Who is killed when; shown when a test fails, to be set as CRASH_SEED for another run."""
SOAK_KILLS = 30
DEAF_RECEIVER = 6
"""Articles of the drain whose receiver cannot be reached; one of them alerts."""


@pytest.fixture(scope="module")
def scenarios(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Any]]]:
    """Each scenario's outcome to come, by name; those over Kafka are left out where no broker can be had."""
    folder = tmp_path_factory.mktemp("crash")
    begun: dict[str, Future[Any]] = {}
    with contextlib.ExitStack() as stack:
        # Last in, first out: what the scenarios use is there until all of them have ended.
        threads = ThreadPoolExecutor(max_workers=6)

        def begin(name: str, scenario: Coroutine[Any, Any, Any]) -> None:
            begun[name] = threads.submit(asyncio.run, scenario)

        kafka_is_here = missing() is None
        if kafka_is_here:
            broker = request.getfixturevalue("kafka")
            valkey = stack.enter_context(outages.valkey_in(folder / "valkey"))
            taken_away = Kafka(new_broker(folder / "broker"))
            stack.callback(taken_away.kill)
            taken_away.start()
        stack.callback(threads.shutdown)
        begin("outages over sqlite", outages.over_sqlite(folder / "outages-sqlite"))
        begin("unreachable", drain_towards_nobody(folder / "unreachable"))
        begin("sqlite", crash(folder / "sqlite", EMBEDDED, SEED))
        begin("steps over sqlite", steps.killed_at_each(folder / "steps-sqlite", EMBEDDED, steps.ALL))
        if kafka_is_here:
            begin("outages over kafka", outages.over_kafka(folder / "outages-kafka", taken_away))
            steps_over_kafka = external(broker, valkey)
            begin("steps over kafka", steps.killed_at_each(folder / "steps-kafka", steps_over_kafka, steps.TEN))
            begin("soak", soak(folder / "soak", external(broker, valkey), seed=SEED, kills=SOAK_KILLS, tell=print))
        yield begun


def test_nothing_is_lost_when_workers_are_killed(scenarios: dict[str, Future[Outcome]]) -> None:
    """20 SIGKILLs, 5 SIGTERMs amid 300 articles: all end, all alerts arrive, twice only what was not recorded."""
    print(f"CRASH_SEED={SEED}")  # noqa: T201  # pytest shows it with a failure
    outcome = scenarios["sqlite"].result()
    assert outcome.exits == {(signal.SIGKILL, -signal.SIGKILL): KILLS, (signal.SIGTERM, 0): TERMS + 1}
    assert outcome.status["articles"]["entered"] == ARTICLES
    outcome.assert_whole()
    for receiver in outcome.received:
        unexplained = outcome.duplicates(receiver) - outcome.in_hand[receiver]
        assert unexplained == Counter(), f"{receiver} got again what no kill explains"
    print({name: outcome.duplicates(name).total() for name in outcome.received})  # noqa: T201  # counted


@pytest.mark.parametrize("log", ["sqlite", "kafka"])
def test_a_worker_may_die_at_any_step(
    log: str, scenarios: dict[str, Future[Outcome]], request: pytest.FixtureRequest
) -> None:
    """Before and after each: all end, all alerts arrive, in Slack once; mail twice at most what was in hand."""
    if log == "kafka":
        request.getfixturevalue("kafka")  # skips, or fails where CI wants a broker
    outcome = scenarios[f"steps over {log}"].result()
    kills, left = (len(steps.TEN), 4) if log == "kafka" else (len(steps.ALL), 1)
    assert outcome.exits == {(signal.SIGKILL, -signal.SIGKILL): kills, (signal.SIGTERM, 0): left}
    outcome.assert_whole()
    assert outcome.duplicates("newsroom") == Counter()
    assert outcome.duplicates("desk") - outcome.in_hand["desk"] == Counter(), "no kill explains these"


def test_a_short_soak(scenarios: dict[str, Future[Outcome]], request: pytest.FixtureRequest) -> None:
    """Two workers of each stage, killed and stopped, over Kafka, with a moody Slack; `make soak` is the long form."""
    request.getfixturevalue("kafka")
    print(f"CRASH_SEED={SEED}")  # noqa: T201
    assert_holds(scenarios["soak"].result())


@pytest.mark.parametrize("log", ["sqlite", "kafka"])
def test_outages_lose_nothing_and_end_by_themselves(
    log: str, scenarios: dict[str, Future[Outcome]], request: pytest.FixtureRequest
) -> None:
    """No worker is restarted; readiness told; all alerts arrive, twice at most the one in hand when Redis went."""
    if log == "kafka":
        request.getfixturevalue("kafka")
    outcome = scenarios[f"outages over {log}"].result()
    assert set(outcome.exits) == {(signal.SIGTERM, 0)}
    assert outcome.status["articles"]["entered"] == outages.ARTICLES
    outcome.assert_whole()
    assert all(outcome.duplicates(receiver).total() <= 1 for receiver in outcome.received)


async def drain_towards_nobody(folder: Path) -> tuple[Done, dict[str, Any], list[str], list[dict[str, Any]]]:
    """A drain with a Slack that refuses connections: how it ended, the status, what mail got, and the alerts."""
    newspaper = Newspaper(DEAF_RECEIVER)
    await newspaper.start()
    newspaper.release(DEAF_RECEIVER)
    try:
        async with listening() as receivers:
            sections = receivers.sections
            sections["receivers"][0]["slack"]["api"] = f"http://127.0.0.1:{free_port()}/api/"
            settings = {"rules": write_rule(folder / "rules"), **sections}
            install = Installation(folder / "install", EMBEDDED, sources=newspaper.sources, **settings)
            done = await install.marsad("run", "--drain", within=300)
            return done, await install.status(), receivers.received["desk"], await install.alerts()
    finally:
        await newspaper.stop()


def test_a_drain_towards_nobody_ends_with_1(scenarios: dict[str, Future[Any]]) -> None:
    """A drain whose receiver cannot be reached gives up after some tries, says so, and leaves the rest to a worker."""
    done, status, mailed, alerts = scenarios["unreachable"].result()
    assert done.code == 1
    assert "event=undelivered notifications=1" in done.errors, done.errors
    assert "stage_failed" not in done.errors, done.errors
    assert status["outbox"] == {"pending": 1, "leased": 0, "delivered": 1, "dead": 0}
    [alert] = alerts
    errors = {n["receiver"]: n["error"] for n in alert["notifications"]}
    assert errors["newsroom"].startswith("Slack cannot be reached")
    assert mailed == [n["id"] for n in alert["notifications"] if n["receiver"] == "desk"]
