"""When a page was published."""

from __future__ import annotations

import pytest

from streams.ingest.pages import Page
from streams.ingest.readers import read_page

TEXT = "قال الوزير يوم الأحد إن القوات الأجنبية في شمال البلاد يجب أن تغادر فورا وإن المحادثات مستمرة بين الطرفين. "


def _published(head: str = "", body: str = "", foot: str = "") -> str | None:
    published = _page(head, body, foot).published
    return published.isoformat() if published else None


def _page(head: str = "", body: str = "", foot: str = "") -> Page:
    markup = (
        f"<html lang=ar><head><title>عنوان الخبر</title>{head}</head><body><article><h1>عنوان الخبر</h1>{body}"
        f"<p>{TEXT * 2}</p><p>{TEXT}</p></article>{foot}</body></html>"
    )
    return read_page(markup.encode(), "https://a.example/1")


def test_a_day_in_the_pages_zone_became_the_day_before() -> None:
    """Half past midnight in Damascus is of the day that the page says."""
    head = '<meta property="article:published_time" content="2019-03-18T00:30:00+03:00">'
    assert _published(head) == "2019-03-18T00:30:00+03:00"


@pytest.mark.parametrize(
    "line",
    [
        '<div class="post-meta">١٨ آذار ٢٠١٩</div>',
        "<div>الاثنين 18 آذار/مارس 2019</div>",
        "<b>18 مارس 2019</b>",
    ],
)
@pytest.mark.parametrize("foot", ["", "<footer>© 2017 جميع الحقوق محفوظة</footer>"])
def test_months_of_the_levant_were_no_date(line: str, foot: str) -> None:
    """A copyright notice does not stand in for it."""
    assert _published(body=line, foot=foot) == "2019-03-18T00:00:00+00:00"


def test_a_line_of_the_text_is_no_date_where_the_page_states_one() -> None:
    """A date in the story is the story's."""
    head = '<meta property="article:published_time" content="2019-03-20T10:00:00Z">'
    assert _published(head, "<p>في 18 آذار 2011</p>") == "2019-03-20T10:00:00+00:00"


@pytest.mark.parametrize(
    ("head", "body", "dated"),
    [
        ('<meta property="article:published_time" content="2019-03-18T00:30:00+03:00">', "", ("metadata", "second")),
        ("", "<div>18 آذار/مارس 2019</div>", ("words", "day")),
        ("", "<div>18 آذار 2019 - 14:30</div>", ("words", "second")),
        ('<meta property="article:published_time" content="2019-03-18">', "", ("page", "day")),
        ("", "", (None, None)),
    ],
)
def test_a_date_says_where_it_was_found_and_how_exact_it_is(
    head: str, body: str, dated: tuple[str | None, str | None]
) -> None:
    """Midnight of a day is no time."""
    page = _page(head, body)
    assert (page.date_from, page.date_precision) == dated
