"""What only a real broker shows: outages, groups of several members."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from streams.errors import EngineAwayError
from streams.transports.client_logs import limit_client_logs
from streams.transports.engine_config import EngineConfig
from tests.support.kafka import Kafka
from tests.support.transports import NOTES, Install, WorkerProcess, lines, note, running, until


async def test_an_outage_is_waited_out_and_told(on_kafka: Install, kafka: Kafka) -> None:
    """The broker is killed for a while: publishing waits, readiness says so, everything arrives afterwards.

    A stage that is stopped meanwhile comes to an end, too.
    """
    bystander = on_kafka.engine("alert")
    undo = limit_client_logs()
    try:
        async with running(on_kafka.engine()), running(on_kafka.producer()) as producer:
            await producer.publisher.publish(on_kafka.notes.name, "a", NOTES.encode(note("a")))
            await until(lambda: on_kafka.handled == ["a"])
            await bystander.start()
            await until(lambda: on_kafka.handled == ["a", "a"])
            await asyncio.to_thread(kafka.kill)
            waiting = asyncio.create_task(producer.publisher.publish(on_kafka.notes.name, "b", NOTES.encode(note("b"))))
            await until(lambda: any("has not answered" in reason for reason in on_kafka.progress.reasons()), 40)
            assert not waiting.done()
            async with asyncio.timeout(35):
                await bystander.stop()
            await asyncio.to_thread(kafka.start)
            await asyncio.wait_for(waiting, 40)
            await until(lambda: "b" in on_kafka.handled, 40)
            await until(lambda: on_kafka.progress.reasons() == [], 20)
        assert on_kafka.fatal == []
    finally:
        undo()
        await asyncio.to_thread(kafka.start)


async def test_a_broker_that_never_answers_ends_the_start(tmp_path: Path) -> None:
    """After the configured patience the start gives up with the address in the error."""
    config = EngineConfig(
        broker_url="kafka://127.0.0.1:1", data_dir=tmp_path, host="test", start_patience=timedelta(seconds=1)
    )
    undo = limit_client_logs()
    try:
        with pytest.raises(EngineAwayError, match=r"127\.0\.0\.1:1 does not answer"):
            await Install(config, "").engine().start()
    finally:
        undo()


async def test_two_members_share_the_partitions_and_lose_nothing(on_kafka: Install, tmp_path: Path) -> None:
    """A second worker joins, takes over half, is killed and replaced; each message is handled at least once."""
    ids = [f"n{number}" for number in range(300)]
    out = tmp_path / "handled"
    first = WorkerProcess(on_kafka, out, seconds_each=0.02, slot="1")
    second = WorkerProcess(on_kafka, out, seconds_each=0.02, slot="2")
    await first.start()
    await second.start()
    await on_kafka.write(*ids[:150])
    await until(lambda: len(lines(out)) > 20, 60)
    await second.end(signal.SIGKILL)
    again = WorkerProcess(on_kafka, out, seconds_each=0.0, slot="2")
    await again.start()
    await on_kafka.write(*ids[150:])
    await until(lambda: set(lines(out)) == set(ids), 90)
    assert (await first.end(signal.SIGTERM), await again.end(signal.SIGTERM)) == (0, 0)
    assert await on_kafka.behind() == 0


async def test_a_rebalance_takes_no_message_away(on_kafka: Install, tmp_path: Path) -> None:
    """A member that joins and leaves again and again costs no message of a worker that is amid a batch."""
    other = Install(replace(on_kafka.config, slot="other", data_dir=tmp_path / "other"), on_kafka.prefix)
    ids = [f"n{number}" for number in range(200)]

    async def write() -> None:
        for id_ in ids:
            await on_kafka.write(id_)

    async with running(on_kafka.engine()):
        writing = asyncio.create_task(write())
        for _ in range(3):
            async with running(other.engine()):
                await asyncio.sleep(1)  # a member's stay; there is nothing to wait for
        await writing
        await until(lambda: set(on_kafka.handled) | set(other.handled) == set(ids), 60)
    await other.broker.close()


async def test_a_stop_waited_for_a_member_that_its_group_had_lost(
    on_kafka: Install, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Until the broker gave that up, after a whole session: the stop was abandoned, and the process ended by force."""
    config = replace(on_kafka.config, session_timeout=timedelta(seconds=45))
    left, gone = (
        Install(replace(config, slot=slot, data_dir=tmp_path / slot), on_kafka.prefix) for slot in ("left", "gone")
    )
    stage = left.engine()
    async with running(stage):
        await on_kafka.write(*(f"n{number}" for number in range(20)))
        await until(lambda: len(left.handled) == 20, 40)
        app = cast("Any", stage._app)
        async with running(gone.engine()):  # a static member: the broker knows it for a session longer
            await until(lambda: len(app.consumer.assignment()) == 1, 40)
        thread = app.consumer._thread
        thread.thread_loop.call_soon_threadsafe(thread._consumer._coordinator.request_rejoin)
        await until(lambda: stage.idle and stage._pumps[left.notes.name]._task is None)  # it lets go, and joins anew
    assert "did not stop in time" not in caplog.text
    for each in (left, gone):
        await each.broker.close()


async def test_the_same_slot_with_other_topics_is_another_member(on_kafka: Install) -> None:
    """A worker that comes back with another subscription is not given its old partitions."""
    async with running(on_kafka.engine()):
        await on_kafka.write("a")
        await until(lambda: on_kafka.handled == ["a"])
    moved = Install(on_kafka.config, f"{on_kafka.prefix}moved-")
    await moved.create()
    await moved.write("b")
    async with running(moved.engine()):
        await until(lambda: moved.handled == ["b"], 60)
    await moved.broker.close()
