"""Finds the feeds that a page names: by `link` elements first, then by links that look like feeds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from trafilatura.utils import load_html
from yarl import URL

from streams.ingest import encodings
from streams.ingest.entries import absolute, base_of

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_LINK_WORDS = re.compile(r"rss|atom|feed|\bxml\b", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?(?:/|$|-)|/comment", re.IGNORECASE)


def feeds_named(raw: bytes, url: str, content_type: str | None = None) -> tuple[str, ...]:
    """The addresses of the feeds that the page in `raw` names, best first; none where it is no HTML."""
    tree = load_html(encodings.decode(raw, header=encodings.charset_of(content_type)))
    if tree is None:
        return ()
    base = base_of(tree, url)
    urls = [absolute(href, base) for href in _named(tree)]
    return tuple(dict.fromkeys(url for url in urls if url and not _COMMENTS.search(URL(url).raw_path)))


def _named(tree: Any) -> Iterator[str]:
    """Any, because lxml has no types."""
    for link in tree.xpath("//link[@rel and @href]"):
        if "alternate" in link.get("rel").lower().split() and (link.get("type") or "").lower() in _FEED_TYPES:
            yield str(link.get("href"))
    for link in tree.xpath("//a[@href]"):
        href, words = str(link.get("href")), " ".join("".join(link.itertext()).split())
        if _LINK_WORDS.search(href.rpartition("/")[2] or href) or words.lower() in {"rss", "atom", "feed"}:
            yield href
