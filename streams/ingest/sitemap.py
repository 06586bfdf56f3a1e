"""Reads a sitemap of news (https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap). Pure."""

from __future__ import annotations

from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # it has no types

from streams.ingest import texts
from streams.ingest.causes import FetchCause, failure
from streams.ingest.dates import moment_of, precision_of
from streams.ingest.entries import MAX_ENTRIES, Entry, Feed, SitemapIndexError, absolute, language_of


def read_sitemap(markup: str, url: str | None, name: str) -> Feed:
    """The pages that a sitemap lists, as entries: with title and date where it is one of news, else by their address.

    Raises:
        SitemapIndexError: it is a list of sitemaps.
        FetchError: it is too long, or not XML at all (cause `not_a_feed`).
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(texts.sound_xml(markup).encode("utf-8", "replace"), parser)
    if root is None:
        raise failure(FetchCause.NOT_A_FEED, "is not a feed: it is a sitemap whose XML is broken", url=name)
    if _name(root) == "sitemapindex":
        maps = _maps_of(root, url or "")
        message = f"is a list of {len(maps)} sitemaps; name the one with the news"
        raise SitemapIndexError(message + (f", such as {maps[0][:200]}" if maps else ""), url=name, maps=maps)
    places = [child for child in root if _name(child) == "url"]
    if len(places) > MAX_ENTRIES:
        raise failure(FetchCause.NOT_A_FEED, f"has {len(places)} entries, at most {MAX_ENTRIES} are read", url=name)
    languages = {language for place in places if (language := language_of(_text(place, "language")))}
    names = {title for place in places if (title := texts.title_of(_text(place, "name")))}
    return Feed(
        entries=tuple(_entry_of(place, url or "") for place in places),
        title=names.pop() if len(names) == 1 else "",
        language=languages.pop() if len(languages) == 1 else None,
    )


def _maps_of(root: Any, base: str) -> tuple[str, ...]:
    """The sitemaps of an index, best first; Any, because lxml has no types."""
    found = []
    for child in root:
        if _name(child) == "sitemap" and (address := absolute(_text(child, "loc"), base)):
            changed = moment_of(_text(child, "lastmod"))
            found.append(("news" not in address.lower(), -changed.timestamp() if changed else 0.0, address))
    return tuple(address for _, _, address in sorted(found, key=lambda row: row[:2]))


def _entry_of(place: Any, base: str) -> Entry:
    """One `url` element; Any, because lxml has no types."""
    address = _text(place, "loc")
    stated = next(filter(moment_of, (_text(place, "publication_date"), _text(place, "lastmod"))), "")
    return Entry(
        title=texts.title_of(_text(place, "title")),
        text="",
        link=absolute(address, base),
        published=moment_of(stated),
        date_precision=precision_of(stated) if stated else None,
        stated_link=None if absolute(address, base) else texts.printable(address)[:1000] or None,
        updated=moment_of(_text(place, "lastmod")),
    )


def _name(element: Any) -> str:
    # Not etree.QName, which raises on names that its own recovering parser lets through.
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _text(element: Any, name: str) -> str:
    """The text of the first element of this name below, images' titles left out."""
    for below in element.iter():
        if _name(below) == name and _name(below.getparent()) not in {"image", "video"}:
            return "".join(below.itertext()).strip()
    return ""
