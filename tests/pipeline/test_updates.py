"""An outlet changes its article while Marsad runs: what is new is told in the thread of the alert, and nothing else."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tests.support.fleet import PATIENCE, Engines, Installation, Member
from tests.support.receivers import Receivers
from tests.support.web import Web, article_page, item, rss, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
HERE = "127.0.0.1"
LEAD = "Government artillery shelled the town of Saraqib in Idlib province on Sunday, killing {} people, medics said."
REST = "The market was full when the first rounds landed shortly before noon, said a man who sells bread there."
MORE = "Those who were hurt were brought to a hospital near the border, where beds are few and doctors fewer."


def put(web: Web, killed: str, *more: str) -> None:
    """The article as it is now, in its page and in two feeds of its outlet."""
    title = f"Shelling kills {killed} in Saraqib"
    web.put(HERE, "/1", article_page(title, LEAD.format(killed), REST, *more))
    for path, query in (("/feed", ""), ("/world", "?utm_source=rss")):
        web.put(HERE, path, rss(item(title, web.url(HERE, f"/1{query}"), " ".join(more), guid="one")))


async def test_a_changed_article_is_told_in_the_thread_of_its_alert(
    on_embedded: Engines, receivers: Receivers, tmp_path: Any
) -> None:
    """A higher toll is told once, a further paragraph is not; it is one article, of one origin, all the while."""
    async with serving() as web:
        put(web, "4")
        sources = [
            {"name": name, "feed": web.url(HERE, path), "every": "1s", "alert_archive": True}
            for name, path in (("front", "/feed"), ("world", "/world"))
        ]
        marsad = Installation(tmp_path / "install", on_embedded, sources=sources, **receivers.sections)
        async with marsad.running(Member(marsad, "all", "run")) as [worker]:
            await worker.until_ready()
            await receivers.until_told(1, within=PATIENCE)
            put(web, "12")
            await receivers.until_told(2, within=PATIENCE)
            assert await worker.end(signal.SIGTERM) == 0
        put(web, "12", MORE)
        done = await marsad.marsad("run", "--drain")
        assert done.code == 0, done.errors
        why = (await marsad.ask("why", web.url(HERE, "/1")))[0]
    first, second = receivers.slack.received
    assert first.get("thread_ts") is None
    assert second["thread_ts"] in receivers.slack.edited
    [alert] = await marsad.alerts()
    told = [(item["reason"], (item["article"]["update"] or {}).get("revision")) for item in alert["history"]]
    assert told == [("first", None), ("number_grown", 2), ("duplicate", 3)]
    assert (alert["articles"], alert["number"], len(alert["happening"]["origins"])) == (1, 2, 1)
    status = await marsad.status()
    assert status["articles"] == {"entered": 1, "pending": 0, "statuses": {"alerted": 1}}
    assert (why["revisions"], why["status"]) == (3, "alerted")
    assert [each["revision"] for each in why["alerts"]] == [1, 2, 3]
    rows = await marsad.ask("sources", "list")
    for row in rows:
        assert row["pending"] == 0
        assert row["found"] == sum(row["outcomes"].values())
    ends = sorted(outcome for row in rows for outcome, count in row["outcomes"].items() for _ in range(count))
    assert ends.count("published") == 1
    assert ends.count("updated") == 2
    assert set(ends) <= {"published", "updated", "duplicate", "unchanged"}
