"""Lines that a host repeats are left out of what is published, over a simulated web and a real Redis."""

from __future__ import annotations

from datetime import timedelta

from tests.support.desk import HOST, LONG, Desk
from tests.support.web import article_page, item, rss

SHARE = "Share this article with your friends"


def _put(desk: Desk, number: int, *more: str) -> str:
    lines = (f"{LONG} {number}", LONG.replace("leave", "stay"), *more)
    desk.web.put(HOST, f"/{number}", article_page(f"N{number}", *lines))
    return item(f"N{number}", desk.web.url(HOST, f"/{number}"), guid=f"/{number}")


async def test_a_line_on_every_page_is_left_out_and_counted(desk: Desk) -> None:
    """From the sixth article on; how many were left out is known of each article."""
    desk.source(alert_archive=True)
    desk.web.put(HOST, "/feed", rss(*(_put(desk, number, SHARE) for number in range(8))))
    await desk.drain()
    having = [SHARE in article.text for article in desk.publisher.articles]
    assert having == [True] * 5 + [False] * 3
    assert all(LONG in article.text for article in desk.publisher.articles)
    assert desk.metrics.registry.get_sample_value("marsad_lines_left_out_total") == 3
    left_out = [await desk.visits.hosts.left_out(article.id) for article in desk.publisher.articles]
    assert left_out == [0] * 5 + [1] * 3


async def test_workers_share_what_they_know_of_a_host(desk: Desk) -> None:
    """And another host has lines of its own."""
    desk.source(alert_archive=True)
    desk.web.put(HOST, "/feed", rss(*(_put(desk, number, SHARE) for number in range(5))))
    await desk.drain()
    other = Desk(desk.web, desk.redis, sources=desk.sources)
    other.web.put("b.example", "/x", article_page("B", LONG, SHARE))
    entry = item("B", other.web.url("b.example", "/x"))
    other.web.put(HOST, "/feed", rss(entry, _put(other, 6, SHARE)))
    await other.drain()
    await other.fetcher.close()
    having = {article.title: SHARE in article.text for article in other.publisher.articles}
    assert having == {"B": True, "N6": False}


async def test_an_article_that_changes_does_not_count_again(desk: Desk) -> None:
    """Five versions of one article are no host's habit."""
    desk.source(alert_archive=True)
    line = "The council meets in the old town hall"
    for version in range(8):
        desk.web.put(HOST, "/1", article_page("N1", f"{LONG} {version}", f"Version {version}: {LONG}", line))
        entry = item(f"N1 {version}", desk.web.url(HOST, "/1"), guid="/1")
        desk.web.put(HOST, "/feed", rss(entry))
        await desk.drain()
        desk.clock.forward(hours=2)
    assert len(desk.publisher.articles) > 5
    assert all(line in article.text for article in desk.publisher.articles)


async def test_what_is_known_of_a_host_goes_when_it_brings_nothing(desk: Desk) -> None:
    """And takes little room while it does."""
    desk.source(alert_archive=True)
    desk.web.put(HOST, "/feed", rss(*(_put(desk, number, SHARE) for number in range(5))))
    await desk.drain()
    key = f"p:host:{HOST}:lines"
    assert timedelta(days=29) < timedelta(seconds=await desk.redis.ttl(key)) <= timedelta(days=30)
    assert await desk.redis.strlen(key) < 500
