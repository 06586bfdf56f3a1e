"""Which partition a key belongs to."""

from __future__ import annotations

from aiokafka.partitioner import murmur2


def partition_for(key: bytes, partitions: int) -> int:
    """The partition of a key: Kafka's own rule, so that both transports agree."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
