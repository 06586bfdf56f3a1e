"""How far each partition may be committed: up to the first received event that is not handled.

Faust keeps such a book itself, but it lets a commit pass an event: it acknowledges messages it skips during a
rebalance, its gap test is off by one, and without an earlier commit it has no gap test (faust 0.15.3, consumer.py,
`_new_offset`; streams.py, `_py_aiter`). So Marsad keeps its own and commits by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Partition(NamedTuple):
    """A topic and a partition number. Equal to, and hashes like, the tuples of Faust and aiokafka."""

    topic: str
    partition: int


class HandledOffsets:
    """The book of one consumer, for the partitions it has at the moment."""

    def __init__(self) -> None:
        self._pending: dict[Partition, dict[int, bool]] = {}  # in order of receipt; True when handled
        self._received: dict[Partition, int] = {}
        self._position: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}

    def receive(self, partition: Partition, offset: int) -> bool:
        """Note an event that is about to be handled; False where it came before, and is not to be handled twice."""
        if offset <= self._received.get(partition, -1):
            return False
        self._received[partition] = offset
        self._pending.setdefault(partition, {})[offset] = False
        return True

    def handle(self, partition: Partition, offset: int) -> None:
        """Every effect of the event is durable. Events from before a reset are not known any more, and ignored."""
        pending = self._pending.get(partition, {})
        if offset not in pending:
            return
        pending[offset] = True
        for first in list(pending):
            if not pending[first]:
                break
            del pending[first]
            self._position[partition] = first + 1

    def uncommitted(self) -> dict[Partition, int]:
        """Positions that have moved since they were committed."""
        return {p: at for p, at in self._position.items() if self._committed.get(p) != at}

    def commit(self, positions: dict[Partition, int]) -> None:
        """These positions are committed durably."""
        self._committed.update(positions)

    def waiting(self) -> int:
        """Events received and not handled."""
        return sum(len(pending) for pending in self._pending.values())

    def reset(self, partitions: Iterable[Partition] | None = None) -> None:
        """Forget partitions (all by default): they were revoked, or are about to be read again from the last commit."""
        for partition in list(self._received) if partitions is None else partitions:
            self._pending.pop(partition, None)
            self._received.pop(partition, None)
            self._position.pop(partition, None)
            self._committed.pop(partition, None)
