"""The whole way of an article, from a feed to Slack and mail, by the real commands: embedded, and over servers."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.sample.sample_site import PUBLISHERS, SampleSite
from deploy.sample.slack_standin import Answer
from streams.messages import ARTICLES, Article
from streams.transports.log_reader import Lag
from tests.support.fleet import Engines, Installation, Member, until, workers
from tests.support.receivers import Receivers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
Make = Callable[..., Installation]

ENDED = {"alerted": 3, "duplicate": 1, "no_match": 2, "unreadable": 1}
"""How the sample's seven entries end; either print of the one real article may be the first."""
TOLD = {
    ("bagheri-damascus", "escalation-idlib"),
    ("bagheri-damascus", "troop-withdrawal-demand"),
    ("withdrawal-demand", "troop-withdrawal-demand"),
    ("idlib-shelling", "escalation-idlib"),
}
"""What of it is told, by text and rule."""


@pytest.fixture
async def site() -> AsyncIterator[SampleSite]:
    """The sample's two publishers."""
    site = SampleSite(datetime.now(UTC))
    await site.start()
    yield site
    await site.stop()


def sources_of(site: SampleSite) -> list[dict[str, Any]]:
    """The site's feeds, whose archive counts as news."""
    return [{"name": name, "feed": url, "every": "1s", "alert_archive": True} for name, url in site.feeds.items()]


async def stop(members: Sequence[Member]) -> list[int]:
    """SIGTERM to all at once; their exit statuses."""
    return await asyncio.gather(*(member.end(signal.SIGTERM) for member in members))


async def test_the_sample_is_told_once_to_everybody(install: Make, receivers: Receivers, site: SampleSite) -> None:
    """Each article ends counted; each alert reaches Slack and mail once, the re-print adds none; all can be listed."""
    marsad = install(*sources_of(site))
    await prepare(marsad)
    async with marsad.running(*workers(marsad)) as members:
        await asyncio.gather(*(member.until_ready() for member in members))
        beside = await marsad.until_settled(sum(publisher.entries for publisher in PUBLISHERS))
        listed, letters = await asyncio.gather(marsad.alerts(), marsad.ask("dead-letters", "list"))
        assert await stop(members) == [0] * len(members)
    status, after, letters_after = await asyncio.gather(
        marsad.status(), marsad.alerts(), marsad.ask("dead-letters", "list")
    )
    assert status["articles"] == beside["articles"] == {"entered": 7, "pending": 0, "statuses": ENDED}
    assert status["outbox"] == {"pending": 0, "leased": 0, "delivered": 2 * len(TOLD), "dead": 0}
    assert after == listed
    assert letters == letters_after == []
    assert told(listed) == TOLD
    for receiver, received in receivers.received.items():
        assert sorted(received) == sorted(ids_for(receiver, listed))
    prints = [alert for alert in listed if alert["articles"] == 2]
    assert {alert["rule"] for alert in prints} == {"escalation-idlib", "troop-withdrawal-demand"}
    for alert in prints:
        assert {item["article"]["source"] for item in alert["history"]} == {"sample-daily", "sample-agency"}
        assert Counter(item["reason"] for item in alert["history"]) == {"first": 1, "duplicate": 1}


async def prepare(marsad: Installation) -> None:
    """What an operator does before the first `marsad worker`; `marsad run` needs nothing."""
    if marsad.engines.over_kafka:
        done = await marsad.marsad("topics", "create")
        assert done.code == 0, done.errors


def told(alerts: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    """Alerts as the last part of their first article's address, and the rule."""
    return {(str(alert["history"][0]["article"]["url"]).rpartition("/")[2], alert["rule"]) for alert in alerts}


def ids_for(receiver: str, alerts: Sequence[dict[str, Any]]) -> list[str]:
    """The ids of the notifications that this receiver was to get, and got at the first attempt."""
    sent = [item for alert in alerts for item in alert["notifications"] if item["receiver"] == receiver]
    assert all(item["state"] == "sent" and item["attempts"] == 1 for item in sent)
    return [item["id"] for item in sent]


def article(id_: str) -> bytes:
    """A message on `articles` on which no rule fires."""
    return ARTICLES.encode(Article(id=id_, title="", source="test", text="A library opens.", seen_at=datetime.now(UTC)))


async def test_what_cannot_be_read_is_put_aside_and_what_is_newer_waits(install: Make) -> None:
    """What is no message becomes a dead letter; a newer schema stops its partition alone, and readiness says so."""
    marsad = install()
    topic = marsad.topic("articles")
    done = await marsad.marsad("topics", "create")
    assert done.code == 0, done.errors
    stage = ["worker", "match"] if marsad.engines.over_kafka else ["run"]
    async with marsad.running(Member(marsad, "match", *stage)) as [worker], marsad.log() as log:
        await worker.until_ready()
        await log.append(topic, "bad", b'{"kind": "article", "schema": 1, "body": {"id"')
        await until(marsad.status, lambda status: status["articles"]["statuses"] == {"dead_lettered": 1}, every=0.5)
        assert (await worker.ready())[0] == 200
        later = article("newer").replace(b'"schema":1', b'"schema":9').replace(b'"release":"', b'"release":"97.')
        await log.append(topic, "newer", later)
        reasons = await worker.until_unready("schema 9", "Marsad 97.")
        assert f"{topic}/" in reasons
        for number in range(12):
            await log.append(topic, f"after-{number}", article(f"after-{number}"))

        async def lags() -> list[Lag]:
            return list((await log.lag("match", [topic])).values())

        seen = await until(lags, lambda lags: sum(lag.behind > 0 for lag in lags) == 1, every=0.5)
        ended = 12 + 2 - sum(lag.behind for lag in seen)
        beside = await marsad.ask("dead-letters", "list")
        assert (await worker.page("/-/healthy"))[0] == 200
        assert "marsad_stopped_partitions" in (await worker.page("/metrics"))[1]
        assert await worker.end(signal.SIGTERM) == 0
    [letter], status = await asyncio.gather(marsad.ask("dead-letters", "list"), marsad.status())
    assert [letter] == beside
    assert (letter["cause"], letter["stage"], letter["topic"], letter["key"]) == ("malformed", "match", topic, "bad")
    assert letter["id"] == f"{topic}/{letter['partition']}/{letter['offset']}"
    assert status["articles"]["statuses"] == {"dead_lettered": 1, "no_match": ended - 1}
    assert status["behind"]["match"] == 14 - ended


async def test_a_drain_says_by_its_status_whether_all_went_well(
    install: Make, receivers: Receivers, site: SampleSite
) -> None:
    """0 over the sample; 1 with a dead letter; 1 with a receiver that asks to wait for hours, all else delivered."""
    marsad = install(*sources_of(site))
    first = await marsad.marsad("run", "--drain")
    assert first.code == 0, first.errors
    assert (await marsad.status())["articles"] == {"entered": 7, "pending": 0, "statuses": ENDED}
    assert len(receivers.slack.received) == len(receivers.mail.received) == len(TOLD)

    async with marsad.log() as log:
        await log.append(marsad.topic("articles"), "bad", b"not a message")
    second = await marsad.marsad("run", "--drain")
    assert second.code == 1, second.errors
    assert [letter["key"] for letter in await marsad.ask("dead-letters", "list")] == ["bad"]
    assert (await marsad.status())["articles"]["statuses"] == {**ENDED, "dead_lettered": 1}


async def test_a_drain_does_not_wait_for_hours(
    on_embedded: Engines, receivers: Receivers, site: SampleSite, tmp_path: Path
) -> None:
    """A receiver that asks to wait for two hours ends the drain with 1; the others have got everything."""
    receivers.slack.usual = Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7200"})
    marsad = Installation(tmp_path / "install", on_embedded, sources=sources_of(site), **receivers.sections)
    done = await marsad.marsad("run", "--drain")
    assert done.code == 1, done.errors
    assert "event=undelivered notifications=4" in done.errors
    assert len(receivers.mail.received) == len(TOLD)
    assert receivers.slack.received == []
    status = await marsad.status()
    assert status["articles"] == {"entered": 7, "pending": 0, "statuses": ENDED}
    assert status["outbox"] == {"pending": len(TOLD), "leased": 0, "delivered": len(TOLD), "dead": 0}
    errors = [item["error"] for alert in await marsad.alerts() for item in alert["notifications"] if item["error"]]
    assert any("429" in error for error in errors)
