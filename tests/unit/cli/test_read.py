"""`marsad read`: what its lines say. A stable contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from streams.cli.main import app
from tests.support.web import article_page, item, rss

PARAGRAPH = (
    "The minister said on Sunday that the foreign forces in the north must leave at once, and that talks go on. "
)
ARABIC = "قال الوزير يوم الأحد إن القوات الأجنبية في شمال البلاد يجب أن تغادر فورا وإن المحادثات مستمرة بين الطرفين. "


def read(*arguments: object) -> list[dict[str, Any]]:
    """The lines of `marsad read --json`, which ends with status 0."""
    done = CliRunner().invoke(app, ["read", "--json", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_an_entry_is_an_article_line_with_its_summary(tmp_path: Path) -> None:
    """Every field is there, null where it is absent; titles and summaries are plain text; links made absolute."""
    entry = item(
        "A &lt;b&gt;B&lt;/b&gt;", "/1", "&lt;p&gt;Text.&lt;/p&gt;", guid="urn:1", date="Sun, 01 Mar 2026 11:00:00 GMT"
    )
    path = put(tmp_path, "feed.xml", rss(entry, item("Only a title", "/2")))
    first, second = read(path, "--url", "https://news.example/feed")
    assert first == {
        "argument": str(path),
        "id": "urn:1",
        "title": "A B",
        "summary": "Text.",
        "url": "https://news.example/1",
        "date": "2026-03-01T11:00:00Z",
        "date_precision": "second",
        "date_from": "feed",
        "language": None,
        "source": "News",
        "authors": None,
    }
    assert (second["id"], second["summary"], second["date"]) == ("https://news.example/2", None, None)


def test_an_entry_that_ingest_would_refuse_says_so(tmp_path: Path) -> None:
    """Neither a link nor a text: all entries are shown, and this one has a status."""
    lines = read(put(tmp_path, "feed.xml", rss(item("A", "https://a.example/1"), "<item/>")))
    assert [(line.get("status"), line.get("cause")) for line in lines] == [(None, None), ("unreadable", "broken_entry")]


@pytest.mark.parametrize("url", [(), ("--url", "https://a.example/feed")])
def test_a_relative_link_is_kept_where_the_feeds_address_is_not_known(tmp_path: Path, url: tuple[str, ...]) -> None:
    """Ingest would know the address, and not refuse the entry; a link of another scheme it would."""
    relative, mail = read(put(tmp_path, "f", rss(item("A", "/1"), item("B", "mailto:b@example.org"))), *url)
    assert (relative["url"], relative.get("status")) == ("https://a.example/1" if url else "/1", None)
    assert (mail["url"], mail["cause"]) == ("mailto:b@example.org", "broken_entry")


def test_items_of_json_that_are_none_were_dropped_in_silence(tmp_path: Path) -> None:
    """Each is shown as what it is: broken."""
    content = '{"version": "https://jsonfeed.org/version/1", "items": [null, {"id": "a", "content_text": "x < y"}, 3]}'
    lines = read(put(tmp_path, "f.json", content))
    assert [(line["id"], line["summary"], line.get("cause")) for line in lines] == [
        (f"{tmp_path}/f.json:1", None, "broken_entry"),
        ("a", "x < y", None),
        (f"{tmp_path}/f.json:3", None, "broken_entry"),
    ]


@pytest.mark.parametrize(
    "content",
    [rss(), b'{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": []}'],
    ids=["rss", "json"],
)
def test_a_feed_without_entries_is_one_line(tmp_path: Path, content: bytes) -> None:
    """Its status is `empty`, which is no failure."""
    (line,) = read(put(tmp_path, "feed", content))
    assert (line["status"], line["source"], line["title"]) == ("empty", "News", None)


def test_a_json_feed_is_read(tmp_path: Path) -> None:
    """Relative addresses, HTML in texts, authors of the whole feed."""
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "language": "ar-SY",
        "authors": [{"name": "Maria"}],
        "items": [
            {"id": 7, "url": "/7", "title": "A &amp; B", "content_html": "<p>One</p>", "date_published": "2026-03-01"}
        ],
    }
    (line,) = read(put(tmp_path, "f.json", json.dumps(content)), "--url", "https://a.example/feed.json")
    assert (line["id"], line["title"], line["summary"]) == ("7", "A & B", "One")
    assert (line["url"], line["date"], line["authors"]) == ("https://a.example/7", "2026-03-01T00:00:00Z", ["Maria"])


def test_a_sitemap_of_news_is_read(tmp_path: Path) -> None:
    """Title, address, date, language and the publication's name; an image's title is not the article's."""
    content = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:i="http://www.google.com/schemas/sitemap-image/1.1">
      <url><loc>https://a.example/1</loc><i:image><i:title>No</i:title></i:image><news:news><news:publication>
      <news:name>The Times</news:name><news:language>ar</news:language></news:publication>
      <news:publication_date>2026-03-01T10:00:00+03:00</news:publication_date><news:title>Forces leave</news:title>
      </news:news></url></urlset>"""
    (line,) = read(put(tmp_path, "map.xml", content))
    assert (line["title"], line["url"], line["date"]) == ("Forces leave", "https://a.example/1", "2026-03-01T07:00:00Z")
    assert (line["source"], line["language"], line["summary"]) == ("The Times", "ar", None)


def test_a_list_of_sitemaps_says_which_to_name(tmp_path: Path) -> None:
    """It has no articles in it."""
    content = "<sitemapindex><sitemap><loc>https://a.example/news.xml</loc></sitemap></sitemapindex>"
    (line,) = read(put(tmp_path, "map.xml", content))
    assert (line["status"], line["cause"]) == ("unreadable", "not_a_feed")
    assert "https://a.example/news.xml" in line["problem"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1256", "iso8859-6"])
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "windows-1256"])
def test_arabic_in_any_encoding_is_read(tmp_path: Path, codec: str, declared: str) -> None:
    """With a right, wrong or missing declaration, as a feed and as a page."""
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    feed = f"{prolog}<rss version='2.0'><channel><title>n</title>{item(ARABIC.strip(), 'https://a.example/1')}</channel></rss>"
    (line,) = read(put(tmp_path, "feed", feed.encode(codec)))
    assert line["title"] == ARABIC.strip()
    page = article_page("عنوان الخبر", ARABIC * 3, ARABIC * 2, language="ar").replace(
        '<meta charset="utf-8">', f'<meta charset="{declared}">' if declared else ""
    )
    (line,) = read(put(tmp_path, "page.html", page.encode(codec)))
    assert ARABIC.strip() in line["text"]


def test_a_page_is_an_article_line(tmp_path: Path) -> None:
    """Its text without the furniture; `--url` says where it came from."""
    page = article_page("Forces leave", PARAGRAPH * 2, PARAGRAPH)
    path = put(
        tmp_path, "page.html", page.replace("<head>", '<head><meta property="og:site_name" content="The Herald">')
    )
    (line,) = read(path, "--url", "https://a.example/1")
    fields = {"argument", "id", "title", "text", "url", "date", "date_precision", "date_from", "language", "source"}
    assert set(line) == fields | {"authors"}
    assert (line["id"], line["url"], line["title"]) == ("https://a.example/1", "https://a.example/1", "Forces leave")
    assert line["source"] == "The Herald"
    assert "donation" not in line["text"]


APP = "<html><p>You need to enable JavaScript to run this app, so please do so and reload.</p></html>"
TEASER = f"<article><h1>Talks</h1><p>{PARAGRAPH}</p><p>Subscribe to continue reading this article.</p></article>"
MEMBERS = "<h1>خبر</h1><p>يرجى تسجيل الدخول لمتابعة قراءة هذا المقال من موقعنا الإخباري على الإنترنت</p>"
COOKIES = "<h1>We value your privacy</h1><p>We and our partners use cookies to store data on your device and more.</p>"
ROBOTS = "<title>Just a moment...</title><p>Checking your browser before you can go on to the site you asked for.</p>"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "empty"),
        ("<html><body></body></html>", "empty"),
        ("<html><body><div id=root></div><script src=/app.js></script></body></html>", "script_only"),
        (APP, "script_only"),
        ("<title>404 - Page not found</title><h1>Page not found</h1><p>Try the front page.</p>", "soft_not_found"),
        ("<title>الصفحة غير موجودة</title><h1>الصفحة غير موجودة</h1><p>عذرا</p>", "soft_not_found"),
        (TEASER, "login_wall"),
        (MEMBERS, "login_wall"),
        ("<form><input name=u><input type=password></form><a href=/>Home</a>", "login_wall"),
        (COOKIES, "consent_wall"),
        (ROBOTS, "blocked"),
        ("<nav><a href=/>Home</a> <a href=/w>World</a></nav>", "no_article"),
    ],
)
def test_a_page_without_an_article_says_why(tmp_path: Path, content: str, cause: str) -> None:
    """It ends as unreadable, with its cause; that is an answer, and exit status 0."""
    (line,) = read(put(tmp_path, "page.html", content), "--as", "page")
    assert (line["status"], line["cause"], line["text"]) == ("unreadable", cause, None)


def test_a_whole_article_about_cookies_is_an_article(tmp_path: Path) -> None:
    """Words of walls in a long text are what it is about."""
    text = "The court said that sites may not use cookies before readers sign in to continue, and fined the company. "
    (line,) = read(put(tmp_path, "page.html", article_page("Court: page not found guilty", text * 5, text * 4)))
    assert "status" not in line


def test_as_overrides_what_it_looks_like(tmp_path: Path) -> None:
    """A page read as a feed is none."""
    (line,) = read(put(tmp_path, "x", article_page("T", PARAGRAPH * 3)), "--as", "feed")
    assert (line["status"], line["cause"]) == ("unreadable", "not_a_feed")
    assert line["problem"] == "is not a feed: it is an HTML page; look in it for a link to the feed"


def test_a_file_that_is_not_there_ends_with_2_and_the_rest_is_read(tmp_path: Path) -> None:
    """Its name is on standard error; nothing of it is on standard output."""
    there = put(tmp_path, "feed.xml", rss(item("A", "https://a.example/1")))
    done = CliRunner().invoke(app, ["read", "--json", str(tmp_path / "missing"), str(there)])
    assert (done.exit_code, len(done.stdout.splitlines())) == (2, 1)
    assert "missing: cannot be read: No such file or directory" in done.stderr


def test_a_private_address_is_refused_unless_allowed() -> None:
    """Both are answers: refused without asking it, and asked, where nobody is at home."""
    (refused,) = read("http://127.0.0.1:1/")
    (asked,) = read("--allow-private", "http://127.0.0.1:1/")
    assert [(line["argument"], line["cause"]) for line in (refused, asked)] == [
        ("http://127.0.0.1:1/", "private_address"),
        ("http://127.0.0.1:1/", "unreachable"),
    ]


def test_for_readers_titles_and_causes_are_shown(tmp_path: Path) -> None:
    """Without --json."""
    feed = put(tmp_path, "feed.xml", rss(item("A title", "https://a.example/1", "A text."), "<item/>"))
    done = CliRunner().invoke(app, ["read", str(feed)])
    assert "A title\n  https://a.example/1\n  A text.\n(no title)\n  unreadable: the entry has neither" in done.stdout
