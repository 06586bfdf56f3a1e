"""From an entry to an article, over a simulated web and a real Redis."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from redis.asyncio import Redis

from streams.stores.source_books import EndLine
from tests.support.desk import HOST, LONG, MORE, SUMMARY, Desk
from tests.support.newsroom import NOON
from tests.support.web import Page, Web, article_page, item, rss


async def test_an_entry_becomes_an_article_with_the_text_of_its_page(desk: Desk) -> None:
    """Title, text, date, source, id; the furniture stays behind; it is entered and seen."""
    desk.source()
    desk.web.put(HOST, "/article", article_page("On the page", LONG, LONG))
    entry = item("Forces &lt;b&gt;leave&lt;/b&gt;", "/article", date="Sun, 01 Mar 2026 11:00:00 GMT")
    desk.web.put(HOST, "/feed", rss(entry, head="<language>en-GB</language>"), "application/rss+xml")
    await desk.drain()
    (article,) = desk.publisher.articles
    assert (article.title, article.source, article.url) == ("Forces leave", "News", desk.web.url(HOST, "/article"))
    assert (article.language, article.published, article.seen_at) == ("en", NOON - timedelta(hours=1), NOON)
    assert LONG in article.text
    assert "donation" not in article.text
    assert "shell the town" not in article.text
    assert desk.ledger.tally == {"under_way": 1}
    assert await desk.store.pending() == 0


async def test_a_crash_between_publishing_and_marking_repeats_and_loses_nothing(desk: Desk) -> None:
    """The seen mark comes last; the repetition has the same id."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.poll()
    await desk.work()  # for the host's robots.txt
    desk.publisher.on_publish = asyncio.CancelledError
    await desk.work()
    successor = Desk(desk.web, desk.redis, sources=desk.sources)
    await successor.store.resume([], desk.clock(), hosts_free_at=desk.clock())
    await successor.drain()
    await successor.fetcher.close()
    assert [article.id for article in successor.publisher.articles] == [desk.publisher.articles[0].id]


async def test_the_text_may_be_the_feeds_own(desk: Desk) -> None:
    """`text: feed` fetches no page; a headline alone is an article then."""
    desk.source(text="feed")
    entries = [item("One", "/1", f"&lt;p&gt;{SUMMARY}&lt;/p&gt;"), item("A headline alone", "/2")]
    desk.web.put(HOST, "/feed", rss(*entries))
    await desk.drain()
    assert sorted((article.title, article.text) for article in desk.publisher.articles) == [
        ("A headline alone", ""),
        ("One", SUMMARY),
    ]
    assert [asked.path for asked in desk.web.asked] == ["/feed"]


async def test_a_broken_entry_ends_as_unreadable(desk: Desk) -> None:
    """Neither link nor text: counted, once, whatever else is in the feed."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(item("Correction"), desk.put_article("/1", "One")))
    await desk.drain()
    await desk.drain()
    assert desk.ledger.tally == {"unreadable": 1, "under_way": 1}
    assert desk.metrics.registry.get_sample_value("marsad_articles_total", {"status": "unreadable"}) == 1


async def test_the_feeds_text_stands_in_for_a_page_that_is_gone(desk: Desk) -> None:
    """If it is long enough; else the article is unreadable."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(item("Told", "/gone-1", SUMMARY), item("Untold", "/gone-2", "Short.")))
    await desk.drain()
    assert [(article.title, article.text) for article in desk.publisher.articles] == [("Told", SUMMARY)]
    assert desk.ledger.tally == {"under_way": 1, "unreadable": 1}


async def _follow_for_a_day(desk: Desk, text: str) -> timedelta | None:
    """How long an article takes whose page answers 503, and whose feed has this text."""
    desk.source()
    desk.web.put(HOST, "/1", "busy").status = 503
    desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), text)))
    await desk.poll()
    began, published = desk.clock.now, None
    for _ in range(24 * 60):
        await desk.work()
        if desk.publisher.articles and published is None:
            published = desk.clock.now - began
        desk.clock.forward(minutes=1)
    assert len(desk.web.requests(HOST, "/1")) == 5
    return published


async def test_a_page_that_fails_softly_is_tried_again_later_and_then_given_up(desk: Desk) -> None:
    """Five tries within a day."""
    assert await _follow_for_a_day(desk, "Short.") is None
    assert desk.ledger.tally == {"unreadable": 1}
    assert await desk.store.books.outcomes("News") == {"found": 1, "server_error": 1}


async def test_an_article_was_published_twenty_hours_late_where_its_page_failed_for_so_long(desk: Desk) -> None:
    """There are sites that answer 503 to us for ever; the feed's text is published after the second try."""
    published = await _follow_for_a_day(desk, SUMMARY)
    assert published is not None
    assert published < timedelta(minutes=10)
    assert [article.text for article in desk.publisher.articles] == [SUMMARY]
    ends = {"feed_text/server_error": 1, "unchanged/server_error": 1}
    assert await desk.store.books.outcomes("News") == {"found": 2, **ends}
    assert await desk.store.books.ends("News") == [EndLine("feed_text/server_error", len(SUMMARY))]


async def test_a_page_that_comes_late_is_an_update_of_the_feeds_text(desk: Desk) -> None:
    """It is tried again for as long as one whose article waits for it."""
    desk.source()
    page = desk.web.put(HOST, "/1", article_page("One", LONG, MORE))
    page.status = 503
    desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), SUMMARY)))
    await desk.poll()
    for hours in (0, 0.1, 0.1, 6):
        desk.clock.forward(hours=hours)
        page.status = 200 if hours > 1 else 503
        await desk.work(entries=2)
    first, second = desk.publisher.articles
    assert (first.text, first.text_from, second.text_from, second.revision) == (SUMMARY, "feed", "page", 2)
    assert await desk.store.books.outcomes("News") == {"found": 2, "feed_text/server_error": 1, "updated": 1}
    assert await desk.store.books.ends("News") == [EndLine("published", len(second.text))]
    desk.clock.forward(hours=20)
    await desk.drain()
    assert (len(desk.publisher.articles), await desk.store.pending()) == (2, 0)


async def test_a_last_pass_published_what_was_to_be_looked_at_later_as_seen_then(desk: Desk) -> None:
    """An hour ahead, or a day where the site asks for one."""
    desk.source()
    page = desk.web.put(HOST, "/1", article_page("One", LONG, MORE))
    page.status = 503
    desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), SUMMARY)))
    await desk.poll()
    for hours in (0, 0.1, 0.1):
        desk.clock.forward(hours=hours)
        await desk.work(entries=2)
    page.status = 200
    await desk.pages.run_once()
    assert [article.seen_at <= desk.clock() for article in desk.publisher.articles] == [True, True]


async def test_a_page_that_recovers_is_read(desk: Desk) -> None:
    """The second try brings the article."""
    desk.source()
    entry = desk.put_article("/1", "One")
    page = desk.web.pages[HOST, "/1"]
    assert isinstance(page, Page)
    page.status = 500
    desk.web.put(HOST, "/feed", rss(entry))
    await desk.poll()
    await desk.work()
    assert desk.publisher.articles == []
    page.status = 200
    desk.clock.forward(minutes=5)
    await desk.work()
    assert desk.publisher.titles == ["One"]


async def test_the_last_pass_ends_though_a_host_answers_nothing(desk: Desk) -> None:
    """Each page of a host that fails is tried no more once one has been given up."""
    desk.source()
    for number in range(5):
        desk.web.put(HOST, f"/{number}", "busy").status = 503
    desk.web.put(HOST, "/feed", rss(*(item(f"N{number}", f"/{number}", SUMMARY) for number in range(5))))
    await desk.drain()
    assert len(desk.publisher.articles) == 5
    assert sum(asked.path != "/feed" for asked in desk.web.asked) <= 5 + 1


async def test_pages_of_a_host_are_asked_for_one_by_one(web: Web, redis: Redis) -> None:
    """No sooner than `host_interval` after the one before ended, while another host is not waited for."""
    desk = Desk(web, redis, limits={"host_interval": "200ms"})
    desk.source(alert_archive=True)
    entries = [desk.put_article(f"/{n}", f"N{n}") for n in range(3)]
    web.put("b.example", "/x", article_page("B", LONG))
    web.put(HOST, "/feed", rss(*entries, item("B", web.url("b.example", "/x"))))
    await desk.poll()
    desk.clock.forward(milliseconds=200)
    await desk.work(entries=4)  # for the hosts' robots.txt
    desk.clock.forward(milliseconds=200)
    await desk.work(entries=4)
    assert len(desk.publisher.titles) == 2
    assert "B" in desk.publisher.titles
    desk.clock.forward(milliseconds=199)
    await desk.work()
    assert len(desk.publisher.titles) == 2
    desk.clock.forward(milliseconds=1)
    await desk.work()
    assert len(desk.publisher.titles) == 3
    await desk.fetcher.close()


async def test_an_article_from_the_feed_alone_has_its_language_told(desk: Desk) -> None:
    """Where neither the feed nor the source says it."""
    desk.source(text="feed", alert_archive=True)
    desk.web.put(HOST, "/feed", rss(item("The forces leave", "/1", LONG)))
    await desk.drain()
    assert [article.language for article in desk.publisher.articles] == ["en"]


async def test_news_waited_for_the_whole_archive_of_its_host(desk: Desk) -> None:
    """Of a sitemap that may be hours; it is published first, though the site's robots.txt came before it."""
    desk.source()
    old = [desk.put_article(f"/{number}", f"Old {number}") for number in range(4)]
    desk.web.put(HOST, "/feed", rss(*old))
    await desk.poll()
    desk.clock.forward(hours=1)
    desk.web.put(HOST, "/feed", rss(desk.put_article("/new", "New"), *old))
    await desk.poll()
    for _ in range(3):  # robots.txt is one
        await desk.work()
    assert (desk.publisher.titles[0], len(desk.publisher.titles)) == ("New", 2)


async def test_one_page_that_fails_cost_all_others_of_its_host_their_text_in_a_last_pass(desk: Desk) -> None:
    """They were published with the feed's text, and as if that were all there is."""
    desk.source()
    desk.web.put(HOST, "/0", "defect").status = 500
    items = [item("N0", desk.web.url(HOST, "/0"), SUMMARY), *(desk.put_article(f"/{n}", f"N{n}") for n in range(1, 4))]
    desk.web.put(HOST, "/feed", rss(*items))
    await desk.drain()
    assert await desk.store.books.outcomes("News") == {"found": 4, "published": 3, "feed_text/server_error": 1}


async def test_pages_of_a_host_that_was_given_up_say_why_they_have_the_text_of_the_feed(desk: Desk) -> None:
    """Each ends as what its host was given up for."""
    desk.source()
    desk.web.resolver.failing.add("gone.example")
    links = [f"http://gone.example/{number}" for number in range(3)]
    desk.web.put(HOST, "/feed", rss(*(item(link[-1], link, SUMMARY) for link in links)))
    await desk.drain()
    assert await desk.store.books.outcomes("News") == {"found": 3, "feed_text/unresolved": 3}
