"""Tells a feed from a page by its beginning, without reading it. Pure."""

from __future__ import annotations

import re

from streams.ingest import encodings
from streams.ingest.inflate import unpacked

ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
_FEED_ROOTS = frozenset({"rss", "feed", "rdf", *SITEMAP_ROOTS})
_PARTS = frozenset({"channel", "item", "entry"})
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CHARACTERS = 20_000


def looks_like_a_feed(raw: bytes, content_type: str | None = None) -> bool:
    """Whether to read `raw` as a feed and not as a page: by its root element, or as JSON with items."""
    beginning = encodings.decode(unpacked(raw)[:_CHARACTERS], header=encodings.charset_of(content_type))
    beginning = beginning.lstrip("\ufeff \t\r\n")
    if beginning[:1] == "{":
        return "jsonfeed.org" in beginning or '"items"' in beginning
    root = ROOT.search(_COMMENT.sub("", beginning))
    return root is not None and root[1].lower() in _FEED_ROOTS | _PARTS
