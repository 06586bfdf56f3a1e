"""What is hostile, too large or away harms nothing else: over a simulated web and a real Redis."""

from __future__ import annotations

import base64

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from streams.ingest.articles import MOST_AUTHORS
from streams.messages import ARTICLES, DeadCause
from tests.support.desk import HOST, LONG, SUMMARY, Desk
from tests.support.reading import InlineReading
from tests.support.web import ENTITY_BOMB, Web, article_page, item, rss


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
    links = [web.url("private.example", "/x"), "http://127.0.0.1:6379/x", "file:///etc/passwd", *paths]
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


async def test_a_defect_of_ours_puts_one_entry_aside_and_stops_no_other(web: Web, redis: Redis) -> None:
    """What the feed said of it is kept, and can be sent again."""

    class Failing(InlineReading):
        async def page(self, raw: bytes, url: str, content_type: str) -> object:  # type: ignore[override]  # it only fails
            if url.endswith("/1"):
                raise ZeroDivisionError
            return await super().page(raw, url, content_type)

    desk = Desk(web, redis, reading=Failing())
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One"), desk.put_article("/2", "Two")))
    with capture_logs():
        await desk.drain()
    await desk.fetcher.close()
    (letter,) = desk.publisher.dead_letters
    assert letter.cause == DeadCause.HANDLER_ERROR
    assert "ZeroDivisionError" in letter.detail
    assert desk.publisher.titles == ["Two"]
    assert ARTICLES.decode(base64.b64decode(letter.value)).title == "One"


@pytest.mark.parametrize(
    "link", ["http://news.example:99999/x", "http://xn--\u00e9\u202e.example/x", "http://]a[@", "http://a..\u00e9/"]
)
async def test_an_address_that_is_none_cost_its_article_or_the_whole_feed(desk: Desk, link: str) -> None:
    """It was a defect of ours; it is no link, and the feed's text is the article's. So it is of a redirect."""
    desk.source()
    desk.web.redirect(HOST, "/1", link)
    links = {"One": link, "Two": desk.web.url(HOST, "/1"), "Three": link}
    desk.web.put(HOST, "/feed", rss(*(item(title, each, SUMMARY) for title, each in links.items())))
    await desk.drain()
    assert {article.title: article.text_from for article in desk.publisher.articles} == dict.fromkeys(links, "feed")
    assert await desk.store.books.outcomes("News") == {"found": 3, "published": 2, "feed_text/bad_url": 1}


async def test_addresses_and_authors_without_end_made_messages_without_end(desk: Desk) -> None:
    """An address that no server would take is none, and of authors the first ones are kept."""
    desk.source()
    authors = "".join(f"<author>Person {number} {'x' * 500}</author>" for number in range(500))
    entry = item("One", desk.web.url(HOST, "/" + "a" * 200_000), SUMMARY).replace("</item>", f"{authors}</item>")
    desk.web.put(HOST, "/feed", rss(entry))
    await desk.drain()
    (article,) = desk.publisher.articles
    assert (article.url, len(article.authors), len(article.model_dump_json()) < 40_000) == (None, MOST_AUTHORS, True)
