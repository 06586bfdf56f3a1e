"""How to follow a site is found: over a simulated web."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp.web import Request, Response

from streams.cli.sources_check import check_all
from streams.cli.sources_found import find
from streams.errors import FetchError
from streams.ingest.answers import NOBODY
from streams.ingest.discovery import MOST_TRIED, Candidate, Discovery
from streams.sections import FetchSettings, SourceSettings
from streams.settings import Settings
from tests.month.mortal import KilledError
from tests.support.desk import HOST, LONG, Desk
from tests.support.web import article_page, item, rss

NEWS_MAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{0}</loc><news:news>
 <news:publication_date>2026-03-01T10:00:00Z</news:publication_date><news:title>Forces leave</news:title></news:news>
 </url></urlset>"""


async def _look(desk: Desk, path: str = "/") -> list[tuple[str, str, str]]:
    found = await Discovery(desk.fetcher, desk.reading, caller=NOBODY, pause=timedelta()).look(desk.web.url(HOST, path))
    return [_short(candidate) for candidate in found]


def _short(candidate: Candidate) -> tuple[str, str, str]:
    return candidate.kind, "/" + candidate.url.split("/", 3)[3], candidate.found_by


def _feed(desk: Desk, path: str, *titles: str) -> None:
    date = "Sun, 01 Mar 2026 11:00:00 GMT"
    desk.web.put(HOST, path, rss(*(item(title, f"/{title}", date=date) for title in titles)), "application/rss+xml")


async def test_a_feed_is_itself(desk: Desk) -> None:
    """Whatever its address looks like."""
    _feed(desk, "/x", "One")
    assert await _look(desk, "/x") == [("feed", "/x", "it is one")]


async def test_feeds_that_a_page_links_to_are_found(desk: Desk) -> None:
    """In its head or its text; comments and broken ones are passed over; the fuller one comes first."""
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{path}">'
        for path in ("/a", "/comments/feed", "/gone", "/a")
    )
    desk.web.put(HOST, "/", f'<html><head>{head}</head><body><a href="/world/rss.xml">World</a></body></html>')
    _feed(desk, "/a", "One")
    _feed(desk, "/world/rss.xml", *"ABCDEFGH")
    assert await _look(desk) == [
        ("feed", "/world/rss.xml", "the page links to it"),
        ("feed", "/a", "the page links to it"),
    ]
    assert desk.web.requests(HOST, "/comments/feed") == []


async def test_well_known_places_are_tried(desk: Desk) -> None:
    """Where the page names none."""
    desk.web.put(HOST, "/", article_page("Front", LONG))
    _feed(desk, "/rss.xml", "One")
    assert await _look(desk) == [("feed", "/rss.xml", "it is where feeds often are")]


@pytest.mark.parametrize("packed", [False, True])
async def test_a_sitemap_of_news_is_found_through_an_index(desk: Desk, packed: bool) -> None:  # noqa: FBT001  # a case
    """That robots.txt names, whole or by its path; packed as a gzip file, as sitemaps are."""
    web = desk.web
    web.put(HOST, "/", article_page("Front", LONG))
    web.put(HOST, "/robots.txt", f"Sitemap: {'/maps.xml' if packed else web.url(HOST, '/maps.xml')}\n", "text/plain")
    maps = [web.url(HOST, path) for path in ("/old.xml", "/news.xml.gz")]
    places = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in maps)
    web.put(HOST, "/maps.xml", f"<sitemapindex>{places}</sitemapindex>", "text/xml")
    content = NEWS_MAP.format(web.url(HOST, "/1")).encode()
    web.put(HOST, "/news.xml.gz", gzip.compress(content) if packed else content, "application/octet-stream")
    assert [found[:2] for found in await _look(desk)] == [("feed", "/maps.xml")]


async def test_a_list_of_articles_is_the_last_resort(desk: Desk) -> None:
    """And the number of requests has an end."""
    links = "".join(f'<a href="/story/{n}0000">A headline of the story {n}</a>' for n in range(5))
    desk.web.put(HOST, "/", f"<html><body>{links}</body></html>")
    assert await _look(desk) == [("page", "/", "it lists articles itself")]
    assert len(desk.web.asked) <= MOST_TRIED


async def test_a_site_that_does_not_answer_says_so(desk: Desk) -> None:
    """Nothing else of it is tried."""
    with pytest.raises(FetchError, match="404"):
        await _look(desk)
    assert len(desk.web.asked) == 1


async def test_the_sitemaps_of_an_index_are_polled(desk: Desk) -> None:
    """Each time, whether or not the index has changed."""
    web = desk.web
    web.put(
        HOST, "/maps.xml", f"<sitemapindex><sitemap><loc>{web.url(HOST, '/news.xml')}</loc></sitemap></sitemapindex>"
    )
    web.pages[HOST, "/maps.xml"].etag = '"same"'  # type: ignore[union-attr]  # it is a page
    desk.source(path="/maps.xml")
    for path in ("/1", "/2"):
        desk.put_article(path, path)
        web.put(HOST, "/news.xml", NEWS_MAP.format(web.url(HOST, path)))
        await desk.drain()
    assert [(article.url, article.backlog) for article in desk.publisher.articles] == [
        (web.url(HOST, "/1"), True),
        (web.url(HOST, "/2"), False),
    ]


async def test_trouble_is_told_once_and_so_is_its_end(desk: Desk) -> None:
    """To the operators; the state of it outlives the worker."""
    told: list[tuple[str, str]] = []

    async def notice(cause: str, title: str, text: str, at: datetime) -> None:
        told.append((title, text.partition(" since ")[0]))
        assert at == desk.clock()
        assert cause.startswith("source-")

    source = desk.source(every="1h")
    for hours in (0, 3, 7, 8):
        desk.web.pages.pop((HOST, "/feed"), None)
        if hours == 8:
            _feed(desk, "/feed", "One")
        desk.clock.forward(hours=hours)
        feeds = desk.feeds()
        feeds._notice = notice
        await feeds.run_once()
    assert told == [(f"{source.name} is failing", "fails"), (f"{source.name} is no longer failing", "")]
    counts = [
        desk.metrics.registry.get_sample_value("marsad_source_troubles_total", {"trouble": "failing", "change": change})
        for change in ("began", "ended")
    ]
    assert counts == [1, 1]


async def test_the_end_of_a_trouble_was_not_told_when_the_source_had_another_address(desk: Desk) -> None:
    """Which is how an operator ends it; not before it answers there."""
    told: list[str] = []

    async def notice(cause: str, title: str, text: str, at: datetime) -> None:
        del cause, text, at
        told.append(title)

    desk.source(every="1h")
    for hours, path in ((0, "/feed"), (7, "/feed"), (1, "/none"), (7, "/none"), (1, "/new")):
        desk.sources.clear()
        desk.source(path=path, every="1h")
        desk.web.pages.pop((HOST, "/feed"), None)
        _feed(desk, "/new", "One")
        desk.clock.forward(hours=hours)
        feeds = desk.feeds()
        feeds._notice = notice
        await feeds.run_once()
    assert told == ["News is failing", "News is no longer failing"]


async def test_trouble_was_told_twice_when_a_worker_died_behind_the_first_time(desk: Desk) -> None:
    """Whoever polls next tells it again, as of then: the outbox knows that notice, in whichever hour it is by now."""
    told: list[tuple[str, datetime]] = []

    async def notice(cause: str, title: str, text: str, at: datetime) -> None:
        del cause, text
        told.append((title, at))
        if len(told) == 1:
            raise KilledError

    source, killed = desk.source(every="1h"), 0
    desk.web.pages.pop((HOST, "/feed"), None)
    for hours in (0, 3, 7, 8):
        desk.clock.forward(hours=hours)
        feeds = desk.feeds()
        feeds._notice = notice
        try:
            await feeds.run_once()
        except* KilledError:
            killed += 1
            await desk.store.resume([source.name], desk.clock(), hosts_free_at=desk.clock())
    assert (killed, len(told), len(set(told))) == (1, 2, 1)


async def test_a_paused_source_is_not_polled(desk: Desk) -> None:
    """At once, until it is resumed."""
    source = desk.source()
    _feed(desk, "/feed", "One")
    await desk.store.books.pause(source.name, desk.clock())
    await desk.poll()
    assert desk.web.asked == []
    assert await desk.store.books.unpause(source.name)
    await desk.poll()
    assert len(desk.web.asked) == 1


async def test_a_source_is_tried_as_it_will_be_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its user agent and credentials, for its pages too; where it is to give its feed's text, no page is asked."""
    here, basic = "127.0.0.1", "Basic bWU6czNjcjN0"
    monkeypatch.setenv("MARSAD_LOGIN", "me:s3cr3t")

    def members_only(body: bytes, content_type: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            known = request.headers.get("Authorization") == basic and request.headers["User-Agent"] == "Reader/1"
            return Response(body=body, content_type=content_type, status=200 if known else 401)

        return answer

    feed = rss(item("One", desk.web.url(here, "/1"), text="Its own."))
    desk.web.pages[here, "/feed"] = members_only(feed, "application/rss+xml")
    desk.web.pages[here, "/1"] = members_only(article_page("One", LONG).encode(), "text/html")
    settings = Settings(fetch=FetchSettings(host_interval=timedelta()))
    said = {"name": "new", "feed": desk.web.url(here, "/feed"), "user_agent": "Reader/1", "credentials": "MARSAD_LOGIN"}
    found = [
        await find(settings, SourceSettings.model_validate(said | {"text": text}), allow_private=True)
        for text in ("page", "feed")
    ]
    assert [[sample.text for sample in each.samples] for each in found] == [[f"One\n{LONG}"], ["Its own."]]
    unknown = await find(settings, SourceSettings(name="new", feed=desk.web.url(here, "/feed")), allow_private=True)
    assert "401" in unknown.problem


async def test_sources_of_one_host_were_checked_without_a_pause(desk: Desk) -> None:
    """Fifty feeds of an outlet, one request after another."""
    here, told = "127.0.0.1", list[str]()
    for path in ("/a", "/b", "/c"):
        desk.web.put(here, path, rss(item("One", "/1")))
    sources = [SourceSettings(name=path, feed=desk.web.url(here, path)) for path in ("/a", "/b", "/c")]
    settings = Settings(fetch=FetchSettings(host_interval=timedelta(milliseconds=100)))
    await check_all(settings, sources, lambda name, *_: told.append(name), allow_private=True)
    assert told == ["/a", "/b", "/c"]
    times = [asked.at for asked in desk.web.asked]
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(times))


async def test_one_sitemap_that_is_gone_made_the_whole_index_fail(desk: Desk) -> None:
    """What the others list is published; only where all fail has the source failed."""
    desk.source()
    places = "".join(
        f"<sitemap><loc>{desk.web.url(HOST, path)}</loc></sitemap>" for path in ("/news1.xml", "/news2.xml")
    )
    desk.web.put(HOST, "/feed", f"<sitemapindex>{places}</sitemapindex>", "text/xml")
    desk.put_article("/1", "One")
    desk.web.put(HOST, "/news2.xml", f"<urlset><url><loc>{desk.web.url(HOST, '/1')}</loc></url></urlset>", "text/xml")
    await desk.drain()
    assert ((await desk.store.state("News")).problem, desk.publisher.titles) == (None, ["One"])
    del desk.web.pages[HOST, "/news2.xml"]
    await desk.drain()
    assert (await desk.store.state("News")).problem == "not_found"


async def test_an_entry_with_an_address_that_is_none_ended_the_look_at_its_source(desk: Desk) -> None:
    """With a traceback; it is a sample that cannot be read."""
    url = desk.web.url("127.0.0.1", "/feed")
    desk.web.put("127.0.0.1", "/feed", rss(item("One", "http://a.example:99999/1")))
    settings = Settings(fetch=FetchSettings(host_interval=timedelta()))
    found = await find(settings, SourceSettings(name="new", feed=url), allow_private=True)
    assert [sample.problem for sample in found.samples] == ["the entry has neither a link nor a text"]


async def test_a_sitemap_that_robots_txt_names_by_an_address_that_is_none_ended_the_look(desk: Desk) -> None:
    """With a traceback; those at the usual places are found all the same."""
    desk.web.put(HOST, "/", "<html><body>Hello</body></html>")
    desk.web.put(HOST, "/robots.txt", "Sitemap: http://[news.example/map.xml\n", "text/plain")
    desk.web.put(HOST, "/news-sitemap.xml", NEWS_MAP.format(desk.web.url(HOST, "/1")), "text/xml")
    assert [found[:2] for found in await _look(desk)] == [("feed", "/news-sitemap.xml")]
