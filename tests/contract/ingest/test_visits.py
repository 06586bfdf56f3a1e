"""One visit at a time to each host, and what robots.txt allow: over a simulated web and a real Redis."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from streams.errors import FetchError
from streams.ingest.causes import FetchCause, failure
from streams.sections import SourceSettings
from streams.stores.hosts import HostStore
from streams.stores.sources import Wait
from tests.support.desk import HOST, LONG, SUMMARY, Desk
from tests.support.newsroom import NOON
from tests.support.web import Web, article_page, item, rss

SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=1)


async def test_a_host_is_visited_by_one_worker_at_a_time(redis: Redis) -> None:
    """And left alone afterwards."""
    one, two = (HostStore(redis, prefix="p:", worker=worker) for worker in "ab")
    assert await one.enter("a.example", NOON, LEASE) is None
    assert await two.enter("a.example", NOON, LEASE) == NOON + SECOND
    assert await one.enter("a.example", NOON, LEASE) == NOON + SECOND
    assert await two.enter("a.example", NOON + LEASE - SECOND / 2, LEASE) == NOON + LEASE
    await one.leave("a.example", free_at=NOON + 5 * SECOND, now=NOON)
    assert await two.enter("a.example", NOON + 4 * SECOND, LEASE) == NOON + 5 * SECOND
    assert await two.enter("a.example", NOON + 5 * SECOND, LEASE) is None


async def test_a_poll_has_its_turn_though_many_pages_wait(desk: Desk) -> None:
    """Once it was turned away, no page comes before it; if it does not come, pages go on."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(*(desk.put_article(f"/{n}", f"N{n}") for n in range(3))))
    await desk.poll()
    await desk.work()
    claimed = await desk.store.claim(NOON, LEASE)
    hosts = HostStore(desk.redis, prefix="p:", worker="other")
    assert await hosts.enter(HOST, NOON, LEASE) == NOON + SECOND
    assert not isinstance(claimed, Wait)
    await desk.store.put_off(claimed, NOON, host_free_at=NOON + SECOND, now=NOON)
    assert await desk.store.claim(NOON + SECOND, LEASE) == Wait(NOON + 3 * SECOND)
    assert await hosts.enter(HOST, NOON + SECOND, LEASE) is None
    await hosts.leave(HOST, free_at=NOON + SECOND, now=NOON + SECOND)
    assert await desk.store.claim(NOON + SECOND, LEASE) == claimed


async def test_two_sources_of_one_host_kept_each_other_from_being_read(desk: Desk) -> None:
    """A poll that was turned away by a visit under way asked again when its lease, far longer, would have ended."""
    hosts = HostStore(desk.redis, prefix="p:", worker="other")
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    assert await hosts.enter(HOST, desk.clock(), LEASE) is None
    assert await desk.feeds()._poll(desk.sources[0], at_once=False) == NOON + SECOND
    await hosts.leave(HOST, free_at=NOON, now=NOON)
    desk.clock.forward(seconds=1)
    await desk.feeds()._poll(desk.sources[0], at_once=False)
    assert len(desk.web.requests(HOST, "/feed")) == 1


async def test_what_robots_forbid_is_not_fetched(desk: Desk) -> None:
    """It ends as a counted refusal, or with the feed's text where that is enough; robots.txt is asked for once."""
    desk.web.put(HOST, "/robots.txt", "User-agent: *\nDisallow: /members/\n", "text/plain")
    desk.source()
    entries = [desk.put_article("/1", "One"), item("Two", "/members/2"), item("Three", "/members/3", SUMMARY)]
    desk.web.put(HOST, "/feed", rss(*entries))
    await desk.drain()
    assert sorted(desk.publisher.titles) == ["One", "Three"]
    assert not [asked.path for asked in desk.web.asked if asked.path.startswith("/members/")]
    assert len(desk.web.requests(HOST, "/robots.txt")) == 1
    assert await desk.store.books.outcomes("News") == {"found": 3, "published": 1, "robots": 1, "feed_text/robots": 1}
    assert desk.ledger.tally == {"under_way": 2, "unreadable": 1}


async def test_robots_speak_to_us_by_name(desk: Desk) -> None:
    """A group of our own counts before that of everybody."""
    desk.web.put(HOST, "/robots.txt", "User-agent: *\nDisallow: /\n\nUser-agent: Marsad\nAllow: /\n", "text/plain")
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.drain()
    assert desk.publisher.titles == ["One"]


async def test_a_site_whose_robots_do_not_answer_is_not_crawled_meanwhile(desk: Desk) -> None:
    """RFC 9309: an error of the server forbids all, until it is over."""
    page = desk.web.put(HOST, "/robots.txt", "busy")
    page.status = 503
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.poll()
    await desk.work()
    page.status = 404
    assert desk.web.requests(HOST, "/1") == []
    desk.clock.forward(minutes=5)
    await desk.work()
    await desk.work()
    assert desk.publisher.titles == ["One"]


async def test_a_robots_txt_that_fails_was_asked_for_once_for_each_page(desk: Desk) -> None:
    """A server in trouble had a request for it every five seconds, for as many pages as wait."""
    desk.web.put(HOST, "/robots.txt", "busy").status = 503
    desk.source()
    desk.web.put(HOST, "/feed", rss(*(desk.put_article(f"/{number}", f"Title {number}") for number in range(5))))
    await desk.poll()
    for _ in range(5):
        await desk.work()
        desk.clock.forward(seconds=10)
    assert len(desk.web.requests(HOST, "/robots.txt")) == 1
    desk.clock.forward(minutes=5)
    await desk.work()
    assert len(desk.web.requests(HOST, "/robots.txt")) == 2


async def test_a_crawl_delay_is_honoured(desk: Desk) -> None:
    """Where it is longer than our own interval."""
    desk.web.put(HOST, "/robots.txt", "User-agent: *\nCrawl-delay: 20\n", "text/plain")
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One"), desk.put_article("/2", "Two")))
    await desk.poll()
    await desk.work()  # for robots.txt
    desk.clock.forward(seconds=20)
    await desk.work(entries=2)
    assert len(desk.publisher.titles) == 1
    desk.clock.forward(seconds=19)
    await desk.work()
    assert len(desk.publisher.titles) == 1
    desk.clock.forward(seconds=1)
    await desk.work()
    assert len(desk.publisher.titles) == 2


async def test_a_redirect_to_another_host_waits_for_its_turn(web: Web, redis: Redis) -> None:
    """And for its robots.txt; the article is the one that the feed named."""
    desk = Desk(web, redis, limits={"host_interval": "10s"})
    desk.source(alert_archive=True)
    web.redirect(HOST, "/1", web.url("b.example", "/x"))
    web.put("b.example", "/x", article_page("B", LONG, LONG))
    web.put(HOST, "/feed", rss(item("One", web.url(HOST, "/1"))))
    await desk.poll()
    visited = HostStore(redis, prefix="p:", worker="other")
    assert await visited.enter("b.example", desk.clock(), timedelta(minutes=2)) is None
    for _ in range(3):
        desk.clock.forward(seconds=10)
        await desk.work(entries=2)
    assert web.requests("b.example") == []
    await visited.leave("b.example", free_at=desk.clock(), now=desk.clock())
    for _ in range(3):
        desk.clock.forward(seconds=10)
        await desk.work(entries=2)
    assert [asked.path for asked in web.requests("b.example")] == ["/robots.txt", "/x"]
    assert [(article.title, article.url) for article in desk.publisher.articles] == [("One", web.url(HOST, "/1"))]
    await desk.fetcher.close()


async def test_pages_that_redirect_for_ever_from_host_to_host_end(desk: Desk) -> None:
    """As unreadable, with their cause."""
    desk.source()
    desk.web.redirect(HOST, "/1", desk.web.url("b.example", "/1"))
    desk.web.redirect("b.example", "/1", desk.web.url(HOST, "/1"))
    desk.web.put(HOST, "/feed", rss(item("One", "/1")))
    await desk.drain()
    assert await desk.store.books.outcomes("News") == {"found": 1, "redirects": 1}


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (None, 5),
        (failure(FetchCause.RATE_LIMITED, "answers 429", url="u"), 30),
        (failure(FetchCause.SERVER_ERROR, "answers 503", url="u", retry_after=timedelta(hours=2)), 7_200),
        (failure(FetchCause.SERVER_ERROR, "answers 503", url="u", retry_after=timedelta(days=9)), 86_400),
    ],
)
async def test_a_host_is_left_alone_for_as_long_as_it_asks(
    web: Web, redis: Redis, error: FetchError | None, seconds: int
) -> None:
    """Up to a day."""
    desk = Desk(web, redis, limits={"host_interval": "5s"})
    assert desk.visits.free_at(error) == NOON + timedelta(seconds=seconds)
    await desk.fetcher.close()


async def test_the_pause_that_a_robots_txt_asks_for_outlasts_it(redis: Redis, desk: Desk) -> None:
    """Feeds are polled when no page was fetched for a day, and the text is forgotten; the pause was forgotten, too."""
    desk.web.put(HOST, "/robots.txt", "User-agent: *\nCrawl-delay: 20")
    await desk.visits.fetch_robots(desk.web.url(HOST))
    pause = await redis.pttl(f"p:host:{HOST}:delay")
    assert pause > timedelta(days=29) / timedelta(milliseconds=1)


async def test_a_redirect_led_to_a_page_that_robots_forbid(desk: Desk) -> None:
    """Where a page leads to is judged like the page itself; nobody asks for it."""
    desk.source()
    desk.web.put(HOST, "/robots.txt", "User-agent: *\nDisallow: /private/", "text/plain")
    desk.put_article("/private/1", "One")
    desk.web.redirect(HOST, "/1", "/private/1")
    desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), SUMMARY)))
    await desk.drain()
    assert (desk.publisher.titles, desk.web.requests(HOST, "/private/1")) == (["One"], [])
    assert await desk.store.books.outcomes("News") == {"found": 1, "feed_text/robots": 1}


async def test_a_redirect_to_another_origin_of_a_host_went_by_the_robots_of_the_first(desk: Desk) -> None:
    """`www.` is the same host for politeness, and has a robots.txt of its own."""
    desk.source()
    desk.fetcher._allowed |= {f"www.{HOST}"}
    desk.web.put(f"www.{HOST}", "/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    desk.web.redirect(HOST, "/1", desk.web.url(f"www.{HOST}", "/1"))
    desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), SUMMARY)))
    await desk.drain()
    assert [asked.path for asked in desk.web.requests(f"www.{HOST}")] == ["/robots.txt"]


async def test_a_list_page_redirected_to_where_robots_forbid_it(desk: Desk) -> None:
    """The source fails, and says why."""
    desk.sources.append(SourceSettings.model_validate({"name": "List", "page": desk.web.url(HOST, "/list")}))
    desk.web.put(HOST, "/robots.txt", "User-agent: *\nDisallow: /private", "text/plain")
    desk.web.redirect(HOST, "/list", "/private")
    await desk.drain()
    assert ((await desk.store.state("List")).problem, desk.web.requests(HOST, "/private")) == ("robots", [])


async def test_a_busy_feed_of_a_host_that_wants_long_pauses_left_its_pages_no_turn(desk: Desk) -> None:
    """A poll that waits comes before pages; it was due again before each turn, so that of ten none was a page's."""
    source = desk.source()
    desk.web.put(HOST, "/robots.txt", "User-agent: *\nCrawl-delay: 900", "text/plain")
    await desk.visits.fetch_robots(desk.web.url(HOST))
    due, begin, count = desk.clock(), desk.clock(), 0
    while desk.clock() < begin + timedelta(hours=2, minutes=30):
        if desk.clock() >= due:
            count += 20
            desk.web.put(HOST, "/feed", rss(*(desk.put_article(f"/{n}", f"{n}") for n in range(count - 20, count))))
            due = await desk.feeds()._poll(source, at_once=False)
        await desk.work()
        desk.clock.forward(seconds=15)
    assert (len(desk.web.requests(HOST, "/feed")), len(desk.publisher.titles)) == (5, 5)


async def test_a_pause_was_forgotten_when_another_origin_of_the_host_asked_for_none(redis: Redis) -> None:
    """With and without `www.` a host is one; who asked for a pause may take it back."""
    hosts, span, delay = HostStore(redis, prefix="p:", worker="w"), timedelta(days=1), timedelta(seconds=30)
    apex, www = "https://a.example", "https://www.a.example"
    await hosts.keep_robots(apex, "x", span, host="a.example", delay=delay)
    await hosts.keep_robots(www, "", span, host="a.example", delay=timedelta())
    assert await redis.get("p:host:a.example:delay") in {"30000", b"30000"}
    assert await hosts.robots(www) == ""
    await hosts.keep_robots(apex, "", span, host="a.example", delay=timedelta())
    assert await redis.get("p:host:a.example:delay") is None
