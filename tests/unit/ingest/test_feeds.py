from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.errors import FetchError
from streams.ingest.causes import FetchCause
from streams.ingest.entries import Entry
from streams.ingest.feeds import read_feed
from tests.support.web import ENTITY_BOMB, article_page, item, rss

URL = "https://news.example/feeds/all.xml"
WHEN = datetime(2019, 3, 18, 10, 20, tzinfo=UTC)
ENTRY = Entry(
    "Forces leave",
    "The text.",
    "https://news.example/1",
    "tag:news.example,2019:1",
    WHEN,
    ("Maria Keller",),
    date_precision="second",
)

RSS_2 = b"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>News</title><language>ar-SY</language>
<item><title>Forces &lt;em&gt;leave&lt;/em&gt;</title><link>/1</link>
<guid isPermaLink="false">tag:news.example,2019:1</guid>
<pubDate>Mon, 18 Mar 2019 13:20:00 +0300</pubDate><dc:creator>Maria Keller</dc:creator>
<description>&lt;p&gt;The text.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</description></item></channel></rss>"""
RSS_091 = b"""<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>News</title><language>ar</language><item><title>Forces leave</title>
<link>https://news.example/1</link><description>The text.</description></item></channel></rss>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/"><title>News</title>
<dc:language>ar</dc:language></channel><item rdf:about="tag:news.example,2019:1"><title>Forces leave</title><link>https://news.example/1</link>
<description>The text.</description><dc:date>2019-03-18T10:20:00Z</dc:date><dc:creator>Maria Keller</dc:creator>
</item></rdf:RDF>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar" xml:base="https://news.example/"><title>News</title>
<entry><id>tag:news.example,2019:1</id><title type="html">Forces &amp;lt;em&amp;gt;leave&amp;lt;/em&amp;gt;</title>
<link rel="alternate" href="1"/><link rel="enclosure" href="https://cdn.example/a.mp3"/>
<updated>2019-03-18T12:20:00+02:00</updated><author><name>Maria Keller</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>The <b>text</b>.</p></div></content>
</entry></feed>"""


@pytest.mark.parametrize("raw", [RSS_2, RDF, ATOM])
def test_each_kind_of_feed_gives_the_same_entry(raw: bytes) -> None:
    """RSS 2.0, RDF, Atom: titles and texts without markup, links made absolute, dates in UTC."""
    feed = read_feed(raw, URL)
    entry = replace(ENTRY, updated=None if raw is RSS_2 else WHEN)
    assert (feed.title, feed.problem, feed.entries) == ("News", None, (entry,))


def test_rss_of_1999_is_read_without_its_document_type() -> None:
    """Its external DTD is not fetched, nor is the feed refused for it."""
    feed = read_feed(RSS_091, URL)
    assert (feed.language, feed.entries) == ("ar", (Entry("Forces leave", "The text.", "https://news.example/1"),))


@pytest.mark.parametrize("number", ["0", "xD800", "57343", "x110000", "x0000110000", "9" * 5000, "xFFFF", "8"])
def test_a_reference_to_no_character_costs_that_character_alone(number: str) -> None:
    """Feedparser gives the whole feed up for one of them, and every other entry with it."""
    feed = read_feed(rss(item(f"A&#{number};B &#x1F600;&#1575;", link="/1"), item("Sound", link="/2")), URL)
    assert [entry.title for entry in feed.entries] == ["A\ufffdB \U0001f600\u0627", "Sound"]


def test_what_an_entry_lacks_is_absent() -> None:
    """No id, no link, no date, no title: tolerated; neither link nor text: broken."""
    feed = read_feed(rss(item("Only a title"), item(text="Only a text"), item(link="/only-a-link"), "<item/>"), URL)
    assert feed.entries == (
        Entry("Only a title", ""),
        Entry("", "Only a text"),
        Entry("", "", "https://news.example/only-a-link"),
        Entry("", ""),
    )
    assert [entry.broken for entry in feed.entries] == [True, False, False, True]


def test_an_id_that_is_an_address_is_the_link_where_there_is_none() -> None:
    """A permalink says where the page is."""
    feed = read_feed(rss(item("T", guid="https://news.example/7")), URL)
    assert feed.entries[0].link == "https://news.example/7"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "mailto:a@b.c", "http://[", "urn:x"])
def test_a_link_that_is_no_web_address_is_none(link: str) -> None:
    """Nobody is sent there."""
    assert read_feed(rss(item("T", link, "Text")), URL).entries[0].link is None


@pytest.mark.parametrize("codec", ["utf-8", "windows-1256", "utf-16"])
@pytest.mark.parametrize("content_type", ["text/xml", "application/rss+xml", "text/html; charset=iso-8859-1", None])
def test_arabic_feeds_are_read_in_old_encodings(codec: str, content_type: str | None) -> None:
    """As their prologue says, whatever the server says."""
    title = "باقري يدعو من دمشق لانسحاب القوات التركية من إدلب"
    markup = f'<?xml version="1.0" encoding="{codec}"?><rss version="2.0"><channel>{item(title, "/1")}</channel></rss>'
    assert read_feed(markup.encode(codec), URL, content_type).entries[0].title == title


def test_a_feed_with_faulty_xml_is_read_and_says_so() -> None:
    """Control characters and unclosed elements are everyday."""
    raw = b"\n\n<rss version='2.0'><channel><item><title>A & B\x0b</title><link>/1</link></item></channel>"
    feed = read_feed(raw, URL)
    assert [entry.title for entry in feed.entries] == ["A & B"]
    assert feed.problem is not None


def test_harmless_entities_are_resolved() -> None:
    """Feeds that declare the names of HTML's characters mean well."""
    raw = (
        b'<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY eacute "&#233;">]>'
        + rss(item("Caf&eacute;", "/1")).split(b"?>", 1)[1]
    )
    assert read_feed(raw, URL).entries[0].title == "Café"


def test_a_feed_without_entries_is_a_feed() -> None:
    """Nothing new is no failure."""
    assert read_feed(rss(title="Quiet"), URL).entries == ()


QUADRATIC = (
    b'<!DOCTYPE rss [<!ENTITY a "'
    + b"a" * 100_000
    + b'">]><rss version="2.0"><channel><title>'
    + b"&a;" * 10_000
    + b"</title></channel></rss>"
)
EXTERNAL = b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + rss(title="&a;").split(b"?>", 1)[1]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (article_page("A page", "Text").encode(), "it is an HTML page"),
        (b"", "it is empty"),
        (b"   \n", "it is empty"),
        (b"Service unavailable", "it begins with 'Service unavailable'"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "JSON without a list of items"),
        (b"<opml version='2.0'><body/></opml>", "its root element is <opml>"),
        (b"\x00\xff" * 1000, "it "),
        (ENTITY_BOMB, "entity bomb"),
        (QUADRATIC, "entity bomb"),
        (EXTERNAL, "entity bomb"),
        (rss("<item/>" * 10_001), "has 10001 entries"),
    ],
)
def test_what_is_no_feed_is_said_to_be_none(raw: bytes, message: str) -> None:
    """With its address, and what it is instead."""
    with pytest.raises(FetchError) as caught:
        read_feed(raw, URL)
    assert (caught.value.cause, caught.value.permanent, caught.value.url) == (FetchCause.NOT_A_FEED, True, URL)
    assert message in str(caught.value)


PIECES = st.lists(
    st.text(max_size=20)
    | st.sampled_from(
        [b.decode("latin-1") for b in (RSS_2, RDF, ATOM, ENTITY_BOMB[:200], ENTITY_BOMB[-150:])]
        + [
            "<item>",
            "</item>",
            "<entry>",
            "<link>",
            "<pubDate>Mon, 99 Foo 99999</pubDate>",
            "<![CDATA[",
            "]]>",
            "&#0;",
            "&x;",
            "<?xml",
            "<!DOCTYPE",
            "<rss>",
            "<feed>",
            "<link href='http://['/>",
            "<updated>99999999-01-01</updated>",
            "\x00",
            "<itunes:duration>",
            "<a:b>",
        ]
    ),
    max_size=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(PIECES, st.sampled_from(["utf-8", "utf-16", "cp1256"]), st.sampled_from([None, URL, "http://["]))
def test_any_bytes_are_a_feed_or_a_fetch_error(pieces: list[str], codec: str, url: str | None) -> None:
    """Fuzzed: only FetchError comes out of whatever feedparser does."""
    try:
        feed = read_feed("".join(pieces).encode(codec, "replace"), url)
    except FetchError:
        return
    for entry in feed.entries:
        f"{entry.title}{entry.text}{entry.link}{entry.own_id}".encode()


@pytest.mark.parametrize(
    ("title", "read"),
    [
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">The &lt;b&gt; tag</div></title>',
            "The <b> tag",
        ),
        ('<title type="html">&lt;p>The &amp;lt;b&amp;gt; tag&lt;/p></title>', "The <b> tag"),
        ('<title type="html">&lt;b>Bold&lt;/b> &amp;amp; more</title>', "Bold & more"),
        ('<title type="html">&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt;</title>', "Bold"),
    ],
)
def test_a_headline_lost_its_words_in_angle_brackets(title: str, read: str) -> None:
    """Only a headline that was escaped twice as a whole is read twice."""
    markup = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{title}<id>a</id></entry></feed>'
    assert read_feed(markup.encode()).entries[0].title == read


@pytest.mark.parametrize(
    ("codec", "declared"), [("utf-32-be", "utf-32"), ("utf-32-le", "ucs-4"), ("cp037", "cp037"), ("cp500", "cp500")]
)
def test_encodings_of_four_bytes_and_of_mainframes_were_no_feeds(codec: str, declared: str) -> None:
    """Known by their first four bytes, without a mark."""
    markup = (
        f'<?xml version="1.0" encoding="{declared}"?><rss><channel><item><title>Café [1]</title></item></channel></rss>'
    )
    assert read_feed(markup.encode(codec)).entries[0].title == "Café [1]"


def test_declared_names_of_characters_were_taken_for_a_bomb() -> None:
    """The W3C's own set, which is never fetched; a set from elsewhere is refused."""
    entity = (
        '<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" "http://www.w3.org/x.ent">\n%HTMLlat1;'
    )
    body = "<rss><channel><item><title>Caf&eacute;</title></item></channel></rss>"
    assert read_feed(f"<!DOCTYPE rss [{entity}]>{body}".encode()).entries[0].title == "Café"
    with pytest.raises(FetchError, match="entity bomb"):
        read_feed(f"<!DOCTYPE rss [{entity.replace('-//W3C//', '-//Evil//')}]>{body}".encode())


def test_a_channel_of_cdf_without_items_was_no_feed() -> None:
    """It is an empty one."""
    assert read_feed(b"<CHANNEL><TITLE>News</TITLE></CHANNEL>").entries == ()


def test_a_broken_tag_in_a_sitemap_was_a_defect() -> None:
    """The parser recovers from it; so do we."""
    raw = b"<urlset><url><loc>http://a.example/1</loc><la://x><lastmod>2026-01-01</lastmod></url></urlset>"
    assert [entry.link for entry in read_feed(raw).entries] == ["http://a.example/1"]


@given(st.binary(max_size=60), st.integers(0, 200))
def test_any_damage_to_a_sitemap_is_read_or_refused(damage: bytes, at: int) -> None:
    """Only FetchError comes out."""
    raw = b"<urlset><url><loc>http://a.example/1</loc><news:title>A</news:title></url><url/></urlset>"
    for content in (raw, raw.replace(b"urlset", b"sitemapindex")):
        try:
            read_feed(content[:at] + damage + content[at:])
        except FetchError as error:
            assert error.cause == "not_a_feed"  # noqa: PT017  # being read is right as well


def test_a_date_of_creation_alone_was_no_date() -> None:
    """Atom 0.3 has it; what says when it was published or changed comes first."""
    feed = '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><id>a</id>{}<created>2004-01-01T19:48:21Z</created></entry></feed>'
    created, changed = (
        read_feed(feed.format(other).encode()).entries[0].published
        for other in ("", "<modified>2004-02-01T00:00:00Z</modified>")
    )
    assert (created, changed) == (datetime(2004, 1, 1, 19, 48, 21, tzinfo=UTC), datetime(2004, 2, 1, tzinfo=UTC))


def test_a_title_of_ten_megabytes_is_cut() -> None:
    """It harms neither the next entry nor the time of the reader."""
    first, second = read_feed(rss(item("word " * 2_000_000, "/1"), item("Sound", "/2")), URL).entries
    assert (len(first.title), second.title) == (1000, "Sound")


def test_a_time_that_stands_before_its_day_was_of_today() -> None:
    """Feedparser sees no day in it, and takes ours: an old article was fresh. No date is better than a wrong one."""
    stated = ("14:05 2019-03-18", "2019-03-18T23:30:00-03:00", "14:05 2019-99-18")
    dates = [entry.published for entry in read_feed(rss(*(item("A", URL, date=each) for each in stated)), URL).entries]
    assert dates[:2] == [None, datetime(2019, 3, 19, 2, 30, tzinfo=UTC)]


def test_a_sitemap_with_a_bare_ampersand_led_elsewhere() -> None:
    """What followed it was dropped; in CDATA it stands for itself."""
    places = (
        "<url><loc>https://a.example/?id=1&p=2</loc></url><url><loc><![CDATA[https://a.example/?id=3&p=4]]></loc></url>"
    )
    feed = read_feed(f"<urlset>{places}</urlset>".encode(), "https://a.example/map.xml")
    assert [entry.link for entry in feed.entries] == ["https://a.example/?id=1&p=2", "https://a.example/?id=3&p=4"]


MEDIA = '<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><title>t</title>{}</channel></rss>'
CAPTION = "<media:description>A man walks by a wall in the town, in a picture of last year.</media:description>"


@pytest.mark.parametrize(
    "parts", [("<description>Its text.</description>", CAPTION), (CAPTION, "<description>Its text.</description>")]
)
def test_the_caption_of_a_picture_was_the_text_of_an_entry(parts: tuple[str, str]) -> None:
    """Where it was longer, or came first; so it is where there is no other, as of films."""
    items = f"<item><title>A</title>{''.join(parts)}</item><item><title>B</title>{CAPTION}</item>"
    first, second = read_feed(MEDIA.format(items).encode()).entries
    assert (first.text, first.summary) == ("Its text.", "")
    assert second.text.startswith("A man walks")
