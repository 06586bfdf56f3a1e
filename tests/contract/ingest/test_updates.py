"""Articles that come again: changed, unchanged, from a second feed; over a simulated web and a real Redis."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from streams.ingest.health import findings
from streams.stores.seen import IDLE_LOOK, LOOK_AFTER, MOST_LOOKS
from tests.support.desk import HOST, LONG, MORE, SUMMARY, Desk
from tests.support.web import Page, article_page, item, rss


def _outcomes(found: int, **outcomes: int) -> dict[str, int]:
    return {"found": found, **outcomes}


async def test_a_changed_article_is_published_again_as_an_update(desk: Desk) -> None:
    """Of the same id, with what changed in size, as news; its page is asked for once more, and it ends once more."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "Forces leave")))
    await desk.drain()
    await desk.change("Forces leave, nine killed", LONG, LONG, MORE)
    first, second = desk.publisher.articles
    assert first.id == second.id
    assert (first.update, first.backlog, second.backlog) == (None, True, False)
    assert second.update is not None
    assert (second.update.revision, second.update.title_changed) == (2, True)
    assert second.update.letters == sum(map(str.isalpha, second.text)) > second.update.letters_before
    assert (round(second.update.added, 1), second.update.removed) == (0.5, 0.0)
    assert second.seen_at == first.seen_at + timedelta(hours=1)
    assert len(desk.web.requests(HOST, "/1")) == 2
    assert await desk.store.books.outcomes("News") == _outcomes(2, published=1, updated=1)
    assert desk.ledger.tally == {"under_way": 1}
    assert desk.metrics.registry.get_sample_value("marsad_updates_total") == 1


async def test_a_page_that_says_the_same_is_not_published_again(desk: Desk) -> None:
    """Though its feed says something else: it ends as unchanged."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One", LONG)))
    await desk.drain()
    entry = item("One", desk.web.url(HOST, "/1"), SUMMARY, guid="/1")
    desk.web.put(HOST, "/1", article_page("One", LONG.upper(), f" {LONG}", "Updated 3 minutes ago"))
    desk.web.put(HOST, "/feed", rss(entry))
    await desk.drain()
    assert desk.publisher.titles == ["One"]
    assert len(desk.web.requests(HOST, "/1")) == 2
    assert await desk.store.books.outcomes("News") == _outcomes(2, published=1, unchanged=1)


async def test_a_later_date_alone_has_the_page_looked_at(desk: Desk) -> None:
    """Atom's `updated`."""
    desk.source()
    desk.put_article("/1", "One")
    desk.web.put(HOST, "/feed", _atom(desk, "2026-03-01T10:00:00Z"))
    await desk.drain()
    desk.web.put(HOST, "/1", article_page("One", LONG, MORE))
    desk.web.put(HOST, "/feed", _atom(desk, "2026-03-01T11:00:00Z"))
    await desk.drain()
    assert [article.revision for article in desk.publisher.articles] == [1, 2]


def _atom(desk: Desk, updated: str) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><id>tag:1</id><title>One</title>'
        f'<link href="{desk.web.url(HOST, "/1")}"/><published>2026-03-01T10:00:00Z</published>'
        f"<updated>{updated}</updated></entry></feed>"
    )


async def test_a_feed_that_says_something_else_at_each_poll_is_not_followed_for_ever(desk: Desk) -> None:
    """A summary that rotates: polled every ten minutes for a day, its page is looked at ever more rarely."""
    desk.source()
    link = desk.web.url(HOST, "/1")
    desk.put_article("/1", "One")
    began, times = desk.clock.now, []
    for number in range(24 * 6):
        desk.web.put(HOST, "/feed", rss(item("One", link, f"{SUMMARY} Part {number} of it is told here.", guid="/1")))
        await desk.poll()
        before = len(desk.web.requests(HOST, "/1"))
        await desk.work(entries=3)
        if len(desk.web.requests(HOST, "/1")) > before:
            times.append(desk.clock.now - began)
        desk.clock.forward(minutes=10)
    assert 3 <= len(times) <= 1 + MOST_LOOKS // IDLE_LOOK
    pauses = [later - earlier for earlier, later in pairwise(times[1:])]
    assert pauses == sorted(pauses)
    assert pauses[0] >= LOOK_AFTER
    assert desk.publisher.titles == ["One"]


async def test_an_article_of_two_feeds_is_fetched_and_published_once(desk: Desk) -> None:
    """The second one's entry ends as a duplicate; so it is in any order, and in both books."""
    desk.source("News", "/feed")
    desk.source("World", "/world")
    entry = desk.put_article("/1", "One")
    tracked = item("One again", f"{desk.web.url(HOST, '/1')}?utm_source=rss", SUMMARY, guid="other")
    desk.web.put(HOST, "/feed", rss(entry))
    desk.web.put(HOST, "/world", rss(tracked))
    await desk.drain()
    await desk.drain()
    assert len(desk.publisher.articles) == 1
    assert len(desk.web.requests(HOST, "/1")) == 1
    books = [await desk.store.books.outcomes(name) for name in ("News", "World")]
    assert sorted(books, key=str) == sorted([_outcomes(1, published=1), _outcomes(1, duplicate=1)], key=str)


async def test_of_two_feeds_with_the_same_articles_the_one_that_came_later_brings_duplicates(desk: Desk) -> None:
    """Whichever is faster: an article of the other that only the later one had brought is overtaken."""
    desk.source("Old", "/feed")
    desk.source("New", "/world")
    for path in ("/feed", "/world"):
        desk.web.put(HOST, path, rss())
    await desk.drain()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.drain()
    desk.web.put(HOST, "/world", rss(desk.put_article("/1", "One"), desk.put_article("/2", "Two")))
    await desk.drain()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/2", "Two")))
    await desk.drain()
    ends = {name: [end.outcome for end in await desk.store.books.ends(name)] for name in ("Old", "New")}
    assert ends["Old"] == ["overtaken", "published"]
    assert sorted(ends["New"]) == ["duplicate", "published"]


@pytest.mark.parametrize("name", ["News", "Another name"])
async def test_a_source_that_was_added_again_was_said_to_bring_what_others_bring(desk: Desk, name: str) -> None:
    """Or that was renamed: its archive is known. That it may be removed, as was advised, says neither."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(*(desk.put_article(f"/{number}", f"N {number}") for number in range(25))))
    await desk.drain()
    await desk.store.books.forget("News")
    desk.sources.clear()
    desk.source(name)
    await desk.drain()
    assert await desk.store.books.outcomes(name) == _outcomes(25, duplicate=25)
    assert findings(await desk.store.state(name), await desk.store.books.ends(name), desk.clock()) == ()


async def test_news_that_a_new_source_took_for_archive_is_published_by_the_other(desk: Desk) -> None:
    """A source that is polled first with an article in it does not take it from the one that brings it as news."""
    desk.source("News", "/feed")
    desk.web.put(HOST, "/feed", rss())
    await desk.drain()
    entry = desk.put_article("/1", "One")
    desk.source("World", "/world")
    desk.web.put(HOST, "/world", rss(entry))
    await desk.drain()
    desk.web.put(HOST, "/feed", rss(entry))
    await desk.drain()
    await desk.drain()
    assert [(article.source, article.backlog) for article in desk.publisher.articles] == [
        ("World", True),
        ("News", False),
    ]


async def test_a_feed_that_tells_only_the_beginning_does_not_replace_the_page(desk: Desk) -> None:
    """Its entry is a duplicate, whatever it says later; the other way round the page is published as an update."""
    desk.source("Pages", "/feed", alert_archive=True)
    desk.source("Texts", "/texts", text="feed")
    desk.put_article("/1", "One")
    desk.put_article("/2", "Two")
    one, two = desk.web.url(HOST, "/1"), desk.web.url(HOST, "/2")
    desk.web.put(HOST, "/feed", rss(item("One", one)))
    desk.web.put(HOST, "/texts", rss())
    await desk.drain()
    desk.web.put(HOST, "/texts", rss(item("One", one, SUMMARY), item("Two", two, SUMMARY)))
    await desk.drain()
    desk.web.put(HOST, "/texts", rss(item("One", one, MORE), item("Two", two, SUMMARY)))
    desk.web.put(HOST, "/feed", rss(item("One", one), item("Two", two)))
    await desk.drain()
    published = [(article.title, article.source, article.revision) for article in desk.publisher.articles]
    assert published == [("One", "Pages", 1), ("Two", "Texts", 1), ("Two", "Pages", 2)]
    assert await desk.store.books.outcomes("Texts") == _outcomes(2, duplicate=1, published=1)


async def test_the_text_of_a_feed_is_updated_by_the_feed(desk: Desk) -> None:
    """Where pages are not asked for, what the feed says is the article."""
    desk.source(text="feed")
    for text in (SUMMARY, SUMMARY, f"{SUMMARY} {MORE}"):
        desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), text)))
        await desk.drain()
    assert [(article.text, article.revision) for article in desk.publisher.articles] == [
        (SUMMARY, 1),
        (f"{SUMMARY} {MORE}", 2),
    ]
    assert desk.web.requests(HOST, "/1") == []


async def test_a_page_that_cannot_be_read_any_more_is_no_update(desk: Desk) -> None:
    """Neither a wall nor the feed's summary takes the place of the text that was read whole."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    await desk.drain()
    page = desk.web.pages[HOST, "/1"]
    assert isinstance(page, Page)
    page.status = 404
    desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), SUMMARY, guid="/1")))
    await desk.drain()
    assert desk.publisher.titles == ["One"]
    assert await desk.store.books.outcomes("News") == {"found": 2, "published": 1, "unchanged/not_found": 1}
    assert [end.outcome for end in await desk.store.books.ends("News")] == ["published"]


async def test_an_article_that_could_not_be_read_is_tried_again_when_it_changed(desk: Desk) -> None:
    """What was a wall is an article now."""
    desk.source()
    desk.web.put(HOST, "/1", "<html><body><p>Log in</p></body></html>")
    desk.web.put(HOST, "/feed", rss(item("One", desk.web.url(HOST, "/1"), guid="/1")))
    await desk.drain()
    assert desk.publisher.articles == []
    await desk.change("One, whole", LONG, MORE)
    assert [(article.title, article.update) for article in desk.publisher.articles] == [("One, whole", None)]


async def test_what_two_feeds_say_anew_of_one_article_has_it_looked_at_once(desk: Desk) -> None:
    """The second one's entry ends as unchanged, without a request."""
    desk.source("News", "/feed")
    desk.source("World", "/world")
    for title, text in (("One", LONG), ("Two", MORE)):
        entry = desk.put_article("/1", title, text)
        for path in ("/feed", "/world"):
            desk.web.put(HOST, path, rss(entry))
        desk.clock.forward(minutes=10)
        await desk.poll()
        for _ in range(4):
            desk.clock.forward(seconds=10)
            await desk.work()
    assert [article.revision for article in desk.publisher.articles] == [1, 2]
    assert len(desk.web.requests(HOST, "/1")) == 2


def _canonical(desk: Desk, path: str, canonical: str, title: str, *paragraphs: str) -> str:
    """A page that says that its address is another one, and the item that leads to it."""
    link = f'<link rel="canonical" href="{desk.web.url(HOST, canonical) if canonical else "https://other.example/1"}">'
    desk.web.put(HOST, path, article_page(title, *paragraphs, head=link))
    return item(title, desk.web.url(HOST, path), guid=path)


async def _drain_both(desk: Desk, first: str, second: str) -> dict[str, int]:
    """One feed with each item, one after the other; how the second one's ended."""
    desk.source("News", "/feed")
    desk.source("World", "/world")
    for path, entry in (("/feed", first), ("/world", second)):
        desk.web.put(HOST, "/feed", rss())
        desk.web.put(HOST, path, rss(entry))
        await desk.drain()
    return await desk.store.books.outcomes("World")


@pytest.mark.parametrize("paths", [("/a", "/story"), ("/story", "/a"), ("/a", "/b")])
async def test_a_page_that_names_another_address_of_its_site_is_that_article(
    desk: Desk, paths: tuple[str, str]
) -> None:
    """Whichever address comes first; it is published once, and each entry has ended."""
    first, second = (_canonical(desk, path, "/story", "One", LONG, MORE) for path in paths)
    outcomes = await _drain_both(desk, first, second)
    assert desk.publisher.titles == ["One"]
    assert outcomes in (_outcomes(1, duplicate=1), _outcomes(1, unchanged=1))
    assert desk.ledger.tally in ({"under_way": 1, "duplicate": 1}, {"under_way": 1})


@pytest.mark.parametrize("canonical", ["/", "/section", ""])
async def test_a_wrong_canonical_address_loses_no_article(desk: Desk, canonical: str) -> None:
    """Sites name their front page, a section or somebody else's page on all of them."""
    first = _canonical(desk, "/a", canonical, "One", LONG, LONG)
    second = _canonical(desk, "/b", canonical, "Two", MORE, MORE)
    assert await _drain_both(desk, first, second) == _outcomes(1, published=1)
    assert desk.publisher.titles == ["One", "Two"]


async def test_ids_that_change_at_every_fetch_published_an_article_without_an_address_again(desk: Desk) -> None:
    """What it says, and when, tells it; the same words on another day are news."""
    desk.source()
    dates = ("Sun, 01 Mar 2026 11:00:00 GMT", "Sun, 01 Mar 2026 11:00:00 GMT", "Mon, 02 Mar 2026 11:00:00 GMT")
    for number, date in enumerate(dates):
        entry = item("Sirens in the north", text=SUMMARY, guid=f"id-{number}", date=date)
        desk.web.put(HOST, "/feed", rss(entry.replace("<guid>", '<guid isPermaLink="false">')))
        desk.clock.forward(hours=12)
        await desk.drain()
    assert len(desk.publisher.articles) == 2
    assert await desk.store.books.outcomes("News") == _outcomes(3, published=2, duplicate=1)


async def test_ids_that_change_at_every_fetch_published_articles_that_share_a_link_again(desk: Desk) -> None:
    """A link to the front page identifies none; what they say and when does."""
    desk.source()
    when = "Sun, 01 Mar 2026 10:00:00 GMT"
    for number in range(3):
        items = [item(title, desk.web.url(HOST), SUMMARY, guid=f"{title}{number}", date=when) for title in ("A", "B")]
        desk.web.put(HOST, "/feed", rss(*items))
        await desk.drain()
        desk.clock.forward(hours=1)
    assert sorted(desk.publisher.titles) == ["A", "B"]


@pytest.mark.parametrize("host", [HOST, "b.example"])
@pytest.mark.parametrize("shortened_first", [True, False])
async def test_an_article_behind_a_shortened_link_was_published_beside_itself(
    desk: Desk, host: str, *, shortened_first: bool
) -> None:
    """One feed links to a redirect, on the site or elsewhere, the other to the page."""
    desk.web.put(HOST, "/story", article_page("One", LONG, MORE))
    desk.web.redirect(host, "/r/1", desk.web.url(HOST, "/story"))
    pair = [item("One", desk.web.url(host, "/r/1")), item("One", desk.web.url(HOST, "/story"))]
    first, second = pair if shortened_first else reversed(pair)
    assert await _drain_both(desk, first, second) in (_outcomes(1, duplicate=1), _outcomes(1, unchanged=1))
    assert desk.publisher.titles == ["One"]


async def test_pages_that_all_redirect_to_one_lose_no_article(desk: Desk) -> None:
    """Such as to a note that there is none: where the titles differ it is not believed that they are one."""
    for path in ("/a", "/b"):
        desk.web.redirect(HOST, path, "/gone")
    desk.web.put(HOST, "/gone", article_page("We have moved", LONG, MORE))
    first, second = item("One", desk.web.url(HOST, "/a")), item("Two", desk.web.url(HOST, "/b"))
    assert await _drain_both(desk, first, second) == _outcomes(1, published=1)
    assert desk.publisher.titles == ["One", "Two"]
