"""What a feed says, whatever it is written in: RSS, Atom, JSON Feed or a sitemap of news. Pure values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from streams.errors import FetchError
from streams.ingest import texts
from streams.ingest.addresses import url_of
from streams.ingest.causes import FetchCause
from streams.messages import DatePrecision

MAX_ENTRIES = 10_000
"""A feed with more entries is refused; the longest real ones have about 2,000."""

MAX_LINK = 8_000
"""Characters of an address; servers refuse a longer one, and every message about its article would carry it."""

_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_].*)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, in plain text. `link` is absolute; `own_id` what the publisher calls it; what is absent is None.

    `date_precision` is that of `published`. `text` is the longest of its texts, `summary` what the publisher calls its
    summary where that is another one. `stated_link` is a link that cannot be fetched (relative to nothing, `mailto:`),
    as it stands, where it is the only one. `updated` is when it says that it was last changed.
    """

    title: str
    text: str
    link: str | None = None
    own_id: str | None = None
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    summary: str = ""
    stated_link: str | None = None
    date_precision: DatePrecision | None = None
    updated: datetime | None = None

    @property
    def broken(self) -> bool:
        """It has neither a page to fetch nor a text of its own."""
        return not self.link and not self.text


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, read. `problem` says what is wrong with its XML where it could be read all the same.

    `gathered` says that its entries are those of other documents, which may change while it does not. `hub` is where it
    can be subscribed to (WebSub), `topic` what it calls itself there.
    """

    entries: tuple[Entry, ...]
    title: str = ""
    language: str | None = None
    problem: str | None = None
    gathered: bool = False
    hub: str | None = None
    topic: str | None = None


class SitemapIndexError(FetchError):
    """It is a list of sitemaps; `maps` are their addresses, first those of news, then the newest."""

    def __init__(self, message: str, *, url: str, maps: tuple[str, ...]) -> None:
        self.maps = maps
        super().__init__(message, url=url, cause=FetchCause.NOT_A_FEED, permanent=True)


def absolute(link: str, base: str) -> str | None:
    """The link as an address that can be fetched, or None where it is none."""
    try:
        address = urljoin(base, texts.printable(link.strip()))
        sound = link.strip() and len(address) <= MAX_LINK and re.match(r"https?://[^/\s]", address, re.IGNORECASE)
        return address if sound and url_of(address) else None
    except ValueError:
        return None


def base_of(tree: Any, url: str) -> str:
    """What the links of the HTML page at `url` are relative to: its `base` element, where that has an address.

    Any, because lxml has no types.
    """
    stated = [str(href) for href in tree.xpath("//base/@href")[:1]]
    return (absolute(stated[0], url) if stated else None) or url


def language_of(tag: str) -> str | None:
    """The primary subtag of a language tag: `ar` of `ar-SY`."""
    found = _LANGUAGE.fullmatch(tag.strip())
    return found[1].lower() if found else None
