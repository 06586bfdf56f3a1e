"""What a live run told and what a replay of the same input, with its `seen_at`, says are equal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.fleet import Engines, Installation
from tests.support.incidents import incidents

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ARTICLES = 60


def written(path: Path, articles: list[dict[str, Any]]) -> Path:
    """The articles as article lines."""
    path.write_text("".join(f"{json.dumps(item, ensure_ascii=False)}\n" for item in articles), encoding="utf-8")
    return path


async def test_a_replay_says_what_a_live_run_told(on_embedded: Engines, tmp_path: Path) -> None:
    """Sixty reports of real incidents in two runs: story, alert and reason of each, and what was delivered."""
    reports = sorted(incidents("tuned"), key=lambda item: str(item["seen_at"]))[:ARTICLES]
    articles = [
        {"id": item["id"], "url": f"https://example.org/{item['id']}", "title": item["title"], "text": item["text"]}
        for item in reports
    ]
    told = tmp_path / "told.jsonl"
    archive = tmp_path / "archive.jsonl"
    engines = Engines({**on_embedded.section, "partitions": 1}, on_embedded.environment)
    marsad = Installation(
        tmp_path / "install",
        engines,
        sources=[{"name": "archive", "files": [str(archive)]}],
        receivers=[{"name": "desk", "file": {"path": str(told)}, "storm_limit": 0}],
        routes={"*": ["desk"]},
    )
    for count in (ARTICLES // 2, ARTICLES):
        written(archive, articles[:count])
        done = await marsad.marsad("run", "--drain")
        assert done.code == 0, done.errors
    alerts = await marsad.alerts()
    seen, live = {}, set()
    for alert in alerts:
        for item in alert["history"]:
            name = str(item["article"]["url"]).rpartition("/")[2]
            seen[name] = item["seen_at"]
            known = alert["id"] if item["number"] else None
            live.add((name, alert["rule"], item["story"], known, item["reason"]))
    again = written(
        tmp_path / "again.jsonl", [{**item, "seen_at": seen[item["id"]]} for item in articles if item["id"] in seen]
    )
    replayed = {
        (item["article"], item["rule"], item["story"], item["alert"], item["reason"])
        for item in await marsad.ask("replay", str(again))
    }
    assert live == replayed
    assert {reason for *_, reason in live} >= {"first", "duplicate", "new_origin", "number_grown"}
    sent = [item["id"] for alert in alerts for item in alert["notifications"]]
    assert len(told.read_text(encoding="utf-8").splitlines()) == len(set(sent)) > 0
