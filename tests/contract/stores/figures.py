"""Prints what the stores do per second here (`python -m tests.contract.stores.figures`). It asserts nothing."""

# ruff: noqa: T201  # printing is what it is for

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.notify.deliver_agent import DeliverAgent
from streams.notify.delivery import Delivery
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.routes import tree_of
from streams.stores.alerts import AlertStore
from streams.stores.outbox import Claim, Delivered, Outbox
from tests.support.alerting import match
from tests.support.redis import embedded_server

COUNT = 500
LEASE = timedelta(minutes=1)
POLICY = Policy(max_age=timedelta(days=9999), routes=tree_of({"*": ("desk",)}))


class Sink:
    """Notes when each notification arrives."""

    pace = None

    def __init__(self) -> None:
        self.arrived = asyncio.Event()

    async def send(self, _: object, earlier: Earlier = NOTHING) -> Receipt:  # noqa: ARG002
        self.arrived.set()
        return Receipt("")

    async def check(self) -> str:
        return ""

    async def close(self) -> None:
        pass


async def settle(store: AlertStore, name: str, size: int) -> float:
    """Milliseconds for each of COUNT new alerts, committed `size` at a time."""
    matches = [match(f"{name}{n}", story=f"{name}{n}") for n in range(COUNT)]
    start = time.perf_counter()
    for at in range(0, COUNT, size):
        await store.settle(matches[at : at + size], lambda m, r: decide(m, r, POLICY), now=datetime.now(UTC))
    return (time.perf_counter() - start) / COUNT * 1e3


async def empty(outbox: Outbox, workers: int) -> float:
    """Claims with their records a second, by so many workers."""
    done = 0

    async def work() -> None:
        nonlocal done
        while isinstance(claim := await outbox.claim("desk", now=datetime.now(UTC), lease=LEASE), Claim):
            await outbox.settle(claim, Delivered("ok"), now=datetime.now(UTC))
            done += 1

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(workers)))
    return done / (time.perf_counter() - start)


async def latency(redis: Redis) -> tuple[list[float], float]:
    """Milliseconds from the call of `settle` to the notifier, sorted; and the idle agent's share of a CPU."""
    store, outbox, sink, stop = AlertStore(redis, prefix="l:"), Outbox(redis, prefix="l:"), Sink(), asyncio.Event()
    task = asyncio.create_task(DeliverAgent(Delivery(outbox, Metrics()), {"desk": sink}, Progress("notify")).run(stop))
    found = []
    for n in range(200):
        sink.arrived.clear()
        start = time.perf_counter()
        await store.settle([match(f"l{n}", story=f"l{n}")], lambda m, r: decide(m, r, POLICY), now=datetime.now(UTC))
        await sink.arrived.wait()
        found.append((time.perf_counter() - start) * 1e3)
    used = time.process_time()
    await asyncio.sleep(10)
    idle = (time.process_time() - used) / 10
    stop.set()
    await task
    return sorted(found), idle


async def main() -> None:
    """All of them over the embedded Valkey, every write synced."""
    with embedded_server() as server:
        async with server.client() as redis:
            store, outbox = AlertStore(redis, prefix="f:"), Outbox(redis, prefix="f:")
            print(f"alert commit, one by one   {await settle(store, 'a', 1):.2f} ms")
            print(f"claim + record, 1 worker   {await empty(outbox, 1):.0f} /s")
            print(f"alert commit, batches of 50 {await settle(store, 'b', 50):.2f} ms each")
            print(f"claim + record, 8 workers  {await empty(outbox, 8):.0f} /s")
            found, idle = await latency(redis)
            print(f"commit to notifier         p50 {found[100]:.1f} ms, p99 {found[197]:.1f} ms; idle CPU {idle:.2%}")


if __name__ == "__main__":
    asyncio.run(main())
