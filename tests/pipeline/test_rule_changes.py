"""A running worker takes up changed rules, refuses broken ones, and says so wherever operators look."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from streams.messages import ARTICLES, Article
from tests.support.fleet import PATIENCE, Engines, Installation, Member, until
from tests.support.receivers import Receivers
from tests.unit.match.building import rule_data, write_rules

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def rule(word: str, **more: Any) -> dict[str, Any]:
    """A rule file whose rule fires on one word, and whose examples hold."""
    examples = {
        "fires": [{"lang": "en", "text": f"an {word}"}],
        "silent": [{"lang": "en", "text": "a plum", "because": "another fruit"}],
    }
    return {"a-rule.yaml": rule_data(word, **{"examples": examples, **more})}


async def test_rules_are_changed_broken_and_mended_under_a_running_worker(
    on_embedded: Engines, receivers: Receivers, tmp_path: Path
) -> None:
    """Log, metrics, `marsad check` and the operators' receiver agree; each article is matched by the rules in force."""
    rules = write_rules(tmp_path / "rules", rule("apple"))
    settings = {**receivers.sections, "operators": "newsroom", "rules": str(rules)}
    marsad = Installation(tmp_path / "install", on_embedded, sources=[], **settings)
    async with marsad.running(Member(marsad, "all", "run")) as [worker]:
        await worker.until_ready()

        async def shows(line: str) -> None:
            await until(lambda: worker.page("/metrics"), lambda page: f"\n{line}\n" in page[1])

        write_rules(rules, rule("orange"))
        await shows('marsad_rulebook_reloads_total{outcome="taken_up"} 1.0')
        await put(marsad, "orange", "apple")
        await shows('marsad_articles_total{status="no_match"} 1.0')
        await receivers.slack.wait_for(2, within=PATIENCE)

        write_rules(rules, rule("grape", severty="low"))
        await shows("marsad_rulebook_stale 1.0")
        await receivers.slack.wait_for(3, within=PATIENCE)
        checked = await marsad.marsad("check")
        assert checked.code == 1
        assert "unknown key 'severty'" in checked.output
        assert worker.log.count("event=rules_refused") == 1

        write_rules(rules, rule("cherry"))
        await shows("marsad_rulebook_stale 0.0")
        await receivers.slack.wait_for(4, within=PATIENCE)
        await put(marsad, "grape", "cherry")
        await shows('marsad_articles_total{status="no_match"} 2.0')
        status = await marsad.until_settled(0)
        assert await worker.end(signal.SIGTERM) == 0
    assert status["outbox"]["dead"] == 0
    [first, second] = sorted(await marsad.alerts(), key=lambda alert: str(alert["history"][0]["article"]["id"]))
    assert [one["history"][0]["article"]["id"] for one in (first, second)] == ["cherry", "orange"]
    told = [str(message) for message in receivers.slack.received]
    assert "Marsad has started" in told[0]
    assert ["A change of the rules was refused" in message for message in told[:4]] == [False, False, True, False]
    assert "The rules are mended" in told[3]


async def put(marsad: Installation, *words: str) -> None:
    """Put an article on each word on the topic."""
    async with marsad.log() as log:
        for word in words:
            article = Article(id=word, title="", source="s", text=f"There is {word}.", seen_at=datetime.now(UTC))
            await log.append(marsad.topic("articles"), word, ARTICLES.encode(article))
