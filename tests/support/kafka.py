"""A real Kafka broker for tests: the fixture `kafka`, one for each process of tests, on free ports of loopback.

tests/conftest.py sees to it that one process runs all tests with it, but the crash tests, which have their own.

Import the fixture into a directory's conftest.py: `from tests.support.kafka import kafka`. Where Java or Maven is
missing, the tests that use it are skipped with the reason; with `CI=true` that is a failure.
"""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

import pytest

from deploy.kafka.broker import BrokerError, jars
from tests.support.ports import free_port
from tests.support.secured_kafka import SecuredBroker

_KEY: pytest.StashKey[Kafka] = pytest.StashKey()
_PREFIXES = count(1)


class Kafka:
    """The broker, which a test may stop, kill and start; a test that does so starts it again."""

    def __init__(self, broker: SecuredBroker) -> None:
        self._broker = broker
        self.url = f"kafka://127.0.0.1:{broker.port}"
        self.secured_url = f"kafka://127.0.0.1:{broker.secured_port}"
        self.authority = broker.authority

    def start(self) -> None:
        """Start it and wait until it answers; nothing where it runs."""
        self._broker.start()

    def stop(self) -> None:
        """Stop it cleanly."""
        self._broker.stop()

    def kill(self) -> None:
        """SIGKILL."""
        self._broker.kill()

    def prefix(self) -> str:
        """A prefix for topics and groups that no other test of this session has."""
        return f"t{os.getpid()}-{next(_PREFIXES)}-"


def new_broker(folder: Path) -> SecuredBroker:
    """A broker on free ports, not started."""
    return SecuredBroker(folder, free_port(together=3))


def missing() -> str | None:
    """Why no broker can be had on this machine, None when it can."""
    if shutil.which("java") is None:
        return "no `java` on this machine: a real Kafka cannot be started"
    try:
        jars()
    except BrokerError as error:
        return str(error)
    return None


def start_session_broker(request: pytest.FixtureRequest, folder: Path) -> Kafka:
    """The session's broker; started by whoever asks first, stopped when pytest ends."""
    if (running := request.config.stash.get(_KEY, None)) is not None:
        running.start()
        return running
    if (reason := missing()) is not None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"{reason}; with CI=true that is a failure")
        pytest.skip(reason)
    broker = new_broker(folder)
    request.config.add_cleanup(broker.kill)
    broker.start()
    request.config.stash[_KEY] = Kafka(broker)
    return request.config.stash[_KEY]


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kafka:
    """One real broker for the session."""
    return start_session_broker(request, tmp_path_factory.mktemp("kafka"))
