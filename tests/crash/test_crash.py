"""Workers are killed again and again; every article ends, every alert arrives, and what arrives twice is explained.

The scenarios of this module run side by side, each in a thread and loop of its own: most of their time is waiting, for
the lease of a notification whose worker was killed, or for a receiver that does not come back.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.crash.scenario import ARTICLES, KILLS, TERMS, Outcome, crash
from tests.support.fleet import EMBEDDED, Done, Installation, external
from tests.support.kafka import missing
from tests.support.newspaper import Newspaper
from tests.support.receivers import listening
from tests.support.redis import ExternalValkey, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SEED = int(os.environ.get("CRASH_SEED", "") or random.SystemRandom().randrange(10**6))
"""Who is killed when; shown when a test fails, to be set as CRASH_SEED for another run."""
DEAF_RECEIVER = 6
"""Articles of the drain whose receiver cannot be reached; one of them alerts."""


@pytest.fixture(scope="module")
def scenarios(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Any]]]:
    """Each scenario's outcome to come, by name; `kafka` is left out where no broker can be had."""
    folder = tmp_path_factory.mktemp("crash")
    valkey = ExternalValkey(folder)
    with ThreadPoolExecutor() as threads:

        def begin(name: str, scenario: Any) -> None:
            begun[name] = threads.submit(asyncio.run, scenario)

        begun: dict[str, Future[Any]] = {}
        try:
            begin("unreachable", drain_towards_nobody(folder / "unreachable"))
            begin("sqlite", crash(folder / "sqlite", EMBEDDED, SEED))
            if missing() is None:
                broker = request.getfixturevalue("kafka")
                valkey.start()
                begin("kafka", crash(folder / "kafka", external(broker, valkey), SEED))
            yield begun
        finally:
            threads.shutdown()
            valkey.stop()


@pytest.mark.parametrize("log", ["sqlite", "kafka"])
def test_nothing_is_lost_when_workers_are_killed(
    log: str, scenarios: dict[str, Future[Outcome]], request: pytest.FixtureRequest
) -> None:
    """20 SIGKILLs, 5 SIGTERMs amid 300 articles: all end, all alerts arrive, twice only what was not recorded."""
    if log not in scenarios:
        request.getfixturevalue("kafka")  # skips, or fails where CI wants a broker
    print(f"CRASH_SEED={SEED}")  # noqa: T201  # pytest shows it with a failure
    outcome = scenarios[log].result()
    workers_in_all = 5 if log == "kafka" else 1
    assert outcome.exits == {(signal.SIGKILL, -signal.SIGKILL): KILLS, (signal.SIGTERM, 0): TERMS + workers_in_all}
    assert outcome.status["articles"]["entered"] == ARTICLES
    outcome.assert_whole()
    for receiver in outcome.received:
        # A receiver is sent one message at a time: a kill leaves at most one that was sent and not recorded.
        assert outcome.duplicates(receiver) <= outcome.deliverers_killed
    print(log, {name: outcome.duplicates(name) for name in outcome.received})  # noqa: T201  # duplicates counted


async def drain_towards_nobody(folder: Path) -> tuple[Done, dict[str, Any], list[str], list[dict[str, Any]]]:
    """A drain with a Slack that refuses connections: how it ended, the status, what mail got, and the alerts."""
    newspaper = Newspaper(DEAF_RECEIVER)
    await newspaper.start()
    newspaper.release(DEAF_RECEIVER)
    try:
        async with listening() as receivers:
            sections = receivers.sections
            sections["receivers"][0]["slack"]["api"] = f"http://127.0.0.1:{free_port()}/api/"
            install = Installation(folder, EMBEDDED, sources=newspaper.sources, **sections)
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
