"""Pages that list articles, of sites without a feed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import FetchError
from streams.ingest.feed_links import feeds_named
from streams.ingest.list_pages import read_list

URL = "https://a.example/news/"
PAGE = """<html lang="ar-SY"><head><title>أخبار اليوم</title></head><body>
<nav><a href="/2026/03/01/of-the-navigation-of-a-site">A long headline in the navigation of the site</a></nav>
<div class="list">
  <a href="/story/123456"><img src="a.jpg"></a>
  <h2><a href="/story/123456?utm_source=front">القوات تغادر شمال البلاد يوم الأحد</a></h2>
  <h2><a href="council-votes-on-new-budget">Council votes on the new budget today</a></h2>
  <a href="/story/9999">More</a>
  <a href="/tag/12345">Everything that we have on elections in the north</a>
  <a href="https://other.example/2026/03/01/x">A headline of some other site that we link to</a>
  <a href="javascript:void(0)">Share this very interesting headline with others</a>
</div>
<p class="pick"><a href="/x">Short</a></p>
<footer><a href="/2026/03/01/rights">All rights reserved by the editors of this site</a></footer></body></html>"""


def test_links_to_articles_are_told_from_navigation() -> None:
    """By their shape; a picture's link and its headline's are one; trackers do not count."""
    feed = read_list(PAGE.encode(), URL)
    assert [(entry.title, entry.link) for entry in feed.entries] == [
        ("القوات تغادر شمال البلاد يوم الأحد", "https://a.example/story/123456?utm_source=front"),
        ("Council votes on the new budget today", "https://a.example/news/council-votes-on-new-budget"),
    ]
    assert (feed.title, feed.language) == ("أخبار اليوم", "ar")


@pytest.mark.parametrize("selector", [".pick a", ".pick"])
def test_a_selector_says_where_they_are(selector: str) -> None:
    """Of links, or of what holds them, whatever their shape."""
    assert [entry.title for entry in read_list(PAGE.encode(), URL, selector=selector).entries] == ["Short"]


@pytest.mark.parametrize(
    ("content", "selector"), [(PAGE, "h7"), ("<html><a href=/x>Home</a></html>", None), ("", None)]
)
def test_a_page_without_such_links_says_so(content: str, selector: str | None) -> None:
    """It would be silent for ever."""
    with pytest.raises(FetchError, match=r"looks like an article|not an HTML page"):
        read_list(content.encode(), URL, selector=selector)


@given(st.binary(max_size=300), st.lists(st.text(max_size=30), max_size=4))
def test_any_bytes_and_links_are_read_or_refused(raw: bytes, links: list[str]) -> None:
    """Only FetchError comes out."""
    page = raw + "".join(f'<a href="{link}">A headline of several words here</a>' for link in links).encode(
        "utf-8", "replace"
    )
    try:
        read_list(page, URL)
    except FetchError as error:
        assert error.cause == "no_article"  # noqa: PT017  # a list is right as well


def test_links_of_a_page_with_a_base_led_to_somewhere_else() -> None:
    """They are relative to that, not to the page's own address; a base that is no address is none."""
    link = "council-votes-on-new-budget"
    for base, lead in (("/archive/", "https://a.example/archive/"), ("http://[", URL)):
        head = f'<head><base href="{base}"><link rel="alternate" type="application/rss+xml" href="feed.xml"></head>'
        page = f'<html>{head}<body><a href="{link}">Council votes on the new budget today</a></body></html>'.encode()
        assert [entry.link for entry in read_list(page, URL).entries] == [lead + link]
        assert feeds_named(page, URL) == (f"{lead}feed.xml",)
