"""Reads JSON Feed (https://www.jsonfeed.org/version/1.1/): text in, entries out. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from streams.ingest import texts
from streams.ingest.causes import FetchCause, failure
from streams.ingest.dates import moment_of, precision_of
from streams.ingest.entries import MAX_ENTRIES, Entry, Feed, absolute, language_of


def read_json_feed(markup: str, url: str | None, name: str) -> Feed:
    """The feed in `markup`, which came from `url`; `name` is what errors call it.

    Raises:
        FetchError: it is no JSON, or JSON that is no feed (cause `not_a_feed`).
    """
    try:
        data = json.loads(markup, strict=False)
    except (ValueError, RecursionError) as error:
        raise failure(FetchCause.NOT_A_FEED, f"is not a feed: it is broken JSON ({error})", url=name) from error
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise failure(FetchCause.NOT_A_FEED, "is not a feed: it is JSON without a list of items", url=name)
    if len(items) > MAX_ENTRIES:
        message = f"has {len(items)} entries, at most {MAX_ENTRIES} are read"
        raise failure(FetchCause.NOT_A_FEED, message, url=name)
    base = url or _word(data, "home_page_url") or _word(data, "feed_url")
    authors = tuple(_authors(data))
    return Feed(
        entries=tuple(_entry_of(item if isinstance(item, dict) else {}, base, authors) for item in items),
        title=texts.title_of(_word(data, "title")),
        language=language_of(_word(data, "language")),
        hub=_hub(data, base),
        topic=absolute(_word(data, "feed_url"), base),
    )


def _entry_of(item: dict[str, Any], base: str, authors: tuple[str, ...]) -> Entry:
    """One item, a broken one where it is no object; Any, because it is JSON."""
    own_id = texts.printable(_word(item, "id")).strip()[:1000]
    summary = texts.lines_of(_word(item, "summary"))
    bodies = (texts.text_of(_word(item, "content_html")), texts.lines_of(_word(item, "content_text")), summary)
    text = max(bodies, key=len)
    stated = next(filter(moment_of, (_word(item, "date_published"), _word(item, "date_modified"))), "")
    links = (_word(item, "url"), _word(item, "external_url"), own_id if own_id.startswith("http") else "")
    return Entry(
        title=texts.title_of(_word(item, "title")),
        text=text,
        link=next(filter(None, (absolute(link, base) for link in links)), None),
        own_id=own_id or None,
        published=moment_of(stated),
        date_precision=precision_of(stated) if stated else None,
        authors=tuple(_authors(item)) or authors,
        summary=summary if summary != text else "",
        updated=moment_of(_word(item, "date_modified")),
    )


def _hub(data: dict[str, Any], base: str) -> str | None:
    """The first of its hubs that is one of WebSub's."""
    hubs = data.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _word(hub, "type").lower() == "websub":
            return absolute(_word(hub, "url"), base)
    return None


def _authors(data: dict[str, Any]) -> Iterator[str]:
    """`authors` of version 1.1, `author` of version 1."""
    given = data.get("authors")
    for author in [*(given if isinstance(given, list) else ()), data.get("author")]:
        if isinstance(author, dict) and (name := texts.title_of(_word(author, "name"))):
            yield name


def _word(data: dict[str, Any], key: str) -> str:
    """The string under a key; version 1 allowed numbers as ids."""
    value = data.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
