"""The sample's site: real readers find in it what it means to show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from deploy.sample.sample_site import (
    PAGES,
    PUBLISHERS,
    Publisher,
    SampleSite,
    Story,
    read_text,
    render_atom,
    render_page,
    render_rss,
)
from streams.ingest.entries import Feed
from streams.ingest.feeds import read_feed
from streams.ingest.pages import Page
from streams.ingest.readers import read_page

NOW = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
URL = "http://127.0.0.1:1/story"
STORIES = [story for publisher in PUBLISHERS for story in publisher.stories]
DAILY, AGENCY = PUBLISHERS


def read_story(story: Story) -> Page:
    """The page as ingest reads it."""
    return read_page(render_page(story, url=URL, now=NOW).encode(), URL, "text/html; charset=utf-8")


def read_publisher(publisher: Publisher) -> Feed:
    """The feed as ingest reads it."""
    render = render_rss if publisher.feed == "rss" else render_atom
    return read_feed(render(publisher, base="http://127.0.0.1:1", now=NOW).encode(), "http://127.0.0.1:1/feed.xml")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.slug}-{story.furniture}")
def test_a_page_is_read_without_its_furniture(story: Story) -> None:
    """Headline, every paragraph, the date and the language are found, and none of what stands around them."""
    headline, paragraphs = read_text(story.slug)
    page = read_story(story)
    assert [line for line in page.text.split("\n") if line != headline] == paragraphs
    assert (page.title, page.language, page.published) == (headline, story.language, NOW - story.age)


def test_the_re_print_has_the_text_of_the_original_within_other_furniture() -> None:
    """Two hosts print one article; their pages differ, what is read from them does not."""
    original, again = (next(s for s in p.stories if s.slug == "bagheri-damascus") for p in PUBLISHERS)
    assert render_page(original, url=URL, now=NOW) != render_page(again, url=URL, now=NOW)
    assert read_story(original).text == read_story(again).text


@pytest.mark.parametrize("publisher", PUBLISHERS, ids=lambda publisher: publisher.feed)
def test_a_feed_names_its_stories(publisher: Publisher) -> None:
    """Every story has a link and its own date; only the broken entry has neither page nor text."""
    feed = read_publisher(publisher)
    assert feed.problem is None
    assert len(feed.entries) == publisher.entries
    whole = [entry for entry in feed.entries if not entry.broken]
    assert [entry.link for entry in whole] == [f"http://127.0.0.1:1/{story.slug}" for story in publisher.stories]
    assert [entry.published for entry in whole] == [NOW - story.age for story in publisher.stories]


def test_the_sample_has_what_it_is_meant_to_show() -> None:
    """One RSS and one Atom feed, one broken entry, and nothing too old to alert."""
    assert [publisher.feed for publisher in PUBLISHERS] == ["rss", "atom"]
    assert sum(publisher.broken_entries for publisher in PUBLISHERS) == 1
    assert all(story.age < timedelta(hours=2) for story in STORIES)


def test_every_text_is_used_and_has_its_source_named() -> None:
    """No file under pages/ is left over, and the real article's publisher is named."""
    assert {path.stem for path in (PAGES / "articles").iterdir()} == {story.slug for story in STORIES}
    assert {path.stem for path in (PAGES / "furniture").iterdir()} == {story.furniture for story in STORIES}
    assert "Enab Baladi" in (PAGES / "README.md").read_text(encoding="utf-8")


async def test_the_site_serves_feeds_and_pages_on_two_ports() -> None:
    """What it was asked for is told; robots may read everything; what is not there is 404."""
    asked: list[str] = []
    site = SampleSite(NOW, asked.append)
    await site.start()
    try:
        async with aiohttp.ClientSession() as client:
            paths = ["feed.xml", "bagheri-damascus", "robots.txt", "nothing"]
            answers = [await client.get(f"{site.bases[DAILY.name]}/{path}") for path in paths]
            kinds = [(answer.status, answer.content_type) for answer in answers]
    finally:
        await site.stop()
    assert kinds == [(200, "application/rss+xml"), (200, "text/html"), (200, "text/plain"), (404, "text/plain")]
    assert asked == ["sample-daily feed", "sample-daily bagheri-damascus"]
    assert site.bases[DAILY.name] != site.bases[AGENCY.name]
