"""A full disk under the embedded log: waited out, told once, and gone on from."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams.transports.engine_config import EngineConfig
from streams.transports.sqlite_broker import SqliteBroker
from streams.transports.sqlite_writer import LogLimits
from tests.support.transports import NOTES, Install, note, running, until

WAITING = 40


async def test_a_full_disk_is_told_once_however_many_wait_and_all_arrives_when_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each of the waiting appends fails again and again: 1,378 lines were logged in a minute."""
    free = [10_000_000_000]
    path = tmp_path / "full.db"
    full = Install(EngineConfig(broker_url=f"sqlite:///{path}", data_dir=tmp_path, host="test"), "")
    full.broker = SqliteBroker(full.config, path, LogLimits(free_bytes=lambda _: free[0]))
    await full.create()
    async with running(full.engine()) as engine:
        free[0] = 0
        ids = [f"n{number}" for number in range(WAITING)]
        publish = (engine.publisher.publish(full.notes.name, id_, NOTES.encode(note(id_))) for id_ in ids)
        waiting = asyncio.gather(*publish)
        failed = full.metrics.retries.labels("match", "append")
        await until(lambda: failed._value.get() >= 2 * WAITING)
        assert any("the disk is full" in reason for reason in full.progress.reasons())
        assert not waiting.done()
        free[0] = 10_000_000_000
        await waiting
        await until(lambda: sorted(full.handled) == sorted(ids))
    await full.broker.close()
    lines = [record.getMessage() for record in caplog.records if "append" in record.getMessage()]
    assert [line.partition(",")[0] for line in lines] == ["1 appends failed", "appends succeed again"]
