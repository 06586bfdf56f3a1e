"""Sources that are pages or that ask who we are: over a simulated web and a real Redis."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from streams.cli.sources_found import find
from streams.errors import FetchError
from streams.ingest.answers import Caller
from streams.ingest.feed_producer import FeedProducer
from streams.ingest.fetch import Fetcher
from streams.ingest.ingest import check_source
from streams.ingest.page_producer import PageProducer
from streams.sections import FetchSettings
from streams.settings import Settings
from tests.support.desk import HOST, LONG, Desk
from tests.support.web import article_page, item, rss


def _list(*numbers: int) -> str:
    links = "".join(f'<h2><a href="/story/{n}">Headline of the story {n} today</a></h2>' for n in numbers)
    return f"<html><title>News</title><body>{links}</body></html>"


async def test_what_appears_on_a_list_page_is_published(desk: Desk) -> None:
    """What was there at first is archive; robots.txt is asked first."""
    for number in (12345, 12346):
        desk.web.put(HOST, f"/story/{number}", article_page(f"Story {number}", LONG, LONG))
    desk.web.put(HOST, "/news", _list(12345))
    desk.source(feed=None, page=desk.web.url(HOST, "/news"))
    await desk.drain()
    desk.web.put(HOST, "/news", _list(12346, 12345))
    await desk.drain()
    assert [(article.title, article.backlog) for article in desk.publisher.articles] == [
        ("Headline of the story 12345 today", True),
        ("Headline of the story 12346 today", False),
    ]
    assert desk.web.asked[0].path == "/robots.txt"


async def test_a_list_page_that_redirects_within_a_host_of_long_pauses_was_asked_for_ever(desk: Desk) -> None:
    """To `www.`, whose turn is the host's own: it comes no sooner the next time, so the source fails, and says why."""
    desk.fetcher._allowed |= {f"www.{HOST}"}
    for host in (HOST, f"www.{HOST}"):
        desk.web.put(host, "/robots.txt", "User-agent: *\nCrawl-delay: 600", "text/plain")
    desk.web.redirect(HOST, "/news", desk.web.url(f"www.{HOST}", "/news"))
    source = desk.source(feed=None, page=desk.web.url(HOST, "/news"))
    await desk.visits.fetch_robots(desk.web.url(HOST))
    for _ in range(3):
        desk.clock.forward(hours=1)
        await desk.feeds()._poll(source, at_once=False)
    assert (await desk.store.state("News")).problem == "rate_limited"


async def test_a_list_page_that_robots_forbid_is_a_failure_that_says_so(desk: Desk) -> None:
    """It is a page; a feed is not kept from us."""
    desk.web.put(HOST, "/robots.txt", "User-agent: *\nDisallow: /news\n", "text/plain")
    desk.web.put(HOST, "/news", _list(12345))
    desk.source(feed=None, page=desk.web.url(HOST, "/news"))
    with capture_logs() as lines:
        await desk.drain()
        await desk.drain()
    assert [line["cause"] for line in lines if line["event"] == "source_failed"] == ["robots"]
    assert desk.web.requests(HOST, "/news") == []


async def test_a_list_page_that_robots_forbid_was_found_sound_by_check_and_add(desk: Desk) -> None:
    """Which then failed at each poll."""
    here = "127.0.0.1"
    desk.web.put(here, "/robots.txt", "User-agent: *\nDisallow: /\n", "text/plain")
    desk.web.put(here, "/news", _list(12345))
    source = desk.source(feed=None, page=desk.web.url(here, "/news"))
    settings = Settings(fetch=FetchSettings(host_interval=timedelta()))
    async with Fetcher(settings.fetch, desk.metrics, any_address=True) as fetcher:
        with pytest.raises(FetchError, match="is forbidden to us"):
            await check_source(source, fetcher, desk.reading)
    found = await find(settings, source, allow_private=True)
    assert (found.candidates, found.problem) == ((), f"{source.page}: is forbidden to us by the site's robots.txt")


async def test_credentials_go_to_the_sources_own_site_alone(desk: Desk) -> None:
    """To its feed and its pages; not where redirects and links lead."""
    web = desk.web
    source = desk.source()
    caller = Caller(user_agent="Desk/1", authorization=SecretStr("Basic x"), origin=web.url(HOST, "").rstrip("/"))
    web.put("b.example", "/2", article_page("Two", LONG, LONG))
    web.redirect(HOST, "/3", web.url("b.example", "/2"))
    entries = [
        desk.put_article("/1", "One"),
        item("Two", web.url("b.example", "/2")),
        item("Three", web.url(HOST, "/3")),
    ]
    web.put(HOST, "/feed", rss(*entries))
    callers = {source.name: caller}
    feeds = FeedProducer(
        [source], desk.visits, desk.store, desk.reading, progress=desk.progress, clock=desk.clock, callers=callers
    )
    await feeds.run_once()
    pages = PageProducer(desk.visits, desk.store, desk.reading, desk.pages._press, clock=desk.clock, callers=callers)
    await pages.run_once()
    sent = {(asked.host, asked.path): asked.headers.get("Authorization") for asked in web.asked}
    assert {place: value for place, value in sent.items() if value} == dict.fromkeys(
        [(HOST, "/feed"), (HOST, "/1"), (HOST, "/3")], "Basic x"
    )
    assert {asked.headers["User-Agent"] for asked in web.asked if asked.path != "/robots.txt"} == {"Desk/1"}
