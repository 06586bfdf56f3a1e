"""Rules that watch for absence: told once when nothing came, by one of several workers, and not when something did."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial

import pytest
from redis.asyncio import Redis

from streams.alert.absence_agent import AbsenceAgent
from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import AlertContent, Reason
from streams.messages import Match, Unit, Window
from streams.observe.metrics import Metrics
from streams.routes import tree_of
from streams.stores.alerts import AlertStore
from streams.stores.outbox import Claim, Delivered, Outbox
from streams.stores.silences import SilenceStore
from tests.support.alerting import NOON, fired, match, silence

DAY = timedelta(days=1)
POLICY = Policy(max_age=None, routes=tree_of({"*": ("desk",)}))
DAILY = Window(at_least=0, unit=Unit.ARTICLES, within=DAY, history=28 * DAY, usual=1.0)
DUE = NOON + DAY + timedelta(hours=1)


def report(day: int, *, shadow: bool = False) -> Match:
    """The report of a day, which comes at noon."""
    seen = NOON + day * DAY
    rule = fired("bulletin", window=DAILY, slots={}, entities={}, shadow=shadow)
    return match(f"a{day}", rule, seen_at=seen, published=seen).model_copy(update={"story": f"text {day}"})


async def a_month(store: AlertStore, *, shadow: bool = False) -> None:
    """A report every day, the last one at NOON."""
    reports = [report(day, shadow=shadow) for day in range(-28, 1)]
    await store.settle(reports, partial(decide, policy=POLICY), now=NOON)


async def look(store: AlertStore, silences: SilenceStore, at: datetime, policy: Policy = POLICY) -> None:
    await AbsenceAgent(store, silences, policy, Metrics(), clock=lambda: at).look()


async def told(outbox: Outbox, at: datetime) -> list[AlertContent]:
    """What the desk is sent by then."""
    found = []
    while isinstance(claim := await outbox.claim("desk", now=at, lease=DAY), Claim):
        content = claim.notification.content
        assert isinstance(content, AlertContent)
        found.append(content)
        await outbox.settle(claim, Delivered(""), now=at)
    return found


async def test_nothing_is_told_before_it_is_due_and_then_once(
    store: AlertStore, silences: SilenceStore, outbox: Outbox
) -> None:
    """Whichever of several workers looks; with the last report, and what is usual."""
    await a_month(store)
    await look(store, silences, NOON + DAY)
    assert await told(outbox, DUE) == []
    await asyncio.gather(*(look(store, silences, DUE) for _ in range(3)))
    await look(store, silences, DUE + DAY)
    (content,) = await told(outbox, DUE + DAY)
    assert content.window is not None
    assert (content.reason, content.window.count, content.window.usual) == (Reason.FIRST, 0, 1.0)
    assert [item.article for item in content.window.items] == ["a0"]
    (view,) = await store.recent()
    assert (view.record.articles, view.record.number) == (29, 1)


async def test_an_article_puts_it_off(store: AlertStore, silences: SilenceStore, outbox: Outbox) -> None:
    """What was to be told is told a day later."""
    await a_month(store)
    await store.settle([report(1)], partial(decide, policy=POLICY), now=NOON + DAY)
    await look(store, silences, DUE)
    assert await told(outbox, DUE) == []
    await look(store, silences, DUE + DAY)
    assert len(await told(outbox, DUE + DAY)) == 1


async def test_a_second_absence_is_told_as_a_repeat(store: AlertStore, silences: SilenceStore, outbox: Outbox) -> None:
    """After reports have come again."""
    await a_month(store)
    await look(store, silences, DUE)
    await store.settle([report(3)], partial(decide, policy=POLICY), now=NOON + 3 * DAY)
    later = NOON + 5 * DAY
    await look(store, silences, later)
    assert [content.reason for content in await told(outbox, later)] == [Reason.FIRST, Reason.REPEAT]


@pytest.mark.parametrize(
    ("shadow", "policy", "reason"),
    [
        (True, POLICY, Reason.SHADOW),
        (False, Policy(max_age=None, routes=()), Reason.UNROUTED),
    ],
)
async def test_an_absence_that_nobody_is_told_is_recorded(  # noqa: PLR0913  # fixtures
    store: AlertStore,
    silences: SilenceStore,
    outbox: Outbox,
    *,
    shadow: bool,
    policy: Policy,
    reason: Reason,
) -> None:
    """Once, like others."""
    await a_month(store, shadow=shadow)
    await look(store, silences, DUE, policy)
    assert await told(outbox, DUE) == []
    (view,) = await store.recent()
    assert view.articles[-1].reason is reason


async def test_a_silence_holds_an_absence_back(store: AlertStore, silences: SilenceStore, outbox: Outbox) -> None:
    """It is told with what else the silence held back."""
    await a_month(store)
    await silences.put(silence(match={"rules": ["bulletin"]}, starts_at=NOON, ends_at=DUE + DAY))
    await look(store, silences, DUE)
    assert await told(outbox, DUE) == []
    (view,) = await store.recent()
    assert list(await silences.held_by("s-1")) == [view.record.id]


async def test_what_is_forgotten_is_not_watched_any_more(
    store: AlertStore, silences: SilenceStore, redis: Redis, prefix: str
) -> None:
    """An alert that expired leaves nothing behind."""
    await a_month(store)
    (view,) = await store.recent()
    await redis.delete(f"{prefix}alert:{view.record.id}")
    await look(store, silences, DUE)
    assert (await redis.zcard(f"{prefix}absences:due"), await redis.hlen(f"{prefix}absences")) == (0, 0)


@pytest.mark.parametrize(
    ("rules", "count"),
    [({"bulletin": False, "other": False}, 1), ({"other": False}, 0), ({"bulletin": True}, 0)],
    ids=["live", "deleted", "on trial"],
)
async def test_a_rule_that_was_deleted_told_of_absence_all_the_same(
    store: AlertStore, silences: SilenceStore, outbox: Outbox, rules: dict[str, bool], count: int
) -> None:
    """What it would tell waits in Redis, where no rule file is looked at."""
    await a_month(store)
    await store.absences.watch_only(rules)
    await look(store, silences, DUE)
    assert len(await told(outbox, DUE)) == count


async def test_a_match_that_was_under_way_armed_a_rule_that_was_switched_off(
    store: AlertStore, silences: SilenceStore, outbox: Outbox, redis: Redis, prefix: str
) -> None:
    """It was matched by the rules of before, and is decided after those of now were taken up."""
    await a_month(store)
    await store.absences.watch_only({"other": False})
    await store.settle([report(1)], partial(decide, policy=POLICY), now=NOON + DAY)
    await look(store, silences, DUE + DAY)
    assert await told(outbox, DUE + DAY) == []
    assert (await redis.zcard(f"{prefix}absences:due"), await redis.hlen(f"{prefix}absences")) == (0, 0)
    await store.absences.watch_only({"bulletin": False})
    await store.settle([report(2)], partial(decide, policy=POLICY), now=NOON + 2 * DAY)
    await look(store, silences, DUE + 2 * DAY)
    assert len(await told(outbox, DUE + 2 * DAY)) == 1


async def test_nothing_is_missed_while_articles_wait_to_be_decided(
    store: AlertStore, silences: SilenceStore, outbox: Outbox
) -> None:
    """A worker that was away begins with what came meanwhile: the report of the day may be among it."""
    await a_month(store)
    decided_up_to: list[datetime | None] = [None, DUE - timedelta(minutes=1), DUE]

    async def through(now: datetime) -> datetime | None:
        assert now == DUE + DAY
        return decided_up_to.pop(0)

    agent = AbsenceAgent(store, silences, POLICY, Metrics(), through=through, clock=lambda: DUE + DAY)
    counts = []
    for _ in range(3):
        await agent.look()
        counts.append((await outbox.counts()).pending)
    assert counts == [0, 0, 1]
