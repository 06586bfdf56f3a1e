"""How long a server asks to be left alone: the Retry-After header. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)
"""Who asks for more is asked again after this."""


def parse_retry_after(header: str | None, now: datetime) -> timedelta | None:
    """The header (RFC 9110, 10.2.3: seconds or a date) as a span of at most LONGEST; None where it is no such thing.

    A date without a zone is in UTC, and one that has passed is no wait at all.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), LONGEST.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
        return min(max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta()), LONGEST)
    except (ValueError, OverflowError):
        return None
