"""Workers that die in the midst of an article, whose page or feed says something else at the next try."""

from __future__ import annotations

import asyncio

import pytest

from streams.messages import Update
from tests.support.desk import HOST, LONG, MORE, SUMMARY, Desk
from tests.support.newsroom import RecordingPublisher
from tests.support.web import article_page, item, rss


async def _die_after_publishing(desk: Desk) -> Desk:
    """The worker dies in the midst of an entry, once its article is in the topic; its successor."""
    desk.publisher.on_publish, before = asyncio.CancelledError, len(desk.publisher.articles)
    while len(desk.publisher.articles) == before:  # its robots.txt has a turn of its own
        await desk.work()
    successor = Desk(desk.web, desk.redis, sources=desk.sources, clock=desk.clock)
    await successor.store.resume([], desk.clock(), hosts_free_at=desk.clock())
    return successor


def _published(*desks: Desk) -> list[tuple[int, str]]:
    """Revision and headline of what was published."""
    return [(article.revision, article.title) for desk in desks for article in desk.publisher.articles]


async def test_an_update_that_was_published_when_its_worker_died_is_published_with_the_same_number(desk: Desk) -> None:
    """What comes after it knows it by that."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.drain()
    desk.web.put(HOST, "/1", article_page("Two", LONG, MORE))
    desk.web.put(HOST, "/feed", rss(item("Two", desk.web.url(HOST, "/1"), guid="/1")))
    await desk.poll()
    successor = await _die_after_publishing(desk)
    await successor.drain()
    await successor.fetcher.close()
    (again,) = successor.publisher.articles
    assert isinstance(again.update, Update)
    assert again.update == desk.publisher.articles[-1].update
    assert await desk.store.books.outcomes("News") == {"found": 2, "published": 1, "updated": 1}


@pytest.mark.parametrize(
    ("second", "then"),
    [
        ("One", [(1, "One")]),
        ("Two", [(1, "One"), (2, "One")]),  # the page's text; the feed's headline comes with a look of its own
    ],
)
async def test_a_page_that_changes_after_its_worker_died_is_published_as_it_is_now(
    desk: Desk, second: str, then: list[tuple[int, str]]
) -> None:
    """As the first, which those after it have not handled if it was not in the topic, and as an update, if it was.

    What has not changed is published as the first alone.
    """
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.poll()
    successor = await _die_after_publishing(desk)
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", second, LONG if second == "One" else MORE)))
    await successor.drain()
    await successor.change("Three", MORE, SUMMARY)
    await successor.fetcher.close()
    assert _published(desk) == [(1, "One")]
    assert _published(successor) == [*then, (then[-1][0] + 1, "Three")]


@pytest.mark.parametrize("third", ["Two", "Three", None])
async def test_an_update_that_changes_after_its_worker_died_has_the_next_number(desk: Desk, third: str | None) -> None:
    """As those that come later have, also where the page cannot be read at that time."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.drain()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "Two", MORE)))
    await desk.poll()
    successor = await _die_after_publishing(desk)
    if third:
        desk.put_article("/1", third, MORE if third == "Two" else SUMMARY)
    else:
        desk.web.pages.pop((HOST, "/1"))
    await successor.drain()
    await successor.change("Four", LONG, MORE, SUMMARY)
    await successor.fetcher.close()
    assert _published(desk) == [(1, "One"), (2, "Two")]
    between = {"Two": [(2, "Two")], "Three": [(3, "Two")], None: []}[third]
    assert _published(successor) == [*between, (max([2, *(number for number, _ in between)]) + 1, "Four")]


async def test_what_another_feed_brings_after_a_worker_died_is_an_update_too(desk: Desk) -> None:
    """The article is the same, whoever published it."""
    desk.source("News", "/feed")
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.poll()
    successor = await _die_after_publishing(desk)
    successor.source("World", "/world")
    desk.web.put(HOST, "/world", rss(desk.put_article("/1", "Two", MORE)))
    desk.clock.forward(hours=1)
    await successor.poll()
    await desk.redis.hdel("p:pages", *[key for key in await desk.redis.hkeys("p:pages") if "News" in str(key)])
    await successor.pages.run_once()
    await successor.fetcher.close()
    assert _published(successor) == [(1, "Two"), (2, "Two")]


async def test_an_article_that_was_begun_and_is_gone_at_the_next_try_is_no_duplicate_later(desk: Desk) -> None:
    """It may never have been in the topic; another source brings it when its page is back."""
    desk.source("News", "/feed")
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.poll()
    successor = await _die_after_publishing(desk)
    page = desk.web.pages.pop((HOST, "/1"))
    await successor.pages.run_once()
    desk.web.pages[HOST, "/1"] = page
    desk.source("World", "/world")
    desk.web.put(HOST, "/world", rss(item("One", desk.web.url(HOST, "/1"))))
    desk.clock.forward(hours=1)
    await successor.drain()
    await successor.fetcher.close()
    assert _published(successor) == [(1, "One")]
    books = [await desk.store.books.outcomes(name) for name in ("News", "World")]
    assert books == [{"found": 1, "not_found": 1}, {"found": 1, "published": 1}]


async def test_what_two_sources_publish_at_the_same_time_is_no_update(desk: Desk) -> None:
    """Texts of feeds wait for no host: the second is published while the first is."""
    for name, path, text in (("News", "/feed", LONG), ("World", "/world", SUMMARY)):
        desk.source(name, path, text="feed")
        desk.web.put(HOST, path, rss(item("One", desk.web.url(HOST, "/1"), text)))
    await desk.poll()

    class Slow(RecordingPublisher):
        async def publish(self, topic: str, key: str, value: bytes) -> None:
            await super().publish(topic, key, value)
            await desk.work()

    slow = Desk(desk.web, desk.redis, publisher=Slow(), clock=desk.clock)
    await slow.work()
    await slow.fetcher.close()
    assert (_published(slow), _published(desk)) == ([(1, "One")], [(1, "One")])
