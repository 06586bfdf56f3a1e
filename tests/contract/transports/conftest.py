"""Both transports, each as a fresh installation for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from streams.transports.engine_config import EngineConfig
from tests.support.kafka import Kafka, kafka
from tests.support.transports import Install

__all__ = ["kafka"]


@pytest.fixture
async def on_sqlite(tmp_path: Path) -> AsyncIterator[Install]:
    """An installation over an embedded log, its topics made."""
    config = EngineConfig(broker_url=f"sqlite:///{tmp_path}/log.db", data_dir=tmp_path, host="test")
    install = Install(config, "")
    await install.create()
    yield install
    await install.broker.close()


@pytest.fixture
async def on_kafka(kafka: Kafka, tmp_path: Path) -> AsyncIterator[Install]:
    """An installation over the session's broker under a prefix of its own, its topics made."""
    kafka.start()
    prefix = kafka.prefix()
    config = EngineConfig(
        broker_url=kafka.url,
        data_dir=tmp_path,
        host="test",
        group_prefix=prefix,
        session_timeout=timedelta(seconds=6),
    )
    install = Install(config, prefix)
    await install.create()
    yield install
    await install.broker.close()


@pytest.fixture(params=["sqlite", "kafka"])
def install(request: pytest.FixtureRequest) -> Install:
    """Either transport: what a test with this fixture says holds for both."""
    found: Install = request.getfixturevalue(f"on_{request.param}")
    return found
