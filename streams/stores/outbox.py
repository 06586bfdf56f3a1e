"""The outbox in Redis: notifications on their way, claimed under a lease, each attempt fenced by its number.

Times are the caller's (`now`), so that tests and replays need no clock in Redis; workers on several machines have to
agree on the time to within the difference of lease and send deadline (40 s as shipped). A claim that ends without a
record, because its worker died, is due again when its lease ends, and is marked `uncertain`: it may have been sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from redis.asyncio import Redis

from streams.alerts import Notification, NotificationState
from streams.stores.circuits import CLOSED, Circuit, Circuits, circuit_from
from streams.stores.connection import TIMEOUT_SECONDS, reaching_redis
from streams.stores.contents import decoded
from streams.stores.scripts import Script, instant, milliseconds, pairs, seconds
from streams.stores.storms import Storms, Unruled, unruled_from
from streams.stores.tellings import Tellings
from streams.stores.views import NotificationView, view_of

KEEP = timedelta(days=14)
"""How long a sent or given-up notification is remembered; longer than any replay of the topics. Records of alerts are
kept longer (`streams.stores.alerts`), so that an id is never used for a second, different telling."""
LONGEST_WAIT = timedelta(seconds=TIMEOUT_SECONDS / 2)
"""A blocking pop has to come back before the connection's own time-out."""


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `burst` at once to a receiver, and one in `interval` over time, counted over all workers.

    Receivers whose paces have one `name` (those of one channel) are counted together.
    """

    interval: timedelta
    burst: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A notification to send now, and the `attempt` that has to be named when its outcome is recorded.

    `tries` counts attempts since `since`, the first after it was added or sent again by hand; `tried_at` is when it
    was tried first of all. `uncertain` says that an earlier attempt may have arrived. `content` is JSON: another
    release may have written it (`notification` reads it). `first` is the id of the notification that told the receiver
    of this alert first, where it is not this one, and `first_receipt` what the sink called that, where it was
    delivered. `reached` are those of several addresses which have it. `circuit` is the receiver's as it was then.
    """

    id: str
    receiver: str
    content: str
    attempt: int
    tries: int
    since: datetime
    uncertain: bool
    tried_at: datetime
    first: str = ""
    first_receipt: str = ""
    reached: tuple[str, ...] = ()
    circuit: Circuit = CLOSED

    @property
    def notification(self) -> Notification:
        """What to send.

        Raises:
            MalformedMessageError: this release cannot read it.
        """
        return decoded(self.id, self.receiver, self.content, first=self.first)


@dataclass(frozen=True, slots=True)
class NothingDue:
    """Nothing to send yet; look again at `until`, or when woken where that is None."""

    until: datetime | None
    circuit: Circuit = CLOSED


@dataclass(frozen=True, slots=True)
class Delivered:
    """The sink has it; `receipt` is what the sink calls it. `revision` edits what told of the alert first."""

    receipt: str
    revision: Notification | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """To be tried again at `due`. `uncertain`: it may have arrived. Before `hold_until` the receiver gets nothing.

    `reached` are those of several addresses which have it.
    """

    due: datetime
    error: str
    uncertain: bool = False
    hold_until: datetime | None = None
    reached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Dead until `requeue` brings it back."""

    error: str
    uncertain: bool = False


Outcome = Delivered | Deferred | GivenUp


@dataclass(frozen=True, slots=True)
class Counts:
    """Notifications by state. `sent` and `summarised` count all that ever were; `dead` those still remembered."""

    pending: int
    leased: int
    sent: int
    dead: int
    held: int = 0
    summarised: int = 0

    @property
    def undelivered(self) -> int:
        """Those on their way."""
        return self.pending + self.leased


class Outbox:
    """Adds, hands out and settles notifications under `prefix`. Every method may raise EngineAwayError."""

    def __init__(self, redis: Redis, *, prefix: str, keep: timedelta = KEEP, mark: str | None = None) -> None:
        self._redis, self._prefix, self._keep = redis, prefix, seconds(keep)
        self._add = Script(redis, "outbox", "outbox_add", prefix=prefix, mark=mark)
        self._claim = Script(redis, "outbox", "outbox_claim", prefix=prefix, mark=mark)
        self._record = Script(redis, "outbox", "deliveries", "outbox_record", prefix=prefix, mark=mark)
        self._requeue = Script(redis, "outbox", "outbox_requeue", prefix=prefix, mark=mark)
        self._counts = Script(redis, "outbox_counts", prefix=prefix, mark=mark)
        self.storms = Storms(redis, prefix=prefix, keep=keep, mark=mark)
        self.circuits = Circuits(redis, prefix=prefix, mark=mark)
        self.tellings = Tellings(redis, prefix=prefix)

    async def add(self, notifications: Sequence[Notification], *, now: datetime, due: datetime | None = None) -> int:
        """Put notifications in, `due` then or at once; those known by id already are left alone. How many were new.

        The alert stage adds through `streams.stores.alerts`, with the decision; this is for notices.
        """
        words = [word for item in notifications for word in (item.id, item.receiver, item.alert or "", encoded(item))]
        return int(await self._add.run(milliseconds(now), milliseconds(due) if due else "", *words))

    async def claim(  # noqa: PLR0913  # what a lane knows of its receiver
        self,
        receiver: str,
        *,
        now: datetime,
        lease: timedelta,
        pace: Pace | None = None,
        storm_limit: int = 0,
        holds: bool = False,
    ) -> Claim | NothingDue | Unruled:
        """The receiver's oldest due notification, leased until `now + lease`; or when to look again.

        With a `storm_limit`, or where the receiver `holds` for other reasons, what has to be ruled on before anything
        can be claimed (see `streams.stores.storms`).
        """
        interval, burst = (round(pace.interval / timedelta(milliseconds=1)), pace.burst) if pace else (0, 1)
        asks = int(holds or storm_limit > 0)
        answer = await self._claim.run(
            receiver,
            milliseconds(now),
            milliseconds(now + lease),
            interval,
            burst,
            storm_limit,
            asks,
            (pace.name if pace else "") or receiver,
        )
        if answer[0] == "unruled":
            return unruled_from(receiver, *answer[1:])
        if answer[0] == "wait":
            return NothingDue(instant(answer[1]), circuit_from(pairs(answer[2])))
        fields = pairs(answer[2])
        return Claim(
            id=answer[1],
            receiver=receiver,
            content=fields["content"],
            attempt=int(fields["attempt"]),
            tries=int(fields["tries"]),
            since=instant(fields["since"]) or now,
            uncertain=fields["uncertain"] == "1",
            tried_at=instant(fields["tried_at"]) or now,
            first=fields.get("first", ""),
            first_receipt=answer[3],
            reached=tuple(fields.get("reached", "").splitlines()),
            circuit=circuit_from(pairs(answer[4])),
        )

    async def settle(self, claim: Claim, outcome: Outcome, *, now: datetime) -> bool:
        """Record how an attempt ended. False where another attempt has taken the notification over: nothing changed."""
        answer = await self._record.run(
            claim.id,
            claim.attempt,
            milliseconds(now),
            *_outcome_words(outcome, now),
            self._keep,
            *_revision_words(outcome),
            "\n".join(outcome.reached) if isinstance(outcome, Deferred) else "",
        )
        return bool(answer)

    async def requeue(self, ids: Sequence[str], *, now: datetime) -> int:
        """Put given-up notifications back, due at once, their age begun anew. How many there were."""
        return int(await self._requeue.run(milliseconds(now), self._keep, *ids))

    async def wait(self, at_most: timedelta) -> str | None:
        """Block until something is added and due at once, and say for which receiver; None when time is up.

        One of several waiting workers is woken for each notification. `at_most` is cut to LONGEST_WAIT.
        """
        timeout = min(at_most, LONGEST_WAIT).total_seconds()
        with reaching_redis():
            woken = await self._redis.blpop([f"{self._prefix}outbox:wake"], timeout=timeout)
        return str(woken[1]) if woken else None

    async def receivers(self) -> frozenset[str]:
        """Who has notifications on their way, configured or not."""
        with reaching_redis():
            return frozenset(map(str, await self._redis.smembers(f"{self._prefix}outbox:receivers")))

    async def waiting(self, receivers: Sequence[str]) -> dict[str, int]:
        """How many notifications are on their way to each of these."""
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            for name in receivers:
                pipe.zcard(f"{self._prefix}outbox:due:{name}")
            return dict(zip(receivers, map(int, await pipe.execute()), strict=True))

    async def next_due(self) -> datetime | None:
        """When the next attempt can begin: something is due or its lease ends, and its receiver has not asked to wait.

        None where nothing is on its way.
        """
        names = sorted(await self.receivers())
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            for name in names:
                pipe.zrange(f"{self._prefix}outbox:due:{name}", 0, 0, withscores=True)
                pipe.get(f"{self._prefix}outbox:hold:{name}")
            found = await pipe.execute()
        firsts, holds = found[::2], map(instant, found[1::2])
        waits = [(instant(str(ceil(first[0][1]))), hold) for first, hold in zip(firsts, holds, strict=True) if first]
        return min((max(due, hold or due) for due, hold in waits if due), default=None)

    async def counts(self) -> Counts:
        """How many there are in each state."""
        undelivered, leased, *others = map(int, await self._counts.run())
        return Counts(undelivered - leased, leased, *others)

    async def dead(self, limit: int = 1000) -> tuple[NotificationView, ...]:
        """Given-up notifications, newest first."""
        with reaching_redis():
            ids = await self._redis.zrevrange(f"{self._prefix}outbox:dead", 0, limit - 1)
        return await self.views([str(id_) for id_ in ids])

    async def views(self, ids: Sequence[str]) -> tuple[NotificationView, ...]:
        """Those of `ids` that are still remembered, in that order."""
        if not ids:
            return ()
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            for id_ in ids:
                pipe.hgetall(f"{self._prefix}notification:{id_}")
            found: list[Mapping[str, str]] = await pipe.execute()
        return tuple(view_of(id_, fields) for id_, fields in zip(ids, found, strict=True) if fields)


def encoded(notification: Notification) -> str:
    """A notification's content as the outbox holds it."""
    return notification.content.model_dump_json()


def _outcome_words(outcome: Outcome, now: datetime) -> tuple[str | int, ...]:
    """An outcome as `lua/outbox_record.lua` reads it: state, detail, due, hold, uncertain."""
    match outcome:
        case Delivered(receipt):
            return (NotificationState.SENT.value, receipt, milliseconds(now), "", 0)
        case Deferred(due, error, uncertain, hold_until):
            hold = milliseconds(hold_until) if hold_until else ""
            return (NotificationState.PENDING.value, error, milliseconds(due), hold, int(uncertain))
        case GivenUp(error, uncertain):
            return (NotificationState.DEAD.value, error, milliseconds(now), "", int(uncertain))


def _revision_words(outcome: Outcome) -> tuple[str, str]:
    revision = outcome.revision if isinstance(outcome, Delivered) else None
    return (revision.id, encoded(revision)) if revision else ("", "")
