"""What a process needs of a log: transports for its stages, topics, a look from outside. The URL decides which log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from streams.transports.engine_config import EngineConfig
from streams.transports.log_reader import LogReader
from streams.transports.topic_admin import TopicAdmin

if TYPE_CHECKING:
    from faust.types.transports import TransportT

    from streams.transports.faust_app import StageApp


class Broker(Protocol):
    """One connection to a broker or an embedded log, shared by everything in the process."""

    config: EngineConfig

    @property
    def topics(self) -> TopicAdmin:
        """Creates and verifies topics."""

    @property
    def reader(self) -> LogReader:
        """Reads and appends from outside a worker."""

    def transport(self, app: StageApp) -> TransportT:
        """A Faust transport for a stage's application."""

    async def claim(self, stage: str) -> None:
        """Become the one process that works this stage under this member id.

        Raises:
            SlotTakenError: another live process is; the text names its pid.
            EngineError: the log is damaged, of a later release, or cannot be opened.
        """

    async def release(self, stage: str) -> None:
        """No longer be it."""

    async def close(self) -> None:
        """Let go of every connection and file."""


def open_broker(config: EngineConfig) -> Broker:
    """The broker of `config.broker_url`. Connects to nothing yet."""
    # Imported here, so that a command that needs one of them does not load the other.
    if config.sqlite_path is not None:
        from streams.transports.sqlite_broker import SqliteBroker

        return SqliteBroker(config, config.sqlite_path)
    from streams.transports.kafka_broker import KafkaBroker

    return KafkaBroker(config)
