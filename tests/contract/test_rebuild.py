"""A rebuild decides on the matches of the log again, and what was sent is not sent again."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
import yaml

from streams import settings as configuration
from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import HeldBy, Hold, NotificationState
from streams.deliveries import DELIVERIES
from streams.engines import Engines, open_engines, was_emptied
from streams.errors import EngineError
from streams.messages import ARTICLES, MATCHES, Article, Match, Severity, Sketch, Unit, Window
from streams.rebuild import Rebuild, Rebuilt
from streams.routes import Matchers, Route
from streams.sections import Inhibition
from streams.settings import Secrets, Settings
from streams.stores.marker import LOG, REBUILDING, Marker
from streams.stores.outbox import Claim, Delivered
from streams.stores.sources import SourceStore
from streams.stores.storms import Unruled
from streams.transports.partitioner import partition_for
from tests.support.alerting import fired, match, notification, silence

NOW = datetime.now(UTC).replace(microsecond=0)
PARTITIONS = 4
LATER = NOW + timedelta(hours=1)
LEASE = timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    content = {
        "engines": {"broker": "embedded", "redis": "embedded", "partitions": PARTITIONS},
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


async def work(  # noqa: PLR0913  # what differs between the tests
    engines: Engines,
    matches: Sequence[Match],
    *,
    decided: Sequence[Match] = (),
    at_once: bool = False,
    logged: int | None = None,
    rules: Policy | None = None,
) -> None:
    """What the stages do with matches: log them, decide in this order, deliver, log `logged` of the ends, or all.

    `at_once` decides on all of them in one step.
    """
    decision = partial(decide, policy=rules or policy(engines.settings))
    for each in matches:
        await engines.broker.reader.append(engines.settings.topics.matches.name, each.article.id, MATCHES.encode(each))
    order = list(decided or matches)
    for batch in [order] if at_once else [[each] for each in order]:
        await engines.alerts.settle(batch, decision, now=datetime.now(UTC))
    for receiver in ("newsroom", "night"):
        while isinstance(claim := await engines.outbox.claim(receiver, now=LATER, lease=LEASE), Claim):
            await engines.outbox.settle(claim, Delivered(f"#alerts/{claim.id}"), now=LATER)
    ends = (await engines.deliveries.unlogged())[:logged]
    topic = engines.settings.topics.notifications.name
    await engines.broker.reader.append_all(topic, [(end.id, DELIVERIES.encode(end)) for end in ends])


async def rebuild(settings: Settings, *, force: bool = False) -> Rebuilt:
    """`marsad rebuild`."""
    async with open_engines(settings, Secrets(), mark=REBUILDING) as engines:
        return await Rebuild(engines, policy(settings), lambda _what, _count: None).run(force=force)


def report(number: int, text: int = 0, minutes: int = 0, source: str = "tasnim") -> Match:
    """An article with a text of its own; those of one `text` are copies of each other."""
    seen = NOW + timedelta(minutes=minutes)
    made = match(f"a{number}", story=f"f{number}", seen_at=seen, published=NOW, source=source)
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
    later = graver(report(4, minutes=3), Severity.CRITICAL)
    rules = policy(settings)
    [decision] = await engines.alerts.settle([later], partial(decide, policy=rules), now=NOW)
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
    """They lay in two partitions, and the one that was logged later was decided and told first."""
    first, copy = report(1), report(2)
    assert partition_of(first) != partition_of(copy)
    await work(engines, [first, copy], decided=[copy, first])
    [before] = await engines.alerts.recent()
    assert before.record.headline == copy.article.title
    await engines.redis.flushall()
    done = await rebuild(settings)
    assert (done.ended, done.outstanding) == (1, 0)
    assert await engines.alerts.recent() == (before,)


async def test_an_alert_that_began_before_the_log_is_not_told_again(engines: Engines, settings: Settings) -> None:
    """Its first match has gone with the topic's retention: the others make an alert of another id."""
    first, copy, development = report(1), report(2), graver(report(3), Severity.CRITICAL)
    await work(engines, [first, copy, development])
    assert (await engines.outbox.counts()).sent == 2
    with closing(sqlite3.connect(engines.broker.config.sqlite_path or "", isolation_level=None)) as db:
        db.execute("DELETE FROM records WHERE key = ?", [first.article.id.encode()])
    await engines.redis.flushall()
    done = await rebuild(settings)
    assert (done.matches, done.outstanding) == (2, 0)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("at_once", [False, True])
async def test_whatever_the_order_was_nothing_is_told_twice(
    engines: Engines, settings: Settings, seed: int, *, at_once: bool
) -> None:
    """Partitions are read side by side: copies and developments of a few stories, decided in a random interleaving."""
    random = Random(seed)  # noqa: S311  # to be repeated
    severities = [Severity.LOW, Severity.MEDIUM, Severity.HIGH]
    matches = [graver(report(n, text=random.randrange(4)), random.choice(severities)) for n in range(24)]
    await work(engines, matches, decided=interleaved(matches, random), at_once=at_once)
    assert 4 <= (await engines.outbox.counts()).sent < len(matches)
    await engines.redis.flushall()
    assert (await rebuild(settings)).outstanding == 0


@pytest.mark.parametrize("seed", range(4))
async def test_who_was_told_later_than_others_is_not_told_again(
    engines: Engines, settings: Settings, seed: int
) -> None:
    """Routes part the articles of an alert by source: each receiver's tellings have numbers with gaps in them."""
    random = Random(seed)  # noqa: S311  # to be repeated
    parts = {"tasnim": ("newsroom",), "sana": ("night",), "irna": ("newsroom", "night")}
    routes = tuple(Route(match=Matchers(sources=(one,)), receivers=told) for one, told in parts.items())
    rules = replace(policy(settings), routes=routes)
    matches = [report(n, text=random.randrange(4), source=random.choice(list(parts))) for n in range(24)]
    await work(engines, matches, decided=interleaved(matches, random), rules=rules)
    sent = (await engines.outbox.counts()).sent
    await engines.redis.flushall()
    async with open_engines(settings, Secrets(), mark=REBUILDING) as anew:
        done = await Rebuild(anew, rules, lambda _what, _count: None).run()
    assert (done.ended, done.outstanding) == (sent, 0)


@pytest.mark.parametrize("seed", range(4))
async def test_what_only_counted_was_decided_after_all_that_was_told(
    engines: Engines, settings: Settings, seed: int
) -> None:
    """Articles that told nothing make others tell something; decided as soon as they came, they come in that order."""
    random = Random(seed)  # noqa: S311  # to be repeated
    count = Window(at_least=2, unit=Unit.ORIGINS, within=timedelta(minutes=8))
    for number in range(24):
        one = report(number, text=random.randrange(6), minutes=number)
        rules = [fired("count", window=count, repeat_after=timedelta(minutes=6)), *one.rules]
        one = one.model_copy(update={"rules": tuple(random.sample(rules, random.randint(1, 2)))})
        await engines.broker.reader.append(engines.settings.topics.matches.name, one.article.id, MATCHES.encode(one))
        logged = NOW + timedelta(seconds=number - 60)
        with closing(sqlite3.connect(engines.broker.config.sqlite_path or "", isolation_level=None)) as db:
            at = [int(logged.timestamp() * 1000), one.article.id.encode()]
            db.execute("UPDATE records SET at_ms = ? WHERE key = ?", at)
        await engines.alerts.settle([one], partial(decide, policy=policy(settings)), now=logged)
    await work(engines, [])
    before, counts = await engines.alerts.recent(), await engines.outbox.counts()
    await engines.redis.flushall()
    assert (await rebuild(settings)).outstanding == 0
    assert {alert.record.id: alert for alert in await engines.alerts.recent()} == {a.record.id: a for a in before}
    assert await engines.outbox.counts() == counts


def graver(match: Match, severity: Severity) -> Match:
    """The match as a rule of this severity would have it."""
    return match.model_copy(update={"rules": (match.rules[0].model_copy(update={"severity": severity}),)})


def partition_of(match: Match) -> int:
    """Where the log has it."""
    return partition_for(match.article.id.encode(), PARTITIONS)


def interleaved(matches: Sequence[Match], random: Random) -> list[Match]:
    """An order that keeps that of each partition."""
    partitions: dict[int, list[Match]] = {}
    for each in matches:
        partitions.setdefault(partition_of(each), []).append(each)
    order = []
    while partitions:
        number = random.choice(sorted(partitions))
        order.append(partitions[number].pop(0))
        if not partitions[number]:
            del partitions[number]
    return order


async def test_feeds_bring_only_what_is_new(engines: Engines, settings: Settings) -> None:
    """Articles of the log count as seen, and their source as polled, so that the rest of its feed is news."""
    article = Article(id="c1:seen", title="t", text="x", source="tasnim", seen_at=NOW)
    await engines.broker.reader.append(settings.topics.articles.name, article.id, ARTICLES.encode(article))
    await engines.redis.flushall()
    assert (await rebuild(settings)).seen == 1
    store = SourceStore(engines.redis, prefix=engines.prefix, worker="w", mark=LOG)
    state = await store.state("tasnim")
    assert (state.polled, state.url) == (True, "https://example.org/feed")
    seen = await store.seen.look("tasnim", ["c1:seen", "c1:new"], NOW)
    assert [one is None for one in seen] == [False, True]


async def test_what_another_alert_kept_quiet_stays_quiet(engines: Engines, settings: Settings) -> None:
    """A rebuild decides with inhibitions, whatever batch the alert that quiets was in."""
    quiet = Inhibition.model_validate({"source": "strike", "target": "ceasefire"})
    rules = replace(policy(settings), inhibitions=(quiet,))
    matches = [
        match("a1", fired("strike"), seen_at=NOW, published=NOW),
        match("a2", fired("ceasefire"), seen_at=NOW + timedelta(hours=3), published=NOW, story="s1"),
    ]
    await work(engines, matches[:1])
    await engines.alerts.settle(matches[1:], partial(decide, policy=rules), now=LATER, beside=rules.sources_for)
    name = engines.settings.topics.matches.name
    await engines.broker.reader.append(name, "a2", MATCHES.encode(matches[1]))
    await engines.redis.flushall()
    async with open_engines(settings, Secrets(), mark=REBUILDING) as anew:
        done = await Rebuild(anew, rules, lambda _what, _count: None).run()
    assert (done.matches, done.outstanding) == (2, 0)


@pytest.mark.parametrize(("entered_again", "outstanding"), [(True, 0), (False, 1)])
async def test_silences_are_entered_again_before_a_rebuild(
    engines: Engines,
    settings: Settings,
    *,
    entered_again: bool,
    outstanding: int,
) -> None:
    """They are lost with Redis: what they held back is told unless they are there again, with their old begin."""
    known = silence(match={"rules": ["withdrawal"]}, starts_at=NOW - timedelta(hours=1), ends_at=LATER)
    held = report(1)
    rules = replace(policy(settings), silences=(known,))
    await engines.broker.reader.append(engines.settings.topics.matches.name, "a1", MATCHES.encode(held))
    await engines.alerts.settle([held], partial(decide, policy=rules), now=NOW)
    await engines.redis.flushall()
    if entered_again:
        async with open_engines(settings, Secrets()) as tool:
            await tool.silences.put(known)
    assert (await rebuild(settings)).outstanding == outstanding


async def test_a_weekly_digest_was_given_up_and_what_it_holds_never_told(engines: Engines, settings: Settings) -> None:
    """Over a backup: of all else that is so old nobody knows any more whether it was sent."""
    old = datetime.now(UTC) - timedelta(days=4)
    waits, held = notification(1, receiver="newsroom"), notification(2, receiver="newsroom")
    await engines.outbox.add([waits, held], now=old)
    asked = await engines.outbox.claim("newsroom", now=old, lease=LEASE, storm_limit=1)
    assert isinstance(asked, Unruled)
    hold = Hold(frozenset({held.id}), HeldBy.DIGEST, LATER)
    await engines.outbox.storms.rule(asked, hold, limit=1, window=LEASE, now=old)
    await rebuild(settings, force=True)
    [view] = await engines.outbox.views([held.id])
    assert view.state is NotificationState.HELD
    left = {told.id for told in await engines.deliveries.outstanding()}
    assert left == {held.id, view.summary}
