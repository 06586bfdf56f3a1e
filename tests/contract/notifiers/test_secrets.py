"""No secret of a receiver is told or kept anywhere: the one shared test, over every way of telling somebody.

Every failure that a sink can have, and every kind of content, goes through the whole of delivery. Then everything that
can be read is read: all that Redis holds (errors, dead letters and notices among it), logs at their loudest, metrics,
what the commands print. `test_notifiers.py` does the same with errors and their causes, one notifier at a time.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from deploy.sample.slack_standin import Answer
from streams.alerts import Notification
from streams.cli.alerts import _notification, _told
from streams.notify.delivery import Chances, Delivery
from streams.notify.retry import LONGEST_AGE
from streams.observe.metrics import Metrics
from streams.stores.outbox import Claim, Outbox
from tests.contract.notifiers.test_notifiers import KINDS, TROUBLES, Pair, pair_of
from tests.support.alerting import notice, notification
from tests.support.redis import Server, embedded_server, fresh_prefix
from tests.support.sinks import Clock
from tests.support.slack import TOKEN

ANSWERS = [
    *((answer, reply) for answer, reply, _ in TROUBLES.values()),
    (Answer(body={"ok": False, "error": "invalid_auth"}), f"535 {TOKEN} smtp-very-secret is not the password"),
    (Answer(body={"ok": False, "error": TOKEN}), "554 no"),
    (Answer(500, f"<p>{TOKEN}</p>"), "421 closing"),
    (Answer(404, f"no hook {TOKEN}"), "550 no"),
]
"""Each with the secret in it, where a sink could send it back."""


@pytest.fixture(scope="module")
def embedded() -> Iterator[Server]:
    with embedded_server() as server:
        yield server


@pytest.fixture
async def redis(embedded: Server) -> AsyncIterator[Redis]:
    async with embedded.client() as client:
        yield client


async def everything_in(redis: Redis, prefix: str) -> str:
    """All that stands under the prefix, keys and values."""
    found = []
    async for key in redis.scan_iter(f"{prefix}*"):
        match str(await redis.type(key)):
            case "zset":
                found.append(f"{key} {await redis.zrange(key, 0, -1)}")
            case "list":
                found.append(f"{key} {await redis.lrange(key, 0, -1)}")
            case "hash":
                found.append(f"{key} {await redis.hgetall(key)}")
            case "set":
                found.append(f"{key} {await redis.smembers(key)}")
            case _:
                found.append(f"{key} {await redis.get(key)!r}")
    return "\n".join(found)


async def attempts(delivery: Delivery, clock: Clock, pair: Pair) -> None:
    """Every trouble for an alert and a notice, until both are given up."""
    await delivery.outbox.add(
        [notification(), Notification(id="n1:notice", receiver="desk", content=notice())], now=clock.now
    )
    dead = pair.make(1)
    for answer, reply in ANSWERS:
        pair.script(answer, reply)
        for notifier in (pair.notifier, dead):
            clock.now += timedelta(hours=1)
            claim = await delivery.outbox.claim("desk", now=clock.now, lease=delivery.lease)
            if isinstance(claim, Claim):
                await delivery.attempt(claim, notifier)
    clock.now += LONGEST_AGE
    pair.sink.script.clear()
    while isinstance(claim := await delivery.outbox.claim("desk", now=clock.now, lease=delivery.lease), Claim):
        await delivery.attempt(claim, dead)
        clock.now += timedelta(hours=1)
    await dead.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_no_secret_is_kept_or_told_anywhere(
    redis: Redis, kind: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Logs, errors, dead letters, notices, metrics and commands, after every failure there is."""
    caplog.set_level(logging.DEBUG)
    # As `streams.observe.logs` leaves it at any level: it logs whole answers otherwise.
    caplog.set_level(logging.WARNING, logger="slack_sdk")
    prefix, clock, metrics = fresh_prefix(), Clock(), Metrics()
    outbox = Outbox(redis, prefix=prefix)
    delivery = Delivery(outbox, metrics, operators="ops", chances=Chances(clock, lambda: 0.0))
    async with pair_of(kind) as pair:
        with capture_logs() as logs:
            await attempts(delivery, clock, pair)
        secret = pair.secret
    dead = await outbox.dead()
    assert dead, "nothing was given up: the test does not look at dead letters"
    kept = await everything_in(redis, prefix)
    assert re.search(r"circuit-open|undelivered", kept), "no notice was written"
    shown = [f"{_notification(view)} {_told(view)}" for view in dead]
    told = [kept, *shown, str(logs), caplog.text, generate_latest(metrics.registry).decode(), *capsys.readouterr()]
    for word in (secret, "a-key-that-signs"):
        assert [text for text in told if word in text] == []
