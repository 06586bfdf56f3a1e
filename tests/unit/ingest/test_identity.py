import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.entries import absolute
from streams.ingest.identity import article_id, canonical_url, id_within_site, is_url
from streams.ingest.robots import host_of


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Example.COM:80/a/../b/%7euser/?utm_source=x&b=2&a=1#top", "https://example.com/b/~user?a=1&b=2"),
        ("https://m.example.com/b/~user?a=1&b=2", "https://example.com/b/~user?a=1&b=2"),
        ("https://www.paper.example/archives/288291/amp/", "https://paper.example/archives/288291"),
        ("https://amp.example.com/amp/story.amp.html?amp=1", "https://example.com/story.html"),
        ("http://e.com/a;jsessionid=4F?PHPSESSID=1", "https://e.com/a"),
        ("http://e.com//a///b/", "https://e.com/a/b"),
        ("https://www.dw.com/ar/x/a-1?maca=ara-rss-ar-all", "https://dw.com/ar/x/a-1"),
        ("http://e.com/?gallery=7&reference=3&ref=rss", "https://e.com?gallery=7&reference=3"),
        ("http://e.com/?id=5&ref=5", "https://e.com?id=5&ref=5"),
        ("http://e.com/#!/story/1", "https://e.com#!/story/1"),
        ("http://e.com:8080/x", "https://e.com:8080/x"),
        ("http://mobile.de/x", "https://mobile.de/x"),
        ("http://[2606:2800::1]:80/x", "https://[2606:2800::1]/x"),
        ("http://مثال.إختبار/خبر", "https://xn--mgbh0fb.xn--kgbechtv/%D8%AE%D8%A8%D8%B1"),
        ("https://xn--mgbh0fb.xn--kgbechtv/%d8%ae%d8%a8%d8%b1", "https://xn--mgbh0fb.xn--kgbechtv/%D8%AE%D8%A8%D8%B1"),
    ],
)
def test_the_addresses_of_one_article_have_one_form(url: str, canonical: str) -> None:
    """Trackers, AMP, mobile, sessions, case, ports, encodings; and what says what is read stays."""
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url", ["", "mailto:a@b.c", "ftp://a.example/", "/relative", "http://", "http://[", "http://e.com:99999/"]
)
def test_what_is_no_web_address_has_no_canonical_form(url: str) -> None:
    """It identifies nothing."""
    with pytest.raises(ValueError, match=r"."):
        canonical_url(url)


@given(st.text(max_size=60))
def test_any_text_has_a_form_that_stays_or_is_refused(tail: str) -> None:
    """Whatever feeds put into links: a canonical URL is its own canonical form."""
    try:
        canonical = canonical_url(f"http://e.com/{tail}")
    except ValueError:
        return
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ({"source": "s", "url": "https://www.enabbaladi.net/archives/288291"}, "c1:6d7ba8f3e30946525a5ce389"),
        (
            {"source": "o", "url": "http://enabbaladi.net/archives/288291/?utm_source=rss"},
            "c1:6d7ba8f3e30946525a5ce389",
        ),
        ({"source": "s", "own_id": "https://enabbaladi.net/archives/288291"}, "c1:6d7ba8f3e30946525a5ce389"),
        ({"source": "s", "own_id": "tag:x,1"}, "c1:408e19a528e39e0538a6011b"),
        ({"source": "t", "own_id": "tag:x,1"}, "c1:8a9ee991b5ccb363e2c01efd"),
        ({"source": "s", "content": "Title\nText"}, "c1:6fd9caddd97196461dba87e7"),
        ({"source": "s", "url": "mailto:x", "own_id": "7"}, "c1:62337f63d653a828317631b5"),
    ],
)
def test_ids_are_what_they_were_recorded_to_be(basis: dict[str, str], expected: str) -> None:
    """A change here would publish every known article anew: it needs another version prefix."""
    assert article_id(**basis) == expected


@pytest.mark.parametrize(
    ("url", "canonical", "same"),
    [
        ("https://a.example/story.php?id=1&cat=3", "https://www.a.example/story.php?id=1", True),
        ("https://m.a.example/x/1", "https://a.example/1", True),
        ("https://a.example/1?utm_source=rss", "https://a.example/1", False),
        ("https://a.example/1", "https://a.example/", False),
        ("https://a.example/1", "https://a.example:8443/2", False),
        ("https://a.example/1", "https://b.example/2", False),
        ("https://a.example/1", "nonsense", False),
    ],
)
def test_a_page_may_name_another_address_within_its_site(url: str, canonical: str, *, same: bool) -> None:
    """Neither its front page, nor another site; where it names itself there is nothing to know."""
    assert id_within_site(url, canonical) == (article_id(source="", url=canonical) if same else None)


@pytest.mark.parametrize(
    "address", ["http://]a[@", "http://a..\u00e9/", "http://[x]/", "http://a:99999/", "http://xn--a/x", "http://[::1"]
)
def test_what_looks_like_an_address_and_is_none_raised_what_nobody_expected(address: str) -> None:
    """One such link in a feed was a defect at every poll."""
    assert (is_url(address), host_of(address), absolute(address, "http://a.example/")) == (False, "", None)
