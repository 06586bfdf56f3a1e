"""Spans of time and sizes as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from streams.units import parse_size, parse_span, spelled_span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("10ms", timedelta(milliseconds=10)),
    ],
)
def test_spans_are_read_with_their_unit(text: str, span: timedelta) -> None:
    """A span is numbers with units, added up."""
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["", "10", "10 minutes", "-5m", "1h-30m", "h", "999999999999d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """No unit, a sign, other words, or longer than time itself: an error and never an overflow."""
    with pytest.raises(ValueError, match=r"span of time|has no unit"):
        parse_span(text)


@pytest.mark.parametrize(("text", "size"), [("10 MB", 10_000_000), ("500kb", 500_000), ("12", 12), (7, 7)])
def test_sizes_are_read_with_their_unit(text: object, size: int) -> None:
    """Decimal units, any case, or plain bytes."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["0m", "20m", "1h", "1d 2h 5m 7s", "30d"])
def test_a_span_is_spelled_as_it_is_read(text: str) -> None:
    """In the largest units that there are."""
    span = parse_span(text)
    assert isinstance(span, timedelta)
    assert spelled_span(span) == text
