"""Feeds and pages over a simulated web and a real Redis, until articles are published."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from streams.ingest.feed_producer import FeedProducer
from streams.ingest.feeds import Feed
from streams.ingest.fetch import Fetcher
from streams.ingest.page_producer import PageProducer
from streams.ingest.press import Press
from streams.ingest.reading import Reading
from streams.messages import ARTICLES, DeadCause
from streams.observe.metrics import Metrics
from streams.observe.progress import Progress
from streams.sections import FetchSettings, SourceSettings
from streams.stores.sources import SourceStore
from tests.support.newsroom import NOON, TOPICS, Clock, RecordingLedger, RecordingPublisher
from tests.support.web import ENTITY_BOMB, Page, Web, article_page, item, rss

HOST = "news.example"
LONG = "The minister said on Sunday that the foreign forces in the north must leave at once, and that talks go on."
SUMMARY = "Officials in the capital said that the forces would have to leave within weeks, as agreed last year."


@dataclass
class Desk:
    """One worker's ingest on a web and a Redis, driven step by step."""

    web: Web
    redis: Redis
    clock: Clock = field(default_factory=Clock)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    ledger: RecordingLedger = field(default_factory=RecordingLedger)
    metrics: Metrics = field(default_factory=Metrics)
    reading: Reading = field(default_factory=Reading)
    progress: Progress = field(default_factory=lambda: Progress("ingest"))
    limits: dict[str, object] = field(default_factory=dict)
    sources: list[SourceSettings] = field(default_factory=list)
    fetcher: Fetcher = field(init=False)

    def __post_init__(self) -> None:
        values = {"allow_hosts": [HOST, "b.example"], "host_interval": "0s", "timeout": "2s", "max_bytes": 500_000}
        settings = FetchSettings.model_validate({**values, **self.limits})
        self.fetcher = Fetcher(settings, self.metrics, resolver=self.web.resolver)
        self.store = SourceStore(self.redis, prefix="p:", worker="w")
        press = Press(self.ledger, self.publisher, TOPICS, self.metrics, self.progress)
        self.pages = PageProducer(self.fetcher, self.store, self.reading, press, clock=self.clock)

    def source(self, name: str = "News", path: str = "/feed", **fields: object) -> SourceSettings:
        """Add a source."""
        values = {"name": name, "feed": self.web.url(HOST, path), **fields}
        self.sources.append(SourceSettings.model_validate(values))
        return self.sources[-1]

    def feeds(self) -> FeedProducer:
        """A producer for the sources there are now."""
        return FeedProducer(
            self.sources, self.fetcher, self.store, self.reading, progress=self.progress, clock=self.clock
        )

    async def poll(self) -> None:
        """Poll every source now."""
        await self.feeds().run_once()

    async def work(self, *, entries: int = 1) -> None:
        """Begin up to so many entries, as the loop would, and see them through."""
        async with asyncio.TaskGroup() as group:
            for _ in range(entries):
                await self.pages._start_one(group)

    async def drain(self) -> None:
        """One whole pass."""
        await self.poll()
        await self.pages.run_once()

    def put_article(self, path: str, title: str, text: str = LONG) -> str:
        """A page, and the item that leads to it."""
        self.web.put(HOST, path, article_page(title, text, text))
        return item(title, self.web.url(HOST, path), guid=path)


@pytest.fixture
async def desk(web: Web, redis: Redis) -> AsyncIterator[Desk]:
    desk = Desk(web, redis)
    yield desk
    await desk.fetcher.close()
    desk.reading.close()


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


async def test_nothing_is_published_twice(desk: Desk) -> None:
    """A second poll of a feed that changed brings what is new in it, and no more."""
    desk.source()
    first, second = desk.put_article("/1", "One"), desk.put_article("/2", "Two")
    desk.web.put(HOST, "/feed", rss(first))
    await desk.drain()
    desk.web.put(HOST, "/feed", rss(second, first))
    await desk.drain()
    assert desk.publisher.titles == ["One", "Two"]
    assert len(desk.web.requests(HOST, "/1")) == 1


async def test_the_archive_of_a_new_source_is_backlog_and_news_is_not(desk: Desk) -> None:
    """What the first poll finds, and only that."""
    desk.source()
    first, second = desk.put_article("/1", "One"), desk.put_article("/2", "Two")
    desk.web.put(HOST, "/feed", rss(first))
    await desk.drain()
    desk.web.put(HOST, "/feed", rss(second, first))
    await desk.drain()
    assert [article.backlog for article in desk.publisher.articles] == [True, False]


async def test_a_feed_followed_to_its_new_address_has_no_archive_there(desk: Desk) -> None:
    """The operator does what the log advises when a feed has moved: what is new at the new address is news."""
    desk.source(path="/old")
    desk.web.redirect(HOST, "/old", desk.web.url(HOST, "/feed"), 301)
    first = desk.put_article("/1", "One")
    desk.web.put(HOST, "/feed", rss(first))
    await desk.drain()
    desk.sources.clear()
    desk.source(path="/feed")
    desk.web.put(HOST, "/feed", rss(desk.put_article("/2", "Two"), first))
    await desk.drain()
    desk.sources.clear()
    desk.source(path="/another")
    desk.web.put(HOST, "/another", rss(desk.put_article("/3", "Three")))
    await desk.drain()
    published = {article.title: article.backlog for article in desk.publisher.articles}
    assert published == {"One": True, "Two": False, "Three": True}


async def test_a_defect_of_ours_stops_one_source_alone(web: Web, redis: Redis) -> None:
    """What nobody foresaw is logged, and the source is tried again like any that fails."""

    class Broken(Reading):
        """Fails on one feed in a way that no reader should."""

        async def feed(self, raw: bytes, url: str, content_type: str) -> Feed:
            if url.endswith("/odd"):
                raise RuntimeError("unforeseen")
            return await super().feed(raw, url, content_type)

    desk = Desk(web, redis, reading=Broken())
    desk.source("Odd", "/odd")
    desk.source()
    desk.web.put(HOST, "/odd", rss(item("Odd", "/odd")))
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    with capture_logs() as logs:
        await desk.drain()
    await desk.fetcher.close()
    desk.reading.close()
    assert desk.publisher.titles == ["One"]
    assert [line["event"] for line in logs if line.get("source") == "Odd"] == ["poll_failed", "source_failed"]
    assert (await desk.store.state("Odd")).problem == "defect"


async def test_an_archive_may_be_asked_to_alert(desk: Desk) -> None:
    """`alert_archive` of the source."""
    desk.source(alert_archive=True)
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.drain()
    assert [article.backlog for article in desk.publisher.articles] == [False]


async def test_a_first_poll_that_failed_was_none(desk: Desk) -> None:
    """The archive is what the first poll that succeeds finds."""
    desk.source()
    desk.web.put(HOST, "/feed", "oops").status = 500
    await desk.drain()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.drain()
    assert [article.backlog for article in desk.publisher.articles] == [True]


async def test_an_archive_cut_short_by_a_crash_is_still_backlog_and_news_after_it_is_not(desk: Desk) -> None:
    """Killed after the poll: what it had found is kept as it was found; what a later poll finds is news."""
    desk.source()
    old, older = desk.put_article("/1", "Old"), desk.put_article("/2", "Older")
    desk.web.put(HOST, "/feed", rss(old, older))
    await desk.poll()
    await desk.work(entries=1)
    desk.web.put(HOST, "/feed", rss(desk.put_article("/3", "New"), old, older))
    successor = Desk(desk.web, desk.redis, sources=desk.sources)
    await successor.drain()
    await successor.fetcher.close()
    published = {each.title: each.backlog for each in (*desk.publisher.articles, *successor.publisher.articles)}
    assert published == {"Old": True, "Older": True, "New": False}


async def test_a_crash_between_publishing_and_marking_repeats_and_loses_nothing(desk: Desk) -> None:
    """The seen mark comes last; the repetition has the same id."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.poll()
    desk.publisher.on_publish = asyncio.CancelledError
    await desk.work()
    successor = Desk(desk.web, desk.redis, sources=desk.sources)
    await successor.store.resume([], desk.clock())
    await successor.drain()
    await successor.fetcher.close()
    assert [article.id for article in successor.publisher.articles] == [desk.publisher.articles[0].id]


async def test_a_feed_that_has_not_changed_is_neither_sent_nor_read(desk: Desk) -> None:
    """By ETag; and where the ETag changes every time, by the body."""
    desk.source()
    page = desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    page.etag = '"a"'
    await desk.drain()
    await desk.drain()
    page.etag = '"b"'
    await desk.drain()
    sample = desk.metrics.registry.get_sample_value
    assert sample("marsad_fetches_total", {"kind": "feed", "outcome": "not_modified"}) == 1
    assert sample("marsad_fetches_total", {"kind": "feed", "outcome": "ok"}) == 2
    assert desk.publisher.titles == ["One"]


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


async def test_a_page_that_fails_softly_is_tried_again_later_and_then_given_up(desk: Desk) -> None:
    """Five tries within a day; then the feed's own text."""
    desk.source()
    desk.web.put(HOST, "/1", "busy").status = 503
    desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), SUMMARY)))
    await desk.poll()
    began = desk.clock.now
    for _ in range(24 * 60):
        await desk.work()
        if desk.publisher.articles:
            break
        desk.clock.forward(minutes=1)
    assert len(desk.web.requests(HOST, "/1")) == 5
    assert timedelta(hours=18) < desk.clock.now - began < timedelta(hours=24)
    assert desk.publisher.articles[0].text == SUMMARY
    assert desk.publisher.articles[0].seen_at == began


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


async def test_retry_after_holds_the_source_also_in_a_last_pass(desk: Desk) -> None:
    """A server that asks to be left alone is."""
    desk.source()
    page = desk.web.put(HOST, "/feed", "busy")
    page.status, page.headers = 429, {"Retry-After": "3600"}
    await desk.poll()
    await desk.poll()
    assert len(desk.web.asked) == 1
    desk.clock.forward(hours=1)
    await desk.poll()
    assert len(desk.web.asked) == 2


async def test_a_source_that_fails_is_said_to_fail_once_and_to_recover_once(desk: Desk) -> None:
    """With its address, the cause and what to do."""
    desk.source()
    desk.web.put(HOST, "/feed", "<html><body><p>We have moved</p></body></html>")
    with capture_logs() as lines:
        await desk.poll()
        await desk.poll()
        desk.web.put(HOST, "/feed", rss())
        await desk.poll()
        await desk.poll()
    assert [line["event"] for line in lines] == ["source_failed", "source_recovered"]
    assert lines[0]["cause"] == "not_a_feed"
    assert desk.web.url(HOST, "/feed") in lines[0]["problem"]
    assert "right address" in lines[0]["do"]


async def test_hostile_sources_harm_nothing_else(desk: Desk) -> None:
    """HTML, 200 MB, a gzip bomb, an entity bomb, a redirect loop, a private address: and a good feed."""
    web = desk.web
    web.put(HOST, "/html", article_page("No feed", LONG))
    web.endless(HOST, "/endless")
    web.gzip_bomb(HOST, "/bomb", megabytes=100)
    web.put(HOST, "/entities", ENTITY_BOMB)
    web.redirect(HOST, "/loop", "/loop")
    for path in ("/html", "/endless", "/bomb", "/entities", "/loop"):
        desk.source(path.strip("/"), path)
    desk.source("private", feed=web.url("private.example", "/feed"))
    desk.source("good", "/feed")
    web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    with capture_logs() as lines:
        await desk.drain()
    causes = {line["source"]: line["cause"] for line in lines if line["event"] == "source_failed"}
    assert causes == {
        "html": "not_a_feed",
        "endless": "too_large",
        "bomb": "too_large",
        "entities": "not_a_feed",
        "loop": "redirects",
        "private": "private_address",
    }
    assert desk.publisher.titles == ["One"]


async def test_hostile_pages_harm_nothing_else(desk: Desk) -> None:
    """The same at the other end of an entry's link: each entry ends in a counted status."""
    web = desk.web
    web.endless(HOST, "/endless")
    web.gzip_bomb(HOST, "/bomb", megabytes=100)
    web.redirect(HOST, "/loop", "/loop")
    web.put(HOST, "/binary", bytes(range(256)) * 100, "image/png")
    web.put(HOST, "/empty", "")
    web.put(HOST, "/deep", "<div>" * 20_000)
    paths = ("/endless", "/bomb", "/loop", "/binary", "/empty", "/deep")
    links = [web.url("private.example", "/x"), "http://127.0.0.1:6379/", "file:///etc/passwd", *paths]
    entries = [item(f"Bad {number}", link) for number, link in enumerate(links)]
    desk.source()
    web.put(HOST, "/feed", rss(*entries, desk.put_article("/1", "One")))
    await desk.drain()
    assert desk.publisher.titles == ["One"]
    assert desk.ledger.tally == {"unreadable": len(links), "under_way": 1}


async def test_an_article_too_large_for_the_broker_is_put_aside_at_once(desk: Desk) -> None:
    """With its cause and the beginning of it; the others go on."""
    desk.publisher.limit = 200_000
    desk.source(text="feed")
    desk.web.put(HOST, "/feed", rss(item("Huge", "/1", "word " * 50_000), item("Small", "/2", SUMMARY)))
    await desk.drain()
    (letter,) = desk.publisher.dead_letters
    assert (letter.stage, letter.cause, letter.topic, letter.cut) == ("ingest", DeadCause.TOO_LARGE, "articles", True)
    assert desk.publisher.titles == ["Small"]
    assert desk.ledger.tally == {"dead_lettered": 1, "under_way": 1}


async def test_a_text_over_the_limit_is_cut_marked_and_counted(desk: Desk) -> None:
    """200,000 code points go on a topic."""
    desk.source(text="feed")
    desk.web.put(HOST, "/feed", rss(item("Long", "/1", "خبر " * 60_000)))
    await desk.drain()
    (article,) = desk.publisher.articles
    assert (len(article.text), article.truncated) == (200_000, True)
    assert desk.metrics.registry.get_sample_value("marsad_articles_truncated_total") == 1


async def test_while_the_broker_is_away_articles_wait(desk: Desk) -> None:
    """Readiness says why; nothing is lost."""
    desk.publisher.away = 3
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.drain()
    assert desk.publisher.titles == ["One"]
    assert desk.progress.reasons() == []


async def test_a_defect_of_ours_puts_one_entry_aside_and_stops_no_other(desk: Desk) -> None:
    """What the feed said of it is kept, and can be sent again."""

    class Failing(Reading):
        async def page(self, raw: bytes, url: str, content_type: str) -> object:  # type: ignore[override]  # it only fails
            if url.endswith("/1"):
                raise ZeroDivisionError
            return await super().page(raw, url, content_type)

    desk.pages._reading = Failing()
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One"), desk.put_article("/2", "Two")))
    with capture_logs():
        await desk.drain()
    (letter,) = desk.publisher.dead_letters
    assert letter.cause == DeadCause.HANDLER_ERROR
    assert "ZeroDivisionError" in letter.detail
    assert desk.publisher.titles == ["Two"]
    assert ARTICLES.decode(base64.b64decode(letter.value)).title == "One"


async def test_links_that_entries_share_identify_none_of_them(desk: Desk) -> None:
    """A feed whose every link is the front page: each entry is an article of its own, by the feed's text."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(*(item(f"N{n}", "/", f"{n}: {SUMMARY}", guid=f"g{n}") for n in range(3))))
    await desk.drain()
    assert sorted(desk.publisher.titles) == ["N0", "N1", "N2"]
    assert len({article.id for article in desk.publisher.articles}) == 3
    assert [asked.path for asked in desk.web.asked] == ["/feed"]


async def test_another_address_for_a_source_begins_anew(desk: Desk) -> None:
    """Validators of the old address mean nothing at the new one; what was seen is not published again."""
    desk.source()
    first, second = desk.put_article("/1", "One"), desk.put_article("/2", "Two")
    desk.web.put(HOST, "/feed", rss(first)).etag = '"a"'
    await desk.drain()
    desk.sources.clear()
    desk.source(path="/feed-2")
    desk.web.put(HOST, "/feed-2", rss(first, second)).etag = '"a"'
    await desk.drain()
    assert [(article.title, article.backlog) for article in desk.publisher.articles] == [("One", True), ("Two", True)]


async def test_pages_of_a_host_are_asked_for_one_by_one(web: Web, redis: Redis) -> None:
    """No sooner than `host_interval` after the one before ended, while another host is not waited for."""
    desk = Desk(web, redis, limits={"host_interval": "200ms"})
    desk.source(alert_archive=True)
    entries = [desk.put_article(f"/{n}", f"N{n}") for n in range(3)]
    web.put("b.example", "/x", article_page("B", LONG))
    web.put(HOST, "/feed", rss(*entries, item("B", web.url("b.example", "/x"))))
    await desk.poll()
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
