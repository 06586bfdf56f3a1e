"""Lists of feeds, as readers of feeds exchange them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import InputError
from streams.ingest.opml import Outline, name_for, read_opml, write_opml
from streams.sections import SourceSettings

OPML = """<?xml version="1.0" encoding="windows-1256"?><opml version="1.0"><body>
<outline text="العالم"><outline text="BBC &amp; co" xmlUrl="https://a.example/rss" language="ar-SY"/>
<outline title="Inner"><outline xmlURL=" http://b.example/feed "/></outline></outline>
<outline text="Bad" xmlUrl="feed:x"/><outline text="A link" htmlUrl="http://c.example/"/></body></opml>"""


def test_feeds_are_read_with_their_folders() -> None:
    """In an old encoding; keys in any case; what has no address of a feed says so."""
    assert read_opml(OPML.encode("cp1256"), "f") == (
        Outline("BBC & co", "https://a.example/rss", "https://a.example/rss", ("العالم",), "ar"),
        Outline("", "http://b.example/feed", "http://b.example/feed", ("العالم", "Inner")),
        Outline("Bad", None, "feed:x"),
        Outline("A link", None, "", site="http://c.example/"),
    )


@pytest.mark.parametrize("stated", ["feed://a.example/x", "feed:http://a.example/x", "FEED:HTTP://a.example/x"])
def test_the_scheme_that_once_called_feed_readers_is_seen_through(stated: str) -> None:
    """Browsers handed such addresses to them."""
    (outline,) = read_opml(f'<opml><body><outline xmlUrl="{stated}"/></body></opml>'.encode(), "f")
    assert outline.feed in {"http://a.example/x", "HTTP://a.example/x"}


def test_what_is_written_is_read_again() -> None:
    """Feeds alone; the first tag is the folder, and none is lost."""
    values = [
        {"name": "خبر", "feed": "http://a.example/?a=1&b=2", "tags": ["x", "y"], "language": "ar"},
        {"name": "B", "feed": "http://b.example/"},
        {"name": "P", "page": "http://c.example/"},
    ]
    outlines = read_opml(write_opml(map(SourceSettings.model_validate, values)), "f")
    assert outlines == (
        Outline("خبر", "http://a.example/?a=1&b=2", "http://a.example/?a=1&b=2", ("x", "y"), "ar"),
        Outline("B", "http://b.example/", "http://b.example/"),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "root element is missing"),
        (b"<html></html>", "root element is html"),
        (b'<!DOCTYPE opml [<!ENTITY a "aaaa">]><opml><body>&a;</body></opml>', "declares entities"),
    ],
)
def test_what_is_no_list_says_what_it_is(content: bytes, message: str) -> None:
    """As an input that cannot be used."""
    with pytest.raises(InputError, match=message):
        read_opml(content, "f")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Only InputError comes out."""
    for content in (raw, b"<opml><body>" + raw):
        try:
            read_opml(content, "f")
        except InputError:
            continue


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("BBC & co: news/x", "BBC co news x"),
        ("", "a.example"),
        ("Taken", "Taken 3"),
        ("خبر، عاجل", "خبر عاجل"),
        ("-- News", "News"),
    ],
)
def test_names_are_made_fit_and_unique(wanted: str, name: str) -> None:
    """Of what the list says, else of the address."""
    assert name_for(wanted, "https://www.a.example/feed", ["Taken", "Taken 2"]) == name


def test_an_address_with_a_bare_ampersand_lost_what_follows() -> None:
    """Many lists are written by hand; a wrong address was added, and nothing said."""
    (outline,) = read_opml(
        b'<opml><body><outline text="A &eacute; B & C" xmlUrl="http://a.example/?a=1&b=2"/></body></opml>', "f"
    )
    assert (outline.name, outline.feed) == ("A é B & C", "http://a.example/?a=1&b=2")


def test_what_a_list_comments_out_was_added() -> None:
    """With all that is below it (OPML 2.0, `isComment`)."""
    below = b'<outline text="x" xmlUrl="http://a.example/"/>'
    assert (
        read_opml(b'<opml><body><outline text="A" isComment="true">' + below + b"</outline></body></opml>", "f") == ()
    )


def test_feeds_in_deep_folders_were_left_out_in_silence() -> None:
    """Below the twentieth folder."""
    feed = '<outline xmlUrl="http://a.example/"/>'
    deep = '<outline text="n">' * 100 + feed + "</outline>" * 100
    assert [outline.feed for outline in read_opml(f"<opml><body>{deep}</body></opml>".encode(), "f")] == [
        "http://a.example/"
    ]
