"""Silences in Redis, and that what they held back is told when they end, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alert.silence_agent import SilenceAgent
from streams.alerts import Notice
from streams.messages import Match
from streams.routes import tree_of
from streams.silences import KEEP, Silence
from streams.stores.alerts import AlertStore
from streams.stores.outbox import Claim, Delivered, Outbox
from streams.stores.silences import SilenceStore
from tests.support.alerting import NOON, fired, match, silence

HOUR = timedelta(hours=1)
SILENCE = silence(match={"rules": ["withdrawal", "shelling"]}, comment="known")
ROUTES = tree_of({"withdrawal": ("desk", "mail"), "shelling": ("desk",)})


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
    agents = [SilenceAgent(silences, store, outbox, clock=lambda: now) for _ in range(2)]
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
    assert {item.told for item in (await silences.held_by("s-1")).values()} == {True}


async def test_an_article_of_the_silence_that_is_decided_after_its_end_is_told_too(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """A worker may lag behind: the next look tells it, and nothing twice."""
    now = SILENCE.ends_at
    agent = SilenceAgent(silences, store, outbox, clock=lambda: now)
    await silences.put(SILENCE)
    await _settle(store, match("a1"))
    await agent.look()
    await _settle(store, match("a2", fired("shelling"), story="s2"))
    await agent.look()
    await agent.look()
    assert [len(notice.held) for notice in await _told(outbox, "desk", now)] == [1, 1]


async def test_a_silence_that_ended_long_ago_is_forgotten(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """After it was told, with what it held back; others stay."""
    lasting = silence(id="s-2", stories=["s1"], ends_at=NOON + 2 * KEEP)
    for each in (SILENCE, lasting):
        await silences.put(each)
    await _settle(store, match("a1"))
    await SilenceAgent(silences, store, outbox, clock=lambda: SILENCE.ends_at + KEEP).look()
    assert await silences.all() == (lasting,)
    assert await silences.held_by("s-1") == {}
    assert len(await _told(outbox, "desk", NOON + KEEP + HOUR)) == 1


async def test_a_silence_until_the_end_of_time_is_looked_after_like_others(
    silences: SilenceStore, store: AlertStore, outbox: Outbox
) -> None:
    """The last day that there is has no day after it, on which the silence could be forgotten."""
    lasting = silence(match={"rules": ["withdrawal"]}, ends_at=datetime(9999, 12, 31, tzinfo=UTC))
    await silences.put(lasting)
    await SilenceAgent(silences, store, outbox, clock=lambda: NOON).look()
    assert await silences.all() == (lasting,)
