"""What a poll of feeds brings: over a simulated web and a real Redis."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from streams.ingest.entries import Feed
from streams.stores.sources import Pending, SourceState
from tests.support.desk import HOST, LONG, MORE, SUMMARY, Desk
from tests.support.newsroom import NOON
from tests.support.reading import InlineReading
from tests.support.web import Web, article_page, item, rss


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


async def test_a_source_whose_new_address_was_written_down_forgot_what_is_usual_of_it(desk: Desk) -> None:
    """What has moved is the feed that it was."""
    desk.source(path="/old")
    desk.web.redirect(HOST, "/old", desk.web.url(HOST, "/feed"), 301)
    for number in range(2):
        desk.web.put(HOST, "/feed", rss(desk.put_article(f"/{number}", f"Number {number}")))
        await desk.drain()
        desk.clock.forward(hours=1)
    before = await desk.store.state("News")
    desk.sources.clear()
    desk.source(path="/feed")
    await desk.drain()
    after = await desk.store.state("News")
    assert (after.known_since, after.usual_hours) == (before.known_since, before.usual_hours)
    assert (after.url, after.moved_to) == (desk.web.url(HOST, "/feed"), None)


async def test_a_defect_of_ours_stops_one_source_alone(web: Web, redis: Redis) -> None:
    """What nobody foresaw is logged, and the source is tried again like any that fails."""

    class Broken(InlineReading):
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


async def test_an_encoding_that_nobody_declares_is_known_from_before(desk: Desk) -> None:
    """A single short headline is in what the feed was in when it had more."""
    desk.source(text="feed")
    desk.web.put(HOST, "/feed", rss())
    await desk.drain()
    long = "قال الوزير يوم الأحد إن القوات الأجنبية في شمال البلاد يجب أن تغادر فورا، " * 6
    for title, text in (("الوزير", long), ("غزة", "")):
        feed = rss(item(title, desk.web.url(HOST, f"/{len(text)}"), text)).decode().encode("windows-1256")
        desk.web.put(HOST, "/feed", feed.replace(b' encoding="utf-8"', b""), "text/xml")
        await desk.drain()
    assert desk.publisher.titles == ["الوزير", "غزة"]


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


async def test_links_that_entries_share_identify_none_of_them(desk: Desk) -> None:
    """A feed whose every link is the front page: each entry is an article of its own, by the feed's text."""
    desk.source()
    desk.web.put(HOST, "/feed", rss(*(item(f"N{n}", "/", f"{n}: {SUMMARY}", guid=f"g{n}") for n in range(3))))
    await desk.drain()
    assert sorted(desk.publisher.titles) == ["N0", "N1", "N2"]
    assert len({article.id for article in desk.publisher.articles}) == 3
    assert [asked.path for asked in desk.web.asked] == ["/feed"]


async def test_posts_of_one_page_were_one_article(desk: Desk) -> None:
    """A live page, whose posts are places on it: each is an article of its own, by its own id."""
    live = desk.web.url(HOST, "/live")
    posts = [item(f"Post {number}", link := f"{live}#p{number}", f"{SUMMARY} {number}", guid=link) for number in (1, 2)]
    desk.source()
    desk.web.put(HOST, "/feed", rss(*posts))
    await desk.drain()
    assert sorted(desk.publisher.titles) == ["Post 1", "Post 2"]


@pytest.mark.parametrize("link", ["/", ""])
async def test_an_id_that_most_entries_share_made_one_article_of_them(desk: Desk, link: str) -> None:
    """The front page, or the same word in each."""
    guid = desk.web.url(HOST, "/") if link else "0"
    entries = [item(f"Siren {number}", link and guid, f"{SUMMARY} {number}", guid=guid) for number in (1, 2, 3)]
    desk.source(text="feed")
    desk.web.put(HOST, "/feed", rss(*entries))
    await desk.drain()
    assert sorted(desk.publisher.titles) == ["Siren 1", "Siren 2", "Siren 3"]


async def test_versions_of_an_entry_are_one_article(desk: Desk) -> None:
    """Which have its id, in a feed of others."""
    entries = [item(f"One, version {number}", "", f"{SUMMARY} {number}", guid="tag:1") for number in (1, 2)]
    others = [item(f"Other {number}", "", f"{SUMMARY} Other {number}", guid=f"tag:o{number}") for number in range(4)]
    desk.source(text="feed")
    desk.web.put(HOST, "/feed", rss(*entries, *others))
    await desk.drain()
    assert len([title for title in desk.publisher.titles if title.startswith("One")]) == 1


async def test_a_version_beside_the_one_before_made_another_article_of_both(desk: Desk) -> None:
    """Their link, which is their id, was one that entries share: it came again, and its page was read no more."""
    desk.put_article("/1", "One")
    link = desk.web.url(HOST, "/1")
    versions = [item(f"One, version {number}", link, SUMMARY, guid=link) for number in (1, 2)]
    others = [desk.put_article(f"/other/{number}", f"Other {number}") for number in range(3)]
    desk.source()
    for entries in (versions[:1], versions, versions[1:]):
        desk.web.put(HOST, "/feed", rss(*reversed(entries), *others))
        await desk.drain()
        desk.clock.forward(hours=2)
    assert len({article.id for article in desk.publisher.articles}) == 1 + len(others)
    assert {article.text_from for article in desk.publisher.articles} == {"page"}


@pytest.mark.parametrize("path", ["/", "/alerts"])
async def test_one_entry_alone_was_taken_for_the_page_that_all_entries_lead_to(desk: Desk, path: str) -> None:
    """And the next one for an update of that, of which there are only so many; what was published came again."""
    desk.web.put(HOST, path, article_page("Alerts", LONG, LONG))
    link = desk.web.url(HOST, path)
    entries = [item(f"Siren {number}", link, f"{SUMMARY} {number}", guid=f"id {number}") for number in range(4)]
    desk.source()
    for begin, end in ((0, 2), (1, 2), (2, 3), (3, 4)):
        desk.web.put(HOST, "/feed", rss(*entries[begin:end]))
        await desk.drain()
        desk.clock.forward(hours=2)
    assert sorted(desk.publisher.titles) == [f"Siren {number}" for number in range(4)]
    assert {article.text_from for article in desk.publisher.articles} == {"feed"}


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


@pytest.mark.parametrize("head", [b'ETag: "\xe9\xff"', b"Last-Modified: \xe9\xff", b"Content-Type: text/xml; \xe9"])
async def test_a_header_that_is_no_text_made_its_source_fail_for_ever(desk: Desk, head: bytes) -> None:
    """A validator that could not be kept was a defect of ours at every poll; it is none now, and the feed is read."""
    body = rss(desk.put_article("/1", "One"))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (head, len(body)))
        writer.write(body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        desk.source(feed=f"http://{HOST}:{server.sockets[0].getsockname()[1]}/feed")
        await desk.drain()
        await desk.drain()
    assert ((await desk.store.state("News")).problem, desk.publisher.titles) == (None, ["One"])


async def test_a_redirect_to_a_host_on_hold_kept_a_poll_waiting_for_a_day(desk: Desk) -> None:
    """And all polls, once sixteen waited so. It fails as what the host said, until then, and others are polled."""
    desk.source("Moved", "/moved")
    desk.source()
    desk.web.redirect(HOST, "/moved", desk.web.url("b.example", "/feed"))
    desk.web.put("b.example", "/feed", rss(item("B", desk.web.url("b.example", "/1"))))
    desk.web.put(HOST, "/feed", rss(desk.put_article("/1", "One")))
    free_at = desk.clock() + timedelta(hours=20)
    await desk.visits.hosts.leave("b.example", free_at=free_at, now=desk.clock())
    async with asyncio.timeout(30):
        await desk.drain()
    state = await desk.store.state("Moved")
    assert (state.problem, state.held_until, desk.publisher.titles) == ("rate_limited", free_at, ["One"])
    assert desk.web.requests("b.example") == []


async def test_a_feed_behind_a_redirect_to_a_host_that_wants_long_pauses_was_never_read(desk: Desk) -> None:
    """Its pages took every turn, since a poll came only each ten minutes, and always while it was to be left alone."""
    source, b = desk.source("Moved", "/moved"), "b.example"
    desk.web.redirect(HOST, "/moved", desk.web.url(b, "/feed"))
    desk.web.put(b, "/robots.txt", "User-agent: *\nCrawl-delay: 120", "text/plain")
    desk.web.put(b, "/feed", rss(item("B", desk.web.url(b, "/new"))))
    paths = [f"/{number}" for number in range(20)]
    for path in paths:
        desk.web.put(b, path, article_page(path, LONG, LONG))
    archive = [
        Pending(id=path, source="Other", host=b, title=path, text="", url=desk.web.url(b, path), seen_at=NOON)
        for path in paths
    ]
    await desk.store.record("Other", SourceState(), archive, now=NOON)
    due = NOON + timedelta(seconds=10)
    while desk.clock() < NOON + timedelta(minutes=20) and not desk.web.requests(b, "/feed"):
        await desk.work()
        if desk.clock() >= due:
            due = await desk.feeds()._poll(source, at_once=False)
        desk.clock.forward(seconds=10)
    assert len(desk.web.requests(b, "/feed")) == 1
    assert (await desk.store.state("Moved")).problem is None


async def test_entries_without_address_and_date_whose_ids_change_came_at_every_fetch(desk: Desk) -> None:
    """A text of a few lines is known by its words; short ones, such as those of sirens, may be said again."""
    desk.source(text="feed")
    long = f"{LONG} {MORE} {SUMMARY}"
    for poll in range(3):
        items = item("Long", text=long, guid=f"{poll}a"), item("Siren", text="Take shelter", guid=f"{poll}b")
        desk.web.put(HOST, "/feed", rss(*items).replace(b"<guid>", b'<guid isPermaLink="false">'))
        await desk.drain()
        desk.clock.forward(hours=2)
    assert sorted(desk.publisher.titles) == ["Long", "Siren", "Siren", "Siren"]
