"""What is remembered of each article that was seen: when, what of it was published, and what its sources say of it.

One structure for all sources, so that an article which several bring is known to each of them. About 70 bytes an
article: it is packed into bytes that stand in some thousand small hashes, which Redis keeps as one list each (`lua/
seen.lua`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any

from redis.asyncio import Redis

from streams.stores.connection import reaching_redis
from streams.stores.scripts import EPOCH, Script, milliseconds

REMEMBER = timedelta(days=60)
"""How long an article is remembered after it was last in a feed: feeds bring old entries back for weeks.

It is not forgotten before each of its sources was read so long after it, and had it no more: what a feed holds that
does not change for months, and what is in files, would else be news again.
"""

MOST_LOOKS = 12
FRUITFUL_LOOK, IDLE_LOOK = 1, 2
"""How often an article is looked at again; a look that found nothing new counts twice. So one whose feed says something
else at each poll, such as a number of comments, is fetched six times more."""
LOOK_FOR = timedelta(days=7)
"""How long after it was first seen an article is looked at again."""
LOOK_AFTER, LOOK_AFTER_AT_MOST = timedelta(minutes=5), timedelta(days=1)
"""How long after a look the next one is, which doubles with each up to a day. The first is made at once."""

BEGUN_FOR = timedelta(minutes=5)
"""How long what a source has begun is taken to be under way by other sources: as long as a file's lease. Its own entry
comes again only when its worker has died."""

CONTENT_BYTES, MARK_BYTES = 26, 3
NO_MARK = "0" * 2 * MARK_BYTES
"""The mark of an entry of which it is not known what its feed said."""
_DIGEST_BYTES = 12
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Printed:
    """What was published last of an article.

    `content` is packed by `streams.ingest.revisions`; `backlog` says that it was archive, `from_page` that its text is
    its page's, not its feed's.
    """

    revision: int
    content: bytes
    backlog: bool = False
    from_page: bool = False

    @property
    def flags(self) -> int:
        """As they are packed."""
        return self.backlog + 2 * self.from_page


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of an article, for one source.

    `printed` is None where nothing was published, `outcome` how it ended for this source, None where that has not
    brought it. `checked_at` is when it was last looked at, in whole seconds, `looks` how much of MOST_LOOKS is used up.
    `begun` is what a worker was about to publish when it died: whether it was published nobody knows.
    """

    printed: Printed | None
    outcome: str | None
    checked_at: datetime
    looks: int
    begun: Printed | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What one source's entry came to: its article, how it ended, its `mark` in hex, and what was published, if it was.

    `looks` is what that took of MOST_LOOKS.
    """

    article: str
    outcome: str
    mark: str = NO_MARK
    printed: Printed | None = None
    looks: int = 0

    def row(self) -> tuple[bytes | str | int, ...]:
        """As `lua/seen.lua` reads it."""
        printed = self.printed
        content, revision, flags = (printed.content, printed.revision, printed.flags) if printed else (b"", 0, 0)
        return (digest(self.article), self.outcome, bytes.fromhex(self.mark), content, revision, flags, self.looks)


@dataclass(frozen=True, slots=True)
class Brought:
    """That a source brought an article, and how it ended there; a source that was removed has no name."""

    source: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is remembered of an article: the day it was last in a feed, and what its sources did."""

    last_day: datetime
    first_at: datetime
    revision: int
    looks: int
    brought: tuple[Brought, ...]


class SeenArticles:
    """The articles seen, under `prefix`."""

    def __init__(self, redis: Redis, *, prefix: str, mark: str | None = None) -> None:
        self._redis, self._begun = redis, f"{prefix}seen:begun"
        self._look = Script(redis, "seen", "seen_look", prefix=prefix, mark=mark)
        self._note = Script(redis, "seen", "seen_note", prefix=prefix, mark=mark)
        self._alias = Script(redis, "seen", "seen_alias", prefix=prefix, mark=mark)
        self._trace = Script(redis, "seen", "seen_trace", prefix=prefix, mark=mark)

    async def look(self, source: str, articles: Sequence[str], now: datetime) -> list[Seen | None]:
        """What is remembered of each, for this source; articles it has brought are seen now."""
        found: list[Seen | None] = []
        for batch in _batches(articles):
            rows = await self._look.run(source, milliseconds(now), *map(digest, batch))
            found += [_seen(row, source, now) for row in rows]
        return found

    async def begin(self, source: str, printed: Mapping[str, Printed], now: datetime) -> None:
        """Remember what is about to be published of a source's articles, until it is noted what was."""
        rows: list[bytes | str] = []
        for article, each in printed.items():
            what = f"{each.revision} {each.flags} {each.content.hex()}"
            rows += [digest(article), f"{what} {milliseconds(now)} {source}"]
        with reaching_redis():
            await self._redis.hset(self._begun, items=rows)

    async def note(self, source: str, notes: Iterable[Note], now: datetime) -> None:
        """Remember and count what a source's entries came to, which were never pending."""
        for batch in _batches(notes):
            await self._note.run(source, *seen_times(now), *(word for note in batch for word in note.row()))

    async def alias(self, source: str, note: Note, now: datetime) -> None:
        """Remember an article under the id of another address of its own; it is counted under the first alone."""
        await self._alias.run(source, *seen_times(now), *note.row())

    async def trace(self, article: str) -> Trace | None:
        """All that is remembered of an article."""
        row = await self._trace.run(digest(article))
        if not row:
            return None
        day, first, revision, looks, *brought = row
        pairs = zip(brought[::2], brought[1::2], strict=True)
        return Trace(
            last_day=EPOCH + timedelta(days=int(day)),
            first_at=EPOCH + timedelta(seconds=int(first)),
            revision=int(revision),
            looks=int(looks),
            brought=tuple(Brought(str(source) or None, str(outcome)) for source, outcome in pairs),
        )


def digest(article: str) -> bytes:
    """The name of an article there."""
    return blake2b(article.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def seen_times(now: datetime) -> tuple[int, int]:
    """The time, and how long an article is remembered, as the scripts take them: milliseconds and days."""
    return milliseconds(now), REMEMBER.days


def look_bounds() -> tuple[int, ...]:
    """The bounds of looking again, as the scripts take them: a number, and seconds."""
    return (MOST_LOOKS, *(int(span.total_seconds()) for span in (LOOK_FOR, LOOK_AFTER, LOOK_AFTER_AT_MOST)))


def _seen(row: Any, source: str, now: datetime) -> Seen | None:
    """What `lua/seen_look.lua` answers for one article, to this source."""
    if not row:
        return None
    revision, flags, looks, checked, content, outcome, begun = row
    return Seen(
        printed=_printed(revision, flags, content),
        outcome=str(outcome) or None,
        checked_at=EPOCH + timedelta(seconds=int(checked)),
        looks=int(looks),
        begun=_begun(str(begun), source, now) if begun else None,
    )


def _begun(kept: str, source: str, now: datetime) -> Printed | None:
    """What `begin` kept; None while another source may be at it."""
    revision, flags, content, at, by = kept.split(" ", 4)
    under_way = by != source and now < EPOCH + timedelta(milliseconds=int(at)) + BEGUN_FOR
    return None if under_way else _printed(revision, flags, content)


def _printed(revision: str, flags: str, content: str) -> Printed | None:
    if not int(revision):
        return None
    return Printed(int(revision), bytes.fromhex(content), bool(int(flags) & 1), bool(int(flags) & 2))


def _batches(items: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    rest = iter(items)
    while batch := tuple(islice(rest, _BATCH)):
        yield batch
