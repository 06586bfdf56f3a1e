"""The engines that the pipeline runs on: embedded, and servers by URL; and somebody to tell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.fleet import EMBEDDED, Engines, Installation, external
from tests.support.kafka import Kafka, kafka
from tests.support.receivers import Receivers, listening
from tests.support.redis import ExternalValkey

__all__ = ["kafka"]


@pytest.fixture
def on_embedded() -> Engines:
    """SQLite and the Valkey of the wheel, both in the data folder."""
    return EMBEDDED


@pytest.fixture
def on_servers(kafka: Kafka, tmp_path: Path) -> Iterator[Engines]:
    """A real Kafka, and a Valkey on TCP that asks for a password."""
    folder = tmp_path / "valkey"
    folder.mkdir()
    valkey = ExternalValkey(folder)
    valkey.start()
    yield external(kafka, valkey)
    valkey.stop()


@pytest.fixture(params=["embedded", "servers"])
def engines(request: pytest.FixtureRequest) -> Engines:
    """Either: what a test with this fixture says holds for both."""
    found: Engines = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
async def receivers() -> AsyncIterator[Receivers]:
    """Stand-ins that record what they are sent."""
    async with listening() as receivers:
        yield receivers


@pytest.fixture
def install(engines: Engines, receivers: Receivers, tmp_path: Path) -> Callable[..., Installation]:
    """Makes an installation on these engines, with these sources, that tells these receivers."""

    def make(*sources: dict[str, Any]) -> Installation:
        return Installation(tmp_path / "install", engines, sources=list(sources), **receivers.sections)

    return make
