"""A running worker takes up changed settings whole, refuses wrong ones, and goes on with the last good ones."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.messages import ARTICLES, Article
from tests.support.fleet import PATIENCE, Engines, Installation, Member, until
from tests.support.ports import free_port
from tests.support.receivers import Receivers
from tests.unit.match.building import rule_data, write_rules

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def change(marsad: Installation, **sections: Any) -> None:
    """Write other sections into the configuration, whole at once as editors do."""
    path = marsad.folder / "marsad.yaml"
    said = {**yaml.safe_load(path.read_text(encoding="utf-8")), **sections}
    beside = path.with_suffix(".new")
    beside.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    beside.replace(path)


async def put(marsad: Installation, name: str) -> None:
    """Put an article on the topic, on which the rule fires."""
    article = Article(id=name, title=name, source="s", text=f"An apple in {name}.", seen_at=datetime.now(UTC))
    async with marsad.log() as log:
        await log.append(marsad.topic("articles"), name, ARTICLES.encode(article))


async def test_settings_are_changed_broken_and_mended_under_a_running_worker(
    on_embedded: Engines, receivers: Receivers, tmp_path: Path
) -> None:
    """Routes change at once; what cannot be read, or cannot be started with, is told and leaves things as they were."""
    examples = {
        "fires": [{"lang": "en", "text": "an apple"}],
        "silent": [{"lang": "en", "text": "a plum", "because": "another fruit"}],
    }
    rules = write_rules(tmp_path / "rules", {"a-rule.yaml": rule_data("apple", examples=examples)})
    settings = {**receivers.sections, "routes": {}, "operators": "newsroom", "health": {"port": free_port()}}
    marsad = Installation(tmp_path / "install", on_embedded, sources=[], rules=str(rules), **settings)
    async with marsad.running(Member(marsad, "all", "run")) as [worker]:
        await worker.until_ready()
        await put(marsad, "Damascus")
        await marsad.until_settled(1)

        async def says(text: str, times: int = 1) -> None:
            async def log() -> int:
                return worker.log.count(text)

            await until(log, lambda count: count >= times)

        change(marsad, routes={"*": ["newsroom"]})
        await says("event=started", 2)
        await worker.until_ready()
        await put(marsad, "Homs")
        await receivers.slack.wait_for(2, within=PATIENCE)  # the start, and the alert

        change(marsad, rotues={})
        await says("event=settings_refused")
        assert "\nmarsad_settings_stale 1.0\n" in (await worker.page("/metrics"))[1]
        await receivers.slack.wait_for(3, within=PATIENCE)

        folder = yaml.safe_load((marsad.folder / "marsad.yaml").read_text(encoding="utf-8"))
        folder.pop("rotues")
        (marsad.folder / "marsad.yaml").write_text(yaml.safe_dump({**folder, "rules": "nowhere"}), encoding="utf-8")
        await says("event=settings_refused", 2)
        await says("event=started", 3)
        await worker.until_ready()
        await put(marsad, "Hama")
        status = await marsad.until_settled(3)
        assert await worker.end(signal.SIGTERM) == 0
    assert status["articles"]["statuses"] == {"unrouted": 1, "alerted": 2}
    told = " ".join(map(str, receivers.slack.received))
    assert "A change of the settings was refused" in told
    assert "unknown key 'rotues'" in told


async def test_a_worker_that_is_told_to_stop_while_it_takes_up_settings_stops_cleanly(
    on_embedded: Engines, tmp_path: Path
) -> None:
    """Between the end of its stages and their new begin the signal ended it at once, with status 143."""
    marsad = Installation(tmp_path / "install", on_embedded, sources=[], health={"port": free_port()})
    async with marsad.running(Member(marsad, "all", "run")) as [worker]:
        await worker.until_ready()
        change(marsad, alerts={"max_age": "1h"})

        async def taken_up() -> int:
            return worker.log.count("event=settings")

        await until(taken_up, lambda count: count == 1)
        assert await worker.end(signal.SIGTERM) == 0
