import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.errors import FetchError
from streams.ingest.causes import FetchCause
from streams.ingest.pages import Page
from streams.ingest.readers import read_page
from streams.messages import TEXT_LIMIT
from tests.support.web import article_page

PAGES = Path(__file__).parent / "pages"
SENTENCE = "The town council voted on Saturday to ask the government for an answer. "


def test_an_english_page_is_read_without_its_furniture() -> None:
    """Golden: text, authors, exact time, language, canonical address; no menu, related articles, comments, appeal."""
    page = read_page((PAGES / "english.html").read_bytes(), "https://herald.example/x?utm_source=rss", "text/html")
    assert page == Page(
        title="Council asks for withdrawal of troops from northern valley",
        text=(
            "Council asks for withdrawal of troops from northern valley\n"
            "The town council voted on Saturday to ask the government for the withdrawal of all troops from the "
            "northern valley, saying that the harvest cannot begin while roads are closed.\n"
            "“We have waited for three winters,” the mayor, Anna Brandt, told the meeting. “The soldiers have to leave "
            "before the snow has gone.”\n"
            "The ministry of defence said that it had received the letter and would answer within a month. It gave no "
            "number of the troops in the valley; a council report of last year spoke of about 400."
        ),
        published=datetime(2019, 3, 17, 6, 15, tzinfo=UTC),
        date_from="metadata",
        date_precision="second",
        language="en",
        authors=("Maria Keller", "Tom O'Hara"),
        canonical_url="https://herald.example/2019/03/council-asks-withdrawal",
        site="herald.example",
    )


NO_ARTICLE = {FetchCause.NO_ARTICLE, FetchCause.EMPTY, FetchCause.CONSENT_WALL, FetchCause.SCRIPT_ONLY}


@pytest.mark.parametrize("codec", ["windows-1256", "utf-8", "iso-8859-6"])
def test_an_arabic_page_is_read_in_old_encodings(codec: str) -> None:
    """Golden: the same article whatever it is written in, declared rightly or not; `lang="en"` is not believed."""
    markup = (PAGES / "arabic.html").read_text(encoding="utf-8")
    if codec == "iso-8859-6":
        markup = markup.replace("windows-1256", codec)
    page = read_page(markup.encode(codec), "https://wadi.example/1")
    assert (page.title, page.language) == ("مجلس البلدة يطالب بسحب القوات من الوادي الشمالي", "ar")
    assert page.published == datetime(2019, 3, 17, 5, 15, tzinfo=UTC)
    assert [line.split()[0] for line in page.text.split("\n")] == ["مجلس", "طالب", "وقالت", "وذكرت"]
    assert not any(word in page.text for word in ("قصف", "التبرع", "الرياضة", "الحقوق"))


def test_a_page_that_says_the_day_is_of_that_day() -> None:
    """Midnight UTC, where no time is stated."""
    markup = f'<html><head><meta name="date" content="2019-03-18"></head><body><p>{SENTENCE * 5}</p></body></html>'
    assert read_page(markup.encode()).published == datetime(2019, 3, 18, tzinfo=UTC)


def test_a_text_over_the_limit_is_cut_and_marked() -> None:
    """Exactly at the limit of a topic."""
    paragraphs = "".join(f"<p>Resolution {number}: {SENTENCE * 50}</p>" for number in range(80))
    page = read_page(f"<html><body><article>{paragraphs}</article></body></html>".encode())
    assert (len(page.text), page.truncated) == (TEXT_LIMIT, True)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b'{"json": true}',
        b"%PDF-1.7 \x00\x01\x02" * 100,
        b"\x00" * 10_000,
        b"<html></html>",
        b"<html><body><nav><a href='/'>Home</a></nav></body></html>",
        b"<html><body><p>Please enable cookies.</p></body></html>",
        b"<div>" * 50_000,
        b"<html><body>" + b"<p>x</p>" * 70_000 + b"</body></html>",
        b"<html><body>" + b"<b>" * 5_000 + b"deep" * 50,
        b"<rss version='2.0'><channel><title>x</title></channel></rss>",
    ],
)
def test_what_is_no_article_is_said_to_be_none(raw: bytes) -> None:
    """With the address; never another exception."""
    with pytest.raises(FetchError, match=r"https://a\.example/1: ") as caught:
        read_page(raw, "https://a.example/1")
    assert (caught.value.cause in NO_ARTICLE, caught.value.permanent) == (True, True)


TAGS = st.sampled_from(
    [
        "p",
        "div",
        "article",
        "script",
        "style",
        "table",
        "td",
        "h1",
        "ul",
        "li",
        "a",
        "meta",
        "time",
        "svg",
        "iframe",
        "br",
    ]
)
NODES = st.recursive(
    st.text(max_size=40) | st.sampled_from([SENTENCE, "<!--", "]]>", "&#0;", "&nbsp;", "&#x110000;", "\x00", "\ud800"]),
    lambda inner: st.builds(
        lambda tag, attribute, parts: f"<{tag} {attribute}>{''.join(parts)}</{tag}>",
        TAGS,
        st.sampled_from(
            [
                "",
                'class="comments"',
                'lang="xx"',
                'property="og:title" content="T"',
                'datetime="2019-13-45"',
                "rel=canonical href='http://['",
                'type="application/ld+json"',
                'itemprop="datePublished" content="0000-00-00T00:00:00+99:99"',
            ]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(NODES, st.sampled_from([None, "http://a.example/", "http://[", ""]))
def test_any_markup_is_a_page_or_a_fetch_error(markup: str, url: str | None) -> None:
    """Fuzzed: only FetchError comes out of whatever three libraries do."""
    raw = f"<html><head>{markup[:200]}</head><body>{markup}</body></html>".encode("utf-8", "surrogatepass")
    try:
        page = read_page(raw, url)
    except FetchError:
        return
    page.text.encode()
    page.title.encode()


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=400), st.sampled_from([None, "text/html; charset=windows-1256", "text/html; charset=utf-16"]))
def test_any_bytes_are_a_page_or_a_fetch_error(raw: bytes, content_type: str | None) -> None:
    """The same for what is no markup at all."""
    try:
        read_page(raw, "http://a.example/", content_type)
    except FetchError:
        return


def test_accents_that_stand_apart_join_their_letters() -> None:
    """As people write them: some systems for pages store letters and accents one by one."""
    text = "Le président a déclaré que les forces étrangères doivent quitter la région dès l'été. " * 3
    markup = unicodedata.normalize("NFD", f"<html><body><article><h1>Été</h1><p>{text}</p></article></body></html>")
    page = read_page(markup.encode(), "https://a.example/1")
    assert text.strip() in page.text
    assert page.title == "Été"


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="http://[site]/x">',
        '<link rel="canonical" href="//[">',
        '<script type="application/ld+json">{"datePublished":"2026-03-01\\q"}</script>',
    ],
)
def test_a_broken_address_or_date_in_its_head_cost_the_whole_article(head: str) -> None:
    """Templates leave such things behind; the page is read without them."""
    page = read_page(article_page("Forces leave", 9 * SENTENCE, head=head).encode(), "https://a.example/1")
    assert (page.title, SENTENCE in page.text, page.canonical_url) == ("Forces leave", True, None)
