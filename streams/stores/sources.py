"""What ingest remembers in Redis: the state of each source, the articles it has seen, and those not yet published.

A poll writes what it found and the source's new state in one step, so that a crash loses neither; an entry is noted as
seen in the step that takes it off the pending ones, after it was published. Hosts and sources are leased, so that
two workers never ask one host at a time; a worker that starts again takes back its own leases (`resume`).
"""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, PlainSerializer
from redis.asyncio import Redis

from streams.errors import EmptiedError
from streams.messages import DatePrecision, Model
from streams.stores.connection import reaching_redis
from streams.stores.leases import take_lease
from streams.stores.scripts import Script, instant, milliseconds
from streams.stores.seen import NO_MARK, Note, SeenArticles, digest, look_bounds, seen_times
from streams.stores.source_books import ENDS_KEPT, EndLine, PollLine, SourceBooks


def _packed(rates: Sequence[float]) -> str:
    """Rates to three digits, two bytes each: a third of their figures."""
    return b64encode(struct.pack(f">{len(rates)}H", *(min(_MOST, round(1_000 * rate)) for rate in rates))).decode()


def _unpacked(kept: object) -> object:
    """Rates as they were `_packed`; anything else as it is."""
    if not isinstance(kept, str):
        return kept
    raw = b64decode(kept)
    return [thousandths / 1_000 for thousandths in struct.unpack(f">{len(raw) // 2}H", raw)]


_MOST = 2**16 - 1
Rates = Annotated[tuple[float, ...], BeforeValidator(_unpacked), PlainSerializer(_packed, when_used="json")]


class Untold(Model):
    """What is still to be told of a source: the trouble, or that it is no longer in it, and when that was found."""

    trouble: str
    text: str = ""
    at: AwareDatetime


class SourceState(Model):
    """Where a source stands.

    `polled` is set once a poll has succeeded: what is found later is news. `next_poll` is when it is due, `held_until`
    when its server may be asked again at the earliest (Retry-After). `weight` is the failure weight of
    `streams.ingest.schedule`, `problem` the cause of the last failure, `failing_since` when the first of them was and
    `retired` when it was given up as dead. `whole_at` is when the feed itself was last seen, `proven` that its ETag
    changed with it, and `unchanging` that its ETag stays whatever is in it. `encoding` is what enough of its text
    was in that nobody declared. `polled_at` is when a poll last succeeded, `entries` how many it found, and
    `new_at` when one last brought something new; `hours` and `days` are its `streams.ingest.tempo`, learnt since
    `known_since`. `usual_hours` and `usual_days` are what is usual in the long run, learnt from so many `comings`
    of something new, and `longest_gap` how many articles were due at most when something came. `said` are the
    troubles of its health that operators were told, or will be of what is `untold`, and `announced` says that what it
    last brought was pushed by its hub. `shared` marks the last links and ids that several entries had.
    """

    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    polled: bool = False
    next_poll: AwareDatetime | None = None
    held_until: AwareDatetime | None = None
    weight: float = 0.0
    problem: str | None = None
    failing_since: AwareDatetime | None = None
    retired: AwareDatetime | None = None
    moved_to: str | None = None
    whole_at: AwareDatetime | None = None
    encoding: str | None = None
    proven: bool = False
    unchanging: bool = False
    polled_at: AwareDatetime | None = None
    entries: int | None = None
    new_at: AwareDatetime | None = None
    known_since: AwareDatetime | None = None
    hours: Rates = ()
    days: Rates = ()
    usual_hours: Rates = ()
    usual_days: Rates = ()
    longest_gap: float = 0.0
    comings: int = 0
    said: tuple[str, ...] = ()
    untold: tuple[Untold, ...] = ()
    announced: bool = False
    shared: tuple[str, ...] = ()


class Pending(Model):
    """An entry of a feed that is not published yet, or is to be looked at again: what the feed says of it.

    `mark` stands for that, in hex (see `streams.ingest.revisions`). `host` is whom it waits for: the host of its page,
    or its source where nothing has to be fetched. `fetch` says whether its page is to be fetched, `tries` how often
    that failed, `truncated` that the feed's text was cut. `at` is where redirects have led so far, `hops` how many of
    them led to another host.
    """

    id: str
    source: str
    host: str
    title: str
    text: str
    mark: str = NO_MARK
    seen_at: AwareDatetime
    url: str | None = None
    published: AwareDatetime | None = None
    date_precision: DatePrecision | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    backlog: bool = False
    truncated: bool = False
    fetch: bool = True
    tries: int = 0
    at: str | None = None
    hops: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """How many entries of a poll were new, and how many say something else of an article and are looked at again."""

    new: int
    changed: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done now; `until` is when to look again, None where nothing is pending."""

    until: datetime | None


class SourceStore:
    """Sources, seen articles and pending entries, under `prefix`. `worker` is unique among live workers.

    `seen` are the articles seen by all sources, `books` the accounts of what became of it all.
    """

    def __init__(self, redis: Redis, *, prefix: str, worker: str, mark: str | None = None) -> None:
        self._redis, self._prefix, self._worker, self._mark = redis, prefix, worker, mark
        self.books = SourceBooks(redis, prefix=prefix)
        self.seen = SeenArticles(redis, prefix=prefix, mark=mark)
        self._record = Script(redis, "sources", "seen", "sources_record", prefix=prefix, mark=mark)
        self._claim = Script(redis, "sources", "sources_claim", prefix=prefix, mark=mark)
        self._settle = Script(redis, "sources", "seen", "sources_settle", prefix=prefix, mark=mark)
        self._resume = Script(redis, "sources", "sources_resume", prefix=prefix, mark=mark)
        self._look = Script(redis, "sources", "sources_look", prefix=prefix, mark=mark)
        self._hasten = Script(redis, "sources", "sources_hasten", prefix=prefix, mark=mark)
        self._leave = Script(redis, "sources_leave", prefix=prefix, mark=mark)

    async def resume(self, sources: Iterable[str], now: datetime, *, hosts_free_at: datetime) -> None:
        """Take back what this worker had leased when it was killed; hosts that it was asking are left alone for now."""
        await self._resume.run(milliseconds(now), self._worker, milliseconds(hosts_free_at), *sources)

    async def lease(self, source: str, span: timedelta) -> bool:
        """Try to be the one worker that polls or reads the source, for `span` at most; renews an own lease."""
        return await take_lease(self._redis, f"{self._prefix}source:{source}:lease", self._worker, span)

    async def leave(self, source: str) -> None:
        """Let others have it."""
        await self._leave.run(source, self._worker)

    async def state(self, source: str) -> SourceState:
        """Where the source stands; a fresh state where it was never polled.

        Raises:
            EmptiedError: Redis has lost what was kept in it: what is news now would be taken for archive.
        """
        return (await self.look(source))[0]

    async def look(self, source: str) -> tuple[SourceState, datetime | None]:
        """Where the source stands, as `state`, and since when it is paused, in one round trip."""
        with reaching_redis():
            found, paused = await self._redis.mget(f"{self._prefix}source:{source}", self.books.pause_key(source))
            if not found and self._mark and not await self._redis.exists(f"{self._prefix}{self._mark}"):
                raise EmptiedError
        state = SourceState.model_validate_json(found) if found else SourceState()
        return state, instant(str(paused)) if paused else None

    async def save(self, source: str, state: SourceState, line: PollLine | None = None) -> None:
        """Keep the state alone, and what the poll came to, if that is said."""
        with reaching_redis():
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(f"{self._prefix}source:{source}", _kept(state))
            if line:
                self.books.add_poll(pipe, source, line)
            await pipe.execute()

    async def record(self, source: str, state: SourceState, entries: Sequence[Pending], *, now: datetime) -> Found:
        """Keep the outcome of a poll: the new state, and of all entries in the feed those about which is to be done.

        These are the ones that the source has not brought before, and those of which it says something else than when
        they were published, within the bounds of `streams.stores.seen`. A poll without entries says nothing about what
        the feed holds, and is kept with `save`.
        """
        rows = [word for entry in entries for word in _row(entry)]
        head: tuple[str | int, ...] = (source, milliseconds(now), _kept(state), *look_bounds())
        new, changed = await self._record.run(*head, *rows)
        return Found(int(new), int(changed))

    async def claim(self, now: datetime, lease: timedelta) -> Pending | Wait:
        """An entry that is due, of a host that may be asked; its host is leased until it is settled."""
        answer = await self._claim.run(milliseconds(now), self._worker, milliseconds(now + lease))
        match answer:
            case ["claimed", content]:
                return Pending.model_validate_json(content)
            case ["wait", until]:
                return Wait(instant(until))
            case _:
                return Wait(None)

    async def finish(
        self, entry: Pending, note: Note, *, host_free_at: datetime, now: datetime, line: EndLine | None = None
    ) -> None:
        """The entry has ended: that is noted and counted, and it is no longer pending.

        `line` goes among the last ends of the source, by which its health is judged.
        """
        last = f"{line.outcome} {line.letters} {int(line.dated)}" if line else ""
        remember = seen_times(now)[1]
        then = ("", milliseconds(entry.seen_at), remember, last, ENDS_KEPT, *note.row())
        await self._settle_entry(entry, then, host_free_at, now)

    async def put_off(  # noqa: PLR0913  # what is kept of it
        self,
        entry: Pending,
        until: datetime,
        *,
        host_free_at: datetime,
        now: datetime,
        host: str | None = None,
        again: bool = False,
    ) -> None:
        """The entry, as given, is tried again at `until`, and waits for another `host` where one is named.

        What has been published, and is looked at `again`, is no news.
        """
        moved = entry.model_copy(update={"host": host or entry.host})
        news = not (entry.backlog or again)
        then = (milliseconds(until), moved.model_dump_json(), moved.host, int(news))
        await self._settle_entry(entry, then, host_free_at, now)

    async def look_again(self, entry: Pending, at: datetime) -> None:
        """Have the article of an entry that has ended looked at again then; that counts as found, and ends, too."""
        later = entry.model_copy(update={"seen_at": at})
        await self._look.run(entry.source, entry.id, entry.host, milliseconds(at), later.model_dump_json())

    async def _settle_entry(
        self, entry: Pending, then: tuple[str | int | bytes, ...], host_free_at: datetime, now: datetime
    ) -> None:
        head = (milliseconds(now), self._worker, entry.source, entry.id, entry.host)
        await self._settle.run(*head, milliseconds(host_free_at), *then)

    async def pending_of(self, source: str, article: str) -> Pending | None:
        """An entry that is not published yet."""
        with reaching_redis():
            found = await self._redis.hget(f"{self._prefix}pages", f"{source} {article}")
        return Pending.model_validate_json(str(found)) if found else None

    async def hasten(self, now: datetime) -> None:
        """Make everything that was put off due now: this is the last pass."""
        await self._hasten.run(milliseconds(now))

    async def pending(self) -> int:
        """Entries found and not published yet."""
        with reaching_redis():
            return int(await self._redis.hlen(f"{self._prefix}pages"))


def _row(entry: Pending) -> tuple[bytes | str | int, ...]:
    """An entry as `lua/sources_record.lua` reads it."""
    mark, fetched, news = bytes.fromhex(entry.mark), int(entry.fetch), int(not entry.backlog)
    return (digest(entry.id), mark, entry.host, fetched, entry.id, news, entry.model_dump_json())


def _kept(state: SourceState) -> str:
    """As it is kept: of many sources, so without what is as it is of a new one."""
    return state.model_dump_json(exclude_defaults=True)
