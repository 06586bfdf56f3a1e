"""Silences in Redis, and that what they held back is told when they end, once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alert.silence_agent import SilenceAgent, told_of
from streams.alerts import Notice
from streams.messages import Match, Severity, Unit, Window
from streams.routes import Matchers, Route, tree_of
from streams.silences import KEEP, Silence
from streams.stores.alerts import AlertStore
from streams.stores.outbox import Claim, Delivered, Outbox
from streams.stores.silences import SilenceStore
from tests.support.alerting import NOON, fired, match, silence

HOUR = timedelta(hours=1)
SILENCE = silence(match={"rules": ["withdrawal", "shelling"]}, comment="known")
ROUTES = tree_of({"withdrawal": ("desk", "mail"), "shelling": ("desk",)})
POLICY = Policy(max_age=None, routes=ROUTES)


async def _settle(store: AlertStore, *matches: Match, silences: tuple[Silence, ...] = (SILENCE,)) -> None:
    policy = Policy(max_age=None, routes=ROUTES, silences=silences)
    await store.settle(matches, partial(decide, policy=policy), now=NOON)


async def _told(outbox: Outbox, receiver: str, now: datetime) -> list[Notice]:
    """The notices that a receiver is sent by now."""
    notices = []
    while isinstance(claim := await outbox.claim(receiver, now=now, lease=HOUR), Claim):
        assert isinstance(claim.notification.content, Notice)
        notices.append(claim.notification.content)
        await outbox.settle(claim, Delivered(""), now=now)
    return notices


async def test_what_was_held_back_is_told_once_when_the_silence_has_ended(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """One notice for each receiver, with the alerts that it would have been told of; none before the end."""
    now = NOON
    agents = [SilenceAgent(silences, store, clock=lambda: now) for _ in range(2)]
    await silences.put(SILENCE)
    await _settle(store, match("a1"), match("a2", fired("shelling"), story="s2", title="Shells on a town"))
    for agent in agents:
        await agent.look()
    assert await _told(outbox, "desk", now) == []
    now = SILENCE.ends_at
    for agent in agents:
        await agent.look()
    (desk,), (mail,) = [await _told(outbox, name, now) for name in ("desk", "mail")]
    assert desk.title == "Silence s-1 (known) has ended; alerts that it held back: 2"
    assert "Rule shelling: Shells on a town" in desk.held.values()
    assert mail.title == "Silence s-1 (known) has ended; alerts that it held back: 1"
    assert {item.waiting for item in (await silences.held_by("s-1")).values()} == {()}


@pytest.mark.parametrize(("kept", "told"), [(True, "Rule shelling: Tuesday"), (False, "Rule shelling: May")])
async def test_what_was_held_back_of_a_count_bore_the_headline_of_long_ago(  # noqa: PLR0913  # what it is kept in
    silences: SilenceStore, store: AlertStore, outbox: Outbox, redis: Redis, prefix: str, *, kept: bool, told: str
) -> None:
    """Nobody had been told since: it is named by the article that would have been told, where that was `kept`."""
    pair = fired("shelling", window=Window(at_least=2, unit=Unit.ARTICLES, within=HOUR))
    await silences.put(SILENCE)
    seen = {"May": NOON - timedelta(days=20), "Monday": NOON, "Tuesday": NOON + HOUR / 2}
    await _settle(store, *(match(title, pair, seen_at=at, title=title, published=None) for title, at in seen.items()))
    if not kept:
        (alert,) = await silences.held_by("s-1")
        await redis.hset(f"{prefix}silence:s-1:held", alert, json.dumps({"receivers": ["desk"]}))
    await SilenceAgent(silences, store, clock=lambda: SILENCE.ends_at).look()
    (summary,) = await _told(outbox, "desk", SILENCE.ends_at)
    assert list(summary.held.values()) == [told]


async def test_an_article_of_the_silence_that_is_decided_after_its_end_is_told_too(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """A worker may lag behind: the next look tells it, and nothing twice."""
    now = SILENCE.ends_at
    agent = SilenceAgent(silences, store, clock=lambda: now)
    await silences.put(SILENCE)
    await _settle(store, match("a1"))
    await agent.look()
    await _settle(store, match("a2", fired("shelling"), story="s2"))
    await agent.look()
    await agent.look()
    assert [len(notice.held) for notice in await _told(outbox, "desk", now)] == [1, 1]


async def test_who_an_article_was_for_that_was_decided_after_the_telling_was_never_told(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """The desk has been told of the alert, which took it for told to all; the desk is not told once more."""
    tree = (
        Route.model_validate({"receivers": "desk", "continue": True}),
        Route(match=Matchers(severity=Severity.CRITICAL), receivers=("mail",)),
    )
    policy = Policy(max_age=None, routes=tree, silences=(SILENCE,))
    agent = SilenceAgent(silences, store, clock=lambda: SILENCE.ends_at)
    await silences.put(SILENCE)
    for each in (match("a1"), match("a2", fired(severity=Severity.CRITICAL))):
        await store.settle([each], partial(decide, policy=policy), now=NOON)
        await agent.look()
    told = [await _told(outbox, name, SILENCE.ends_at) for name in ("desk", "mail")]
    assert [[len(notice.held) for notice in notices] for notices in told] == [[1], [1]]


async def test_what_came_while_another_worker_told_was_told_twice(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """Of two workers one had read more than the other has told: it tells nothing, and at the next look what is left."""
    await silences.put(SILENCE)
    await _settle(store, match("a1"))
    before = await silences.held_by("s-1")
    await _settle(store, match("a2", fired("shelling"), story="s2"))
    both = await silences.held_by("s-1")
    now = SILENCE.ends_at
    added = [await silences.settle("s-1", told_of(SILENCE, held, {}, now=now), now=now) for held in (before, both)]
    assert added == [2, 0]
    await SilenceAgent(silences, store, clock=lambda: now).look()
    assert [len(notice.held) for notice in await _told(outbox, "desk", now)] == [1, 1]


async def test_who_a_later_article_of_a_silenced_alert_was_for_was_not_told_of_it(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """A first report for the desk alone, then, in the same batch or another, graver ones for others too."""
    worse = fired(severity=Severity.CRITICAL)
    tree = (
        Route.model_validate({"receivers": "desk", "continue": True}),
        Route(match=Matchers(severity=Severity.CRITICAL), receivers=("mail",)),
    )
    policy = Policy(max_age=None, routes=tree, silences=(SILENCE,))
    await silences.put(SILENCE)
    first, graver = match("a1", fired(severity=Severity.MEDIUM)), match("a2", worse)
    for batch in (
        [first],
        [graver],
        [match("a3", fired(severity=Severity.MEDIUM), story="s9"), match("a4", worse, story="s9")],
    ):
        await store.settle(batch, partial(decide, policy=policy), now=NOON)
    await SilenceAgent(silences, store, clock=lambda: SILENCE.ends_at).look()
    told = [await _told(outbox, name, SILENCE.ends_at) for name in ("desk", "mail")]
    assert [[len(notice.held) for notice in notices] for notices in told] == [[2], [2]]


async def test_a_silence_of_two_months_had_forgotten_what_it_held_back_in_the_first(
    silences: SilenceStore, outbox: Outbox, redis: Redis, prefix: str
) -> None:
    """The alert itself is forgotten by then; what was held back lives as long as the silence."""
    store = AlertStore(redis, prefix=prefix, keep=timedelta(milliseconds=1))
    lasting = SILENCE.model_copy(update={"ends_at": NOON + timedelta(days=60)})
    await silences.put(lasting)
    await store.settle(
        [match("a1", fired(repeat_after=timedelta()))],
        partial(decide, policy=replace(POLICY, silences=(lasting,))),
        now=NOON,
    )
    assert await redis.ttl(f"{prefix}silence:s-1:held") == -1
    for key in [key async for key in redis.scan_iter(f"{prefix}alert:*")]:
        await redis.delete(key)
    await SilenceAgent(silences, store, clock=lambda: lasting.ends_at).look()
    (notice,) = await _told(outbox, "desk", lasting.ends_at)
    assert list(notice.held.values()) == [f"Rule withdrawal: {match().article.title}"]


async def test_a_silence_that_ended_at_night_woke_who_has_quiet_hours(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """That receiver is told in the morning, others at once."""
    morning = SILENCE.ends_at + 7 * HOUR
    await silences.put(SILENCE)
    await _settle(store, match("a1"))
    agent = SilenceAgent(
        silences,
        store,
        heard=lambda receiver, _now: morning if receiver == "desk" else None,
        clock=lambda: SILENCE.ends_at,
    )
    await agent.look()
    await agent.look()
    at_night = [await _told(outbox, name, SILENCE.ends_at) for name in ("desk", "mail")]
    assert [len(notices) for notices in at_night] == [0, 1]
    assert len(await _told(outbox, "desk", morning)) == 1


async def test_what_a_silence_held_back_was_told_at_its_early_end_in_the_middle_of_another(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """Of two that overlap the longer one tells; ended by hand, it hands on what the shorter one asks for too."""
    now = NOON + HOUR / 2
    longer = silence(id="s-2", stories=["s1", "s2"], ends_at=NOON + 5 * HOUR)
    beside = silence(match={"rules": ["withdrawal"]})
    for each in (beside, longer):
        await silences.put(each)
    await _settle(store, match("a1"), match("a2", fired("shelling"), story="s2"), silences=(beside, longer))
    await silences.put(longer.ended(now))
    agent = SilenceAgent(silences, store, clock=lambda: now)
    await agent.look()
    await agent.look()
    early = [await _told(outbox, name, now) for name in ("desk", "mail")]
    assert [[len(notice.held) for notice in notices] for notices in early] == [[1], []]
    now = beside.ends_at
    await agent.look()
    late = [await _told(outbox, name, now) for name in ("desk", "mail")]
    assert [[len(notice.held) for notice in notices] for notices in late] == [[1], [1]]


async def test_a_silence_that_came_after_the_first_article_was_not_known_to_hold_it_too(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """The second article of the alert says so; the first silence, ended by hand, told in the middle of it."""
    longer = silence(id="s-2", stories=["s1"], ends_at=NOON + 5 * HOUR)
    later = silence(match={"rules": ["withdrawal"]})
    await silences.put(longer)
    await _settle(store, match("a1"), silences=(longer,))
    await silences.put(later)
    await _settle(store, match("a2"), silences=(longer, later))
    await silences.put(longer.ended(NOON + HOUR / 2))
    await SilenceAgent(silences, store, clock=lambda: NOON + HOUR / 2).look()
    assert await _told(outbox, "desk", NOON + HOUR / 2) == []
    await SilenceAgent(silences, store, clock=lambda: later.ends_at).look()
    assert len(await _told(outbox, "desk", later.ends_at)) == 1


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ({"match": {"rules": ["withdrawal"], "sources": ["Tasnim"]}}, 0),
        ({"match": {"slots": {"who": ["mohammad bagheri"]}, "severity": "high"}}, 0),
        ({"stories": ["s1"]}, 0),
        ({"match": {"rules": ["shelling"]}}, 1),
        ({"match": {"sources": ["another"]}}, 1),
    ],
)
async def test_what_a_silence_held_back_was_told_at_its_end_though_another_had_been_added_to_go_on(
    silences: SilenceStore, store: AlertStore, outbox: Outbox, asked: dict[str, Any], held: int
) -> None:
    """That is how one makes a silence last longer; what the second one does not ask for is told."""
    now = SILENCE.ends_at
    await silences.put(SILENCE)
    await _settle(store, match("a1"))
    longer = silence(id="s-2", starts_at=now - HOUR / 4, ends_at=now + HOUR, **asked)
    await silences.put(longer)
    agent = SilenceAgent(silences, store, clock=lambda: now)
    await agent.look()
    assert len(await _told(outbox, "desk", now)) == held
    now = longer.ends_at
    await agent.look()
    await agent.look()
    assert len(await _told(outbox, "desk", now)) == 1 - held


async def test_a_silence_that_ended_long_ago_is_forgotten(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """After it was told, with what it held back; others stay."""
    lasting = silence(id="s-2", stories=["s9"], ends_at=NOON + 2 * KEEP)
    for each in (SILENCE, lasting):
        await silences.put(each)
    await _settle(store, match("a1"))
    await SilenceAgent(silences, store, clock=lambda: SILENCE.ends_at + KEEP).look()
    assert await silences.all() == (lasting,)
    assert await silences.held_by("s-1") == {}
    assert len(await _told(outbox, "desk", NOON + KEEP + HOUR)) == 1


async def test_a_silence_until_the_end_of_time_is_looked_after_like_others(
    silences: SilenceStore, store: AlertStore
) -> None:
    """The last day that there is has no day after it, on which the silence could be forgotten."""
    lasting = silence(match={"rules": ["withdrawal"]}, ends_at=datetime(9999, 12, 31, tzinfo=UTC))
    await silences.put(lasting)
    await SilenceAgent(silences, store, clock=lambda: NOON).look()
    assert await silences.all() == (lasting,)


async def test_what_an_earlier_release_had_told_of_a_silence_was_told_again(
    silences: SilenceStore, store: AlertStore, outbox: Outbox, redis: Redis, prefix: str
) -> None:
    """It kept one mark for all receivers of an alert; whom a later article is for is told, and nobody else."""
    await silences.put(SILENCE)
    await _settle(store, match("a1"))
    ((alert, held),) = (await silences.held_by("s-1")).items()
    row = json.dumps({"receivers": ["desk"], "told": True, "line": held.line})
    await redis.hset(f"{prefix}silence:s-1:held", alert, row)
    agent = SilenceAgent(silences, store, clock=lambda: SILENCE.ends_at)
    await agent.look()
    await _settle(store, match("a2"))
    await agent.look()
    assert [len(await _told(outbox, name, SILENCE.ends_at)) for name in ("desk", "mail")] == [0, 1]
