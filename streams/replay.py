"""Puts past articles through match, stories and decision, with their own clock, on a state that is thrown away.

The code is the live path's: `match_articles`, and `AlertStore.settle` on an embedded Redis in a temporary folder.
Nothing is delivered. An article is never too old, there is no backlog, and every rule has somebody who is told: what is
asked is what would have been told.
A line whose id came before is an update of that article, as it is live; what ingest would not publish tells nothing.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from streams.alert.decision import Decision, decide, decide_absence
from streams.alert.policy import Policy
from streams.alert.ruling import Ruling
from streams.alerts import Reason
from streams.article_lines import ArticleLine
from streams.ingest.line_articles import article_of_line
from streams.ingest.revisions import print_of, revised
from streams.match.engine import Engine
from streams.match.match_agent import match_articles
from streams.messages import Article, Match, Update
from streams.routes import Route
from streams.sections import EngineSettings, Inhibition, SourceSettings
from streams.settings import Secrets
from streams.stores.alerts import AlertStore
from streams.stores.connection import connect
from streams.stores.seen import Printed

BATCH = 100
"""Articles that are decided together, as a worker does; what is decided does not depend on it."""
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""The clock where no line says a time."""
_TOLD_TO = (Route(receivers=("replay",)),)
Sources = Mapping[str, SourceSettings]
"""The configured ones by name."""
NO_SOURCES: Sources = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one article under one rule; of an article that matched nothing, `rule` and `reason` are None.

    `alert` is None where nobody was told of it up to then. What `begins` is told as something new, and not as a
    development of what was told before; so is a count that is told anew, under the alert of its group.
    """

    article: str
    seen_at: datetime
    story: str
    rule: str | None = None
    alert: str | None = None
    reason: Reason | None = None
    begins: bool = False


def in_order(lines: Iterable[ArticleLine]) -> list[tuple[datetime, ArticleLine]]:
    """The lines by their clock (`seen_at`, else `date`), which is told beside each.

    A line without either has the clock of the line before it, or else the first one; equal ones keep their order.
    """
    known = list(lines)
    clock, timed = next((found for line in known if (found := line.seen_at or line.date)), NO_TIME), []
    for line in known:
        clock = line.seen_at or line.date or clock
        timed.append((clock, line))
    return sorted(timed, key=lambda pair: pair[0])


async def replay(  # noqa: PLR0913  # what is configured, and what is asked
    engine: Engine,
    lines: Sequence[tuple[datetime, ArticleLine]],
    *,
    sources: Sources = NO_SOURCES,
    unmatched: bool = False,
    inhibitions: tuple[Inhibition, ...] = (),
    until: datetime = NO_TIME,
) -> AsyncIterator[Replayed]:
    """What becomes of the articles, in their order; see `in_order`.

    Args:
        engine: the rulebook.
        lines: articles with their clock.
        sources: say of their articles what these do not say themselves, as they do live.
        unmatched: tell the stories of articles that match nothing, too.
        inhibitions: which rules' alerts keep others quiet.
        until: up to when articles that do not come are missed, after the last one.

    Raises:
        EngineError: the embedded Redis cannot be started.
    """
    again = {id_ for id_, count in Counter(line.id for _, line in lines).items() if count > 1}

    def matches() -> Iterator[Match]:
        rest = _as_published((article_of(line, clock, sources) for clock, line in lines), again)
        while batch := list(islice(rest, BATCH)):
            yield from filter(None, match_articles(engine, batch, sources, unmatched=unmatched))

    async for told in decided(matches(), inhibitions, until=until):
        yield told


async def decided(
    matches: Iterable[Match], inhibitions: tuple[Inhibition, ...] = (), *, until: datetime = NO_TIME
) -> AsyncIterator[Replayed]:
    """What becomes of matches, which come in the order of their clock. Raises like `replay`."""
    policy = Policy(max_age=None, routes=_TOLD_TO, inhibitions=inhibitions)
    async with _throw_away_store() as store:
        rest, watched = _with_updates(matches), False
        while whole := list(islice(rest, BATCH)):
            watched = watched or any(fired.window and fired.window.usual for match in whole for fired in match.rules)
            # Between two articles time passes, and what is watched for may not come.
            for batch in [[match] for match in whole] if watched else [whole]:
                for ruling in await _absences(store, batch[0].seen_at, policy) if watched else ():
                    yield _absent(ruling)
                seen_at = {(match.article.id, match.article.revision): match.seen_at for match in batch}
                decide_each, now = partial(decide, policy=policy), datetime.now(UTC)
                for decision in await store.settle(batch, decide_each, now=now, beside=policy.sources_for):
                    for told in _told(decision, seen_at[decision.article, decision.revision]):
                        yield told
        for ruling in await _absences(store, until, policy) if watched else ():
            yield _absent(ruling)


async def _absences(store: AlertStore, until: datetime, policy: Policy) -> list[Ruling]:
    return await store.tell_absences(partial(decide_absence, policy=policy), until=until, now=datetime.now(UTC))


@contextlib.asynccontextmanager
async def _throw_away_store() -> AsyncIterator[AlertStore]:
    with tempfile.TemporaryDirectory(prefix="marsad-replay-") as folder:
        async with connect(EngineSettings(data=Path(folder)), Secrets()) as redis:
            yield AlertStore(redis, prefix="replay:")


def article_of(line: ArticleLine, clock: datetime, sources: Sources = NO_SOURCES) -> Article:
    """The article of a line, seen at this time, as ingest makes one of it."""
    return article_of_line(line, sources.get(line.source or ""), own_id=line.id, seen_at=clock)


def _as_published(articles: Iterable[Article], again: Container[str]) -> Iterator[Article]:
    """The articles; one that comes `again` is an update, and says what it said where ingest would not publish it."""
    last: dict[str, tuple[Article, Printed]] = {}
    for article in articles:
        known = last.get(article.id)
        if known is None:
            if article.id in again:
                last[article.id] = article, print_of(article)
            yield article
            continue
        published = known[0] if revised(article, known[1]) is None else article
        update = Update(revision=known[0].revision + 1)
        one = published.model_copy(update={"seen_at": article.seen_at, "update": update})
        last[article.id] = one, print_of(one)
        yield one


def _with_updates(matches: Iterable[Match]) -> Iterator[Match]:
    """The matches, those of an article that comes again as updates of it; what says nothing new tells nothing."""
    seen: Counter[str] = Counter()
    for match in matches:
        seen[match.article.id] += 1
        if (revision := seen[match.article.id]) > 1 and match.article.update is None:
            head = match.article.model_copy(update={"update": Update(revision=revision)})
            yield match.model_copy(update={"article": head})
        else:
            yield match


def _absent(ruling: Ruling) -> Replayed:
    return _told_by(ruling, ruling.item.article.id, ruling.item.seen_at, ruling.item.story)


def _told(decision: Decision, seen_at: datetime) -> Iterator[Replayed]:
    for ruling in decision.rulings:
        yield _told_by(ruling, decision.article, seen_at, decision.story)
    if not decision.rulings:
        yield Replayed(decision.article, seen_at, decision.story)


def _told_by(ruling: Ruling, article: str, seen_at: datetime, story: str) -> Replayed:
    told = ruling.record.id if ruling.record.number else None
    begins = any(not each.first for each in ruling.notifications)
    return Replayed(article, seen_at, story, ruling.record.rule, told, ruling.reason, begins)
