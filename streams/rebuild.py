"""Fills an emptied Redis from the log: the matches once more through the alert stage's own code, nothing delivered.

1. Matches are decided in the order in which they were decided before, as far as that is known (`decided_order`).
2. What this would tell, and the topic `notifications` shows as ended, is given that end, receipts included. What it
   does not show is left to be sent; its sink is asked first whether it has it, as for any attempt without an outcome.
3. Articles on the topic `articles` count as entered, and those without a match that the match stage has passed as
   ended; all of them as seen by their sources, so that feeds bring again only what is new.

Every step may be repeated: a rebuild that was interrupted is begun anew. Workers may wait meanwhile: they write nothing
until the mark is back (`streams.stores.marker`).
"""

from __future__ import annotations

import contextlib
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import NotificationState
from streams.decided_order import Logged, in_order
from streams.deliveries import DELIVERIES, Delivery
from streams.engines import Engines
from streams.errors import EngineAwayError, EngineError, MalformedMessageError, NewerSchemaError
from streams.ingest.revisions import PUBLISHED, print_of
from streams.messages import ARTICLES, DEAD_LETTERS, MATCHES, Codec, Message
from streams.notify.retry import LONGEST_AGE
from streams.ports import ArticleStatus
from streams.stores.deliveries import BATCH, Outstanding
from streams.stores.marker import Marker
from streams.stores.seen import Note
from streams.stores.sources import SourceStore
from streams.transports.log_reader import StampedRecord
from streams.transports.offsets import Partition

TOGETHER = 64
"""Most matches that are decided in one step, as in the alert stage, and the span of time they come from."""
SPAN = timedelta(seconds=60)
TOLD_EVERY = 1000
"""Messages read between two words of progress."""

M = TypeVar("M", bound=Message)
Tell = Callable[[str, int], None]
"""Told what is being done and how much of it is done."""


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild brought back, counted; `unreadable` are messages that no release can read."""

    matches: int = 0
    ended: int = 0
    outstanding: int = 0
    seen: int = 0
    unreadable: int = 0

    def __str__(self) -> str:
        """One line for an operator."""
        return (
            f"{self.matches} matches decided again; {self.ended} notifications had ended, {self.outstanding} are to be"
            f" sent; {self.seen} articles count as seen; {self.unreadable} messages could not be read"
        )


class Rebuild:
    """One rebuild of the Redis of `engines`, which were opened under the mark REBUILDING."""

    def __init__(self, engines: Engines, policy: Policy, tell: Tell) -> None:
        self._engines, self._policy, self._tell = engines, policy, tell
        self._marker = Marker(engines.redis, prefix=engines.prefix)
        self._done = Rebuilt()

    async def run(self, *, force: bool = False) -> Rebuilt:
        """Rebuild, and let the workers go on.

        Raises:
            EngineError: Redis is whole and `force` is not said, another rebuild is under way, or a later release wrote
                what this one cannot read.
            EngineAwayError: Redis or the broker went away; run it again.
        """
        identity = await self._engines.broker.reader.identity()
        await self._marker.begin_rebuild(force=force)
        try:
            topics = self._engines.settings.topics
            ends = {end.id: end async for _, end in self._read(topics.notifications.name, DELIVERIES)}
            matches = [
                Logged(
                    at.at,
                    at.record.partition,
                    at.record.offset,
                    match.article.id,
                    zlib.compress(at.record.value or b""),
                    match.article.revision,
                )
                async for at, match in self._read(topics.matches.name, MATCHES)
            ]
            await self._decide(in_order(matches, ends.values()))
            await self._end(ends)
            await self._enter({logged.article for logged in matches})
            await self._marker.renew_rebuild()
        except BaseException:
            with contextlib.suppress(EngineAwayError):
                await self._marker.give_up_rebuild()
            raise
        await self._marker.end_rebuild(identity)
        return self._done

    async def _read(self, topic: str, codec: Codec[M]) -> AsyncIterator[tuple[StampedRecord, M]]:
        """What the topic holds, with where it stands."""
        count = 0
        async for stamped in self._engines.broker.reader.read(topic):
            try:
                message = codec.decode(stamped.record.value)
            except MalformedMessageError:
                self._done.unreadable += 1
            except NewerSchemaError as error:
                raise EngineError(f"{topic}: {error}") from error
            else:
                count += 1
                yield stamped, message
            if count % TOLD_EVERY == 0:
                await self._go_on(f"reading {topic}", count)
        await self._go_on(f"reading {topic}", count)

    async def _decide(self, ordered: Iterable[Logged]) -> None:
        """Settle the matches as the alert stage did, as of the times at which it did, under the silences of now."""
        policy = replace(self._policy, silences=await self._engines.silences.all())
        for batch in _together(ordered):
            matches = [MATCHES.decode(zlib.decompress(logged.packed)) for logged in batch]
            await self._engines.alerts.settle(
                matches, partial(decide, policy=policy), now=batch[0].at, beside=policy.sources_for
            )
            self._done.matches += len(batch)
            await self._go_on("deciding on matches", self._done.matches)

    async def _end(self, ends: Mapping[str, Delivery]) -> None:
        """Give what would be told the end that it had."""
        deliveries = self._engines.deliveries
        waiting = await deliveries.outstanding()
        otherwise = _OtherwiseTold(ends.values(), waiting)
        too_old = datetime.now(UTC) - LONGEST_AGE
        for start in range(0, len(waiting), BATCH):
            found = {}
            for told in waiting[start : start + BATCH]:
                end = ends.get(told.id)
                if end is None and otherwise.concerns(told):
                    end = otherwise.end_of(told, await self._engines.alerts.article_ids(told.alert))
                if end is None and told.added_at < too_old and not told.held:
                    end = _forgotten(told)
                found[told.id] = end
            self._done.ended += await deliveries.restore(found)
            await self._go_on("giving notifications their ends", start + len(found))
        self._done.outstanding = len(await deliveries.outstanding())

    async def _enter(self, matched: Container[str]) -> None:
        """Count the articles of the log, with how they ended, and let their sources know them."""
        ledger, topics = self._engines.ledger, self._engines.settings.topics
        async for _, letter in self._read(topics.dead_letters.name, DEAD_LETTERS):
            if letter.key:
                await ledger.finish({letter.key: ArticleStatus.DEAD_LETTERED})
        passed = await self._engines.broker.reader.lag("match", [topics.articles.name])
        by_source: dict[str, dict[str, Note]] = defaultdict(dict)
        ended: dict[str, ArticleStatus] = {}
        async for at, article in self._read(topics.articles.name, ARTICLES):
            by_source[article.source][article.id] = Note(article.id, PUBLISHED, printed=print_of(article))
            partition = Partition(at.record.topic, at.record.partition)
            if article.id not in matched and at.record.offset < passed[partition].committed:
                ended[article.id] = ArticleStatus.NO_MATCH
        for name, notes in by_source.items():
            await ledger.enter(list(notes))
            await self._see(name, list(notes.values()))
            await self._go_on("remembering what was seen", self._done.seen)
        await ledger.finish(ended)

    async def _see(self, source: str, notes: Sequence[Note]) -> None:
        """Let a source count these articles as seen, and as polled before: what else it brings is news."""
        engines = self._engines
        configured = next((each for each in engines.settings.sources if each.name == source), None)
        if configured is None:
            return
        store = SourceStore(engines.redis, prefix=engines.prefix, worker="rebuild", mark=engines.mark)
        state = await store.state(source)
        if not state.polled:
            await store.save(source, state.model_copy(update={"polled": True, "url": configured.feed}))
        await store.seen.note(source, notes, datetime.now(UTC))
        self._done.seen += len(notes)

    async def _go_on(self, what: str, count: int) -> None:
        await self._marker.renew_rebuild()
        self._tell(what, count)


class _OtherwiseTold:
    """Ends of what this rebuild makes under other ids: of an alert that began before the log does, above all.

    Then it has another id, or its tellings other numbers, and what the receiver was told is known by the rule and the
    articles: of an alert everything counts as told up to the last telling whose article was told, and as many tellings
    as there are ends of its articles that have no telling of their own.
    """

    def __init__(self, ends: Iterable[Delivery], waiting: Sequence[Outstanding]) -> None:
        made = {told.id for told in waiting}
        self._told: dict[tuple[str, str], dict[str, Delivery]] = defaultdict(dict)
        self._astray: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
        self._last: dict[tuple[str, str], int] = defaultdict(int)
        for end in sorted(ends, key=lambda end: (end.added_at, end.number)):
            if end.rule:
                self._told[end.receiver, end.rule][end.article] = end
                if end.id not in made:
                    self._astray[end.receiver, end.rule].append(end)
        for told in waiting:
            if told.article in self._told[told.receiver, told.rule]:
                self._last[told.receiver, told.alert] = max(told.number, self._last[told.receiver, told.alert])

    def concerns(self, told: Outstanding) -> bool:
        """Whether there can be an end of it."""
        return (told.receiver, told.alert) in self._last or (told.receiver, told.rule) in self._astray

    def end_of(self, told: Outstanding, articles: Container[str]) -> Delivery | None:
        """Its end, if it has one; `articles` are those of its alert."""
        astray = [end for end in self._astray.get((told.receiver, told.rule), ()) if end.article in articles]
        if told.number > max(len(astray), self._last.get((told.receiver, told.alert), 0)):
            return None
        own = self._told[told.receiver, told.rule].get(told.article)
        return own or (astray[min(told.number, len(astray)) - 1] if astray else self._first(told, articles))

    def _first(self, told: Outstanding, articles: Container[str]) -> Delivery | None:
        known = self._told[told.receiver, told.rule].values()
        return next((end for end in known if end.article in articles), None)


def _forgotten(told: Outstanding) -> Delivery:
    """The end of what nobody can tell any more whether it was sent, and is too old to be news."""
    return Delivery(
        id=told.id,
        receiver=told.receiver,
        alert=told.alert,
        state=NotificationState.DEAD,
        error="not known to have been sent when Redis was rebuilt",
        added_at=told.added_at,
        seen_at=datetime.now(UTC),
    )


def _together(ordered: Iterable[Logged]) -> Iterator[Sequence[Logged]]:
    """The matches in batches, none of which spans more than SPAN."""
    batch: list[Logged] = []
    for logged in ordered:
        if batch and (len(batch) == TOGETHER or logged.at - batch[0].at > SPAN):
            yield batch
            batch = []
        batch.append(logged)
    if batch:
        yield batch
