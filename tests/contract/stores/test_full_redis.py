"""A Redis without room (`maxmemory`, `noeviction`): a step is done wholly or not at all, and what was done is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alert.silence_agent import told_of
from streams.alerts import Notification, NotificationState
from streams.deliveries import Delivery
from streams.errors import EngineAwayError
from streams.ports import ArticleStatus
from streams.routes import Route
from streams.sections import EngineSettings
from streams.settings import Secrets
from streams.silences import Held
from streams.stores.alerts import AlertStore
from streams.stores.circuits import CLOSED, Circuit
from streams.stores.connection import PASSWORD, connect
from streams.stores.deliveries import Deliveries
from streams.stores.ledger import RedisLedger
from streams.stores.outbox import Claim, Deferred, Delivered, GivenUp, Outbox
from streams.stores.seen import Note
from streams.stores.silences import SilenceStore
from streams.stores.sources import Pending, SourceState, SourceStore
from tests.support.alerting import NOON, match, notice, notification, silence
from tests.support.redis import ExternalValkey

PREFIX = "p:"
LEASE = timedelta(seconds=60)
ENTRY = Pending(id="e", source="News", host="a.example", title="T", text="Text", seen_at=NOON)


@pytest.fixture
def valkey(tmp_path: Path) -> ExternalValkey:
    return ExternalValkey(tmp_path)


@pytest.fixture
async def redis(valkey: ExternalValkey) -> AsyncIterator[Redis]:
    """A client of a server of our own, which may be filled."""
    valkey.start()
    async with connect(EngineSettings(redis=valkey.url), Secrets({PASSWORD: valkey.password})) as client:
        yield client
    valkey.stop()


async def content(redis: Redis) -> dict[str, bytes | None]:
    """Everything that it holds, without when it expires."""
    return {key: await redis.dump(key) async for key in redis.scan_iter()}


decision = partial(decide, policy=Policy(max_age=None, routes=(Route(receivers=("desk",)),)))


async def settle_alerts(redis: Redis) -> None:
    """A batch of the alert stage."""
    await AlertStore(redis, prefix=PREFIX).settle([match("a1"), match("a2", story="s2")], decision, now=NOON)


async def enter(redis: Redis) -> None:
    """Articles that come in, and one that ends."""
    await RedisLedger(redis, prefix=PREFIX).enter(["a8", "a9"])


async def finish(redis: Redis) -> None:
    """An article without a match."""
    await RedisLedger(redis, prefix=PREFIX).finish({"a7": ArticleStatus.NO_MATCH})


async def claim(redis: Redis) -> None:
    """Taking a notification: without it nothing is sent."""
    await Outbox(redis, prefix=PREFIX).claim("desk", now=NOON, lease=LEASE)


def recording(outcome: Delivered | Deferred | GivenUp) -> Callable[[Redis], Awaitable[None]]:
    """How an attempt ended."""

    async def record(redis: Redis) -> None:
        held = Claim(
            "n1:" + "0" * 31 + "2", "held", "{}", attempt=1, tries=1, since=NOON, uncertain=False, tried_at=NOON
        )
        assert await Outbox(redis, prefix=PREFIX).settle(held, outcome, now=NOON)

    return record


async def close_circuit(redis: Redis) -> None:
    """A receiver is back: the circuit goes and the operators are told."""
    circuits = Outbox(redis, prefix=PREFIX).circuits
    told = Notification(id="n1:back", receiver="ops", content=notice())
    assert await circuits.move("dead", Circuit(version="1", opened_at=NOON), CLOSED, now=NOON, notice=told)


async def restore(redis: Redis) -> None:
    """A rebuild gives what was given up its end."""
    ended = Delivery(
        id=notification(1).id, receiver="desk", alert="a", state=NotificationState.DEAD, added_at=NOON, seen_at=NOON
    )
    deliveries = Deliveries(redis, prefix=PREFIX, keep=LEASE)
    assert await deliveries.restore({ended.id: ended}) == 1


async def requeue(redis: Redis) -> None:
    """What was given up is sent again."""
    assert await Outbox(redis, prefix=PREFIX).requeue([notification(3).id], now=NOON) == 1


async def end_silence(redis: Redis) -> None:
    """What a silence held back is told, and noted as told."""
    silenced = silence(match={"rules": ["withdrawal"]})
    told = told_of(silenced, {"a1:0": Held(receivers=("desk",), line="it")}, {}, now=NOON)
    await SilenceStore(redis, prefix=PREFIX).settle(silenced.id, told, now=NOON)


async def end_entry(redis: Redis) -> None:
    """An article of a feed was published."""
    store = SourceStore(redis, prefix=PREFIX, worker="w")
    await store.finish(ENTRY, Note(ENTRY.id, "published"), host_free_at=NOON, now=NOON)


async def put_off(redis: Redis) -> None:
    """A page failed and is tried again."""
    store = SourceStore(redis, prefix=PREFIX, worker="w")
    await store.put_off(ENTRY, NOON + LEASE, host_free_at=NOON, now=NOON)


async def prepare(redis: Redis) -> None:
    """What the steps go on with."""
    outbox = Outbox(redis, prefix=PREFIX)
    await outbox.add([notification(1, "desk"), notification(2, "held")], now=NOON)
    assert isinstance(await outbox.claim("held", now=NOON, lease=LEASE), Claim)
    await outbox.add([notification(3, "gone")], now=NOON)
    gone = await outbox.claim("gone", now=NOON, lease=LEASE)
    assert isinstance(gone, Claim)
    await outbox.settle(gone, GivenUp("no such channel"), now=NOON)
    opened = Circuit(failures=5, opened_at=NOON, until=NOON + LEASE, error="gone")
    assert await outbox.circuits.move("dead", CLOSED, opened, now=NOON)
    await redis.hset(f"{PREFIX}silence:s-1:held", "a1:0", Held(receivers=("desk",)).model_dump_json())
    store = SourceStore(redis, prefix=PREFIX, worker="w")
    await store.record(ENTRY.source, SourceState(), [ENTRY], now=NOON)
    assert await store.claim(NOON, LEASE) == ENTRY


STEPS = [
    end_silence,
    requeue,
    settle_alerts,
    enter,
    finish,
    claim,
    put_off,
]
RECORDS = [
    close_circuit,
    restore,
    end_entry,
    recording(Delivered("receipt")),
    recording(Deferred(NOON, "later")),
    recording(GivenUp("no")),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__qualname__.partition(".")[0])
async def test_a_step_without_room_changes_nothing_and_is_done_once_there_is(
    step: Callable[[Redis], Awaitable[None]], redis: Redis, valkey: ExternalValkey
) -> None:
    """It raises that Redis is away, which every stage waits for; what it wrote then is what it writes with room."""
    await prepare(redis)
    before = await content(redis)
    valkey.fill()
    with pytest.raises(EngineAwayError, match="full"):
        await step(redis)
    assert await content(redis) == before
    valkey.empty_a_little()
    await step(redis)
    assert await content(redis) != before


@pytest.mark.parametrize("step", RECORDS, ids=lambda step: step.__qualname__.partition(".")[0])
async def test_what_was_sent_or_published_could_not_be_recorded_without_room(
    step: Callable[[Redis], Awaitable[None]], redis: Redis, valkey: ExternalValkey
) -> None:
    """It begins with what needs none, and then a full Redis takes all of the step, and what it takes with room."""
    await prepare(redis)
    before = await content(redis)
    await step(redis)
    done = await content(redis)
    await redis.flushdb()
    await prepare(redis)
    valkey.fill()
    await step(redis)
    assert before != await content(redis) == done
