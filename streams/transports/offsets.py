"""How far each partition may be committed: up to the first fetched record that is not handled.

Faust keeps such a book itself, but it lets a commit pass an event: it acknowledges messages it skips during a
rebalance, its gap test is off by one, and without an earlier commit it has no gap test (faust 0.15.3, consumer.py,
`_new_offset`; streams.py, `_py_aiter`). So Marsad keeps its own and commits by nothing else.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Partition(NamedTuple):
    """A topic and a partition number. Equal to, and hashes like, the tuples of Faust and aiokafka."""

    topic: str
    partition: int


class _State(Enum):
    FETCHED = 1
    IN_HAND = 2
    HANDLED = 3


class HandledOffsets:
    """The book of one consumer, for the partitions it has at the moment.

    It begins where records are fetched, not where they are handled: a record that is dropped on its way to the handler
    holds the position where it is, until a reset makes the consumer read it again.
    """

    def __init__(self) -> None:
        self._pending: dict[Partition, dict[int, _State]] = {}  # in the order in which they were fetched
        self._last: dict[Partition, int] = {}
        self._position: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}

    def fetch(self, partition: Partition, offset: int) -> bool:
        """Note a record on its way; False where it came before since the reset, and need not come again."""
        if offset <= self._last.get(partition, -1):
            return False
        self._last[partition] = offset
        self._pending.setdefault(partition, {})[offset] = _State.FETCHED
        return True

    def receive(self, partition: Partition, offset: int) -> bool:
        """Take a fetched record in hand; False where it is in hand already, or from before a reset."""
        pending = self._pending.get(partition, {})
        if pending.get(offset) is not _State.FETCHED:
            return False
        pending[offset] = _State.IN_HAND
        return True

    def handle(self, partition: Partition, offset: int) -> None:
        """Every effect of the record is durable. One from before a reset, not taken in hand since, is ignored."""
        pending = self._pending.get(partition, {})
        if pending.get(offset) is not _State.IN_HAND:
            return
        pending[offset] = _State.HANDLED
        for first in list(pending):
            if pending[first] is not _State.HANDLED:
                break
            del pending[first]
            self._position[partition] = first + 1

    def uncommitted(self) -> dict[Partition, int]:
        """Positions that have moved since they were committed."""
        return {p: at for p, at in self._position.items() if self._committed.get(p) != at}

    def commit(self, positions: dict[Partition, int]) -> None:
        """These positions are committed durably."""
        self._committed.update(positions)

    def reset(self) -> None:
        """Forget everything: partitions are about to be read again from their commits."""
        self._pending.clear()
        self._last.clear()
        self._position.clear()
        self._committed.clear()
