"""The seams between stages and engines: what a stage is given, and what it may call. Implementations are elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from streams.messages import Message

M = TypeVar("M", bound=Message)

Clock = Callable[[], datetime]
"""Tells the time, in UTC."""


def utc_now() -> datetime:
    """The time, for whoever is given no other clock."""
    return datetime.now(UTC)


class ArticleStatus(StrEnum):
    """How an article ended. Every article that entered ends in exactly one of these, and they add up to the input."""

    UNREADABLE = "unreadable"  # broken entry, page without an article, page that never answered
    NO_MATCH = "no_match"  # no rule fired
    ALERTED = "alerted"  # at least one notification was written to the outbox
    DUPLICATE = "duplicate"  # a copy of a text on which every rule that fired had alerted
    COOLDOWN = "cooldown"  # another text on what every rule that fired had alerted on, with nothing new
    BACKLOG = "backlog"  # older than max_age, or in the archive when its source was first polled
    SHADOW = "shadow"  # only rules on trial fired: recorded, nobody told
    BELOW_THRESHOLD = "below_threshold"  # counts for a rule that has not seen enough yet
    UNROUTED = "unrouted"  # fired, but no route takes it
    SILENCED = "silenced"  # fired, but a silence holds it back
    INHIBITED = "inhibited"  # fired, but another rule's alert on the same keeps it quiet
    DEAD_LETTERED = "dead_lettered"  # put aside with its cause


@dataclass(frozen=True, slots=True)
class Record:
    """A record on a topic, as the log holds it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Received(Generic[M]):
    """A decoded message and the record it came in."""

    message: M
    record: Record


Handler = Callable[[Sequence[Received[M]]], Awaitable[None]]
"""Handles a batch of one partition set, in order. It returns when every effect is durable; only then is the batch
acknowledged. It may be called again with the same messages. EngineAwayError means: wait and call again, for ever."""


class Publisher(Protocol):
    """Appends to a topic."""

    async def publish(self, topic: str, key: str, value: bytes) -> None:
        """Append one record; returns when it is durable, waits while the broker is away.

        Raises:
            RecordTooLargeError: the broker will never accept it.
        """


class Ledger(Protocol):
    """Which articles entered and how each ended: counted once, whatever is redelivered or restarted."""

    async def enter(self, article_ids: Sequence[str]) -> None:
        """Count articles as entered; those known already are not counted again."""

    async def finish(self, statuses: Mapping[str, ArticleStatus]) -> None:
        """Give articles their terminal status; the first one stands. Unknown ids are entered first."""
