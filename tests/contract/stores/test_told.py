"""Updates of articles are decided once each, in their order, on what was decided on the article before."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import partial

from redis.asyncio import Redis

from streams.alert.decision import Decision, decide
from streams.alert.policy import Policy
from streams.alerts import Reason, alert_id, notification_id
from streams.messages import Match, Sketch, Traits, Update
from streams.ports import ArticleStatus
from streams.routes import tree_of
from streams.stores.alerts import AlertStore
from streams.stores.ledger import RedisLedger, Tally
from streams.stores.outbox import Outbox
from tests.support.alerting import NOON, match

POLICY = Policy(max_age=timedelta(hours=48), routes=tree_of({"*": ("desk",)}))
by_policy = partial(decide, policy=POLICY)
ALERT = alert_id("withdrawal", "s1")


def revised(revision: int, *, hours: float = 0, deaths: int = 0, story: str = "") -> Match:
    """A revision of the article a1, which counts so many dead; its text is another one."""
    found = match("a1", seen_at=NOON + timedelta(hours=hours), update=Update(revision=revision), published=NOON)
    return found.model_copy(update={"story": story or f"text {revision}", "traits": Traits(deaths=(deaths,))})


def reasons(decisions: list[Decision]) -> list[Reason]:
    return [ruling.reason for decision in decisions for ruling in decision.rulings]


async def test_an_update_joins_its_article_whatever_its_text_has_become(
    store: AlertStore, ledger: RedisLedger, outbox: Outbox
) -> None:
    """Told as a development after the first message; the history has a line for each, and the ledger one article."""
    await ledger.enter(["a1"])
    first = match().model_copy(update={"traits": Traits(deaths=(4,))})
    await store.settle([first], by_policy, now=NOON)
    found = await store.settle([revised(2, hours=1, deaths=9)], by_policy, now=NOON)
    assert reasons(found) == [Reason.NUMBER_GROWN]
    view = await store.view(ALERT)
    assert view is not None
    lines = [(item.article.revision, item.reason, item.number, item.story) for item in view.articles]
    assert lines == [(1, Reason.FIRST, 1, "s1"), (2, Reason.NUMBER_GROWN, 2, "s1")]
    assert (view.record.articles, len(view.notifications)) == (1, 2)
    (told,) = found[0].rulings[0].notifications
    assert told.first == notification_id(ALERT, "desk", 1)
    assert await ledger.tally() == Tally(1, {ArticleStatus.ALERTED: 1})
    assert (await outbox.counts()).pending == 2


async def test_a_revision_is_decided_once_and_none_after_a_later_one(store: AlertStore, outbox: Outbox) -> None:
    """Redelivered, each changes nothing; one that comes late is passed over, so that nothing goes backwards."""
    first, second, third = (
        match().model_copy(update={"traits": Traits(deaths=(4,))}),
        revised(2, hours=1, deaths=9),
        revised(3, hours=2, deaths=20),
    )
    await store.settle([first, first], by_policy, now=NOON)
    await store.settle([third, third], by_policy, now=NOON)
    before = await store.view(ALERT)
    for again in ([first], [second], [third], [first, second, third]):
        assert await store.settle(again, by_policy, now=NOON) == []
    assert await store.view(ALERT) == before
    assert (await outbox.counts()).pending == 2


async def test_revisions_in_one_batch_are_decided_as_one_after_another(store: AlertStore) -> None:
    """After an outage they come together."""
    first = match().model_copy(update={"traits": Traits(deaths=(4,))})
    batch = [first, revised(2, hours=1, deaths=9), revised(2, hours=1, deaths=9), revised(3, hours=2, deaths=9)]
    found = await store.settle(batch, by_policy, now=NOON)
    assert reasons(found) == [Reason.FIRST, Reason.NUMBER_GROWN, Reason.DUPLICATE]
    assert {decision.story for decision in found} == {"s1"}


async def test_workers_with_one_update_tell_it_once(redis: Redis, prefix: str, outbox: Outbox) -> None:
    """A rebalance hands it to four of them."""
    stores = [AlertStore(redis, prefix=prefix) for _ in range(4)]
    await stores[0].settle([match().model_copy(update={"traits": Traits(deaths=(4,))})], by_policy, now=NOON)
    update = revised(2, hours=1, deaths=9)
    found = await asyncio.gather(*(store.settle([update], by_policy, now=NOON) for store in stores))
    assert sorted(map(len, found)) == [0, 0, 0, 1]
    assert (await outbox.counts()).pending == 2


async def test_an_update_that_is_told_where_its_article_was_not_changes_its_status(
    store: AlertStore, ledger: RedisLedger
) -> None:
    """The article is counted once all the same; what tells nobody changes no status."""
    await ledger.finish({"a1": ArticleStatus.NO_MATCH, "a2": ArticleStatus.NO_MATCH})
    old = revised(2, hours=100).model_copy(update={"article": revised(2).article.model_copy(update={"id": "a2"})})
    await store.settle([revised(2), old], by_policy, now=NOON)
    assert await ledger.tally() == Tally(2, {ArticleStatus.ALERTED: 1, ArticleStatus.NO_MATCH: 1})
    assert await ledger.status("a1") is ArticleStatus.ALERTED
    await store.settle([revised(3, hours=1)], by_policy, now=NOON)
    assert await ledger.tally() == Tally(2, {ArticleStatus.ALERTED: 1, ArticleStatus.NO_MATCH: 1})


async def test_a_copy_of_an_update_is_of_the_articles_story(store: AlertStore) -> None:
    """Another outlet prints the text as it is now: no origin of its own."""
    prints = Sketch(words=300, triples=tuple(range(1000, 1020)))
    update = revised(2, hours=1, story="s1:now").model_copy(update={"sketch": prints})
    await store.settle([match(), update], by_policy, now=NOON)
    copy = match("b1", seen_at=NOON + timedelta(hours=2)).model_copy(update={"story": "s1:copy", "sketch": prints})
    (decision,) = await store.settle([copy], by_policy, now=NOON)
    assert (decision.story, reasons([decision])) == ("s1", [Reason.DUPLICATE])


async def test_what_is_remembered_of_an_article_goes_with_its_alerts(
    store: AlertStore, redis: Redis, prefix: str
) -> None:
    """It lives as long as they do, longer than an article is looked at again."""
    await store.settle([match()], by_policy, now=NOON)
    key = f"{prefix}article:a1:alerts"
    seen = f"{NOON.isoformat()} tasnim"
    assert await redis.hgetall(key) == {"revision": "1", "story": "s1", "seen": seen, ALERT: "first"}
    assert await redis.ttl(key) > 29 * 24 * 3600


async def test_messages_without_a_revision_are_first_ones(store: AlertStore) -> None:
    """As releases before this wrote them."""
    body = json.loads(match().model_dump_json())
    del body["article"]["update"]
    assert reasons(await store.settle([Match.model_validate(body)], by_policy, now=NOON)) == [Reason.FIRST]
