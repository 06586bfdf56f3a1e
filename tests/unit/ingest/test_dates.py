"""Dates as publishers write them who keep to no standard."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.dates import is_numeric, moment_of, precision_of
from streams.ingest.feeds import read_feed
from tests.support.web import item, rss

DAYS = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(Dec|Foo) \d{1,3}(st|rd)?, \d{4}|\d{2} (Jan|Bar) \d{4}"
DATES = rf"({DAYS}) \d+:\d\d( ?[+-]\d{{1,4}}| PM| Z)?"


@pytest.mark.parametrize(
    ("stated", "moment", "precision"),
    [
        ("2026/03/01 14:05:00", "2026-03-01T14:05:00+00:00", "second"),
        ("٢٠٢٦/٠٣/٠١", "2026-03-01T00:00:00+00:00", "day"),
        ("13-03-2026", "2026-03-13T00:00:00+00:00", "day"),
        ("03/13/2026, 14:05", "2026-03-13T14:05:00+00:00", "second"),
        ("1.3.2026", "2026-03-01T00:00:00+00:00", "day"),
        ("1772362800", "2026-03-01T11:00:00+00:00", "second"),
        ("1772362800123", "2026-03-01T11:00:00+00:00", "second"),
        ("الأحد، ٠١ مارس ٢٠٢٦ ١١:٠٠:٠٠ +0300", "2026-03-01T08:00:00+00:00", "second"),
        ("01 جانفي 2026", "2026-01-01T00:00:00+00:00", "day"),
        ("١٤ رجب ١٤٤٧ هـ - ٣ كانون الثاني ٢٠٢٦ م", "2026-01-03T00:00:00+00:00", "day"),
        ("Sun, 01 Mar 2026 11:00:00 +0300", "2026-03-01T08:00:00+00:00", "second"),
    ],
)
def test_numbers_without_a_standard_were_another_day(stated: str, moment: str, precision: str) -> None:
    """Of a feed; feedparser read 20 March 2013 out of 13-03-2026."""
    (entry,) = read_feed(rss(item("A", "/1", date=stated)), "https://a.example/feed").entries
    assert entry.published is not None
    assert (entry.published.isoformat(), entry.date_precision) == (moment, precision)


@pytest.mark.parametrize(
    "stated", ["01/03/2026", "01/03/2026 10:05 PM", "31/02/2026", "99/99/2026", "١٤ رجب ١٤٤٧ هـ", "soon", ""]
)
def test_what_may_be_two_days_is_none(stated: str) -> None:
    """The first of March or the third of January: the page may say. Neither is a day of another calendar guessed."""
    (entry,) = read_feed(rss(item("A", "/1", date=stated)), "https://a.example/feed").entries
    assert (entry.published, entry.date_precision) == (None, None)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026/11/29 10:05:00 +0300", 7),  # which was the first of the month, and so archive
        ("2026-11-29 10:05:00+03", 7),  # as databases write it, and midnight of that day
        ("20261129T100500Z", 10),
        ("Sun, 29 Nov 2026 10:05:00 UTC+03:00", 7),
        ("Sun, 29 Nov 2026 10:05:00 GMT+3", 7),
        ("Sun, 29 Nov 2026 10:05 am +0300", 7),
        ("29 نوفمبر 2026 10:05 GMT+3", 7),
        ("29-نوفمبر-2026 10:05", 10),
        ("نوفمبر 29, 2026 10:05 م", 22),
        ("29/11/2026 10:05:00 م", 22),
        ("11/29/2026 10:05:00 PM", 22),
        ("Nov 29, 2026 10:05 PM", 22),
        ("November 29, 2026, 10:05 pm", 22),
        ("Sunday, November 29th, 2026 at 10:05 EST", 15),
        ("29-Nov-2026 10:05 +0300", 7),
        ("Sun,29 Nov 2026 10:05:00 GMT", 10),
        ("So, 29 Nov 2026 10:05:00 +0100 (CET)", 9),
    ],
)
def test_dates_of_common_programs_were_others_or_none(text: str, hour: int) -> None:
    """Of .NET, PostgreSQL, WordPress; with zones as people write them."""
    feed = read_feed(rss(item("A", "https://a.example/1", date=text)))
    assert feed.entries[0].published == datetime(2026, 11, 29, hour, 5, tzinfo=UTC)
    assert feed.entries[0].date_precision == "second"


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 29 Nov 2026 10:05:00 PM AST",  # twelve hours early
        "Sun, 29 Nov 2026 10:05 PM gmt",
        "29-11-2026 22:05 AST",  # of 2029
        "2026-11-29 22:05:00 Asia/Riyadh",
        "Nov 29, 2026 22:05:00 GMT+0000 (Coordinated Universal Time)",
    ],
)
def test_with_the_name_of_an_unknown_zone_a_date_was_of_another_day_or_half(text: str) -> None:
    """It is taken to be in UTC, like one without a zone."""
    (entry,) = read_feed(rss(item("A", "https://a.example/1", date=text))).entries
    assert entry.published == datetime(2026, 11, 29, 22, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["29-نوفمبر-2026", "نوفمبر ٢٩، ٢٠٢٦", "Nov 29, 2026", "29 November 2026"])
def test_a_day_without_a_time_is_its_beginning(text: str) -> None:
    """The year was a zone, twenty hours off."""
    assert moment_of(text) == datetime(2026, 11, 29, tzinfo=UTC)


@given(st.text(max_size=40) | st.from_regex(DATES, fullmatch=True))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    """Reading never fails."""
    moment_of(text)
    precision_of(text)


@pytest.mark.parametrize("blanks", [" " * 1_000_000, " ," * 100_000, "\t-" * 100_000])
def test_a_date_with_a_million_blanks_in_it_is_none_or_one_soon(blanks: str) -> None:
    """The time that patterns take does not grow with what a feed puts there."""
    started = time.process_time()
    for text in (f"1-1-2026 10:05{blanks}~", f"29 Nov{blanks}2026", f"Sun,{blanks}29 Nov 2026 10:05"):
        assert is_numeric(text) is False
        moment_of(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "text",
    ["Sun, 29 Nov 2026 10:05:00", "29 Nov 2026 10:05", "Sunday, 29 November 2026 10:05:00", "29 nov 2026 10:05:00"],
)
def test_a_date_of_rfc_822_without_its_zone_was_none(text: str) -> None:
    """It is taken to be in UTC, as any other without one."""
    assert moment_of(text) == datetime(2026, 11, 29, 10, 5, tzinfo=UTC)
    feed = read_feed(rss(item("A", "https://a.example/1", date=text)))
    assert feed.entries[0].published == datetime(2026, 11, 29, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["Sun, 31 Feb 2026 10:05:00", "29 Foo 2026 10:05", "29 Nov 2026 25:61", "29 Nov 0000 10:05"]
)
def test_what_looks_like_a_date_of_rfc_822_and_is_none_is_none(text: str) -> None:
    """Nor does it raise."""
    assert moment_of(text) is None


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("29 Nov 2026 10:05 PM", 22),
        ("2026-11-29 10:05 pm", 22),
        ("Sun, 29 Nov 2026 12:05:00 AM", 0),
        ("29 Nov 2026 12:05 PM", 12),
        ("29 Nov 2026 10:05 a.m.", 10),
        ("Sun, 29 Nov 2026 22:05:00 GMT", 22),
    ],
)
def test_a_date_in_the_second_half_of_a_day_was_half_a_day_early(text: str, hour: int) -> None:
    """So that an article of now was one of this morning."""
    feed = read_feed(rss(item("A", "https://a.example/1", date=text)))
    assert feed.entries[0].published == datetime(2026, 11, 29, hour, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("EET", 8), ("EEST", 7), ("MSK", 7), ("CET", 9), ("CEST", 8), ("WEST", 9), ("TRT", 7), ("GMT", 10), ("EST", 15)],
)
def test_a_date_in_a_zone_of_europe_or_the_levant_was_hours_ahead(zone: str, hour: int) -> None:
    """An article of now had not come yet."""
    feed = read_feed(rss(item("A", "https://a.example/1", date=f"Sun, 29 Nov 2026 10:05:00 {zone}")))
    assert feed.entries[0].published == datetime(2026, 11, 29, hour, 5, tzinfo=UTC)
