"""From an entry of a feed to a pending one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams.ingest.articles import AHEAD, article_of, pending_of
from streams.ingest.entries import Entry, Feed
from streams.ingest.pages import Page
from streams.sections import SourceSettings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = SourceSettings(name="News", feed="https://a.example/feed")


@pytest.mark.parametrize(
    ("ahead", "kept"),
    [
        (-AHEAD, True),
        (AHEAD, True),
        (AHEAD + timedelta(seconds=1), False),
        (datetime(1970, 1, 1, tzinfo=UTC) - NOW, False),
    ],
)
def test_a_date_in_the_future_made_an_article_fresh_for_ever(ahead: timedelta, *, kept: bool) -> None:
    """Within a day it is a zone or a clock; beyond that it is a mistake, as the first second of 1970 is."""
    feed = Feed((Entry("A", "", "https://a.example/1", published=NOW + ahead),))
    (pending,) = pending_of(feed, SOURCE, backlog=False, now=NOW)
    assert pending.published == (NOW + ahead if kept else None)
    page = Page("A", "A text." * 20, published=NOW + ahead, date_from="page", date_precision="day")
    article = article_of(pending.model_copy(update={"published": None}), page)
    assert article is not None
    assert (article.published, article.date_from) == ((NOW + ahead, "page") if kept else (None, None))
