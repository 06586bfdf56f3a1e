"""What `marsad read` shows: a feed or page read as ingest would, as lines. No Redis, no history.

A line has every field; what is absent is None. `status` is how ingest would end what is no article, `cause` why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from streams.errors import FetchError
from streams.ingest.causes import FetchCause
from streams.ingest.entries import Entry, Feed
from streams.ingest.glance import looks_like_a_feed
from streams.ingest.pages import Page
from streams.ingest.reading import Reading
from streams.ports import ArticleStatus

_RELATIVE = re.compile(r"(?![a-zA-Z][\w+.-]*:)\S")
EMPTY = "empty"
"""The status of a feed without entries: it is sound, and there is nothing to publish."""


class Kind(StrEnum):
    """What a document is read as."""

    FEED = "feed"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes, and where they came from: `argument` as the user gave it, `url` where it is known."""

    argument: str
    raw: bytes
    url: str | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An article, or what became of it. `text` is a page's, `summary` a feed's; `problem` says `cause` at length."""

    argument: str
    kind: Kind
    id: str | None = None
    title: str | None = None
    text: str | None = None
    url: str | None = None
    date: datetime | None = None
    date_precision: str | None = None
    date_from: str | None = None
    language: str | None = None
    source: str | None = None
    authors: tuple[str, ...] | None = None
    status: str | None = None
    cause: str | None = None
    problem: str | None = None

    def as_json(self) -> str:
        """The article line: the fields of every article line, then what `read` adds."""
        data = asdict(self)
        if data.pop("kind") is Kind.FEED:
            data = {("summary" if name == "text" else name): value for name, value in data.items()}
        if self.status is None:
            for name in ("status", "cause", "problem"):
                del data[name]
        data["date"] = self.date.isoformat().replace("+00:00", "Z") if self.date else None
        return json.dumps(data, ensure_ascii=False)


async def read_out(document: Document, reading: Reading, kind: Kind | None = None) -> tuple[Line, ...]:
    """The lines of a document, read as `kind` or as it looks; what cannot be read is a line with its cause."""
    if kind is None:
        kind = Kind.FEED if looks_like_a_feed(document.raw, document.content_type) else Kind.PAGE
    try:
        if kind is Kind.FEED:
            # An address that is not known is none: relative links stay as they are.
            feed = await reading.feed(document.raw, document.url or "", document.content_type)
            return tuple(lines_of_feed(feed, document.argument, based=document.url is not None))
        page = await reading.page(document.raw, document.url or "", document.content_type)
        return (line_of_page(page, document),)
    except FetchError as error:
        return (unreadable(error, document.argument, kind, document.url),)


def unreadable(error: FetchError, argument: str, kind: Kind, url: str | None = None) -> Line:
    """The line for what could not be fetched or read."""
    return Line(
        argument=argument,
        kind=kind,
        id=url or argument,
        url=url,
        status=ArticleStatus.UNREADABLE.value,
        cause=str(error.cause),
        problem=str(error).removeprefix(f"{error.url}: "),
    )


def lines_of_feed(feed: Feed, argument: str, *, based: bool) -> Iterator[Line]:
    """A line for each entry, in the feed's order; one with the status `empty` where there is none.

    `based` says that the feed's address is known: without it a relative link may well lead somewhere.
    """
    if not feed.entries:
        yield Line(argument=argument, kind=Kind.FEED, source=feed.title or None, status=EMPTY)
    for number, entry in enumerate(feed.entries, start=1):
        broken = entry.broken and (based or not _RELATIVE.match(entry.stated_link or ""))
        yield _line_of_entry(entry, feed, f"{argument}:{number}", argument=argument, broken=broken)


def _line_of_entry(entry: Entry, feed: Feed, place: str, *, argument: str, broken: bool) -> Line:
    url = entry.link or entry.stated_link
    return Line(
        argument=argument,
        kind=Kind.FEED,
        id=entry.own_id or url or place,
        title=entry.title or None,
        text=entry.summary or entry.text or None,
        url=url,
        date=entry.published,
        date_precision=entry.date_precision,
        date_from="feed" if entry.published else None,
        language=feed.language,
        source=feed.title or None,
        authors=entry.authors or None,
        status=ArticleStatus.UNREADABLE.value if broken else None,
        cause=FetchCause.BROKEN_ENTRY.value if broken else None,
        problem="the entry has neither a link that can be fetched nor a text" if broken else None,
    )


def line_of_page(page: Page, document: Document) -> Line:
    """The article of a page."""
    url = document.url or page.canonical_url
    return Line(
        argument=document.argument,
        kind=Kind.PAGE,
        id=url or document.argument,
        title=page.title or None,
        text=page.text,
        url=url,
        date=page.published,
        date_precision=page.date_precision,
        date_from=page.date_from,
        language=page.language,
        source=page.site,
        authors=page.authors or None,
    )
