"""How long a server asks to be left alone: one reading for feeds, pages and receivers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.retry_after import LONGEST, parse_retry_after

NOW = datetime(2019, 3, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta()),
        ("172800", LONGEST),
        ("9" * 400, LONGEST),
        ("٣٠", None),
        ("²", None),
        ("Mon, 18 Mar 2019 12:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 18 Mar 2019 12:05:00", timedelta(minutes=5)),
        ("Mon, 18 Mar 2019 11:00:00 GMT", timedelta()),
        ("Mon, 18 Mar 2039 11:00:00 GMT", LONGEST),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, span: timedelta | None) -> None:
    """As RFC 9110 has it, at most a day and never negative; nonsense is no wish."""
    assert parse_retry_after(header, NOW) == span


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    """Whatever a server sends, out comes a span within bounds, or nothing."""
    span = parse_retry_after(header, NOW)
    assert span is None or timedelta() <= span <= LONGEST
