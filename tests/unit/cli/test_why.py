"""`marsad why` on the embedded engines, while no worker runs."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.alert.decision import decide
from streams.alert.policy import Policy
from streams.cli.main import app
from streams.engines import open_engines
from streams.ingest.identity import article_id
from streams.routes import tree_of
from streams.settings import Secrets, load
from streams.stores.hosts import HostStore
from streams.stores.seen import Note, Printed
from streams.stores.sources import SourceStore
from tests.support.alerting import NOON, match

URL = "https://a.example/news/1"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration of an article that one source published twice, and another brought."""
    path = tmp_path / "marsad.yaml"
    path.write_text("sources: []\n", encoding="utf-8")
    asyncio.run(_bring(path))
    return path


async def _bring(config: Path) -> None:
    async with open_engines(load(config), Secrets({})) as engines:
        seen = SourceStore(engines.redis, prefix=engines.prefix, worker="w").seen
        id_ = article_id(source="", url=URL)
        await seen.note("Front", [Note(id_, "published", printed=Printed(1, bytes(26)))], NOON)
        await seen.note("World", [Note(id_, "duplicate")], NOON)
        await seen.note("Front", [Note(id_, "updated", printed=Printed(2, bytes(26)))], NOON)
        await engines.ledger.enter([id_])
        await HostStore(engines.redis, prefix=engines.prefix, worker="w").note_left_out(id_, 3)


def _why(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["why", *arguments, "--config", str(config)])


def test_each_source_and_the_updates_are_told(config: Path) -> None:
    """By any address of the article; for programs, too."""
    result = _why(config, "http://www.a.example/news/1/?utm_source=rss")
    assert result.exit_code == 0
    assert "Front: published, and again as an update, last seen 2026-03-01" in result.stdout
    assert "World: brought by another source before" in result.stdout
    assert "published again 1 times" in result.stdout
    data = json.loads(_why(config, URL, "--json").stdout)
    assert data["left_out"] == 3
    assert (data["revisions"], [each["outcome"] for each in data["sources"]]) == (2, ["updated", "duplicate"])


def test_an_article_that_nobody_brought_is_a_finding(config: Path) -> None:
    """It says so."""
    result = _why(config, "https://a.example/news/2")
    assert result.exit_code == 1
    assert "no source has brought it" in result.stderr


def test_an_article_of_a_file_is_found_by_its_address_and_its_own_id(tmp_path: Path) -> None:
    """Two lines may share an address; one that is not JSON is found by its place, a text by its file."""
    config, lines = tmp_path / "marsad.yaml", tmp_path / "a.jsonl"
    config.write_text("sources: [{name: Archive, files: [a.jsonl, note.txt]}]\n", encoding="utf-8")
    lines.write_text(
        '{"id": "a1", "text": "One.", "url": "http://www.a.example/news/1"}\n{no JSON\n'
        '{"id": "a2", "text": "Two.", "url": "https:\\/\\/a.example\\/news\\/1?utm_source=x"}\n'
        '{"id": "a3", "text": "news"}\n',
        encoding="utf-8",
    )
    own_ids = {
        "a1": "published",
        "a2": "published",
        f"{lines}:2": "unreadable",
        str(tmp_path / "note.txt"): "published",
    }

    async def read() -> None:
        async with open_engines(load(config), Secrets({})) as engines:
            seen = SourceStore(engines.redis, prefix=engines.prefix, worker="w").seen
            notes = [Note(article_id(source="Archive", own_id=own), end) for own, end in own_ids.items()]
            await seen.note("Archive", notes, NOON)

    asyncio.run(read())
    found = _why(config, URL, "--json").stdout.splitlines()
    assert [json.loads(line)["id"] for line in found] == [
        article_id(source="Archive", own_id=own) for own in ("a1", "a2")
    ]
    for own, end in own_ids.items():
        (way,) = map(json.loads, _why(config, own, "--json").stdout.splitlines())
        assert [each["outcome"] for each in way["sources"]] == [end]
    assert _why(config, "https://a.example/news/2").exit_code == 1
    lines.write_text('{"id": "a1", "text": "One.", "url": "http://a.example/خبر-one"}\n', encoding="utf-8")
    assert _why(config, "http://www.a.example/%D8%AE%D8%A8%D8%B1-one").exit_code == 0
    lines.unlink()
    assert _why(config, URL).exit_code == 1


@pytest.mark.parametrize("full", [False, True])
def test_an_article_was_in_no_alert_when_a_thousand_came_later(config: Path, *, full: bool) -> None:
    """Nor in one that holds five hundred others."""
    id_ = article_id(source="", url=URL)

    async def tell() -> str:
        policy = Policy(max_age=None, routes=tree_of({"*": ("desk",)}))
        async with open_engines(load(config), Secrets({})) as engines:
            decisions = await engines.alerts.settle([match(id_)], partial(decide, policy=policy), now=NOON)
            await engines.redis.zadd(f"{engines.prefix}alerts", {f"a1:{number}": 2e12 for number in range(1_000)})
            alert = decisions[0].rulings[0].record.id
            if full:
                await engines.redis.delete(f"{engines.prefix}alert:{alert}:articles")
            return alert

    alert = asyncio.run(tell())
    assert json.loads(_why(config, URL, "--json").stdout)["alerts"] == [
        {"alert": alert, "rule": "withdrawal", "reason": "first", "revision": 1}
    ]
