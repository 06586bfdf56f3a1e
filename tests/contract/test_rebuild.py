"""A rebuild decides on the matches of the log again, and what was sent is not sent again."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from streams import settings as configuration
from streams.alert.decision import Decision, Policy, decide
from streams.alerts import AlertRecord, NotificationState
from streams.deliveries import DELIVERIES, Delivery
from streams.engines import Engines, open_engines, was_emptied
from streams.errors import EngineError
from streams.messages import ARTICLES, MATCHES, Article, Match, Severity, Sketch
from streams.rebuild import Logged, Rebuild, Rebuilt, in_order
from streams.settings import Secrets, Settings
from streams.stores.marker import LOG, REBUILDING, Marker
from streams.stores.outbox import Claim, Delivered
from streams.stores.sources import SourceStore
from tests.support.alerting import match

NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(hours=1)
LEASE = timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    content = {
        "engines": {"broker": "embedded", "redis": "embedded", "partitions": 2},
        "receivers": [{"name": "newsroom", "slack": {"channel": "#alerts"}}],
        "routes": {"*": ["newsroom"]},
        "sources": [{"name": "tasnim", "feed": "https://example.org/feed"}],
    }
    (tmp_path / "marsad.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return configuration.load(tmp_path / "marsad.yaml")


@pytest.fixture
async def engines(settings: Settings) -> AsyncIterator[Engines]:
    """A worker's engines on a new installation, marked."""
    async with open_engines(settings, Secrets(), mark=LOG) as engines:
        await engines.broker.topics.create(settings.topics.all())
        marker = Marker(engines.redis, prefix=engines.prefix)
        assert not await was_emptied(engines.redis, engines.broker, settings)
        await marker.claim(await engines.broker.reader.identity(), used=False)
        yield engines


def policy(settings: Settings) -> Policy:
    """As the alert stage has it."""
    return Policy(max_age=settings.alerts.max_age, routes=settings.route_tree)


async def work(engines: Engines, matches: Sequence[Match], *, logged: int | None = None) -> None:
    """What the stages do with matches: log, decide, deliver, and log `logged` of the ends (all, unless said)."""
    rules = policy(engines.settings)

    def decision(match: Match, records: Mapping[str, AlertRecord]) -> Decision:
        return decide(match, records, rules)

    for each in matches:
        await engines.broker.reader.append(engines.settings.topics.matches.name, each.article.id, MATCHES.encode(each))
        await engines.alerts.settle([each], decision, now=NOW)
    while isinstance(claim := await engines.outbox.claim("newsroom", now=NOW, lease=LEASE), Claim):
        await engines.outbox.settle(claim, Delivered(f"#alerts/{claim.id}"), now=NOW)
    ends = (await engines.deliveries.unlogged())[:logged]
    topic = engines.settings.topics.notifications.name
    await engines.broker.reader.append_all(topic, [(end.id, DELIVERIES.encode(end)) for end in ends])


async def drop(engines: Engines, topic: str) -> None:
    """Lose what a topic holds."""
    with sqlite3.connect(engines.broker.config.sqlite_path or "") as db:
        db.execute("DELETE FROM records WHERE topic = (SELECT id FROM topics WHERE name = ?)", [topic])


async def rebuild(settings: Settings, *, force: bool = False) -> Rebuilt:
    """`marsad rebuild`."""
    async with open_engines(settings, Secrets(), mark=REBUILDING) as engines:
        return await Rebuild(engines, policy(settings), lambda _what, _count: None).run(force=force)


def report(number: int, text: int = 0, minutes: int = 0) -> Match:
    """An article with a text of its own; those of one `text` are copies of each other."""
    made = match(f"a{number}", story=f"f{number}", seen_at=NOW + timedelta(minutes=minutes), published=NOW)
    return made.model_copy(update={"sketch": Sketch(triples=tuple(range(100 * text, 100 * text + 8)))})


REPORTS = [report(1), report(2, minutes=1), report(3, text=1, minutes=2)]
"""One that is told, a copy of it, and another that is told."""


async def test_an_emptied_redis_comes_back_as_it_was(engines: Engines, settings: Settings) -> None:
    """Alerts, histories, statuses, what was sent with its receipts: all as before, and nothing waits to be sent."""
    await work(engines, REPORTS)
    before, counts, tally = await engines.alerts.recent(), await engines.outbox.counts(), await engines.ledger.tally()
    assert counts.sent > 0
    await engines.redis.flushall()
    assert await was_emptied(engines.redis, engines.broker, settings)
    done = await rebuild(settings)
    assert (done.matches, done.ended, done.outstanding) == (3, counts.sent, 0)
    assert {alert.record.id: alert for alert in await engines.alerts.recent()} == {a.record.id: a for a in before}
    assert await engines.outbox.counts() == counts
    assert await engines.ledger.tally() == tally


async def test_a_development_after_it_joins_the_old_alert(engines: Engines, settings: Settings) -> None:
    """It is the next number of the alert, and goes into the thread of the message that was sent before."""
    await work(engines, REPORTS[:2])
    [before] = await engines.alerts.recent()
    await engines.redis.flushall()
    await rebuild(settings)
    later = report(4, minutes=3)
    graver = later.model_copy(update={"rules": (later.rules[0].model_copy(update={"severity": Severity.CRITICAL}),)})
    rules = policy(settings)
    [decision] = await engines.alerts.settle([graver], lambda m, r: decide(m, r, rules), now=NOW)
    [ruling] = decision.rulings
    assert (ruling.record.id, ruling.record.number) == (before.record.id, before.record.number + 1)
    claim = await engines.outbox.claim("newsroom", now=LATER, lease=LEASE)
    assert isinstance(claim, Claim)
    assert claim.first_receipt == before.notifications[0].receipt


async def test_what_was_not_sent_is_left_to_be_sent_once(engines: Engines, settings: Settings) -> None:
    """And its sink is asked before, for it may have been sent in the moment in which Redis was lost."""
    await work(engines, REPORTS, logged=1)
    waiting = (await engines.outbox.counts()).sent - 1
    assert waiting > 0
    await engines.redis.flushall()
    done = await rebuild(settings)
    assert (done.ended, done.outstanding) == (1, waiting)
    claim = await engines.outbox.claim("newsroom", now=LATER, lease=LEASE)
    assert isinstance(claim, Claim)
    assert claim.uncertain


async def test_it_may_be_interrupted_and_repeated(engines: Engines, settings: Settings) -> None:
    """Half of it, then all of it, then all of it by force: one outcome."""
    await work(engines, REPORTS)
    before, counts = await engines.alerts.recent(), await engines.outbox.counts()
    await engines.redis.flushall()

    def interrupt(what: str, _count: int) -> None:
        if what.startswith("deciding"):
            raise KeyboardInterrupt

    async with open_engines(settings, Secrets(), mark=REBUILDING) as half:
        with pytest.raises(KeyboardInterrupt):
            await Rebuild(half, policy(settings), interrupt).run()
    assert await Marker(engines.redis, prefix=engines.prefix).log() is None
    await rebuild(settings)
    with pytest.raises(EngineError, match="--force"):
        await rebuild(settings)
    await rebuild(settings, force=True)
    assert {alert.record.id: alert for alert in await engines.alerts.recent()} == {a.record.id: a for a in before}
    assert await engines.outbox.counts() == counts


async def test_copies_that_were_decided_in_another_order_are_not_told_again(
    engines: Engines, settings: Settings
) -> None:
    """Their alert gets another id; the receiver was told of it all the same."""
    first, copy = report(1), report(2)
    await work(engines, [copy, first])
    [before] = await engines.alerts.recent()
    # The log holds them the other way round: the first one lay in a partition that was read later.
    topic = settings.topics.matches.name
    async with open_engines(settings, Secrets()) as other:
        await drop(other, topic)
        for each in (first, copy):
            await other.broker.reader.append(topic, each.article.id, MATCHES.encode(each))
    await engines.redis.flushall()
    done = await rebuild(settings)
    [after] = await engines.alerts.recent()
    assert after.record.id != before.record.id
    assert (done.ended, done.outstanding) == (1, 0)
    assert after.notifications[0].receipt == before.notifications[0].receipt


async def test_feeds_bring_only_what_is_new(engines: Engines, settings: Settings) -> None:
    """Articles of the log count as seen, and their source as polled, so that the rest of its feed is news."""
    article = Article(id="c1:seen", title="t", text="x", source="tasnim", seen_at=NOW)
    await engines.broker.reader.append(settings.topics.articles.name, article.id, ARTICLES.encode(article))
    await engines.redis.flushall()
    assert (await rebuild(settings)).seen == 1
    store = SourceStore(engines.redis, prefix=engines.prefix, worker="w", mark=LOG)
    state = await store.state("tasnim")
    assert (state.polled, state.url) == (True, "https://example.org/feed")
    assert await store.unseen("tasnim", ["c1:seen", "c1:new"]) == ["c1:new"]


def logged(article: str, partition: int, offset: int, milliseconds: int) -> Logged:
    """A match of the log, appended so long after NOW."""
    return Logged(NOW + timedelta(milliseconds=milliseconds), partition, offset, article, b"")


def test_the_order_of_a_partition_is_kept() -> None:
    """Clocks of two producers may differ; the alert stage read a partition in its order all the same."""
    matches = [logged("b", 0, 1, 5), logged("a", 0, 0, 10), logged("c", 1, 0, 7)]
    assert [each.article for each in in_order(matches, [])] == ["c", "a", "b"]


def test_of_one_millisecond_what_was_told_comes_first() -> None:
    """The other was its copy, or it would have been told too."""
    end = Delivery(
        id="n1:1", receiver="r", alert="a1:1", article="b", state=NotificationState.SENT, added_at=NOW, seen_at=NOW
    )
    matches = [logged("a", 0, 0, 5), logged("b", 1, 0, 5)]
    assert [each.article for each in in_order(matches, [end])] == ["b", "a"]
