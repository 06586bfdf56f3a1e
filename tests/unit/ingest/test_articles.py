"""From an entry of a feed to a pending one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams.ingest.articles import AHEAD, pending_of
from streams.ingest.entries import Entry, Feed
from streams.sections import SourceSettings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = SourceSettings(name="News", feed="https://a.example/feed")


@pytest.mark.parametrize(("ahead", "kept"), [(-AHEAD, True), (AHEAD, True), (AHEAD + timedelta(seconds=1), False)])
def test_a_date_in_the_future_made_an_article_fresh_for_ever(ahead: timedelta, *, kept: bool) -> None:
    """Within a day it is a zone or a clock; beyond that it is a mistake, and the page's date or none counts."""
    feed = Feed((Entry("A", "", "https://a.example/1", published=NOW + ahead),))
    (pending,) = pending_of(feed, SOURCE, backlog=False, now=NOW)
    assert pending.published == (NOW + ahead if kept else None)
