"""Decisions are kept with their notifications and statuses, or not at all, whoever else works on the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from redis.asyncio import Redis

from streams.alert.alert_agent import AlertAgent
from streams.alert.decision import Decision, decide
from streams.alert.policy import Policy
from streams.alerts import NotificationState, Reason, alert_id, notification_id
from streams.messages import Match, Unit, Window
from streams.observe.metrics import Metrics
from streams.ports import ArticleStatus, Received, Record
from streams.routes import Matchers, Route, Subject, tree_of
from streams.sections import Inhibition
from streams.silences import Held
from streams.stores.alerts import AlertStore
from streams.stores.ledger import RedisLedger, Tally
from streams.stores.outbox import Claim, Counts, Delivered, Outbox
from streams.stores.silences import SilenceStore
from tests.support.alerting import NOON, fired, match, silence

POLICY = Policy(max_age=timedelta(hours=48), routes=tree_of({"nobody": (), "*": ("desk", "mail")}))


by_policy = partial(decide, policy=POLICY)


def reasons(decisions: list[Decision]) -> list[Reason]:
    return [ruling.reason for decision in decisions for ruling in decision.rulings]


async def test_one_commit_writes_record_notifications_and_status(
    store: AlertStore, ledger: RedisLedger, outbox: Outbox
) -> None:
    """After `settle` everything that belongs to the alert is there."""
    await ledger.enter(["a1"])
    assert reasons(await store.settle([match()], by_policy, now=NOON)) == [Reason.FIRST]
    (view,) = await store.recent()
    assert (view.record.number, view.record.articles, view.record.told_at) == (1, 1, NOON)
    assert [item.article.id for item in view.articles] == ["a1"]
    assert [(item.receiver, item.state) for item in view.notifications] == [
        ("desk", NotificationState.PENDING),
        ("mail", NotificationState.PENDING),
    ]
    assert await ledger.tally() == Tally(1, {ArticleStatus.ALERTED: 1})
    assert await outbox.counts() == Counts(pending=2, leased=0, sent=0, dead=0)


async def test_redelivery_changes_nothing(store: AlertStore, ledger: RedisLedger, outbox: Outbox) -> None:
    """The same batch again, in one call or another, decides nothing and writes nothing."""
    await store.settle([match(), match()], by_policy, now=NOON)
    before = await store.recent()
    assert await store.settle([match()], by_policy, now=NOON + timedelta(days=1)) == []
    assert (await store.recent(), (await ledger.tally()).entered, (await outbox.counts()).pending) == (before, 1, 2)


async def test_a_batch_is_decided_in_order(store: AlertStore) -> None:
    """The second copy of a story in one batch rests on what the first one decided."""
    later = NOON + timedelta(hours=13)
    batch = [match("a1"), match("a2"), match("a3", seen_at=later, published=later), match("b1", story="s2")]
    decisions = await store.settle(batch, by_policy, now=NOON)
    assert reasons(decisions) == [Reason.FIRST, Reason.DUPLICATE, Reason.REPEAT, Reason.FIRST]
    view = await store.view(alert_id("withdrawal", "s1"))
    assert view is not None
    assert [(item.article.id, item.reason, item.number) for item in view.articles] == [
        ("a1", Reason.FIRST, 1),
        ("a2", Reason.DUPLICATE, 1),
        ("a3", Reason.REPEAT, 2),
    ]
    assert len({item.id for item in view.notifications}) == 4


async def test_workers_with_one_story_tell_it_once(redis: Redis, prefix: str, outbox: Outbox) -> None:
    """Eight workers get copies of one story at the same time: one tells, seven find it a duplicate."""
    stores = [AlertStore(redis, prefix=prefix) for _ in range(8)]
    calls = (store.settle([match(f"a{n}")], by_policy, now=NOON) for n, store in enumerate(stores))
    found = sorted(reasons([item for decisions in await asyncio.gather(*calls) for item in decisions]))
    assert found == [Reason.DUPLICATE] * 7 + [Reason.FIRST]
    assert (await outbox.counts()).pending == 2
    view = await stores[0].view(alert_id("withdrawal", "s1"))
    assert view is not None
    assert (view.record.articles, len(view.articles)) == (8, 8)


@pytest.mark.parametrize("source", ["nobody's", "silenced"])
async def test_a_redelivery_told_what_others_had_completed_since(store: AlertStore, source: str) -> None:
    """One of too few, that comes once more when there are enough, is no news: the last of them was for nobody."""
    counts = fired(window=Window(at_least=2, unit=Unit.ARTICLES, within=timedelta(hours=6)))
    routes = (Route(match=Matchers(sources=("nobody's",))), Route(receivers=("desk",)))
    policy = replace(POLICY, routes=routes, silences=(silence(match=Matchers(sources=("silenced",))),))
    decide_each = partial(decide, policy=policy)
    first, second = match("a1", counts), match("a2", counts, source=source)
    for batch in ([first], [second], [first], [first, second]):
        for decision in await store.settle(batch, decide_each, now=NOON):
            assert not any(ruling.notifications for ruling in decision.rulings)


async def test_of_a_count_that_lasts_for_months_the_first_articles_alone_were_kept(
    store: AlertStore, redis: Redis, prefix: str
) -> None:
    """The latest are, with whatever was told; and of its notifications those that are remembered."""
    counts = fired(window=Window(at_least=2, unit=Unit.ARTICLES, within=timedelta(hours=1)))
    alert = alert_id("withdrawal", "window ")
    for hundred in range(14):
        # The last two of a hundred come together.
        hours = [100 * hundred + min(n, 98.5) for n in range(100)]
        seen = [NOON + timedelta(hours=each) for each in hours]
        batch = [match(f"{at:%j-%H-%M}", counts, seen_at=at, published=None) for at in seen]
        await store.settle(batch, by_policy, now=NOON)
        if not hundred:
            await redis.delete(f"{prefix}notification:{notification_id(alert, 'desk', 1)}")
    view = await store.view(alert)
    assert view is not None
    told = [item.article.id for item in view.articles if item.reason.told]
    untold = [item.article.id for item in view.articles if not item.reason.told]
    assert (view.record.number, len(told), len(view.notifications)) == (14, 14, 27)
    assert untold[-1] == f"{seen[-2]:%j-%H-%M}"
    assert 250 <= len(untold) <= 500
    assert len(await redis.smembers(f"{prefix}alert:{alert}:notifications")) == 27


async def test_an_article_handled_twice_at_once_counts_once(
    redis: Redis, prefix: str, ledger: RedisLedger, outbox: Outbox
) -> None:
    """A rebalance hands one match to two workers: one of them changes nothing."""
    stores = [AlertStore(redis, prefix=prefix) for _ in range(4)]
    found = await asyncio.gather(*(store.settle([match()], by_policy, now=NOON) for store in stores))
    assert sorted(map(len, found)) == [0, 0, 0, 1]
    assert (await ledger.tally(), (await outbox.counts()).pending) == (Tally(1, {ArticleStatus.ALERTED: 1}), 2)


async def test_an_article_dead_lettered_meanwhile_is_decided_when_retried(
    store: AlertStore, ledger: RedisLedger
) -> None:
    """A retried dead letter alerts; its status in the books stays the first one."""
    await ledger.finish({"a1": ArticleStatus.DEAD_LETTERED})
    assert reasons(await store.settle([match()], by_policy, now=NOON)) == [Reason.FIRST]
    assert await ledger.tally() == Tally(1, {ArticleStatus.DEAD_LETTERED: 1})


@pytest.mark.parametrize("status", [ArticleStatus.NO_MATCH, ArticleStatus.UNREADABLE, ArticleStatus.BACKLOG])
async def test_an_article_that_ended_untold_is_told_when_it_comes_again_as_news(
    store: AlertStore, ledger: RedisLedger, outbox: Outbox, status: ArticleStatus
) -> None:
    """Another source brings the same address whole, or fresh: it alerts, once; the books keep the first status."""
    await ledger.finish({"a1": status})
    assert await store.settle([match(backlog=True)], by_policy, now=NOON) == []
    assert reasons(await store.settle([match(), match()], by_policy, now=NOON)) == [Reason.FIRST]
    assert await store.settle([match()], by_policy, now=NOON) == []
    assert (await ledger.tally(), (await outbox.counts()).pending) == (Tally(1, {status: 1}), 2)
    view = await store.view(alert_id("withdrawal", "s1"))
    assert view is not None
    assert view.record.articles == 1


async def test_archive_and_news_of_one_address_in_one_batch(store: AlertStore, ledger: RedisLedger) -> None:
    """The archive's copy comes first and does not hold back the other."""
    batch = [match(backlog=True), match(source="irna"), match(backlog=True)]
    assert reasons(await store.settle(batch, by_policy, now=NOON)) == [Reason.BACKLOG, Reason.FIRST]
    assert await ledger.tally() == Tally(1, {ArticleStatus.BACKLOG: 1})


async def test_recent_lists_the_last_told_first_and_the_untold_too(store: AlertStore) -> None:
    """Newest first by telling; what was only recorded is listed with its reason."""
    await store.settle([match("a1", story="old")], by_policy, now=NOON)
    await store.settle([match("a2", fired("nobody"), story="x")], by_policy, now=NOON + timedelta(seconds=1))
    await store.settle([match("a3", story="new")], by_policy, now=NOON + timedelta(seconds=2))
    await store.settle([match("a4", story="old")], by_policy, now=NOON + timedelta(seconds=3))
    found = [(view.record.story, view.record.reason) for view in await store.recent()]
    assert found == [("new", Reason.FIRST), ("x", Reason.UNROUTED), ("old", Reason.FIRST)]
    assert len(await store.recent(limit=1)) == 1


async def test_records_expire_after_their_notifications(store: AlertStore, redis: Redis, prefix: str) -> None:
    """Every key of an alert has a time to live, longer for a rule with a long `repeat_after`."""
    long = fired("slow", repeat_after=timedelta(days=40))
    await store.settle([match("a1"), match("a2", long, story="s2")], by_policy, now=NOON)
    await store.settle([match("b1", story="s3")], by_policy, now=NOON)
    keys = [key async for key in redis.scan_iter(f"{prefix}alert:*")]
    assert len(keys) == 9
    assert all([await redis.ttl(key) > 29 * 24 * 3600 for key in keys])
    assert await redis.ttl(f"{prefix}alert:{alert_id('slow', 's2')}") > 79 * 24 * 3600


async def test_articles_of_one_poll_stood_in_no_order(store: AlertStore) -> None:
    """All are seen at once: what was told comes before the copies of it, and these by their ids."""
    names = [f"a{number}" for number in range(20, 0, -1)]
    await store.settle([match(name) for name in names], by_policy, now=NOON)
    view = await store.view(alert_id("withdrawal", "s1"))
    assert view is not None
    assert [item.article.id for item in view.articles] == ["a20", *sorted(names[1:])]


async def test_an_unknown_alert_has_no_view(store: AlertStore) -> None:
    """Nothing is known of it."""
    assert (await store.view("a1:unknown"), await store.recent()) == (None, ())


async def test_the_agent_counts_reasons_and_statuses(store: AlertStore, silences: SilenceStore) -> None:
    """The metrics count what was decided; a redelivered batch adds nothing."""
    metrics = Metrics()
    agent = AlertAgent(store, silences, POLICY, metrics, clock=lambda: NOON)
    record = Record(topic="matches", partition=0, offset=0, key=None, value=None)
    batch = [Received(item, record) for item in (match("a1"), match("a2"), match("a3", backlog=True, story="s2"))]
    await agent.handle(batch)
    await agent.handle(batch)
    value = metrics.registry.get_sample_value
    counted = {
        reason: value("marsad_decisions_total", {"reason": reason}) for reason in ("first", "duplicate", "backlog")
    }
    assert counted == {"first": 1, "duplicate": 1, "backlog": 1}
    assert value("marsad_articles_total", {"status": "alerted"}) == 1


async def test_what_a_silence_holds_back_is_known(
    store: AlertStore, silences: SilenceStore, ledger: RedisLedger, outbox: Outbox
) -> None:
    """The article ends as silenced, nobody is sent anything, and the silence knows the alert; redelivered, it is so."""
    await silences.put(silence(match={"rules": ["withdrawal"]}))
    agent = AlertAgent(store, silences, POLICY, Metrics(), clock=lambda: NOON)
    record = Record(topic="matches", partition=0, offset=0, key=None, value=None)
    for _ in range(2):
        await agent.handle([Received(match(), record)])
    (view,) = await store.recent()
    assert [(item.reason, item.by) for item in view.articles] == [(Reason.SILENCED, "s-1")]
    line = f"{view.record.title}: {view.record.headline}"
    subject = Subject.of(match().article, fired())
    held = Held(receivers=("desk", "mail"), line=line, subject=subject)
    assert await silences.held_by("s-1") == {view.record.id: held}
    assert (await ledger.tally()).statuses == {ArticleStatus.SILENCED: 1}
    assert await outbox.counts() == Counts(pending=0, leased=0, sent=0, dead=0)


async def test_alerts_of_other_rules_are_read_where_they_matter(
    store: AlertStore, silences: SilenceStore, outbox: Outbox
) -> None:
    """A rule is quiet about what another one told in an earlier batch."""
    quiet = Inhibition.model_validate({"source": "withdrawal", "target": "plans"})
    agent = AlertAgent(store, silences, replace(POLICY, inhibitions=(quiet,)), Metrics(), clock=lambda: NOON)
    record = Record(topic="matches", partition=0, offset=0, key=None, value=None)
    for item in (match("a1"), match("a2", fired("plans"))):
        await agent.handle([Received(item, record)])
    views = {view.record.rule: view for view in await store.recent()}
    assert [(item.reason, item.by) for item in views["plans"].articles] == [
        (Reason.INHIBITED, views["withdrawal"].record.id)
    ]
    assert (await outbox.counts()).pending == 2


async def test_what_is_told_later_knows_what_was_told_first(store: AlertStore, outbox: Outbox) -> None:
    """The claim of a repeat carries the first notification's id, and its receipt once it was delivered."""
    lease, later = timedelta(minutes=1), NOON + timedelta(hours=13)
    await store.settle([match("a1")], by_policy, now=NOON)
    first = await outbox.claim("desk", now=NOON, lease=lease)
    assert isinstance(first, Claim)
    assert (first.first, first.first_receipt) == ("", "")
    await outbox.settle(first, Delivered("C1/17.1"), now=NOON)
    await store.settle([match("a2", seen_at=later, published=later)], by_policy, now=later)
    again = await outbox.claim("desk", now=later, lease=lease)
    assert isinstance(again, Claim)
    assert (again.first, again.first_receipt, again.notification.first) == (first.id, "C1/17.1", first.id)


async def test_an_article_that_ended_in_cooldown_is_told_by_no_redelivery(store: AlertStore, outbox: Outbox) -> None:
    """Handled again it changes nothing, as a duplicate does, even where the rule would tell it by then."""
    texts = [match("a1"), *(match(f"a{n}").model_copy(update={"story": f"s{n}"}) for n in (2, 3, 4))]
    found = reasons(await store.settle(texts, by_policy, now=NOON))
    assert found[-1] is Reason.COOLDOWN
    pending = (await outbox.counts()).pending
    hasty = match("a4", fired(repeat_after=timedelta()), seen_at=NOON + timedelta(hours=1))
    assert await store.settle([hasty.model_copy(update={"story": "s4"})], by_policy, now=NOON) == []
    assert (await outbox.counts()).pending == pending


async def test_an_alert_keeps_others_quiet_for_as_long_as_is_asked(store: AlertStore) -> None:
    """Two days after it was told, with nothing joined since, it is still found."""
    quiet = Inhibition.model_validate({"source": "strike", "target": "ceasefire", "within": "3d"})
    policy = replace(POLICY, max_age=None, inhibitions=(quiet,))
    later = match("a2", fired("ceasefire"), seen_at=NOON + timedelta(days=2)).model_copy(update={"story": "another"})

    async def settle(item: Match) -> list[Reason]:
        decided = partial(decide, policy=policy)
        return reasons(await store.settle([item], decided, now=NOON, beside=policy.sources_for))

    assert await settle(match("a1", fired("strike"))) == [Reason.FIRST]
    assert await settle(later) == [Reason.INHIBITED]


async def test_what_is_usual_is_remembered_as_long_as_a_rule_asks(store: AlertStore, redis: Redis, prefix: str) -> None:
    """A place that is named every two months has a usual, though other alerts are forgotten sooner."""
    window = Window(at_least=3, unit=Unit.ARTICLES, within=timedelta(days=1), times=3, history=timedelta(days=84))
    rule = fired("spike", window=window, slots={}, entities={})
    (decision,) = await store.settle([match("a1", rule)], by_policy, now=NOON)
    left = timedelta(seconds=await redis.ttl(f"{prefix}alert:{decision.rulings[0].record.id}"))
    assert left > timedelta(days=84)


async def test_what_was_told_late_was_missing_from_a_long_history(redis: Redis, prefix: str) -> None:
    """Of an alert with more articles than are kept, what told something is kept all the same."""
    store = AlertStore(redis, prefix=prefix)
    copies = [match(f"a{number}") for number in range(510)]
    for start in range(0, 510, 100):
        await store.settle(copies[start : start + 100], by_policy, now=NOON)
    elsewhere = fired(slots={"where": ("معرة النعمان",)}, new_if=("where",))
    (decided,) = await store.settle([match("b1", elsewhere)], by_policy, now=NOON)
    view = await store.view(decided.rulings[0].record.id)
    assert view is not None
    assert (view.record.articles, len(view.articles)) == (511, 501)
    assert sum(item.reason is Reason.NEW_PLACE for item in view.articles) == 1
