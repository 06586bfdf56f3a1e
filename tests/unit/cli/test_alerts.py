"""`marsad alerts` on the embedded engines, while no worker runs."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.alerts import HeldBy, Hold, summary_id
from streams.cli.main import app
from streams.engines import open_engines
from streams.errors import EmptiedError
from streams.messages import MATCHES, Update
from streams.routes import tree_of
from streams.settings import Secrets, load
from streams.stores.outbox import Claim, Deferred, Delivered, GivenUp
from streams.stores.storms import Unruled
from tests.support.alerting import NOON, match, notice, notification, silence


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with nothing in it."""
    path = tmp_path / "marsad.yaml"
    path.write_text("sources: []\n", encoding="utf-8")
    return path


def _alerts(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["alerts", *arguments, "--config", str(config)])


async def _give_up(config: Path) -> str:
    """A notice that was given up; its id."""
    async with open_engines(load(config), Secrets({})) as engines:
        told = notification().model_copy(update={"content": notice()})
        await engines.outbox.add([told], now=NOON)
        claim = await engines.outbox.claim(told.receiver, now=NOON, lease=timedelta(minutes=1))
        assert isinstance(claim, Claim)
        await engines.outbox.settle(claim, GivenUp("channel_not_found"), now=NOON)
        return told.id


def test_what_was_given_up_is_listed_and_sent_again_once(config: Path) -> None:
    """A notice belongs to no alert and is listed all the same; sent again, it is dead no more."""
    id_ = asyncio.run(_give_up(config))
    listed = _alerts(config, "list", "--json")
    (line,) = map(json.loads, listed.stdout.splitlines())
    assert (listed.exit_code, line["notice"]["id"], line["notice"]["state"]) == (0, id_, "dead")
    assert line["notice"]["error"] == "channel_not_found"
    again = _alerts(config, "retry", "--all")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "1 sent again\n")
    assert _alerts(config, "list", "--json").stdout == ""


async def _tell_twice(config: Path) -> str:
    """An alert on a text, a copy of it and a second text; its id."""
    policy = Policy(max_age=None, routes=tree_of({"*": ("desk",)}))
    async with open_engines(load(config), Secrets({})) as engines:
        second = match("a3", title="Another text").model_copy(update={"story": "s2"})
        batch = [match("a1"), match("a2"), second]
        decisions = await engines.alerts.settle(batch, partial(decide, policy=policy), now=NOON)
        return decisions[0].rulings[0].record.id


def test_show_tells_the_whole_history_of_an_alert(config: Path) -> None:
    """Articles in order, each with its reason and origin; then every notification with its attempts."""
    id_ = asyncio.run(_tell_twice(config))
    result = _alerts(config, "show", id_)
    assert result.exit_code == 0
    assert "3 articles, 2 origins, told 2 times" in result.stdout
    order = [result.stdout.index(part) for part in ("first ", "duplicate", "new_origin", "pending")]
    assert order == sorted(order)
    assert "origin 2 -> number 2" in result.stdout
    assert "story s2  rulebook" in result.stdout
    (line,) = map(json.loads, _alerts(config, "show", id_, "--json").stdout.splitlines())
    assert [item["reason"] for item in line["history"]] == ["first", "duplicate", "new_origin"]
    assert line["happening"]["origins"] == ["s1", "s2"]
    assert [sent["attempts"] for sent in line["notifications"]] == [0, 0]


async def _update(config: Path) -> str:
    """An alert on an article and on its update; its id."""
    policy = Policy(max_age=None, routes=tree_of({"*": ("desk",)}))
    sizes = Update(revision=2, letters_before=900, letters=1200, added=0.25, title_changed=True)
    async with open_engines(load(config), Secrets({})) as engines:
        batch = [match("a1"), match("a1", update=sizes)]
        decisions = await engines.alerts.settle(batch, partial(decide, policy=policy), now=NOON)
        return decisions[0].rulings[0].record.id


def test_show_tells_of_updates(config: Path) -> None:
    """How much of the article was changed, beside its first line; it is one article."""
    result = _alerts(config, "show", asyncio.run(_update(config)))
    assert "1 articles, 1 origins, told 1 times" in result.stdout
    assert "update 1: 900 to 1200 letters, 25% new, 0% gone, title changed" in " ".join(result.stdout.split())
    assert "update 1: 900 to 1200" in " ".join(_alerts(config, "list").stdout.split())


async def _try_twice(config: Path) -> str:
    """An alert that was put off and then told; its id."""
    alert = await _tell_twice(config)
    async with open_engines(load(config), Secrets({})) as engines:
        for outcome in (Deferred(NOON - timedelta(hours=1), "Slack asks to wait (429)"), Delivered("C01/17")):
            claim = await engines.outbox.claim("desk", now=NOON, lease=timedelta(minutes=1))
            assert isinstance(claim, Claim)
            await engines.outbox.settle(claim, outcome, now=NOON)
    return alert


def test_show_tells_of_each_attempt(config: Path) -> None:
    """When it was, how it ended, and what was said: it told the last error and a count."""
    alert = asyncio.run(_try_twice(config))
    shown = _alerts(config, "show", alert).stdout
    assert "attempt 1: deferred  Slack asks to wait (429)" in shown
    assert "attempt 2: sent  C01/17" in shown
    (line,) = map(json.loads, _alerts(config, "show", alert, "--json").stdout.splitlines())
    assert [each["ended"] for each in line["notifications"][0]["history"]] == ["deferred", "sent"]


async def _silence(config: Path) -> str:
    """An alert that a silence held back; its id."""
    policy = Policy(
        max_age=None, routes=tree_of({"*": ("desk",)}), silences=(silence(match={"rules": ["withdrawal"]}),)
    )
    async with open_engines(load(config), Secrets({})) as engines:
        decisions = await engines.alerts.settle([match("a1")], partial(decide, policy=policy), now=NOON)
        return decisions[0].rulings[0].record.id


def test_show_says_what_held_an_article_back(config: Path) -> None:
    """The silence, or the other alert, by its name."""
    assert "silenced        origin 1  by s-1" in _alerts(config, "show", asyncio.run(_silence(config))).stdout


def test_show_of_an_unknown_alert_is_a_finding(config: Path) -> None:
    """It says so, and prints nothing."""
    result = _alerts(config, "show", "a1:unknown", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "a1:unknown: no alert is called so" in result.stderr


def test_an_id_that_was_not_given_up_is_a_finding(config: Path) -> None:
    """It is named, and the others are sent again."""
    id_ = asyncio.run(_give_up(config))
    result = _alerts(config, "retry", "n1:unknown", id_)
    assert result.exit_code == 1
    assert result.stderr == "n1:unknown: no notification that was given up is called so\n1 sent again\n"


async def _lose_redis(config: Path) -> None:
    """A log that was used, beside a Redis without its mark."""
    async with open_engines(settings := load(config), Secrets({})) as engines:
        await engines.broker.topics.create(settings.topics.all())
        await engines.broker.reader.append(settings.topics.matches.name, "a1", MATCHES.encode(match()))


@pytest.mark.parametrize("arguments", [("list",), ("show", "a1:unknown"), ("retry", "--all")])
def test_a_redis_that_was_emptied_had_no_alerts_yet(config: Path, arguments: tuple[str, ...]) -> None:
    """It says what happened, and what to do."""
    asyncio.run(_lose_redis(config))
    assert isinstance(_alerts(config, *arguments).exception, EmptiedError)


def test_retry_asks_which(config: Path) -> None:
    """Neither an id nor --all is bad usage."""
    assert _alerts(config, "retry").exit_code == 2


def test_no_alerts_is_no_data(config: Path) -> None:
    """Standard output is data only."""
    result = _alerts(config, "list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no alerts yet\n")


async def _hold(config: Path) -> str:
    """An alert whose notification the storm limit held; the alert's id."""
    alert = await _tell_twice(config)
    async with open_engines(load(config), Secrets({})) as engines:
        asked = await engines.outbox.claim("desk", now=NOON, lease=timedelta(minutes=1), storm_limit=1)
        assert isinstance(asked, Unruled)
        hold = Hold(frozenset(id_ for id_, *_ in asked.fresh[1:]), HeldBy.STORM, NOON + timedelta(minutes=10))
        await engines.outbox.storms.rule(asked, hold, limit=1, window=timedelta(minutes=10), now=NOON)
    return alert


def test_show_names_the_summary_that_tells_what_was_held(config: Path) -> None:
    """The state of the notification says why nobody got it yet, and where it will be."""
    alert = asyncio.run(_hold(config))
    summary = summary_id("desk", HeldBy.STORM, NOON)
    assert f"held  0 attempts  in the summary {summary}" in _alerts(config, "show", alert).stdout
    (line,) = map(json.loads, _alerts(config, "show", alert, "--json").stdout.splitlines())
    assert [(sent["state"], sent["summary"]) for sent in line["notifications"]] == [
        ("pending", None),
        ("held", summary),
    ]
