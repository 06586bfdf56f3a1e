"""What holds for every way of telling somebody, files and services alike: all kinds of content, checks, and ends."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from pydantic import SecretStr

from streams.alerts import Content, HeldBy, Summary
from streams.notify.apprise import Apprise
from streams.notify.atom import Atom
from streams.notify.lines import Lines
from streams.notify.notifier import Notifier
from tests.contract.notifiers.test_notifiers import pair_of
from tests.support.alerting import NOON, alert_content, notice, notification
from tests.support.webhook import webhook

KINDS = ("slack", "slack_webhook", "mail", "webhook", "apprise", "atom", "file")
CONTENTS: dict[str, Content] = {
    "alert": alert_content(),
    "notice": notice(),
    "summary": Summary(seen_at=NOON, until=NOON + timedelta(hours=9), by=HeldBy.QUIET_HOURS, told=(alert_content(),)),
}


@dataclass(frozen=True, slots=True)
class Sink:
    """A notifier, and how many messages its receiver has."""

    notifier: Notifier
    count: Callable[[], int]


@contextlib.asynccontextmanager
async def sink_of(kind: str, folder: Path) -> AsyncIterator[Sink]:
    """A running sink with a notifier for it."""
    if kind == "file":
        lines = folder / "alerts.jsonl"
        yield Sink(Lines(lines), lambda: len(list(map(json.loads, lines.read_bytes().splitlines()))))
    elif kind == "atom":
        feed = folder / "alerts.atom"
        yield Sink(Atom(feed, title="desk"), lambda: len(feedparser.parse(feed.read_bytes()).entries))
    elif kind == "apprise":
        async with webhook() as standin:
            service = Apprise(url=SecretStr(f"json://127.0.0.1:{standin.port}/hooks/s3cret-path"))
            yield Sink(service, lambda: len(standin.received))
    else:
        async with pair_of(kind) as pair:
            yield Sink(pair.notifier, lambda: len(pair.sink.received))


@pytest.fixture(params=KINDS)
async def sink(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sink]:
    async with sink_of(request.param, tmp_path) as found:
        yield found
        await found.notifier.close()


async def test_every_kind_of_content_arrives(sink: Sink) -> None:
    """An alert, a notice and a summary, each with a receipt that says something."""
    for number, content in enumerate(CONTENTS.values(), 1):
        sent = notification(number).model_copy(update={"content": content})
        assert (await sink.notifier.send(sent)).text
    assert sink.count() == len(CONTENTS)


async def test_a_check_says_who_answers_and_tells_nobody(sink: Sink) -> None:
    """In one line."""
    said = await sink.notifier.check()
    assert said.strip()
    assert "\n" not in said
    assert sink.count() == 0


async def test_it_can_be_closed_and_used_again(sink: Sink) -> None:
    """Twice, and before anything was sent."""
    await sink.notifier.close()
    await sink.notifier.close()
    await sink.notifier.send(notification())
    assert sink.count() == 1


async def test_it_says_whether_it_edits_and_how_fast_it_may_be_told(sink: Sink) -> None:
    """What the notify stage asks before it sends."""
    assert isinstance(sink.notifier.edits, bool)
    assert sink.notifier.pace is None or sink.notifier.pace.interval > timedelta()
