"""What an article's page says. A pure value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from streams.messages import DateFrom, DatePrecision


@dataclass(frozen=True, slots=True)
class Page:
    """An article's page, read. `text` has one paragraph a line; `language` is a primary subtag (`ar`).

    `found_at` is where it was found, redirects followed, if it was fetched.
    `published` is exact and in the page's own zone where the page says so, else 00:00 UTC of the day; `date_from` and
    `date_precision` are as in `streams.messages.Article`. `site` is what the site calls itself; `truncated` says that
    the text was cut.
    """

    title: str
    text: str
    published: datetime | None = None
    date_from: DateFrom | None = None
    date_precision: DatePrecision | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    canonical_url: str | None = None
    site: str | None = None
    truncated: bool = False
    found_at: str | None = None
