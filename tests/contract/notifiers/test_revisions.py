"""The first message on an alert is edited in place when it develops, by one worker at a time, to what is known now."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from pydantic import SecretStr

from deploy.sample.slack_standin import Answer, SlackStandin
from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import HeldBy, Hold, NotificationState, notification_id, revision_id
from streams.messages import Match, Severity, Unit, Window
from streams.notify.delivery import AttemptOutcome, Delivery
from streams.notify.slack import Slack, SlackWebhook
from streams.routes import Matchers, Route, tree_of
from streams.stores.alerts import AlertStore
from streams.stores.outbox import Claim, Counts, Deferred, Delivered, NothingDue, Outbox, Pace
from streams.stores.storms import Unruled
from tests.support.alerting import NOON, article, fired, match, notification
from tests.support.sinks import Clock
from tests.support.slack import TOKEN, slack

SECOND = timedelta(seconds=1)
FIRST = "1700000000.000001"


@pytest.fixture
async def chat() -> AsyncIterator[SlackStandin]:
    async with slack() as standin:
        yield standin


@pytest.fixture
async def bot(chat: SlackStandin) -> AsyncIterator[Slack]:
    notifier = Slack(channel="C0123456", token=SecretStr(TOKEN), api=chat.api)
    yield notifier
    await notifier.close()


def report(number: int, rule: str = "withdrawal") -> Match:
    """Another text on the same happening, from a source of its own, that names one more place."""
    places = ("إدلب", *(f"town {each}" for each in range(1, number)))
    told_by = fired(rule, slots={"who": ("باقري",), "where": places}, new_if=("where",))
    told = match(
        f"a{number}", told_by, seen_at=NOON + number * SECOND, source=f"source {number}", title=f"Title {number}"
    )
    return told.model_copy(update={"story": f"s{number}"})


on_the_desk = partial(decide, policy=Policy(max_age=None, routes=tree_of({"*": ("desk",)})))


async def tell(store: AlertStore, *numbers: int) -> str:
    """Reports as the alert stage settles them; the alert's id."""
    decisions = await store.settle([report(number) for number in numbers], on_the_desk, now=NOON)
    return decisions[0].rulings[0].record.id


async def claimed(outbox: Outbox, clock: Clock) -> Claim:
    claim = await outbox.claim("desk", now=clock.now, lease=timedelta(minutes=1))
    assert isinstance(claim, Claim)
    return claim


async def deliver(delivery: Delivery, clock: Clock, bot: Slack | SlackWebhook) -> list[AttemptOutcome]:
    outcomes = []
    while isinstance(claim := await delivery.outbox.claim("desk", now=clock.now, lease=delivery.lease), Claim):
        outcomes.append(await delivery.attempt(claim, bot))
    return outcomes


def edit(chat: SlackStandin, number: int = -1) -> str:
    return json.dumps(chat.edited[FIRST][number]["blocks"], ensure_ascii=False)


async def test_a_development_edits_the_first_message(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """It goes into the thread, and the first message names all sources, origins and places, its evidence as it was."""
    await tell(store, 1)
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.SENT]
    await tell(store, 2)
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.SENT, AttemptOutcome.EDITED]
    assert [message.get("thread_ts") for message in chat.received] == [None, FIRST]
    said = edit(chat)
    assert "reported by 2 independent texts, 2 articles" in said
    assert "sources: source 1, source 2" in said
    assert "Title 1" in said
    assert "town 1" in said
    assert "updated 2026-03-01 12:00 UTC: a new place" in said
    assert chat.edited[FIRST][-1]["text"].startswith("[HIGH] Rule withdrawal: Title 1")
    # An edit is no telling: it is not counted as one.
    assert await delivery.outbox.counts() == Counts(pending=0, leased=0, sent=2, dead=0)


async def test_the_first_message_on_a_count_named_all_articles_that_ever_came(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """Those that had been too few, and those that were so later, which edited it for as long as they came."""
    window, day = Window(at_least=3, unit=Unit.ARTICLES, within=timedelta(hours=1)), 24 * 3600

    async def count(*seconds: int) -> None:
        for each in seconds:
            told = match(f"a{each}", fired(window=window), seen_at=NOON + each * SECOND, source=f"source {each}")
            await store.settle([told.model_copy(update={"story": f"s{each}"})], on_the_desk, now=clock.now)

    await count(1, 2, day, day + 1, day + 2)
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.SENT]
    await count(day + 3)
    clock.now += 6 * SECOND
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.EDITED]
    assert "reported by 4 independent texts, 4 articles" in edit(chat)
    assert f"sources: source {day}, source {day + 1}, source {day + 2}, source {day + 3}" in edit(chat)
    await count(2 * day)
    clock.now += 6 * SECOND
    assert await deliver(delivery, clock, bot) == []


async def test_a_count_of_today_rewrote_the_message_on_that_of_last_week(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """It is a message of its own; what grows afterwards goes into its thread, and the numbers of then are kept."""
    window, week = Window(at_least=3, unit=Unit.ARTICLES, within=timedelta(hours=1)), 7 * 24 * 3600
    ended = []
    # Told; one more, and much later three others in which it would be told but for its cooldown; told anew, and grown.
    for each in (1, 2, 3, 4, 8001, 8002, 8003, week, week + 1, week + 2, week + 3, week + 4):
        told = match(f"a{each}", fired(window=window), seen_at=NOON + each * SECOND, source=f"source {each}")
        await store.settle([told.model_copy(update={"story": f"s{each}"})], on_the_desk, now=clock.now)
        clock.now += 6 * SECOND
        ended += await deliver(delivery, clock, bot)
    assert ended.count(AttemptOutcome.SENT) == 3
    first, second, grown = chat.received
    assert [message.get("thread_ts") for message in (first, second, grown)] == [None, None, "1700000000.000002"]
    old, new = (json.dumps(chat.edited[stamp][-1], ensure_ascii=False) for stamp in (FIRST, "1700000000.000002"))
    assert "3 articles, 3 independent texts, 3 sources within 1 hour" in old
    assert "reported by 5 independent texts, 5 articles" in old
    assert "source 8003" in old
    assert str(week) not in old
    assert "5 articles, 5 independent texts, 5 sources within 1 hour" in new


async def test_who_was_told_later_than_others_had_no_thread(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """The first message to a receiver is the one in whose thread the rest goes, and it is edited, like any."""
    routes = (Route(match=Matchers(sources=("source 1",)), receivers=("mail",)), Route(receivers=("desk",)))
    parted = partial(decide, policy=Policy(max_age=None, routes=routes))
    copy = report(1).model_copy(update={"article": article("copy", source="source 2")})
    for each in (report(1), copy, report(3)):
        await store.settle([each], parted, now=NOON)
        await deliver(delivery, clock, bot)
    assert [message.get("thread_ts") for message in chat.received] == [None, FIRST]
    assert all(each in edit(chat) for each in ("source 1, source 2, source 3", "town 2"))


async def test_many_developments_at_once_are_edited_in_once(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """The edit says what is known when it is made; one that waits already is not asked for twice."""
    await tell(store, 1)
    await deliver(delivery, clock, bot)
    await tell(store, 2, 3)
    outcomes = await deliver(delivery, clock, bot)
    assert outcomes.count(AttemptOutcome.SENT) == 2
    assert "source 3" in edit(chat)
    assert "town 2" in edit(chat)


async def test_a_development_during_an_edit_is_edited_in_after_it(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """Another worker is editing while the next development is told: the first message is edited once more."""
    alert = await tell(store, 1)
    await deliver(delivery, clock, bot)
    await tell(store, 2)
    await delivery.attempt(await claimed(delivery.outbox, clock), bot)
    under_way = await claimed(delivery.outbox, clock)
    assert under_way.id == revision_id(alert, "desk")
    await tell(store, 3)
    await delivery.attempt(await claimed(delivery.outbox, clock), bot)
    assert FIRST not in chat.edited
    await delivery.attempt(under_way, bot)
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.EDITED]
    assert "source 3" in edit(chat)


async def test_what_joins_without_being_told_is_edited_in_a_little_later(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """Copies tell nobody anything; the first message names their sources all the same, all at once."""
    await tell(store, 1)
    await deliver(delivery, clock, bot)
    for number in (7, 8):
        await store.settle([copy_of_the_first(number)], on_the_desk, now=NOON)
    assert await deliver(delivery, clock, bot) == []
    clock.now += 5 * SECOND
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.EDITED]
    assert "reported by 1 text, 3 articles" in edit(chat)
    assert "sources: source 1, copier 7, copier 8" in edit(chat)
    assert len(chat.received) == 1


def copy_of_the_first(number: int) -> Match:
    return report(1).model_copy(update={"article": article(f"copy {number}", source=f"copier {number}")})


@pytest.mark.parametrize("when", ["with it", "before it is sent", "while it is sent", "after a time-out"])
async def test_what_joined_before_the_first_message_was_recorded_was_never_edited_in(  # noqa: PLR0913  # fixtures
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack, *, when: str
) -> None:
    """Copies come within seconds of each other: whenever they do, the first message names their sources."""
    first = [report(1), copy_of_the_first(7)] if when == "with it" else [report(1)]
    await store.settle(first, on_the_desk, now=NOON)
    if when == "before it is sent":
        await store.settle([copy_of_the_first(7)], on_the_desk, now=NOON)
    claim = await claimed(delivery.outbox, clock)
    if when == "while it is sent":
        await store.settle([copy_of_the_first(7)], on_the_desk, now=NOON)
    if when == "after a time-out":
        chat.script.append(Answer(drop=True, recorded=True))
        await delivery.attempt(claim, bot)
        await store.settle([copy_of_the_first(7)], on_the_desk, now=NOON)
        clock.now += 5 * SECOND
        claim = await claimed(delivery.outbox, clock)
    assert await delivery.attempt(claim, bot) is AttemptOutcome.SENT
    clock.now += 5 * SECOND
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.EDITED]
    assert "sources: source 1, copier 7" in edit(chat)
    assert len(chat.received) == 1


async def test_a_first_message_of_an_earlier_release_is_edited_too(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """Or one that was rebuilt: it does not say yet that it can be."""
    alert = await tell(store, 1)
    await deliver(delivery, clock, bot)
    outbox = delivery.outbox
    key = f"{outbox._prefix}notification:{notification_id(alert, 'desk', 1)}"
    await outbox._redis.hdel(key, "edited_by", "edit")
    await tell(store, 2)
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.SENT, AttemptOutcome.EDITED]
    assert "source 2" in edit(chat)


async def test_a_development_told_with_the_first_goes_into_its_thread(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """Eight alerts came in one batch each with two developments, as after an outage, whatever their ids are."""
    for number in range(8):
        rule = f"rule-{number}"
        batch = [report(each, rule) for each in (1, 2, 3)]
        await store.settle(
            [item.model_copy(update={"article": article(f"{rule}-{each}")}) for each, item in enumerate(batch)],
            on_the_desk,
            now=NOON,
        )
    await deliver(delivery, clock, bot)
    threads = defaultdict(list)
    for message in chat.received:
        threads[message["metadata"]["event_payload"]["alert_id"]].append(message.get("thread_ts"))
    assert len(threads) == 8
    assert all(found[0] is None and None not in found[1:] for found in threads.values()), threads


async def test_a_development_overtook_a_first_message_that_was_put_off(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """Slack had an error of its own; the next second the first message is tried again, and then what is new of it."""
    await tell(store, 1)
    chat.script.append(Answer(500, "no"))
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.UNCERTAIN]
    await tell(store, 2)
    assert await deliver(delivery, clock, bot) == []
    clock.now += SECOND
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.SENT, AttemptOutcome.SENT, AttemptOutcome.EDITED]
    assert [message.get("thread_ts") for message in chat.received] == [None, FIRST]


async def test_first_messages_that_are_due_again_are_not_behind_their_developments(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """Of very many alerts at once, whose first messages were all put off."""
    count = 80

    async def settle(each: int) -> None:
        for rule in (f"rule-{number}" for number in range(count)):
            item = report(each, rule).model_copy(update={"article": article(f"{rule}-{each}")})
            await store.settle([item], on_the_desk, now=NOON)

    await settle(1)
    claims = [await claimed(delivery.outbox, clock) for _ in range(count)]
    await settle(2)
    for claim in claims:
        await delivery.outbox.settle(claim, Deferred(NOON + SECOND, "500"), now=clock.now)
    assert await delivery.outbox.claim("desk", now=clock.now, lease=delivery.lease) == NothingDue(NOON + SECOND)
    clock.now += SECOND
    outcomes = await deliver(delivery, clock, bot)
    assert outcomes.count(AttemptOutcome.SENT) == 2 * count
    assert sum("thread_ts" in message for message in chat.received) == count


async def test_a_critical_development_brings_the_first_message_along(
    store: AlertStore, delivery: Delivery, clock: Clock
) -> None:
    """It goes before what waits, and into the thread of a message that has to be there."""
    others = [notification(number) for number in range(4)]
    await delivery.outbox.add(others, now=NOON)
    await tell(store, 1)
    worse = report(2)
    rules = tuple(rule.model_copy(update={"severity": Severity.CRITICAL}) for rule in worse.rules)
    await store.settle([worse.model_copy(update={"rules": rules})], on_the_desk, now=NOON)
    first = await claimed(delivery.outbox, clock)
    assert (first.id in {item.id for item in others}, first.first) == (False, "")
    await delivery.outbox.settle(first, Delivered("C1/1.1"), now=NOON)
    second = await claimed(delivery.outbox, clock)
    assert (second.first, second.first_receipt) == (first.id, "C1/1.1")


async def test_a_development_waits_while_another_worker_tells_the_first(
    store: AlertStore, delivery: Delivery, clock: Clock
) -> None:
    """Until its lease ends; a first message that is put off for long is not waited for."""
    await tell(store, 1, 2)
    first = await claimed(delivery.outbox, clock)
    assert first.first == ""
    answer = await delivery.outbox.claim("desk", now=clock.now, lease=delivery.lease)
    assert answer == NothingDue(NOON + timedelta(minutes=1))
    await delivery.outbox.settle(first, Deferred(NOON + timedelta(hours=1), "500"), now=clock.now)
    assert (await claimed(delivery.outbox, clock)).first == first.id


async def test_an_edit_that_failed_is_made_again(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """To edit twice is to edit once: nothing has to be asked for."""
    await tell(store, 1)
    await deliver(delivery, clock, bot)
    await tell(store, 2)
    await delivery.attempt(await claimed(delivery.outbox, clock), bot)
    chat.script.append(Answer(drop=True, recorded=True))
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.UNCERTAIN]
    clock.now += SECOND
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.EDITED]
    assert edit(chat, 0) == edit(chat, 1)


async def test_an_edit_that_has_to_wait_holds_no_message(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """Slack counts edits and messages apart; an edit takes none of the channel's pace either."""
    await tell(store, 1)
    await deliver(delivery, clock, bot)
    await tell(store, 2)
    await delivery.attempt(await claimed(delivery.outbox, clock), bot)
    strict = Pace(timedelta(hours=1), name="slack C0123456")
    for _ in range(2):
        chat.script.append(Answer(429, headers={"Retry-After": "30"}))
        claim = await delivery.outbox.claim("desk", now=clock.now, lease=delivery.lease, pace=strict)
        assert isinstance(claim, Claim)
        assert await delivery.attempt(claim, bot) is AttemptOutcome.DEFERRED
        clock.now += 30 * SECOND
    await tell(store, 3)
    claim = await delivery.outbox.claim("desk", now=clock.now - 30 * SECOND, lease=delivery.lease, pace=strict)
    assert isinstance(claim, Claim)
    assert claim.notification.content.kind == "alert"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("message_not_found", "Slack refuses the message: message_not_found"),
        ("not_in_channel", "Slack refuses us: not_in_channel"),
    ],
)
async def test_a_message_that_cannot_be_edited_is_let_go(  # noqa: PLR0913, PLR0917  # fixtures
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack, word: str, said: str
) -> None:
    """Somebody deleted it: nothing is left over, nobody is told or left alone, and the next development asks again."""
    alert = await tell(store, 1)
    await deliver(delivery, clock, bot)
    await tell(store, 2)
    await delivery.attempt(await claimed(delivery.outbox, clock), bot)
    chat.script.append(Answer(body={"ok": False, "error": word}))
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.REFUSED]
    (view,) = await delivery.outbox.views([revision_id(alert, "desk")])
    assert (view.state, view.error) == (NotificationState.DEAD, said)
    assert await delivery.outbox.circuits.open() == {}
    assert await delivery.outbox.counts() == Counts(pending=0, leased=0, sent=2, dead=0)
    await store.settle([copy_of_the_first(7)], on_the_desk, now=clock.now)
    clock.now += 5 * SECOND
    assert await deliver(delivery, clock, bot) == [], "each copy was tried to be edited in"
    await tell(store, 3)
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.SENT, AttemptOutcome.EDITED]


async def test_after_a_bot_became_a_webhook_each_copy_was_told_as_a_message(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """What the bot told first asks for its edit, which the webhook posted; it is let go, and not asked for again."""
    await tell(store, 1)
    await deliver(delivery, clock, bot)
    hook = SlackWebhook(url=SecretStr(chat.webhook))
    for outcomes in ([AttemptOutcome.REFUSED], []):
        await store.settle([copy_of_the_first(7 + len(outcomes))], on_the_desk, now=clock.now)
        clock.now += 5 * SECOND
        assert await deliver(delivery, clock, hook) == outcomes
    await hook.close()
    assert len(chat.received) == 1


async def test_a_webhook_cannot_edit(store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin) -> None:
    """And is not asked to."""
    hook = SlackWebhook(url=SecretStr(chat.webhook))
    await tell(store, 1)
    await tell(store, 2)
    assert await deliver(delivery, clock, hook) == [AttemptOutcome.SENT] * 2
    await hook.close()
    assert chat.edited == {}


async def test_what_a_summary_told_first_is_not_edited(
    store: AlertStore, delivery: Delivery, clock: Clock, chat: SlackStandin, bot: Slack
) -> None:
    """The summary tells of others as well; the development goes into its thread."""
    await tell(store, 1)
    asked = await delivery.outbox.claim("desk", now=clock.now, lease=delivery.lease, storm_limit=1)
    assert isinstance(asked, Unruled)
    held = Hold(frozenset(id_ for id_, *_ in asked.fresh), HeldBy.STORM, clock.now + SECOND)
    assert await delivery.outbox.storms.rule(asked, held, limit=1, window=SECOND, now=clock.now) == 1
    clock.now += SECOND
    await deliver(delivery, clock, bot)
    await tell(store, 2)
    assert await deliver(delivery, clock, bot) == [AttemptOutcome.SENT]
    assert [message.get("thread_ts") for message in chat.received] == [None, FIRST]
    assert chat.edited == {}
