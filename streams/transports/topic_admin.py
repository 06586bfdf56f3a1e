"""Creating topics, and refusing to work with ones that are missing or have another shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from streams.errors import TopicError
from streams.topics import TopicSpec


class TopicAdmin(Protocol):
    """The topics of one broker or log."""

    async def create(self, specs: Sequence[TopicSpec]) -> list[str]:
        """Make those that are missing; their names. Those that are there are left as they are.

        An embedded log, for which there is no other tool, takes their retention from the specs.

        Raises:
            TopicError: the broker refuses one, for example for want of brokers to replicate to.
            EngineAwayError: the broker does not answer.
        """

    async def verify(self, specs: Sequence[TopicSpec]) -> None:
        """See that every topic is there with its number of partitions.

        Raises:
            TopicError: one or more are not; the text names each and says what to do.
            EngineAwayError: the broker does not answer.
        """


def refuse_mismatches(specs: Sequence[TopicSpec], partitions: Mapping[str, int]) -> None:
    """Compare what has to be with what is there (topic name to number of partitions).

    Raises:
        TopicError: one or more differ.
    """
    missing = [spec.name for spec in specs if spec.name not in partitions]
    wrong = [spec for spec in specs if partitions.get(spec.name, spec.partitions) != spec.partitions]
    problems = []
    if missing:
        problems.append(f"missing: {', '.join(missing)}; make them with `marsad topics create`")
    problems.extend(
        f"topic {spec.name} has {partitions[spec.name]} partitions, the configuration says {spec.partitions}; "
        "set the configuration to what is there, or let every worker drain, delete the topic and run "
        "`marsad topics create`"
        for spec in wrong
    )
    if problems:
        raise TopicError("; ".join(problems))
