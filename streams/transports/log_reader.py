"""Reading and appending from outside a worker: dead letters, lag. Never disturbs a live worker; needs none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from streams.errors import RecordTooLargeError
from streams.ports import Record
from streams.transports.offsets import Partition


@dataclass(frozen=True, slots=True)
class StampedRecord:
    """A record and when it was appended."""

    record: Record
    at: datetime


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a group is behind in one partition: what it would read next, and where the partition ends."""

    committed: int
    end: int

    @property
    def behind(self) -> int:
        """Records not yet committed."""
        return max(self.end - self.committed, 0)


class LogReader(Protocol):
    """A look at the topics from outside. Each call raises EngineAwayError when the broker does not answer."""

    async def identity(self) -> str:
        """Which log this is, whatever its address: the same for all who use it, another one for another log."""

    def read(self, topic: str) -> AsyncIterator[StampedRecord]:
        """Everything that the topic holds at the moment of the call, by partition, in order.

        Raises:
            TopicError: there is no such topic.
        """

    async def append(self, topic: str, key: str, value: bytes) -> None:
        """Append one record durably.

        Raises:
            RecordTooLargeError, TopicError: it can never be appended.
        """

    async def append_all(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        """Append keys and values in their order, durably; raises as `append` does. Some may be there then."""

    async def lag(self, stage: str, topics: Iterable[str]) -> Mapping[Partition, Lag]:
        """How far the stage's group is behind in each partition of the topics."""


def refuse_too_large(topic: str, key: str, value: bytes, limit: int) -> None:
    """See that a record is within the limit of its installation.

    Raises:
        RecordTooLargeError: it is not, and never will be.
    """
    if (size := len(key.encode()) + len(value)) > limit:
        raise RecordTooLargeError(f"a record of {size} bytes for {topic} is over the limit of {limit}")
